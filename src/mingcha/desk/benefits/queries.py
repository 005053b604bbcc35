"""Reads of the benefits app: the worklist and its counts, one item and its history. Row security narrows all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from mingcha.desk.audit.queries import Page, Row, named, rows
from mingcha.procedure.benefits import KINDS, OPEN, POINTS, STEPS
from mingcha.terms.calendar import today

PAGE = 50
TABS = ("mine", *STEPS, "all")
"""What is mine to decide, each step, and everything."""

_COLUMNS = """b.id, b.number, b.kind, b.slip, b.fund_area, b.person, b.provider, b.place, b.day, b.received,
    b.total_fen, b.claimed_fen, b.approved_fen, b.injury, b.elsewhere, b.points, b.route, b.step, b.due, b.paused_left,
    b.extended, b.confirmed_by, b.confirmed_at, b.entered_by, b.entered_at, b.file_id,
    coalesce(nullif(b.provider_name, ''), p.name, nullif(b.provider, '')) AS provider_name"""
_FROM = "FROM benefit_item b LEFT JOIN provider_directory p ON p.provider = b.provider"


@dataclass(frozen=True)
class Filter:
    """What of the worklist is wanted; a field left empty asks for nothing."""

    tab: str = "mine"
    q: str = ""
    kind: str = ""
    point: str = ""
    since: date | None = None
    until: date | None = None
    late: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """The filter of an address; what can't be read counts as not asked for."""
        return cls(
            tab=_one(query.get("tab"), TABS, "mine"), q=query.get("q", "").strip()[:60],
            kind=_one(query.get("kind"), KINDS), point=_one(query.get("point"), POINTS),
            since=_day(query.get("since")), until=_day(query.get("until")), late=query.get("late") == "1",
        )  # fmt: skip

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is asked for."""
        return any(value for name, value in asdict(self).items() if name != "tab")


def _one(text: str | None, known: Any, default: str = "") -> str:
    return text if text and text in known else default


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _where(chosen: Filter, hands: list[str], levels: frozenset[str], *, tab: bool = True) -> tuple[str, dict[str, Any]]:
    """The condition of a filter. `hands` and `levels` say what is mine: what I may decide and have no other part in."""
    parts, values = ["true"], dict[str, Any](vars(chosen)) | {"hands": hands, "levels": sorted(levels), "now": today()}
    if chosen.q:
        parts.append("(b.number = upper(%(q)s) OR b.slip = %(q)s OR b.provider = %(q)s OR p.name LIKE %(like)s"
                     " OR b.provider_name LIKE %(like)s)")  # fmt: skip
        values["like"] = f"%{chosen.q.replace(chr(92), '').replace('%', '').replace('_', '')}%"
    for name, condition in (("kind", "b.kind = %(kind)s"), ("since", "b.received >= %(since)s"),
                            ("until", "b.received <= %(until)s")):  # fmt: skip
        if getattr(chosen, name):
            parts.append(condition)
    if chosen.point:
        parts.append("b.approved_fen = 0" if chosen.point == "zero" else "b.points @> ARRAY[%(point)s]")
    if chosen.late:
        parts.append("b.due < %(now)s AND b.step = ANY(%(open)s)")
        values["open"] = list(OPEN)
    if tab:
        parts.append(_MINE if chosen.tab == "mine" else "true" if chosen.tab == "all" else "b.step = %(tab)s")
    return " AND ".join(parts), values


_MINE = """b.step = ANY(%(levels)s) AND NOT EXISTS (SELECT FROM benefit_move m WHERE m.item_id = b.id
    AND m.level <> b.step AND (m.by = ANY(%(hands)s) OR m.acting_for = ANY(%(hands)s)))"""


def page(chosen: Filter, hands: list[str], levels: frozenset[str], after: str = "", before: str = "") -> Page:
    """A page in the order of receipt; `after` and `before` are cursors of another page, a wrong one means the first."""
    condition, values = _where(chosen, hands, levels)
    position = _position(before or after)
    backwards = bool(before) and position is not None
    if position:
        condition += f" AND (b.received, b.id) {'<' if backwards else '>'} (%(at)s, %(at_id)s)"
        values |= {"at": position[0], "at_id": position[1]}
    way = "DESC" if backwards else "ASC"
    found = rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE {condition} ORDER BY b.received {way}, b.id {way} LIMIT {PAGE + 1}", values
    )
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    first = bool(found) and (more if backwards else position is not None)
    last = bool(found) and (True if backwards else more)
    return Page(
        [_dressed(row) for row in named(found)],
        _cursor(found[0]) if first else None,
        _cursor(found[-1]) if last else None,
    )


def _cursor(row: Row) -> str:
    return f"{row['received']}~{row['id']}"


def _position(cursor: str) -> tuple[date, int] | None:
    day, _, number = cursor.partition("~")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _dressed(row: Row) -> Row:
    """The row with what pages show of it: its points in words, its clock."""
    held = [*row["points"], *(["zero"] if not row["approved_fen"] else [])]
    late = row["step"] in OPEN and row["due"] is not None and row["due"] < today()
    return row | {"marks": [POINTS[name][0] for name in POINTS if name in held], "late": late}


def counts(chosen: Filter, hands: list[str], levels: frozenset[str]) -> dict[str, Row]:
    """How many items and fen each tab holds under the filter."""
    condition, values = _where(chosen, hands, levels, tab=False)
    found = rows(
        f"SELECT b.step, count(*) AS n, sum(b.approved_fen)::bigint AS fen, count(*) FILTER (WHERE {_MINE}) AS mine,"
        f" coalesce(sum(b.approved_fen) FILTER (WHERE {_MINE}), 0)::bigint AS mine_fen {_FROM} WHERE {condition}"
        " GROUP BY 1",
        values,
    )
    told = {row["step"]: {"n": row["n"], "fen": row["fen"]} for row in found}
    told["mine"] = {"n": sum(row["mine"] for row in found), "fen": sum(row["mine_fen"] for row in found)}
    told["all"] = {"n": sum(row["n"] for row in found), "fen": sum(row["fen"] for row in found)}
    return told


def every(chosen: Filter, hands: list[str], levels: frozenset[str], limit: int) -> dict[int, str]:
    """The items under the filter, in order, each with its step."""
    condition, values = _where(chosen, hands, levels)
    found = rows(f"SELECT b.id, b.step {_FROM} WHERE {condition} ORDER BY b.received, b.id LIMIT {int(limit)}", values)
    return {row["id"]: row["step"] for row in found}


def all_of(chosen: Filter, hands: list[str], levels: frozenset[str], limit: int) -> list[Row]:
    """The rows under the filter, in order, as pages show them; for the export."""
    condition, values = _where(chosen, hands, levels)
    found = rows(f"SELECT {_COLUMNS} {_FROM} WHERE {condition} ORDER BY b.received, b.id LIMIT {int(limit)}", values)
    return [_dressed(row) for row in named(found)]


def moved_by(token: str, by: str) -> Row:
    """How many items and fen a person's act of that token moved."""
    return rows(
        "SELECT count(*) AS n, coalesce(sum(fen), 0)::bigint AS fen FROM benefit_move"
        " WHERE token::text = %s AND by = %s",
        [token, by],
    )[0]


