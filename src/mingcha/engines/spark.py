"""The Spark engine: Spark schedules person buckets, in each task the embedded engine runs over that bucket's files.

One task per bucket for all that stays within a person, one more for trace codes and for what is compared across
persons, which read few columns. Executors read the Parquet files by path on shared storage and need neither PostgreSQL
nor the home; their answers come back as Arrow and are recorded as those of any other run.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import Effective, effective
from mingcha.engines.files import Files, list_files, of_bucket, open_files
from mingcha.engines.passes import ANSWERS, run_passes
from mingcha.engines.reach import EVERYBODY, Reach, spread, tables
from mingcha.knowledge.library import Library
from mingcha.records.digest import BUCKETS
from mingcha.records.lake import Lake
from mingcha.terms.errors import PlatformError

LOCAL = "local[*]"
_CHUNK = 50_000
_OF_VISITS = ("diagnosis", "operation")
"""Tables whose rows need not name the person: such a row is kept with its visit, whatever bucket it lies in."""


@dataclass(frozen=True)
class Task:
    """What one executor runs: parts of the pack, each within its reach, over these files as of a watermark."""

    files: Files
    mark: int
    scope: Scope
    parts: tuple[tuple[tuple[str, ...], Reach], ...]


def run_on_spark(lake: Lake, library: Library, plan: Effective, scope: Scope, master: str = LOCAL) -> None:
    """Run a plan of the library on a cluster; the answers stand in the lake's session as `engines.passes` leaves them.

    The facts are those the lake's views show. Raises PlatformError when pyspark or Java is missing, or the cluster
    doesn't do it.
    """
    tasks = list(_tasks(lake, plan, scope))
    rules = tuple(sorted({rule.id for rule in plan.rules}))
    sent = replace(library, parents=dict(library.parents))  # a proxy can't be sent
    with _context(master) as spark:
        shared = spark.broadcast((sent, library.hash, rules))
        found = spark.parallelize(tasks, len(tasks)).flatMap(lambda task: run_task(task, *shared.value)).collect()
    for name in ANSWERS:
        chunks = [pa.ipc.open_stream(data).read_all() for told, data in found if told == name]
        lake.con.register("arriving", pa.concat_tables(chunks))
        lake.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arriving")
        lake.con.unregister("arriving")


def _tasks(lake: Lake, plan: Effective, scope: Scope) -> Iterator[Task]:
    """What stays within a person by bucket; the rest, and rows that belong to nobody, once."""
    across = {plan.rules[k.rule].id for p in plan.plans if spread(p.kind, p.choice) != "person" for k in p.known}
    personal = tuple(sorted({rule.id for rule in plan.rules} - across))
    within = plan.only(personal)
    asks_traces = any("trace" in tables(p.kind, p.kind.checks[p.choice]) for p in within.plans)
    files, mark = list_files(lake), _mark(lake)
    unnamed = [name for name in _OF_VISITS if _any(lake, f"facts.{name} WHERE person IS NULL")]
    rest = [(tuple(sorted(across)), EVERYBODY)]
    if unnamed:
        rest.append((personal, _strays(unnamed)))
    yield Task(files, mark, scope, tuple(rest))
    everywhere = (*unnamed, *(("trace",) if asks_traces else ()))
    for bucket in range(BUCKETS):
        yield Task(of_bucket(files, bucket, everywhere), mark, scope, ((personal, of_persons(bucket, asks_traces)),))


def of_persons(bucket: int, asks_traces: bool) -> Reach:
    """The persons of a bucket; trace codes only where a rule about persons asks for them."""
    mine = f"person IS NOT NULL AND person_bucket = {bucket}"
    codes = f"code IN (SELECT code FROM facts.trace WHERE {mine})" if asks_traces else "FALSE"
    return Reach(mine, codes, mine)


def _strays(names: list[str]) -> Reach:
    """Rows that name neither a person nor a visit of one: no bucket would judge them."""
    unnamed = " UNION ".join(f"SELECT provider, visit FROM facts.{name} WHERE person IS NULL" for name in names)
    of_nobody = f"FROM ({unnamed}) ANTI JOIN (FROM facts.visit WHERE person IS NOT NULL) USING (provider, visit)"
    return Reach("FALSE", "FALSE", "FALSE", f"SELECT provider, visit {of_nobody}")


def _mark(lake: Lake) -> int:
    (mark,) = lake.con.execute("SELECT getvariable('watermark')").fetchone() or (0,)
    return mark


def _any(lake: Lake, source: str) -> bool:
    return lake.con.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchone() is not None


def run_task(task: Task, library: Library, told: str, rules: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Run one task where it was sent: the names of the answers' tables with their rows as Arrow streams.

    `told` is the library's hash.
    """
    plan = _plans.get((told, rules)) or effective(library, rules)
    _plans[told, rules] = plan
    with open_files(task.files, task.mark) as con:
        run_passes(con, [(plan.only(part), reach) for part, reach in task.parts], task.scope)
        for name in ANSWERS:
            found = con.execute(f"FROM {name}").to_arrow_table()
            for start in range(0, max(found.num_rows, 1), _CHUNK):
                yield name, _stream(found.slice(start, _CHUNK))


