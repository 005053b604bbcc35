"""The tree of areas: who supervises whom, with dates; read from a file, never guessed from a code (DECISIONS 8)."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records.lake import Lake
from mingcha.terms.errors import InputError

LEVELS = ("nation", "province", "city", "county", "township", "village")
BEGINNING = date(1900, 1, 1)


@dataclass(frozen=True)
class Area:
    """An area's place in the tree from a day on; a later row of the same code moves or renames it."""

    code: str
    parent: str | None
    name: str
    level: int
    valid_from: date = BEGINNING
    valid_to: date | None = None


def read(file: Path) -> list[Area]:
    """Areas of a UTF-8 CSV: code, parent, name, level (word or 0–5), and valid_from, valid_to where they are dated.

    InputError names file and line for what can't be read, a code twice, or an area that lies in itself.
    """
    areas: list[Area] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                areas.append(_area(file, number, row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"读不了 {file}：{error}", f"{file} can't be read: {error}") from error
    keys = [(area.code, area.valid_from) for area in areas]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise InputError(f"{file}：区划 {twice[0][0]} 出现了两次。", f"{file}: the area {twice[0][0]} comes twice.")
    _no_circle(file, areas)
    return areas


def plant(home: Home, areas: list[Area]) -> None:
    """Put areas into the tree; a row of the same code and first day is replaced, all others stay."""
    with connect(home) as job:
        job.cursor().executemany(
            "INSERT INTO facts.area (code, parent, name, level, valid_from, valid_to) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (code, valid_from) DO UPDATE SET "
            "parent = excluded.parent, name = excluded.name, level = excluded.level, valid_to = excluded.valid_to",
            [astuple(area) for area in areas],
        )


def tree(home: Home) -> dict[str, Area]:
    """The areas of the tree as it stands today, by code."""
    with connect(home) as job:
        rows = job.execute(
            "SELECT DISTINCT ON (code) code, parent, name, level, valid_from, valid_to FROM facts.area"
            " WHERE valid_from <= current_date ORDER BY code, valid_from DESC"
        ).fetchall()
    return {row[0]: Area(*row) for row in rows}


def unplaced(home: Home, lake: Lake) -> list[str]:
    """Area codes of facts that the tree doesn't hold: only those who see everything see their rows."""
    with connect(home) as job:
        placed = {code for (code,) in job.execute("SELECT DISTINCT code FROM facts.area")}
    query = "SELECT DISTINCT area FROM (SELECT fund_area AS area FROM lake.{0} UNION SELECT care_area FROM lake.{0})"
    found = {
        code
        for name in ("fee_line", "provider")
        for (code,) in lake.con.execute(query.format(name)).fetchall()
        if code is not None
    }
    return sorted(found - placed)


def _area(file: Path, number: int, row: dict[str, str | None]) -> Area:
    told = {name: (value or "").strip() for name, value in row.items() if name}
    try:
        return Area(
            _filled(told["code"]), told["parent"] or None, _filled(told["name"]),
            _level(told["level"]),
            date.fromisoformat(told.get("valid_from") or str(BEGINNING)),
            date.fromisoformat(told["valid_to"]) if told.get("valid_to") else None,
        )  # fmt: skip
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(
            f"{file} 第 {number} 行读不懂（{error}）。需要 code、parent、name、level 四列，"
            f"level 为 {'、'.join(LEVELS)} 之一，日期写成 2026-01-01。",
            f"{file}, line {number} isn't understood ({error}). It takes code, parent, name and level (one of "
            f"{', '.join(LEVELS)}); dates as 2026-01-01.",
        ) from error


def _level(told: str) -> int:
    if told.isdigit() and int(told) < len(LEVELS):
        return int(told)
    return LEVELS.index(told)


def _filled(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def _no_circle(file: Path, areas: list[Area]) -> None:
    parent = {area.code: area.parent for area in sorted(areas, key=lambda area: area.valid_from)}
    for code in parent:
        seen, at = {code}, parent[code]
        while at in parent:
            if at in seen:
                raise InputError(f"{file}：区划 {code} 绕回了自己。", f"{file}: the area {code} lies in itself.")
            seen.add(at)
            at = parent[at]
