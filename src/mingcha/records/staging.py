"""Rows on their way in: typed, with tokens and areas, in one temporary table per target; refused ones beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from mingcha.records import digest
from mingcha.records.casts import literal, prepare
from mingcha.records.contract import Table, Type
from mingcha.records.convert import Conversion, conversion, reasons, wrong_columns
from mingcha.records.plan import Plan, TablePlan
from mingcha.records.readers.piece import Malformed, Piece, Scan
from mingcha.records.tables import TABLES
from mingcha.records.tidy import Tidy, tidy

if TYPE_CHECKING:
    from mingcha.records.pairing import Waiting

Tokeniser = Callable[[pa.Table], pa.Array]
"""A table of distinct people (`number`, secret columns of `person`, `fund_area`) → their tokens, in order."""

EXTRA = (
    ("fund_area", "VARCHAR"),
    ("care_area", "VARCHAR"),
    ("day", "DATE"),
    ("source_row", "BIGINT"),
    ("source_file", "VARCHAR"),
    ("ext", "VARCHAR"),
    ("ext_money", "BIGINT"),
)
"""Columns of a staged table besides the contract's."""

DIGESTS = (("row_key", "BIGINT"), ("person_bucket", "INTEGER"))
"""Computed here unless the key is only known after the last row; then the commit computes them."""

_QUARANTINE = (
    "source_file VARCHAR, table_name VARCHAR, source_row BIGINT, column_name VARCHAR, reason_zh VARCHAR, "
    "reason_en VARCHAR, raw VARCHAR, money_fen BIGINT"
)
_NO_VISITS = (
    "SELECT NULL::VARCHAR AS provider, NULL::VARCHAR AS visit, NULL::VARCHAR AS fund_area_source, "
    "NULL::VARCHAR AS care_area_source, NULL::DATE AS start_day, NULL::BIGINT AS person WHERE FALSE"
)
_REGION = r"'[HhPp]\d{11}'"


