"""How the columns of one source become the columns of one or more tables: decided once per source, before reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mingcha.records import headers as heads
from mingcha.records.contract import Column, Table, Type
from mingcha.records.expressions import compile_expression, sources
from mingcha.records.mapping import FileMapping
from mingcha.terms.errors import InputError

VISIT_FILLS = ("provider", "person", "fund_area_source", "care_area_source")
"""Columns a row may take over from its visit in the lake when the source has none; and the table's day."""


@dataclass(frozen=True)
class TablePlan:
    """One target: contract column → SQL of its text over c0 … cn; what rows take from their visit; personal columns."""

    table: Table
    feeds: dict[str, str]
    labels: dict[str, str]  # contract column → header of the source, for messages to the sender
    fills: tuple[str, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict)
    only_with: str | None = None
    generated: str | None = None  # key column made from the row's content, where the layout has none

    @property
    def money(self) -> str | None:
        """The FEN column totals count where no mapping says otherwise: received money first."""
        if "received" in self.feeds and "received" in self.table.names:
            return "received"
        return self.table.money


@dataclass(frozen=True)
class Plan:
    """All of a source: its targets (the first one is counted), and what becomes of columns no target reads."""

    headers: list[str]
    tables: tuple[TablePlan, ...]
    money: str | None
    extra: dict[str, int]  # header → position, kept in `ext` of the first table
    private: tuple[int, ...]  # positions masked wherever a row is kept outside the sealed identities
    unmapped: tuple[str, ...]
    layout: FileMapping | None = None
    typed: bool = False  # values are in the contract's types already

    @property
    def target(self) -> TablePlan:
        return self.tables[0]


def by_headers(source: str, names: list[str], *hints: str, table: Table | None = None, typed: bool = False) -> Plan:
    """A plan for a source that speaks the contract's language. Raises InputError naming what is missing.

    `table` is given where the source is not a layout but messages: then a row that lacks something is refused alone.
    """
    names = heads.unique(names)
    found = heads.read(table, names) if table else heads.detect(names, *hints)
    if found is None:
        shown = "、".join(names[:8])
        raise InputError(
            f"{source}：认不出这是哪张表（表头：{shown}…）。"
            "请用 `mingcha import --template 模板.xlsx` 得到标准表头，或写一个映射文件（--mapping）。",
            f"{source}: these headers ({shown} …) belong to no table we know. Get the standard headers with "
            "`mingcha import --template template.xlsx`, or describe the layout in a mapping file (--mapping).",
        )
    feeds = {name: _coalesced(places) for name, places in found.columns.items()}
    labels = {name: names[places[0]] for name, places in found.columns.items()}
    key = found.table.key[-1]
    generated = key if key not in feeds and _generates(found.table.column(key)) else None
    fills = _fills(found.table, feeds)
    if table is not None:
        for column in _missing(found.table, feeds, fills, generated):
            feeds[column.name], labels[column.name] = "NULL", (column.national or (column.name,))[0]
    _complete(source, found.table, feeds, fills, generated)
    private = {*found.dropped, *found.personal.values(), *found.columns.get("person", ())}
    target = TablePlan(
        found.table,
        feeds,
        labels,
        fills,
        {name: f"c{place}" for name, place in found.personal.items()},
        None,
        generated,
    )
    extra = {names[place]: place for place in found.unknown if place not in private}
    return Plan([*names], (target,), target.money, extra, tuple(sorted(private)), tuple(extra), typed=typed)


