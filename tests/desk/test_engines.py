"""The same city on every engine: embedded, in memory, and on a Spark cluster that loses a worker meanwhile."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from mingcha.desk.audit.running import Engine, run_audit
from mingcha.engines import in_memory
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.sample.city import areas
from mingcha.sample.writing import plan, write
from mingcha.terms.errors import PlatformError, UsageError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LINES, SEED = 12_000, 5


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(shipped_pack())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Iterator[Home]:
    """A home with a city that the embedded engine has audited."""
    place = tmp_path_factory.mktemp("engines")
    write(place / "city", plan(LINES, SEED), SEED)
    opened = Home.open(place / "home")
    with Lake.open(opened) as lake:
        Import(lake).run([place / "city"])
    assert run_audit(opened, pack, by="test").recorded.added > 100
    yield opened
    postgres.stop(opened)


def agrees(home: Home, audit: int) -> None:
    """That audit saw what the embedded engine saw: no new observation, the same totals, the same it couldn't judge."""
    with connect(home, "job") as pg:

        def rows(query: str, number: int) -> list[Any]:
            return pg.execute(query.encode(), [number]).fetchall()

        assert rows("SELECT finding_id, verdict, why FROM observation WHERE audit_id = %s", audit) == []
        totals = "SELECT fund_area, rule, provider, findings, lines, counted_fen FROM audit_count WHERE audit_id = %s ORDER BY 1, 2, 3, 4"
        unknown = "SELECT rule, provider, missing, count FROM cannot_tell WHERE audit_id = %s ORDER BY 1, 2, 3, 4"
        assert rows(totals, audit) == rows(totals, 1) != []
        assert rows(unknown, audit) == rows(unknown, 1) != []


def newest(home: Home) -> int:
    with connect(home, "job") as pg:
        return pg.execute("SELECT max(id) FROM audit WHERE status = 'done'").fetchall()[0][0]


def test_memory_finds_the_same(home: Home, pack: Pack) -> None:
    done = run_audit(home, pack, by="test", engine=Engine("memory"))
    assert done.recorded.observations == done.recorded.withdrawn == 0
    agrees(home, done.recorded.audit)


@pytest.mark.usefixtures("spark")
def test_local_packs_find_the_same_on_every_engine(tmp_path: Path, pack: Pack) -> None:
    """A city with rules of its own: what its pack adds is found, and on Spark and in memory no less."""
    write(tmp_path / "city", plan(LINES, SEED, local=True), SEED)
    parents = {area["code"]: area["parent"] or None for area in areas()}
    library = Library.read(pack, [shipped_pack("sample-city")], parents)
    own = Home.open(tmp_path / "home")
    try:
        with Lake.open(own) as lake:
            Import(lake).run([tmp_path / "city"])
        run_audit(own, library, by="test")
        with connect(own, "job") as pg:
            found = {rule for (rule,) in pg.execute("SELECT DISTINCT rule FROM finding").fetchall()}
        waiting = {rule.id for rule in pack.rules if rule.waits and rule.id in pack.audited}
        assert found >= waiting, "what only the city's rows can find"
        for engine in (Engine("spark", "local[2]"), Engine("memory")):
            agrees(own, run_audit(own, library, by="test", engine=engine).recorded.audit)
    finally:
        postgres.stop(own)


def test_memory_refuses_what_is_large(home: Home, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "MOST_LINES", 100)
    with pytest.raises(UsageError, match="duckdb"):
        run_audit(home, pack, by="test", engine=Engine("memory"))


def test_without_java_it_says_which_package(home: Home, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(PlatformError, match="openjdk-17-jre-headless"):
        run_audit(home, pack, by="test", engine=Engine("spark"))


@pytest.mark.usefixtures("spark")
def test_without_pyspark_it_names_the_extra(home: Home, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyspark", "py4j", "py4j.protocol"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PlatformError, match=r"mingcha\[spark\]"):
        run_audit(home, pack, by="test", engine=Engine("spark"))


class Cluster:
    """A standalone master and two workers with one core each, as processes of their own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.master = f"spark://127.0.0.1:{port}"
        self.environ = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
        self.processes = [self._start("master.Master", "--port", port)]
        self._heard(0, "I have been elected leader")
        for number in (1, 2):
            self.processes.append(self._start("worker.Worker", "--cores", 1, "--memory", "1g",
                                              "--work-dir", place / f"work{number}", self.master))  # fmt: skip
        for number in (1, 2):
            self._heard(number, "Successfully registered with master")

    def _start(self, name: str, *words: object) -> subprocess.Popen[bytes]:
        import pyspark

        script = Path(pyspark.__file__).parent / "bin" / "spark-class"
        arguments = [f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", "--webui-port", "0"]
        with (self.place / f"{name}-{len(getattr(self, 'processes', []))}.log").open("wb") as log:
            return subprocess.Popen([script, *arguments, *map(str, words)], env=self.environ, stdout=log, stderr=log)

    def _heard(self, number: int, words: str) -> None:
        log = sorted(self.place.glob(f"*-{number}.log"))[0]
        _until(lambda: words in log.read_text(errors="replace"), 120, f"{words} in {log}")

    def works(self, number: int) -> bool:
        """Whether a worker's executor runs a task: Python processes below it."""
        return any(_holds(lambda c=child: "pyspark" in " ".join(c.cmdline())) for child in _below(self.processes[number]))

    def lose(self, number: int) -> None:
        """SIGKILL for a worker, its executor and its Python."""
        for process in [*_below(self.processes[number]), psutil.Process(self.processes[number].pid)]:
            process.kill()

    def stop(self) -> None:
        for process in reversed(self.processes):
            for child in _below(process):
                child.kill()
            process.kill()
            process.wait(timeout=60)


def _below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return [child for child in psutil.Process(process.pid).children(recursive=True) if child.is_running()]
    except psutil.NoSuchProcess:
        return []


def _until(true: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not _holds(true):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def _holds(true: Callable[[], bool]) -> bool:
    try:
        return true()
    except psutil.Error:  # a process that ended while it was looked at
        return False


@pytest.fixture(scope="module")
def cluster(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    started.stop()


def audit(home: Home, cluster: Cluster) -> subprocess.Popen[bytes]:
    """The command a clerk would type, in a process of its own."""
    command = [sys.executable, "-m", "mingcha.cli", "audit", "--engine", "spark", "--master", cluster.master, "--json"]
    with (cluster.place / "audit.log").open("ab") as log:
        return subprocess.Popen(command, env=cluster.environ | {"MINGCHA_HOME": str(home.path)}, stdout=log, stderr=log)


@pytest.mark.timeout(900)
def test_a_cluster_finds_the_same(home: Home, cluster: Cluster) -> None:
    before = newest(home)
    assert audit(home, cluster).wait(400) == 0, (cluster.place / "audit.log").read_text()
    assert newest(home) == before + 1
    agrees(home, before + 1)


@pytest.mark.timeout(1800)
def test_a_cluster_that_loses_a_worker_finds_the_same(home: Home, cluster: Cluster) -> None:
    before = newest(home)
    running = audit(home, cluster)
    _until(lambda: cluster.works(2) or running.poll() is not None, 300, "the second worker's first task")
    assert running.poll() is None, "lost while it works, not afterwards"
    cluster.lose(2)
    assert running.wait(500) == 0, (cluster.place / "audit.log").read_text()
    agrees(home, before + 1)