class Staging:
    """The temporary tables of one import in a DuckDB connection: `staged_<table>`, `staged_quarantine`, and
    `mc_refused`, which keeps the original values of refused rows for the sender's report and never leaves this
    process (they may name people)."""

    def __init__(self, con: duckdb.DuckDBPyConnection, tokeniser: Tokeniser) -> None:
        self.con = con
        self._tokeniser = tokeniser
        self._made: dict[tuple[int, bool, Tidy], Conversion] = {}
        prepare(con)
        con.execute("CREATE TEMP TABLE IF NOT EXISTS mc_token (number VARCHAR, token BIGINT)")
        con.execute("CREATE TEMP TABLE IF NOT EXISTS mc_provider_area (provider VARCHAR, area VARCHAR)")
        con.execute(f"CREATE TEMP TABLE IF NOT EXISTS mc_refused ({_QUARANTINE}, original VARCHAR)")
        self.clear()

    def clear(self) -> None:
        """Forget staged rows, so that the next batch begins empty. Known tokens and the report stay."""
        self.staged: dict[str, int] = {}
        self.refused = 0
        for name in TABLES:
            self.con.execute(f"DROP TABLE IF EXISTS staged_{name}")
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE staged_quarantine ({_QUARANTINE})")
        self._provider_areas()

    def stage(self, file: str, plan: Plan, piece: Piece, together: bool = False) -> int:
        """Convert one piece of a source and stage it; returns how many rows it held (refused ones too).

        `together`: the piece brings rows of many files, each named in its column `source_file`.
        """
        if piece.rows.num_rows:
            self._offer(piece)
            self._visits(plan)
            made = self._conversion(plan, piece, together)
            self._type(piece, made)
            bad = self._count(f"SELECT count(*) FROM mc_typed WHERE {made.bad}") if made.checks else 0
            good = f"WHERE NOT {made.bad}" if bad else "WHERE TRUE"
            self._tokens(plan, made, good)
            for place, target in enumerate(plan.tables):
                self._insert(file, place, target, made, good)
            if bad:
                self._refuse(file, plan, made, bad)
            self._withdraw(piece)
        self._malformed(file, plan, piece.malformed)
        return piece.rows.num_rows + len(piece.malformed)

    def _offer(self, piece: Piece) -> None:
        """`mc_piece`: the piece as it came."""
        if isinstance(piece.rows, Scan):
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW mc_piece AS {piece.rows.sql}")
        else:
            self.con.register("mc_piece", piece.rows)

    def _type(self, piece: Piece, made: Conversion) -> None:
        """`mc_typed`: the piece's values and masks. Text is converted once for all who read it."""
        kind = "VIEW" if isinstance(piece.rows, Scan) else "TABLE"
        self.con.execute(f"CREATE TEMP {kind} mc_typed AS {made.select}")

    def _withdraw(self, piece: Piece) -> None:
        if isinstance(piece.rows, Scan):
            self.con.execute("DROP VIEW mc_typed")
            self.con.execute("DROP VIEW mc_piece")
        else:
            self.con.execute("DROP TABLE mc_typed")
            self.con.unregister("mc_piece")

    def _conversion(self, plan: Plan, piece: Piece, together: bool) -> Conversion:
        known = tidy(piece.rows)
        key = (id(plan), together, known)
        if key not in self._made:
            self._made = {key: conversion(plan, "source_file" if together else None, known)}
        return self._made[key]

    def _count(self, query: str) -> int:
        row = self.con.execute(query).fetchone()
        return int(row[0]) if row else 0

    def money(self, sources: Sequence[str]) -> int:
        """The fen these sources brought, accepted and refused."""
        named = ", ".join(literal(one) for one in sources)
        parts = [f"SELECT ext_money AS fen FROM staged_{name} WHERE source_file IN ({named})" for name in self.staged]
        parts.append(f"SELECT money_fen FROM staged_quarantine WHERE source_file IN ({named})")
        return self._count(
            f"SELECT coalesce(sum(fen), 0)::BIGINT FROM ({' UNION ALL '.join(reversed(parts))}) AS t(fen)"
        )

    def finish(self, file: str, plan: Plan) -> None:
        """After the last piece: rows without a key of their own get their number of occurrence (DECISIONS 13)."""
        target = plan.target
        if target.table.name == "provider":
            self._provider_areas()
        name, key = f"staged_{target.table.name}", target.generated
        if key and target.table.name in self.staged:
            self.con.execute(
                f"UPDATE {name} SET {key} = {key} || '-' || again.n FROM ("
                f"  SELECT source_row AS at, row_number() OVER (PARTITION BY {key} ORDER BY source_row) AS n"
                f"  FROM {name}"
                f"  WHERE source_file = {literal(file)} AND {key} IN (SELECT {key} FROM {name}"
                f"  WHERE source_file = {literal(file)} GROUP BY {key} HAVING count(*) > 1)"
                f") again WHERE source_file = {literal(file)} AND source_row = again.at AND again.n > 1"
            )

    def _table(self, table: Table, keyless: bool) -> str:
        name = f"staged_{table.name}"
        if table.name not in self.staged:
            columns = [(column.name, column.type.duckdb) for column in table.stored]
            columns += [*EXTRA, *(() if keyless else DIGESTS)]
            self.con.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{n} {t}' for n, t in columns)})")
            self.staged[table.name] = 0
        return name

    def _insert(self, file: str, place: int, target: TablePlan, made: Conversion, good: str) -> None:
        table, given = target.table, made.values[place]
        name = self._table(table, target.generated is not None)
        values = {column.name: given.get(column.name, f"NULL::{column.type.duckdb}") for column in table.stored}
        joins = ""
        person = next((column for column in table.columns if column.type is Type.PERSON), None)
        if person and person.name in given:
            values[person.name] = "k.token"
            if person.name in target.fills:  # the visit's token, marked by U+001F
                values[person.name] = f"coalesce(k.token, TRY_CAST(substring(c.{given[person.name]}, 2) AS BIGINT))"
            joins += f" LEFT JOIN mc_token k ON k.number = c.{given[person.name]}"
        if target.generated and place == 0:
            values[target.generated] = "mc_digest"
        care, fund, join = _areas(table, given)
        values |= {
            "fund_area": fund,
            "care_area": care,
            "day": given[table.day] if table.day else "NULL::DATE",
            "source_row": "source_row",
            "source_file": made.file or literal(file),
            "ext": "mc_ext" if place == 0 else "NULL",
            "ext_money": "mc_money" if place == 0 else "0",
        }
        if place and target.only_with:
            good += f" AND {given[target.only_with]} IS NOT NULL"
        if not target.generated:
            values |= _digests(table, values)
        picked = ", ".join(f"{sql} AS {column}" for column, sql in values.items())
        select = f"SELECT {picked} FROM mc_typed c{joins}{join} {good}"
        if place:  # one row per key: several counted rows may speak of the same visit
            key = ", ".join(table.key)
            select = f"SELECT * FROM ({select}) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY source_row) = 1"
            same = " AND ".join(f"s.{column} IS NOT DISTINCT FROM n.{column}" for column in table.key)
            select = f"SELECT * FROM ({select}) n WHERE NOT EXISTS (SELECT 1 FROM {name} s WHERE {same})"
            if self._has(table.name):
                select += f" AND NOT EXISTS (SELECT 1 FROM facts.{table.name} s WHERE {same})"
        done = self.con.execute(f"INSERT INTO {name} BY NAME {select}").fetchone()
        self.staged[table.name] += int(done[0]) if done else 0

    def _refuse(self, file: str, plan: Plan, made: Conversion, bad: int) -> None:
        shown = [(name, f"c{place}::VARCHAR", place in plan.private) for place, name in enumerate(plan.headers)]
        original = "to_json(struct_pack(" + ", ".join(f'"{_quoted(n)}" := {c}' for n, c, _ in shown) + "))"
        masked = ", ".join(
            f'"{_quoted(n)}" := ' + (f"CASE WHEN {c} IS NOT NULL THEN '***' END" if private else c)
            for n, c, private in shown
        )
        self.con.execute(
            f"INSERT INTO mc_refused SELECT {made.file or literal(file)}, {literal(plan.target.table.name)}, "
            "source_row, "
            f"{wrong_columns(made)}, {reasons(made, 'zh', plan)}, {reasons(made, 'en', plan)}, "
            f"to_json(struct_pack({masked})), {made.extra[0].removesuffix(' AS mc_money')}, {original} "
            f"FROM {made.source} WHERE {made.bad} ORDER BY source_row"
        )
        self._copy_refused(bad)

    def _malformed(self, file: str, plan: Plan, lines: list[Malformed]) -> None:
        if not lines:
            return
        counts = plan.money is not None
        zh, en = ("；金额无法读取，按 0 计", "; its money can't be read and counts as 0") if counts else ("", "")
        rows = pa.table(
            {
                "line": pa.array([one.line for one in lines], pa.int64()),
                "zh": [one.zh + zh for one in lines],
                "en": [one.en + en for one in lines],
                "original": [one.raw for one in lines],
            }
        )
        self.con.register("mc_lines", rows)
        self.con.execute(
            f"INSERT INTO mc_refused SELECT {literal(file)}, {literal(plan.target.table.name)}, line, '', zh, en, "
            "'', 0, original FROM mc_lines"
        )
        self.con.unregister("mc_lines")
        self._copy_refused(len(lines))

    def waiting(self, rows: Sequence[Waiting]) -> int:
        """Quarantine records whose partner has not come; returns how many."""
        if rows:
            table = pa.table(
                {
                    "file": [one.file for one in rows],
                    "target": [one.table for one in rows],
                    "line": pa.array([one.row for one in rows], pa.int64()),
                    "zh": [one.zh for one in rows],
                    "en": [one.en for one in rows],
                    "raw": [one.masked for one in rows],
                    "money": pa.array([one.money for one in rows], pa.int64()),
                    "original": [json.dumps(one.fields, ensure_ascii=False) for one in rows],
                }
            )
            self.con.register("mc_lines", table)
            self.con.execute(
                "INSERT INTO mc_refused SELECT file, target, line, '', zh, en, raw, money, original FROM mc_lines"
            )
            self.con.unregister("mc_lines")
            self._copy_refused(len(rows))
        return len(rows)

    def _copy_refused(self, count: int) -> None:
        """The newest refused rows, without their original values, to where the lake takes them from."""
        self.con.execute(
            f"INSERT INTO staged_quarantine SELECT * EXCLUDE original FROM mc_refused ORDER BY rowid DESC LIMIT {count}"
        )
        self.refused += count

    def _tokens(self, plan: Plan, made: Conversion, good: str) -> None:
        """Give every person of the piece a token; names and numbers beside them go to the sealed identities."""
        for place, target in enumerate(plan.tables):
            person = made.values[place].get("person")
            if person is None or "person" in target.fills:
                continue
            fund = made.values[place].get("fund_area_source", "NULL::VARCHAR")
            if target.secrets and not plan.typed:
                secrets = "".join(f", any_value(mc_clean({text})) AS {name}" for name, text in target.secrets.items())
                query = (
                    f"SELECT {person} AS number{secrets}, any_value({fund}) AS fund_area FROM {made.source} "
                    f"{good} AND {person} IS NOT NULL GROUP BY 1"
                )
            else:
                query = (
                    f"SELECT {person} AS number, any_value({fund}) AS fund_area FROM mc_typed "
                    f"{good} AND {person} NOT IN (SELECT number FROM mc_token) GROUP BY 1"
                )
            people = self.con.execute(query).to_arrow_table()
            if people.num_rows:
                found = pa.table({"number": people["number"], "token": self._tokeniser(people)})
                self.con.register("mc_found", found)
                self.con.execute("INSERT INTO mc_token SELECT * FROM mc_found ANTI JOIN mc_token USING (number)")
                self.con.unregister("mc_found")

    def _visits(self, plan: Plan) -> None:
        """`mc_visit`: what the lake and this batch know of the visits named in the piece, where a target needs it."""
        target = next((one for one in plan.tables if one.fills), None)
        if target is None:
            return
        wanted = "provider, visit, fund_area AS fund_area_source, care_area AS care_area_source, start_day, person"
        known = [f"SELECT {wanted} FROM staged_visit"] if "visit" in self.staged else []
        if self._has("visit"):
            known.append(f"SELECT {wanted} FROM facts.visit")
        known = known or [_NO_VISITS]
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE mc_visit AS SELECT * REPLACE (chr(31) || person AS person) FROM "
            f"({' UNION ALL '.join(known)}) "
            f"WHERE visit IN (SELECT mc_code({target.feeds['visit']}) FROM mc_piece) "
            "QUALIFY row_number() OVER (PARTITION BY provider, visit) = 1"
        )

    def _provider_areas(self) -> None:
        self.con.execute("DELETE FROM mc_provider_area")
        wanted = "SELECT provider, area, valid_from FROM"
        known = [f"{wanted} staged_provider"] if "provider" in self.staged else []
        known += [f"{wanted} facts.provider"] if self._has("provider") else []
        if known:
            self.con.execute(
                "INSERT INTO mc_provider_area SELECT provider, max_by(area, coalesce(valid_from, DATE '0001-01-01')) "
                f"FROM ({' UNION ALL '.join(known)}) WHERE area IS NOT NULL GROUP BY 1"
            )

    def _has(self, table: str) -> bool:
        found = self.con.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'facts' AND table_name = ?", [table]
        ).fetchone()
        return bool(found and found[0])