def by_mapping(source: str, names: list[str], layout: FileMapping) -> Plan:
    """A plan for a foreign layout. Raises InputError when the source lacks a column the mapping reads."""
    names = heads.unique(names)
    places = {name: f"c{place}" for place, name in enumerate(names)}
    wanted = {header for table in layout.tables for tree in table.columns.values() for header in sources(tree)}
    absent = sorted(wanted - places.keys())
    if absent:
        raise InputError(
            f"{source}：缺少映射要读的列 {'、'.join(absent)}；文件里有：{'、'.join(names)}。",
            f"{source} lacks the columns {', '.join(absent)} that the mapping reads; it has: {', '.join(names)}.",
        )
    tables = []
    for part in layout.tables:
        feeds: dict[str, str] = {}
        secrets: dict[str, str] = {}
        for name, tree in part.columns.items():
            kept = secrets if part.table.column(name).secret else feeds
            kept[name] = compile_expression(tree, places.__getitem__)
        labels = {name: "、".join(sorted(sources(tree))) or name for name, tree in part.columns.items()}
        generated = part.table.key[-1] if layout.keyless and part is layout.tables[0] else None
        fills = _fills(part.table, feeds)
        _complete(source, part.table, feeds, fills, generated)
        tables.append(TablePlan(part.table, feeds, labels, fills, secrets, part.only_with, generated))
    secret = heads.personal()
    private = {place for place, name in enumerate(names) if heads.squeeze(name) in secret} | _people(layout, names)
    read = wanted | set(layout.ignore)
    extra = {name: place for place, name in enumerate(names) if name not in read and place not in private}
    return Plan(
        names, tuple(tables), layout.money or tables[0].money, extra, tuple(sorted(private)), tuple(extra), layout
    )


def _people(layout: FileMapping, names: list[str]) -> set[int]:
    """Positions of columns that feed a person number or a secret column."""
    read: set[str] = set()
    for part in layout.tables:
        for name, tree in part.columns.items():
            column = part.table.column(name)
            if column.type is Type.PERSON or column.secret:
                read |= sources(tree)
    return {names.index(name) for name in read}


def _coalesced(places: tuple[int, ...]) -> str:
    if len(places) == 1:
        return f"c{places[0]}"
    return "coalesce(" + ", ".join(f"mc_clean(c{place})" for place in places) + ")"


def _generates(column: Column) -> bool:
    return column.type is Type.KEY and column.name in ("line", "order_no", "movement", "event", "sequence")


def _fills(table: Table, feeds: dict[str, str]) -> tuple[str, ...]:
    """What rows of this table take from their visit, because the source has no column for it."""
    if "visit" not in table.names or table.name == "visit" or "visit" not in feeds:
        return ()
    wanted = [name for name in VISIT_FILLS if name in table.names and name not in feeds]
    if table.day and table.day not in feeds and table.name in ("diagnosis", "operation"):
        wanted.append(table.day)
    needed = {column.name for column in table.columns if column.required}
    return tuple(wanted) if needed & set(wanted) else ()


DEFAULTS = {"source": "file"}
"""Key columns no source has, with the value rows then get."""


def _missing(table: Table, feeds: dict[str, str], fills: tuple[str, ...], generated: str | None) -> list[Column]:
    """Required columns that come from nowhere."""
    come = {*feeds, *fills, *DEFAULTS, generated}
    return [column for column in table.columns if column.required and column.name not in come]


def _complete(source: str, table: Table, feeds: dict[str, str], fills: tuple[str, ...], generated: str | None) -> None:
    for name, value in DEFAULTS.items():
        if name in table.names:
            feeds.setdefault(name, f"'{value}'")
    if missing := _missing(table, feeds, fills, generated):
        zh = "、".join(f"{column.zh}（{'、'.join(column.national) or column.name}）" for column in missing)
        en = ", ".join(f"{column.name} ({', '.join(column.national) or column.zh})" for column in missing)
        raise InputError(
            f"{source} 像“{table.zh}”，但缺少必需的列：{zh}。"
            "请补上这些列；如果全文件是同一个值，可在映射文件里写 value。",
            f"{source} looks like “{table.en}” but lacks required columns: {en}. Please add them; if one value holds "
            "for the whole file, give it as `value` in a mapping file.",
        )


Tokens = Callable[[Any], Any]
"""A table of distinct person numbers (and names, id numbers, phones, addresses) → a table of number and token."""
