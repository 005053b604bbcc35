"""A mapping file: how a foreign layout becomes our tables. YAML, checked when loaded, errors name file and place."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from mingcha.records.contract import Table, Type
from mingcha.records.expressions import sources
from mingcha.records.tables import TABLES
from mingcha.terms.errors import InputError, UsageError

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""Days a row may have when its mapping declares no range."""


@dataclass(frozen=True)
class TableMapping:
    """One table a source feeds. The first of a source is the one whose rows and money are counted."""

    table: Table
    columns: dict[str, Any]
    only_with: str | None = None  # rows exist only where this contract column has a value (tables after the first)


@dataclass(frozen=True)
class FileMapping:
    """How the files of one name pattern are read.

    `keyless`: the layout has no row key (DECISIONS 13). `money`: the FEN column of the first table that totals count.
    `first`/`last`: the range a row's day must lie in, after `shift` days were added to every date. `midnight`: whether
    00:00:00 is a time of day (else: unknown). `records`: key of the list inside a JSON file.
    """

    match: str
    tables: tuple[TableMapping, ...]
    keyless: bool = False
    money: str | None = None
    first: dt.date = EARLIEST
    last: dt.date = LATEST
    shift: int = 0
    midnight: bool = False
    ignore: tuple[str, ...] = ()
    replaces: str | None = None
    sheet: str | None = None
    separator: str | None = None
    encoding: str | None = None
    headers: tuple[str, ...] = ()
    records: str | None = None

    @property
    def wanted(self) -> list[str]:
        """The headers the mapping reads: they tell the header line of a file."""
        if self.headers:
            return list(self.headers)
        found = {header for table in self.tables for tree in table.columns.values() for header in sources(tree)}
        return sorted(found)


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file. `hash` identifies its effective content (DECISIONS 13)."""

    name: str
    files: tuple[FileMapping, ...]
    hash: str

    def of(self, file_name: str) -> FileMapping | None:
        """How to read this file; None when the mapping says nothing about it."""
        return next((one for one in self.files if fnmatch(file_name.lower(), one.match.lower())), None)


NONE = Mapping("", (), "")
"""No mapping: headers alone say what a file is."""


def shelf() -> Path:
    """Where the shipped mappings lie: in the wheel beside the package, in a checkout under sample/mappings."""
    inside = Path(__file__).parents[1] / "sample" / "mappings"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "sample" / "mappings"


def load(name: str) -> Mapping:
    """A mapping by path, or a shipped one by name (`pharmacy-sales`).

    Raises UsageError when there is none, InputError naming the file and the place when it is wrong.
    """
    path = Path(name)
    if not path.is_file():
        path = shelf() / f"{name.removesuffix('.yaml')}.yaml"
    if not path.is_file():
        shipped = sorted(one.stem for one in shelf().glob("*.yaml"))
        raise UsageError(
            f"找不到映射 {name}。请给出 YAML 文件的路径，或用自带的：{'、'.join(shipped)}。",
            f"There is no mapping {name}. Give the path of a YAML file, or use a shipped one: {', '.join(shipped)}.",
        )
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}：不是可读的 YAML。{error}", f"{path}: this is not readable YAML. {error}") from error
    return _mapping(path, tree)


def _mapping(path: Path, tree: Any) -> Mapping:
    if not isinstance(tree, dict) or not isinstance(tree.get("files"), list):
        raise _wrong(path, "files", "应为列表", "must be a list")
    _known(path, "mapping", tree, {"mapping", "zh", "en", "files"})
    files = tuple(_file(path, place, part) for place, part in enumerate(tree["files"], 1))
    canonical = json.dumps(tree["files"], sort_keys=True, ensure_ascii=False, default=str)
    return Mapping(str(tree.get("mapping", path.stem)), files, hashlib.sha256(canonical.encode()).hexdigest())


def _file(path: Path, place: int, tree: Any) -> FileMapping:
    where = f"files[{place}]"
    if not isinstance(tree, dict) or not tree.get("tables"):
        raise _wrong(path, where, "缺 tables", "has no tables")
    plain = {"key", "money", "ignore", "replaces", "sheet", "separator", "encoding", "headers", "records", "midnight"}
    _known(path, where, tree, {"match", "tables", "dates", *plain})
    dates = tree.get("dates") or {}
    _known(path, f"{where}.dates", dates, {"from", "to", "shift_days"})
    tables = tuple(_table(path, f"{where}.tables[{at}]", part) for at, part in enumerate(tree["tables"], 1))
    money = tree.get("money")
    if money and tables[0].table.column(money).type is not Type.FEN:
        raise _wrong(path, f"{where}.money", f"{money} 不是金额列", f"{money} is not a money column")
    if tree.get("replaces") not in (None, "provider-month"):
        raise _wrong(path, f"{where}.replaces", "只能是 provider-month", "can only be provider-month")
    return FileMapping(
        match=str(tree.get("match", "*")),
        tables=tables,
        keyless=tree.get("key") == "none",
        money=money,
        first=_date(path, where, dates.get("from"), EARLIEST),
        last=_date(path, where, dates.get("to"), LATEST),
        shift=int(dates.get("shift_days", 0)),
        midnight=tree.get("midnight") == "real",
        ignore=tuple(map(str, tree.get("ignore", ()))),
        replaces=tree.get("replaces"),
        sheet=tree.get("sheet"),
        separator=tree.get("separator"),
        encoding=tree.get("encoding"),
        headers=tuple(map(str, tree.get("headers", ()))),
        records=tree.get("records"),
    )


def _table(path: Path, where: str, tree: Any) -> TableMapping:
    if not isinstance(tree, dict) or tree.get("table") not in TABLES:
        given = tree.get("table") if isinstance(tree, dict) else tree
        raise _wrong(path, where, f"没有表 {given}", f"there is no table {given}")
    _known(path, where, tree, {"table", "columns", "only_with"})
    table = TABLES[tree["table"]]
    for name in (*tree.get("columns", {}), *filter(None, [tree.get("only_with")])):
        if name not in table.names:
            raise _wrong(path, where, f"{table.name} 没有列 {name}", f"{table.name} has no column {name}")
    return TableMapping(table, dict(tree.get("columns", {})), tree.get("only_with"))


def _date(path: Path, where: str, given: Any, default: dt.date) -> dt.date:
    if given is None:
        return default
    if isinstance(given, dt.date):
        return given
    raise _wrong(path, f"{where}.dates", f"{given} 不是日期", f"{given} is not a date")


def _known(path: Path, where: str, tree: dict, allowed: set[str]) -> None:
    unknown = set(tree) - allowed
    if unknown:
        raise _wrong(
            path,
            where,
            f"不认识 {sorted(unknown)}；可用 {sorted(allowed)}",
            f"{sorted(unknown)} unknown; allowed: {sorted(allowed)}",
        )


def _wrong(path: Path, where: str, zh: str, en: str) -> InputError:
    return InputError(f"{path} 的 {where}：{zh}。", f"{path}, {where}: {en}.")