def _areas(table: Table, given: dict[str, str]) -> tuple[str, str, str]:
    """SQL of the care area, the fund area, and the join they need (DECISIONS 8)."""
    if "area" in table.names:
        own = given.get("area", "NULL::VARCHAR")
        return own, own, ""
    care = [given[name] for name in ("care_area_source",) if name in given]
    fund = [given[name] for name in ("fund_area_source",) if name in given]
    join = ""
    if "provider" in given:
        provider = f"c.{given['provider']}"
        join = f" LEFT JOIN mc_provider_area a ON a.provider = {provider}"
        care += ["a.area", f"CASE WHEN regexp_full_match({provider}, {_REGION}) THEN substring({provider}, 2, 6) END"]
    everywhere = "NULL::VARCHAR"
    return (
        f"coalesce({', '.join([*care, *fund, everywhere])})",
        f"coalesce({', '.join([*fund, *care, everywhere])})",
        join,
    )


def _digests(table: Table, values: dict[str, str]) -> dict[str, str]:
    """The digests of a row as SQL over the values it is made of."""
    key = digest.of(values[name] for name in table.key)
    bucket = f"coalesce({values['person']}, {key})" if "person" in table.names else key
    return {
        "row_key": key,
        "person_bucket": f"({bucket} & {digest.BUCKETS - 1})::INTEGER",
    }


def _quoted(name: str) -> str:
    return name.replace('"', '""')
