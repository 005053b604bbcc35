"""What a table and a column of the facts are: the one declaration that schema, docs and template come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Type(Enum):
    """How a column is stored; the value is its DuckDB type. No floats and no timestamps anywhere."""

    TEXT = "VARCHAR"
    CODE = "VARCHAR "  # a value of a dictionary or a national code
    KEY = "VARCHAR  "  # part of a composite national key (DECISIONS 6)
    PERSON = "BIGINT"  # arrives as a national person number, stored as a token (DECISIONS 7)
    FEN = "BIGINT "  # money, 1/100 yuan
    PRICE = "BIGINT  "  # unit price, 1/10000 yuan
    QUANTITY = "BIGINT   "  # 1/10000 of the item's unit
    RATIO = "INTEGER"  # 1/10000
    INTEGER = "INTEGER "
    LONG = "BIGINT    "
    FLAG = "BOOLEAN"
    DATE = "DATE"
    MINUTES = "INTEGER   "  # a length of time; arrives as minutes or, nationally, as days/hours/minutes
    DIGEST = "VARCHAR   "  # of a long text that is only compared: the text itself stays out of the lake
    SECOND = "INTEGER  "  # seconds since midnight, null when the source gives a date only (DECISIONS 9)

    @property
    def duckdb(self) -> str:
        """The DuckDB type name. (The enum's values carry blanks only to stay distinct members.)"""
        return self.value.strip()


@dataclass(frozen=True)
class Column:
    """One column: what it means in both languages and under which names it arrives.

    `national` are the interface's and the data centre's field names (reference: national interface, alias table);
    `headers` are Chinese headers seen in files besides the meaning itself. `time_of` names the DATE column whose
    source text also carries this SECOND column's clock time, so one source column feeds both.
    """

    name: str
    type: Type
    zh: str
    en: str
    national: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    required: bool = False
    dictionary: str | None = None
    time_of: str | None = None
    secret: bool = False  # personal data: goes to the encrypted identity table, never into the lake


@dataclass(frozen=True)
class Table:
    """One table: its grain in words, its business key, the column that dates it and the money that is totalled."""

    name: str
    zh: str
    en: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    day: str | None = None  # the DATE column copied into the system column `day`; None for reference tables
    money: str | None = None  # the FEN column that import totals reconcile

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        duplicate = {name for name in names if names.count(name) > 1}
        if duplicate:
            raise ValueError(f"{self.name}: column declared twice: {sorted(duplicate)}")
        for name in (*self.key, *filter(None, (self.day, self.money))):
            if name not in names:
                raise ValueError(f"{self.name}: no column {name}")

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the table has none."""
        return next(c for c in self.columns if c.name == name) if name in self.names else _missing(self, name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns kept in the lake: all but personal data."""
        return tuple(column for column in self.columns if not column.secret)


def _missing(table: Table, name: str) -> Column:
    raise KeyError(f"{table.name} has no column {name}")


SYSTEM: tuple[Column, ...] = (
    Column("fund_area", Type.CODE, "参保地（基金归属）", "area whose fund pays (DECISIONS 8)"),
    Column("care_area", Type.CODE, "就医地（监管归属）", "area that supervises the provider"),
    Column("day", Type.DATE, "日期", "the day the row belongs to; partitions by its year and month"),
    Column("person_bucket", Type.INTEGER, "人员分桶", "0–7, from the person token, else from the key"),
    Column("row_key", Type.LONG, "行键摘要", "64-bit digest of the business key, for look-ups only"),
    Column("row_content", Type.LONG, "内容摘要", "tells the contents of one key in one batch apart; 0 for most"),
    Column("batch_seq", Type.LONG, "导入批次", "monotone number of the import batch (DECISIONS 10)"),
    Column("source_row", Type.LONG, "来源行号", "line of the file, row of the sheet, or number of the record"),
    Column("ext", Type.TEXT, "扩展", "unknown columns of the source as a JSON object, or null"),
)
"""Columns every lake table carries besides its own."""
