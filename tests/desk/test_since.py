"""An incremental audit ends where an audit of everything would: the same findings, observations and withdrawals."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mingcha.desk.audit.running import Filter, Outcome, run_audit
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.pack import Dated, Pack, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.tables import TABLES
from mingcha.sample.writing import plan, write
from mingcha.terms.errors import UsageError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
CUT = "DATE '2026-09-10'"
LINES, SEED = 12_000, 7


def divide(city: Path, earlier: Path, later: Path) -> None:
    """A city's files in two deliveries: the last weeks, all corrections, every fifth trace code and a grade come later.

    One provider sends orders for the first time then, and only those of one visit.
    """
    beginner, visit = beginning(city)
    for file in city.rglob("*.parquet"):
        table = TABLES[file.relative_to(city).parts[0].removesuffix(".parquet")]
        is_late = "false"
        if table.day:
            is_late = f"{table.day} >= {CUT}"
        if table.name == "trace":
            is_late += " OR hash(code, event) % 5 = 0"
        if file.name.startswith("update-"):
            is_late = "true"
        conditions = f"NOT ({is_late})", is_late
        if table.name == "order_line":
            conditions = f"{conditions[0]} AND provider <> '{beginner}'", (
                f"({is_late} AND provider <> '{beginner}') OR (provider = '{beginner}' AND visit = '{visit}')"
            )
        for folder, condition in zip((earlier, later), conditions, strict=True):
            target = folder / file.relative_to(city)
            target.parent.mkdir(parents=True, exist_ok=True)
            duckdb.sql(f"COPY (FROM '{file}' WHERE {condition}) TO '{target}' (FORMAT parquet)")
    one = "provider = (SELECT min(provider) FROM '{0}' WHERE level = '05')"
    grade = f"SELECT * REPLACE (CASE WHEN {one} THEN '09' ELSE level END AS level) FROM '{{0}}'"
    source = city / "provider.parquet"
    duckdb.sql(f"COPY ({grade.format(source)}) TO '{earlier / 'provider.parquet'}' (FORMAT parquet)")
    duckdb.sql(f"COPY (FROM '{source}' WHERE {one.format(source)}) TO '{later / 'provider.parquet'}' (FORMAT parquet)")


def beginning(city: Path) -> tuple[str, str]:
    """A provider with charges that no order stands for, and the first of its visits that has an order."""
    query = f"SELECT min(provider) FROM '{city / 'key.csv'}' WHERE rule = 'drug-without-order'"
    orders = f"SELECT provider, min(visit) FROM '{city}/order_line/*.parquet' WHERE provider = ({query}) GROUP BY ALL"
    return duckdb.sql(orders).fetchone() or ("", "")


def bring(home: Home, folder: Path) -> None:
    with Lake.open(home) as lake:
        Import(lake).run([folder])


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(shipped_pack())


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Iterator[tuple[Home, Home]]:
    """Two homes that know the same: the first delivery audited, the second brought in."""
    place = tmp_path_factory.mktemp("since")
    write(place / "city", plan(LINES, SEED), SEED)
    divide(place / "city", place / "earlier", place / "later")
    one = Home.open(place / "one")
    bring(one, place / "earlier")
    run_audit(one, pack, by="test")
    bring(one, place / "later")
    postgres.stop(one)
    subprocess.run(["cp", "-a", place / "one", place / "two"], check=True)  # keeps owners, which PostgreSQL minds
    two = Home.open(place / "two")
    yield one, two
    postgres.stop(one)
    postgres.stop(two)


FINDINGS = (
    "SELECT id, fund_area, care_area, rule, frame, key, rule_version, certainty, provider, person, visit, line, day,"
    " state, improper_fen, counted_fen, fund_loss_fen, lines, withdrawn_reason, visit_type, department, practitioner,"
    " practitioner_name, item_name FROM finding ORDER BY id"
)
LINES_OF = (
    "SELECT finding_id, provider, visit, line, improper_fen, in_scope_fen, counted_fen, counted_under,"
    " settled_fund_fen, settled_in_scope_fen, fund_loss_fen FROM finding_line ORDER BY 1, 2, 3, 4"
)
OBSERVATIONS = (
    "SELECT finding_id, audit_id, fund_area, care_area, rule_version, pack_hash, watermark, verdict, certainty,"
    " improper_fen, quantity, knowledge_ids, witnesses, why, message, digest FROM observation ORDER BY 1, 2, digest"
)
COUNTS = (
    "SELECT fund_area, care_area, rule, provider, findings, lines, counted_fen, added, withdrawn FROM audit_count"
    " WHERE audit_id = (SELECT max(id) FROM audit) ORDER BY 1, 2, 3, 4"
)


def told(home: Home, query: str) -> list[Any]:
    with connect(home, "job") as pg:
        return pg.execute(query.encode()).fetchall()


def test_a_day_ends_where_everything_would(homes: tuple[Home, Home], pack: Pack) -> None:
    daily, full = homes
    beginner, _ = beginning(daily.path.parent / "city")
    begun = f"SELECT day FROM finding WHERE rule = 'drug-without-order' AND provider = '{beginner}'"
    assert not told(daily, begun), "nothing is missing where nothing was ever sent"
    news = run_audit(daily, pack, by="test", since="last")
    everything = run_audit(full, pack, by="test")
    for query in (FINDINGS, LINES_OF, OBSERVATIONS, COUNTS):
        assert told(daily, query) == told(full, query)
    assert any(day < date(2026, 9, 1) for (day,) in told(daily, begun)), "and then the past can be judged too"
    assert news.recorded.added > 5, "the second delivery brings findings"
    assert news.recorded.withdrawn > 0, "and takes some back"
    assert news.recorded.changed > 0
    assert news.recorded.findings == everything.recorded.findings
    assert news.base is not None
    assert news.persons is not None
    (persons,) = persons_of(daily)
    assert 0 < news.persons < persons, "some persons were left alone"
    again = run_audit(daily, pack, by="test", since="last")
    assert (again.persons, again.recorded.observations, again.recorded.withdrawn) == (0, 0, 0)


def persons_of(home: Home) -> tuple[int]:
    with Lake.open(home, read_only=True) as lake:
        row = lake.con.execute("SELECT count(DISTINCT person) FROM facts.visit").fetchone()
    assert row
    return row


def test_rules_that_changed_run_over_everything(homes: tuple[Home, Home], pack: Pack) -> None:
    home, _ = homes
    # Of two rules over the same few visits one changed: its lines are everybody's, the other's those in reach.
    changed = altered(altered(pack, "frequent-admissions"), "charge-outside-stay")
    news = run_audit(home, changed, by="test", since="last")
    after = told(home, FINDINGS)
    everything = run_audit(home, changed, by="test")
    assert told(home, FINDINGS) == after
    assert everything.recorded.added == everything.recorded.withdrawn == 0
    assert news.recorded.added + news.recorded.withdrawn > 0, "the change bites"


def altered(pack: Pack, rule: str) -> Pack:
    """The pack with the first whole-number parameter of a rule halved."""
    rules = []
    for one in pack.rules:
        if one.id == rule:
            values = {
                name: tuple(Dated(d.valid_from, d.value // 2 if type(d.value) is int else d.value) for d in dated)
                for name, dated in one.parameters.items()
            }
            one = dataclasses.replace(one, parameters=values, version=one.version + 1)
        rules.append(one)
    return dataclasses.replace(pack, rules=tuple(rules))


@pytest.mark.parametrize("since", [999, 10**6])
def test_a_batch_nobody_audited_is_no_beginning(homes: tuple[Home, Home], pack: Pack, since: int) -> None:
    with pytest.raises(UsageError, match=str(since)):
        run_audit(homes[0], pack, by="test", since=since)


def test_a_filter_and_an_incremental_audit_exclude_each_other(homes: tuple[Home, Home], pack: Pack) -> None:
    with pytest.raises(UsageError, match="--since"):
        run_audit(homes[0], pack, by="test", since="last", narrowed=Filter(since=date(2026, 1, 1)))
    run_audit(homes[1], pack, by="test", narrowed=Filter(rules=(pack.audited[0],)))
    assert told(homes[1], "SELECT scope->'rules' FROM audit ORDER BY id DESC LIMIT 1") == [([pack.audited[0]],)]
    outcome: Outcome = run_audit(homes[1], pack, by="test", since="last")
    assert outcome.base is not None
    assert outcome.base.audit < outcome.recorded.audit - 1, "a filtered audit is no beginning"
