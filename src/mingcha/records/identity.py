"""People: a token in the lake, everything that names them sealed in one table (DECISIONS 7).

A token is the first 63 bits of the HMAC-SM3 of the person number; the whole 256 bits are the blind index, so two
numbers that share 63 bits are told apart: the later one takes a token with a counter. Erasing a person deletes the
row; the facts stay, and nobody can say any more whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from mingcha.home.database import connect, keys_fit
from mingcha.home.directory import Home
from mingcha.records.seal import Blinder, Sealer, foreign_keys

DETAILS = ("person_name", "id_number", "phone", "home_address")
"""What may be known about a person besides the number; column names of the contract's secret columns."""


def tokens(
    home: Home,
    numbers: pa.Array | pa.ChunkedArray,
    details: Mapping[str, pa.Array | pa.ChunkedArray] | None = None,
    fund_area: pa.Array | pa.ChunkedArray | str | None = None,
) -> pa.Array:
    """The token of each person number (null for null), in order; people not seen before are recorded.

    `details` are arrays as long as `numbers`, named as in DETAILS; the last non-null value of a person counts and
    replaces what was known. `fund_area` says whose supervisors may open the details. Set-based: a million distinct
    numbers take about half a minute, known ones a few seconds.
    """
    encoded = pc.cast(_flat(numbers), pa.string()).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    told = _told(encoded.indices, len(distinct), details or {})
    areas = _areas(encoded.indices, len(distinct), fund_area)
    found = _Registry(home).tokens(distinct, told, areas)
    return pc.take(pa.array(found, pa.int64()), encoded.indices)


def numbers(home: Home, wanted: Iterable[int], role: str = "job") -> dict[int, str]:
    """Person numbers of tokens; erased people, and for role `app` those out of scope, are missing."""
    return {token: told["number"] for token, told in known(home, wanted, role).items()}


def known(home: Home, wanted: Iterable[int], role: str = "job") -> dict[int, dict[str, str]]:
    """All that is known of tokens: `number` and the DETAILS that were given."""
    with connect(home, role) as pg:
        return unsealed(home, pg, wanted)


def unsealed(home: Home, pg: psycopg.Connection, wanted: Iterable[int]) -> dict[int, dict[str, str]]:
    """The same through a connection whose scope is already set."""
    sealer = Sealer(home.secrets.identity)
    rows = pg.execute("SELECT token, sealed FROM facts.identity WHERE token = ANY(%s)", [list(set(wanted))])
    return {token: json.loads(sealer.open(sealed, _bound(token))) for token, sealed in rows}


def find(home: Home, number: str, role: str = "job") -> list[int]:
    """Tokens of a person number or identity document number."""
    blind, blind_id = Blinder(home.secrets.token)(number), Blinder(home.secrets.blind)(number)
    query = "SELECT token FROM facts.identity WHERE blind = %s OR blind_id = %s ORDER BY token"
    with connect(home, role) as pg:
        return [token for (token,) in pg.execute(query, [blind, blind_id])]


def erase(home: Home, token: int) -> bool:
    """Forget who a token is; the facts stay. False when it wasn't known."""
    with connect(home) as pg:
        return pg.execute("DELETE FROM facts.identity WHERE token = %s", [token]).rowcount == 1


