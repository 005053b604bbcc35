"""T3: six kinds written by hand as plain Spark SQL, over the same Parquet files and with the same hits as ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib.util import find_spec
from shutil import which
from typing import Any

import psutil

from benchmarks.batch import City
from benchmarks.measure import Series, cpu_seconds, interleaved
from mingcha.engines.effective import effective
from mingcha.engines.files import list_files
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.knowledge.pack import Pack
from mingcha.terms.codes import CARE_OF_VISIT_TYPE, INTERNET_CHANNEL

MASTER = "local[2]"
Hit = tuple[str, ...]

VIEWS = {
    "line": """
        WITH kept AS (
          SELECT t.* FROM stored_fee_line t LEFT ANTI JOIN gone g ON g.table_name = 'fee_line'
          AND g.row_key = t.row_key AND g.old_batch = t.batch_seq AND g.row_content = t.row_content
        ), refund AS (
          SELECT provider, visit, refund_of AS line, SUM(quantity) AS quantity, SUM(amount) AS amount
          FROM kept WHERE refund_of IS NOT NULL GROUP BY provider, visit, refund_of
        )
        SELECT k.provider, k.visit, k.line, k.person, k.day, k.service_second AS second, k.item, k.unit_price,
               k.quantity + COALESCE(r.quantity, 0) AS quantity
        FROM kept k LEFT JOIN refund r ON r.provider = k.provider AND r.visit = k.visit AND r.line = k.line
        WHERE k.refund_of IS NULL AND k.person IS NOT NULL AND k.amount >= 0
          AND k.quantity + COALESCE(r.quantity, 0) > 0""",
    "visit": """
        SELECT t.provider, t.visit, t.person, t.sex, t.start_day, t.end_day, {care} AS care
        FROM stored_visit t LEFT ANTI JOIN gone g ON g.table_name = 'visit'
        AND g.row_key = t.row_key AND g.old_batch = t.batch_seq AND g.row_content = t.row_content
        WHERE t.person IS NOT NULL""",
    "diagnosis": """
        SELECT t.provider, t.visit, t.code FROM stored_diagnosis t LEFT ANTI JOIN gone g
        ON g.table_name = 'diagnosis' AND g.row_key = t.row_key AND g.old_batch = t.batch_seq
        AND g.row_content = t.row_content""",
}
"""Fee lines net of refunds, and visits and diagnoses, each without the versions that a correction replaced."""

_KNOWN = "line l JOIN {} k ON k.item = l.item AND l.day >= k.since AND l.day < k.until".format
QUERIES = {
    "service-by-sex": f"""
        SELECT DISTINCT l.provider, l.visit, l.line FROM {_KNOWN('known_service_by_sex')}
        JOIN visit v ON v.provider = l.provider AND v.visit = l.visit
        WHERE v.sex IN ('1', '2') AND v.sex <> k.sex""",
    "drug-above-payment-standard": f"""
        SELECT DISTINCT l.provider, l.visit, l.line FROM {_KNOWN('known_drug_above_payment_standard')}
        WHERE l.unit_price > k.ceiling""",
    "drug-for-indication": f"""
        WITH charged AS (SELECT l.provider, l.visit, l.line, k.row FROM {_KNOWN('known_drug_for_indication')}),
        named AS (
          SELECT c.provider, c.visit, c.line, c.row FROM charged c
          JOIN diagnosis d ON d.provider = c.provider AND d.visit = c.visit
          JOIN codes_drug_for_indication p ON p.row = c.row AND startswith(d.code, p.code)
        )
        SELECT DISTINCT c.provider, c.visit, c.line FROM charged c
        LEFT SEMI JOIN diagnosis d ON d.provider = c.provider AND d.visit = c.visit
        LEFT ANTI JOIN named n
        ON n.provider = c.provider AND n.visit = c.visit AND n.line = c.line AND n.row = c.row""",
    "service-included-in-main": f"""
        SELECT DISTINCT l.provider, l.visit, l.line FROM {_KNOWN('known_service_included_in_main')}
        JOIN line o ON o.item = k.partner AND o.person = l.person AND o.provider = l.provider
        WHERE CASE k.window
          WHEN 'day' THEN o.day = l.day
          WHEN 'visit' THEN o.visit = l.visit
          WHEN 'hour' THEN o.day = l.day AND o.second DIV 3600 = l.second DIV 3600
          WHEN 'hours-6' THEN ABS(DATEDIFF(o.day, l.day)) <= 1
            AND ABS(DATEDIFF(o.day, l.day) * 86400 + o.second - l.second) <= 21600 END""",
    "service-daily-cap": f"""
        SELECT DISTINCT provider, visit, line FROM (
          SELECT l.*, k.limit, SUM(l.quantity) OVER (
            PARTITION BY l.person, l.provider, l.item, l.day
            ORDER BY COALESCE(l.second, -1), l.provider, l.visit, l.line ROWS UNBOUNDED PRECEDING) AS total
          FROM {_KNOWN('known_service_daily_cap')}) WHERE total > limit""",
    "stay-overlapping-stay": """
        SELECT DISTINCT v.provider, v.visit FROM visit v JOIN visit s ON s.person = v.person
        WHERE v.care = 'I' AND s.care = 'I' AND s.provider <> v.provider
          AND v.start_day >= DATE '2025-01-01' AND (s.end_day IS NULL OR s.end_day > v.start_day)
          AND (s.start_day < v.start_day OR (s.start_day = v.start_day AND s.provider < v.provider))""",
}
"""One query a rule, as somebody who knows the rule and Spark would write it."""


def missing() -> str | None:
    """What the part lacks, in words; None when it can run."""
    lacking = [name for name, there in (("java", which("java")), ("pyspark", find_spec("pyspark"))) if not there]
    return f"no {' nor '.join(lacking)} (sh deploy/setup.sh spark)" if lacking else None


def measure(city: City, rounds: int) -> tuple[dict[str, Series], int]:
    """CPU-seconds of both over the city, interleaved, and how many hits both had. AssertionError when they differ."""
    con, chosen = city.lake.con, effective(city.pack, QUERIES)
    theirs: set[tuple[str, Hit]] = set()
    with _session() as (spark, spent):
        _load(spark, city)

        def plain() -> None:
            answers = ((rule, spark.sql(query).collect()) for rule, query in QUERIES.items())
            theirs.update((rule, tuple(row)) for rule, rows in answers for row in rows)

        tasks = {"scan": city.scan, "ours": lambda: run_passes(con, [(chosen, EVERYBODY)]), "plain": plain}
        taken = interleaved(tasks, rounds, spent)
    flags = con.execute("SELECT rule, key FROM flag WHERE verdict = 'flagged'").fetchall()
    ours = {(chosen.rules[rule].id, tuple(key.split("|"))) for rule, key in flags}
    differ = sorted(ours ^ theirs)
    assert not differ, f"{len(differ)} hits differ: {[(hit in ours, hit) for hit in differ[:5]]}"
    return taken, len(ours)


@contextmanager
def _session() -> Iterator[tuple[Any, Callable[[], float]]]:
    """A Spark session on this machine, and the CPU-seconds it and this process have used so far."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "4g", "spark.sql.shuffle.partitions": "8", "spark.log.level": "ERROR",
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "Asia/Shanghai",
    }  # fmt: skip
    builder = SparkSession.builder.master(MASTER).config(map=settings)
    spark = builder.getOrCreate()
    below = psutil.Process(os.getpid()).children(recursive=True)

    def spent() -> float:
        alive = [child.cpu_times() for child in below if child.is_running()]
        return cpu_seconds() + sum(time.user + time.system for time in alive)

    try:
        yield spark, spent
    finally:
        spark.stop()


