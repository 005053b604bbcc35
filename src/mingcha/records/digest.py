"""The 63-bit digests that find a row again (DECISIONS 13); the real key and the real content have the last word.

The digest of a key is specified, for a row is found by it years later: the lower 64 bits of MD5 over the values' texts
joined by U+001F (absent ones empty), shifted right by one so that it is a non-negative BIGINT everywhere. The digest
of a content only tells apart the rows one batch brings for one key, so that it can be said which of them was replaced:
it is DuckDB's own hash, stored where a key comes more than once and 0 elsewhere, and never computed again for a row
that is in.
"""

from __future__ import annotations

from collections.abc import Iterable

from mingcha.records.contract import Table

BUCKETS = 8


def of(expressions: Iterable[str]) -> str:
    """SQL of the specified digest of these SQL expressions."""
    parts = ", ".join(f"coalesce(({e})::VARCHAR, '')" for e in expressions)
    return f"(md5_number_lower(concat_ws(chr(31), {parts})) >> 1)::BIGINT"


def row_content(table: Table) -> str:
    """SQL of the digest of everything a source says about the row."""
    return f"(hash({', '.join(content(table))}) >> 1)::BIGINT"


def row_key(table: Table) -> str:
    """SQL of the digest of the table's business key."""
    return of(table.key)


def content(table: Table) -> tuple[str, ...]:
    """Columns of everything a source says about the row, its areas and unknown columns included."""
    return (*(column.name for column in table.stored), "fund_area", "care_area", "ext")


def person_bucket(table: Table, key: str) -> str:
    """SQL of the bucket: from the person where the table has one, else from the digest `key`."""
    person = f"coalesce(person, {key})" if "person" in table.names else key
    return f"({person} & {BUCKETS - 1})::INTEGER"


def columns(table: Table) -> str:
    """SQL of key digest and bucket, to be selected beside a staged row's columns."""
    key = row_key(table)
    return f"{key} AS row_key, {person_bucket(table, key)} AS person_bucket"
