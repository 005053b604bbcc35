"""The 63-bit digests that find a row again (DECISIONS 13); the real key always has the last word.

digest(values) = the lower 64 bits of MD5 over the values' texts joined by U+001F, shifted right by one so that it is
a non-negative BIGINT everywhere. Absent values of a key count as empty, of a content as U+0000.
"""

from __future__ import annotations

from collections.abc import Iterable

from mingcha.records.contract import Table

_NOT_CONTENT = {"day", "person_bucket", "row_key", "row_content", "batch_seq", "source_row"}
BUCKETS = 8


def of(expressions: Iterable[str], absent: str = "''") -> str:
    """SQL of the digest of these SQL expressions."""
    parts = ", ".join(f"coalesce(({e})::VARCHAR, {absent})" for e in expressions)
    return f"(md5_number_lower(concat_ws(chr(31), {parts})) >> 1)::BIGINT"


def row_key(table: Table) -> str:
    """SQL of the digest of the table's business key."""
    return of(table.key)


def row_content(table: Table) -> str:
    """SQL of the digest of everything a source says about the row, its areas and unknown columns included."""
    return of((*(c.name for c in table.stored), "fund_area", "care_area", "ext"), absent="chr(0)")


def person_bucket(table: Table, key: str) -> str:
    """SQL of the bucket: from the person where the table has one, else from the digest `key`."""
    person = f"coalesce(person, {key})" if "person" in table.names else key
    return f"({person} & {BUCKETS - 1})::INTEGER"


def columns(table: Table) -> str:
    """SQL of all three, to be selected beside a staged row's columns."""
    key = row_key(table)
    return f"{key} AS row_key, {row_content(table)} AS row_content, {person_bucket(table, key)} AS person_bucket"