def _load(spark: Any, city: City) -> None:
    """Views over the files of the lake's snapshot, and a table per rule of its knowledge rows."""
    files = list_files(city.lake)
    for name in ("fee_line", "visit", "diagnosis"):
        spark.read.option("mergeSchema", "true").parquet(*files[name]).createOrReplaceTempView(f"stored_{name}")
    gone = "table_name string, row_key long, row_content long, old_batch long, by_batch long"
    kept = spark.read.parquet(*files["supersession"]) if files["supersession"] else spark.createDataFrame([], gone)
    kept.createOrReplaceTempView("gone")
    cases = " ".join(f"WHEN '{prefix}' THEN '{care}'" for prefix, care in CARE_OF_VISIT_TYPE.items())
    care = f"CASE WHEN channel = '{INTERNET_CHANNEL}' THEN 'N' ELSE CASE LEFT(visit_type, 2) {cases} END END"
    for name, query in VIEWS.items():
        spark.sql(query.format(care=care)).createOrReplaceTempView(name)
    for rule in QUERIES:
        _knowledge(spark, city.pack, rule)


def _knowledge(spark: Any, pack: Pack, rule: str) -> None:
    """`known_…` with the rule's rows, `codes_…` with the diagnoses they name."""
    rows, name = pack.rule(rule).knowledge, rule.replace("-", "_")
    if not rows:
        return
    columns = [one for one in ("sex", "ceiling", "partner", "window", "limit") if rows[0].values.get(one) is not None]
    told, codes = [], []
    for number, row in enumerate(rows):
        until = row.valid_to + timedelta(1) if row.valid_to else date(9999, 12, 31)
        told.append((number, row.item, row.valid_from, until, *map(row.values.get, columns)))
        codes += [(number, code) for code in row.values.get("diagnoses") or ()]
    spark.createDataFrame(told, ["row", "item", "since", "until", *columns]).createOrReplaceTempView(f"known_{name}")
    if codes:
        spark.createDataFrame(codes, ["row", "code"]).createOrReplaceTempView(f"codes_{name}")


def report(city: City, rounds: int) -> list[str]:
    """The section of RESULTS.md."""
    head = ["## Plain Spark SQL beside it (T3)", ""]
    if lacking := missing():
        return [*head, f"Left out: {lacking}.", ""]
    taken, hits = measure(city, rounds)
    rows = sum(len(city.pack.rule(rule).knowledge) for rule in QUERIES)
    names = {"scan": "scan", "ours": "ours, DuckDB", "plain": f"Spark SQL, {MASTER}"}
    table = []
    for task, name in names.items():
        a_line, ratio = taken[task].scaled(1e6 / city.lines), taken[task] / taken["ours"]
        table.append(f"| {name} | {taken[task].show()} | {a_line.show()} | {ratio.show('.1f')} |")
    return [
        *head,
        f"{len(QUERIES)} rules of as many kinds with {rows:,} knowledge rows, each written as one query over the same",
        f"Parquet files: {', '.join(f'`{rule}`' for rule in QUERIES)}.",
        f"{city.lines:,} fee lines, {hits:,} hits, the same of both. Ours gives amounts, evidence, witnesses and what",
        "can't be told besides, Spark names the row. Sessions are warm; start-up is left out.", "",
        "| | CPU-seconds | µs a line | ÷ ours |", "|---|---|---|---|", *table, "",
    ]  # fmt: skip