def _flat(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return flat if isinstance(flat, pa.Array) else pa.concat_arrays(flat.chunks)


def _told(indices: pa.Array, size: int, details: Mapping[str, pa.Array | pa.ChunkedArray]) -> list[dict[str, str]]:
    """Per distinct number, the last non-null value of each detail."""
    told: list[dict[str, str]] = [{} for _ in range(size)]
    for name, values in details.items():
        both = pa.table({"person": indices, "value": pc.cast(_flat(values), pa.string())}).drop_null()
        last = both.group_by("person", use_threads=False).aggregate([("value", "last")])
        for person, value in zip(last["person"].to_pylist(), last["value_last"].to_pylist(), strict=True):
            told[person][name] = value
    return told


def _areas(indices: pa.Array, size: int, fund_area: pa.Array | pa.ChunkedArray | str | None) -> list[str | None]:
    if fund_area is None or isinstance(fund_area, str):
        return [fund_area] * size
    told = _told(indices, size, {"area": fund_area})
    return [one.get("area") for one in told]


def _bound(token: int) -> bytes:
    return token.to_bytes(8, "big")


class _Registry:
    """The identity table during one call."""

    def __init__(self, home: Home) -> None:
        if not keys_fit(home):
            raise foreign_keys()
        keys = home.secrets
        self._home = home
        self._blind, self._blind_id = Blinder(keys.token), Blinder(keys.blind)
        self._sealer = Sealer(keys.identity)

    def tokens(self, distinct: list[str], told: list[dict[str, str]], areas: list[str | None]) -> list[int]:
        blinds = [self._blind(number) for number in distinct]
        with connect(self._home) as pg:
            pg.execute("CREATE TEMP TABLE asked (position int, blind bytea) ON COMMIT DROP")
            with pg.cursor().copy("COPY asked FROM STDIN WITH (FORMAT binary)") as copy:
                copy.set_types(["int4", "bytea"])
                for position, blind in enumerate(blinds):
                    copy.write_row((position, blind))
            found = self._look_up(pg)
            new = [position for position in range(len(distinct)) if position not in found]
            round_ = 0
            while new:
                self._add(pg, new, distinct, blinds, told, areas, round_)
                found = self._look_up(pg)
                new = [position for position in new if position not in found]
                round_ += 1
            known_before = [p for p, details in enumerate(told) if details]
            self._renew(pg, known_before, found, told)
        return [found[position] for position in range(len(distinct))]

    def _look_up(self, pg: psycopg.Connection) -> dict[int, int]:
        query = "SELECT position, token FROM asked JOIN facts.identity USING (blind)"
        return dict(pg.execute(query, binary=True).fetchall())

    def _add(self, pg: psycopg.Connection, new: list[int], distinct: list[str], blinds: list[bytes],
             told: list[dict[str, str]], areas: list[str | None], round_: int) -> None:  # fmt: skip
        """Insert people; who meets a token that is taken stays out and comes back with the next counter."""
        pg.execute("CREATE TEMP TABLE IF NOT EXISTS added ON COMMIT DROP AS TABLE facts.identity WITH NO DATA")
        pg.execute("TRUNCATE added")
        columns = "token, blind, blind_id, fund_area, sealed"
        with pg.cursor().copy(f"COPY added ({columns}) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "bytea", "bytea", "text", "bytea"])
            for position in new:
                counted = self._blind(f"{distinct[position]}\x1f{round_}") if round_ else blinds[position]
                token = int.from_bytes(counted[:8], "big") >> 1
                details = {"number": distinct[position]} | told[position]
                sealed = self._sealed(token, details)
                copy.write_row((token, blinds[position], self._id(details), areas[position], sealed))
        pg.execute(
            f"INSERT INTO facts.identity ({columns}) SELECT {columns} FROM added ORDER BY blind ON CONFLICT DO NOTHING"
        )

    def _renew(self, pg: psycopg.Connection, positions: list[int], found: dict[int, int],
               told: list[dict[str, str]]) -> None:  # fmt: skip
        """Write details of people that say more or something else than what is known."""
        before = unsealed(self._home, pg, (found[p] for p in positions)) if positions else {}
        changed = []
        for position in positions:
            token = found[position]
            details = before[token] | told[position]
            if details != before[token]:
                changed.append((self._sealed(token, details), self._id(details), token))
        pg.cursor().executemany("UPDATE facts.identity SET sealed = %s, blind_id = %s WHERE token = %s", changed)

    def _sealed(self, token: int, details: dict[str, str]) -> bytes:
        return self._sealer.seal(json.dumps(details, ensure_ascii=False).encode(), _bound(token))

    def _id(self, details: dict[str, str]) -> bytes | None:
        return self._blind_id(details["id_number"]) if details.get("id_number") else None
