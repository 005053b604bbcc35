"""Findings in force as rows of a file, one a fee line."""

from __future__ import annotations

from collections.abc import Iterator

from mingcha.desk.trail.actions import enter
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import fetch
from mingcha.knowledge.pack import Pack
from mingcha.records.identity import numbers

_QUERY = """
SELECT f.id, f.rule, f.certainty, f.frame, f.key, f.provider, f.person, coalesce(l.visit, f.visit), l.line,
       coalesce(l.improper_fen, f.improper_fen), o.message, o.pack_hash
FROM finding f JOIN observation o ON o.id = f.latest_observation
LEFT JOIN finding_line l ON l.finding_id = f.id
WHERE f.state <> 'withdrawn'
ORDER BY f.rule, f.provider, f.day, f.id, l.line
"""


def findings_by_line(home: Home, *, by: str, tokens: bool = False) -> Iterator[tuple]:
    """Rows in the order of the export's columns. Streams, with person numbers (or tokens) looked up in slices."""
    packs: dict[str, Pack] = {}
    basis: dict[tuple[str, str], str] = {}
    with connect(home, "job") as pg:
        enter(pg.cursor(), by=by, action="finding.export", subject="findings", detail={"tokens": tokens})
        with pg.cursor(name="findings_by_line") as cursor:
            cursor.execute(_QUERY)
            while rows := cursor.fetchmany(20_000):
                people = {} if tokens else numbers(home, {row[6] for row in rows if row[6] is not None})
                for *row, message, pack in rows:
                    person = row[6] if tokens else people.get(row[6], row[6])
                    if (row[1], pack) not in basis:
                        packs[pack] = packs.get(pack) or fetch(pack, home.packs)
                        basis[row[1], pack] = _basis(packs[pack], row[1])
                    yield (*row[:6], person, *row[7:], message, basis[row[1], pack])


def _basis(pack: Pack, rule: str) -> str:
    found = pack.rule(rule).basis
    return "；".join(" ".join(filter(None, (b.document, b.article))) for b in found)