_plans: dict[tuple[str, tuple[str, ...]], Effective] = {}
"""Kept between the tasks of a process. Numbers are the same on every node: `effective` orders rules and rows."""


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@contextmanager
def _context(master: str) -> Iterator[Any]:
    """A Spark context that ends with the run. Settings of the cluster are Spark's own (spark-defaults.conf)."""
    _need_java()
    try:
        # An extra: the short suite checks types where it is missing, too.
        from py4j.protocol import Py4JError  # pyright: ignore[reportMissingImports]
        from pyspark import SparkConf, SparkContext  # pyright: ignore[reportMissingImports]
        from pyspark.errors import PySparkException  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise PlatformError(
            "没有安装 pyspark。请执行 pip install 'mingcha[spark]'（每个节点都要），或改用 --engine duckdb。",
            "pyspark isn't installed. Run `pip install 'mingcha[spark]'` on every node, or use --engine duckdb.",
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the same installation on every node
    conf = SparkConf().setMaster(master).setAppName("mingcha audit")
    conf.setIfMissing("spark.driver.maxResultSize", "0").setIfMissing("spark.ui.showConsoleProgress", "false")
    conf.setIfMissing("spark.log.level", "ERROR")
    if path := os.environ.get("PYTHONPATH"):
        conf.setExecutorEnv("PYTHONPATH", path)
    try:
        context = SparkContext(conf=conf)
        try:
            yield context
        finally:
            context.stop()
    except (Py4JError, PySparkException) as error:
        raise PlatformError(*_said(master, str(error))) from error


def _said(master: str, told: str) -> tuple[str, str]:
    """What went wrong on the cluster, in a line."""
    lines = [line.strip() for line in told.splitlines() if "Error" in line or "Exception" in line] or ["?"]
    reason = next((line for line in lines if line.startswith("ModuleNotFoundError")), lines[-1])[:300]
    return (
        f"Spark 没有完成机审（{master}）：{reason}。疑点没有改变；请确认主节点可达、每个节点装有同版本的明察、"
        "都能读到 MINGCHA_HOME 下的 facts 目录，再运行同一命令。",
        f"Spark did not finish the audit ({master}): {reason}. No finding was changed. See that the master can be "
        "reached, that every node has this version of Mingcha and can read the facts folder of MINGCHA_HOME; then run "
        "the same command again.",
    )


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") or (home and (Path(home) / "bin" / "java").is_file()):
        return
    raise PlatformError(
        "没有找到 Java。Spark 需要 Java 17 或更新的运行时；Debian：apt-get install openjdk-17-jre-headless。",
        "No Java was found. Spark needs Java 17 or newer; on Debian: apt-get install openjdk-17-jre-headless.",
    )
