"""Which files share a batch, and which were read before: a thousand small files cost no thousand commits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records.mapping import Mapping
from mingcha.records.sources import Found
from mingcha.records.totals import Totals

_BYTES = 64 << 20  # of a batch of several files; one larger file is a batch of its own
_FILES = 500


def batches(found: list[Found], mapping: Mapping) -> list[list[Found]]:
    """The files in order, small ones together. A file that replaces months, makes rows beside its own or has no row
    key stays alone: its sums and keys are its own."""
    groups: list[list[Found]] = []
    for one in found:
        last = groups[-1] if groups else []
        size = sum(other.print.size for other in last) + one.print.size
        joins = last and len(last) < _FILES and size <= _BYTES and _plain(last[-1], mapping) and _plain(one, mapping)
        if joins:
            last.append(one)
        else:
            groups.append([one])
    return groups


def _plain(one: Found, mapping: Mapping) -> bool:
    layout = mapping.of(one.path.name)
    single = all(len(source.plan.tables) == 1 and not source.plan.target.generated for source in one.sources)
    return single and not (layout and layout.replaces)


def digest(group: Sequence[Found]) -> str:
    """What identifies the bytes of a batch: the file's own hash, or that of all of them."""
    hashes = sorted(one.print.sha256 for one in group)
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def read_before(home: Home, found: Sequence[Found], mapping: Mapping) -> dict[str, Totals]:
    """SHA-256 of the files that are in already, byte for byte, with what they brought."""
    with connect(home) as pg:
        rows = pg.execute(
            "SELECT sha256, rows_in, money_in_fen FROM facts.import_file WHERE mapping_hash = %s AND sha256 = ANY(%s)",
            [mapping.hash, [one.print.sha256 for one in found]],
        ).fetchall()
    return {sha256: Totals(rows_in=rows_in, money_in_fen=money) for sha256, rows_in, money in rows}


def remember(home: Home, mapping: Mapping, batch: int, brought: dict[str, tuple[Found, Totals]]) -> None:
    """Note the files of a batch that is in: SHA-256 → the file and its sums."""
    with connect(home) as pg:
        pg.cursor().executemany(
            "INSERT INTO facts.import_file (sha256, mapping_hash, batch_seq, name, rows_in, money_in_fen) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (sha256, mapping.hash, batch, one.label, totals.rows_in, totals.money_in_fen)
                for sha256, (one, totals) in brought.items()
            ],
        )