def item(number: int) -> Row | None:
    """One item within the scope; None when there is none."""
    found = rows(f"SELECT {_COLUMNS} {_FROM} WHERE b.id = %s", [number])
    return _dressed(named(found)[0]) if found else None


def following(chosen: Filter, hands: list[str], levels: frozenset[str], row: Row) -> int | None:
    """The item after this one in the filtered list, else the list's first other one."""
    condition, values = _where(chosen, hands, levels)
    found = rows(
        f"SELECT b.id {_FROM} WHERE {condition} AND b.id <> %(here)s"
        " ORDER BY (b.received, b.id) > (%(at)s, %(here)s) DESC, b.received, b.id LIMIT 1",
        values | {"at": row["received"], "here": row["id"]},
    )
    return found[0]["id"] if found else None


def history(number: int) -> list[Row]:
    """What was done to an item, in order, with the names of the people."""
    return rows(
        "SELECT m.*, coalesce(a.display_name, m.by) AS who, coalesce(f.display_name, m.acting_for) AS instead_of"
        " FROM benefit_move m LEFT JOIN account a ON a.username = m.by LEFT JOIN account f ON f.username = m.acting_for"
        " WHERE m.item_id = %s ORDER BY m.id",
        [number],
    )


def payments(number: int) -> list[Row]:
    """The batches of payments a claim was in, the newest first."""
    return rows(
        "SELECT d.id, d.number, d.step, r.result, r.why, r.day FROM disbursement_row r JOIN disbursement d"
        " ON d.id = r.disbursement_id WHERE r.item_id = %s ORDER BY d.id DESC",
        [number],
    )


def papers(number: int) -> list[Row]:
    """The files put to an item."""
    return rows("SELECT id, name, type, size, at FROM benefit_paper WHERE item_id = %s ORDER BY id", [number])


def paper(number: int) -> Row | None:
    """One file put to an item that the session sees."""
    found = rows("SELECT name, type, sha256 FROM benefit_paper WHERE id = %s", [number])
    return found[0] if found else None


def others_of(row: Row) -> list[Row]:
    """Other claims of the same person, the newest first: the same illness isn't paid twice."""
    return rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE b.person = %s AND b.id <> %s ORDER BY b.day DESC, b.id DESC LIMIT 10",
        [row["person"], row["id"]],
    )
