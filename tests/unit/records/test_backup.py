"""Backup and restore on another home: whole or refused, the same facts and totals, and never the secrets."""

import json
import shutil
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from staged import bring, lines

from mingcha.home.directory import Home
from mingcha.home.postgres import stop
from mingcha.records import identity
from mingcha.records.backup import LIST, backup, write_keys
from mingcha.records.compaction import compact
from mingcha.records.lake import Lake
from mingcha.records.restore import put_keys_back, restore
from mingcha.terms.errors import InputError, PlatformError, UsageError

pytestmark = pytest.mark.slow


@pytest.fixture
def filled(home: Home) -> Home:
    """A home with a correction, a refund, a person and a pack archive."""
    token = identity.tokens(home, pa.array(["P1"]), {"person_name": pa.array(["张三"])})[0].as_py()
    with Lake.open(home) as lake:
        bring(lake, lines({"line": "1", "person": token}, {"line": "2", "person": token}), "a")
        bring(lake, lines({"line": "2", "amount": 5, "person": token}), "b")
        bring(lake, lines({"line": "R", "refund_of": "1", "quantity": -4000, "amount": -400}), "c")
    (home.packs / "one.pack").write_text("rules")
    (home.papers / "ab").mkdir(parents=True)
    (home.papers / "ab" / "abcd").write_text("a record")
    (home.papers / "ab" / "abce.half").write_text("half a rec")
    return home


@pytest.fixture
def other(tmp_path: Path):
    """An empty second home."""
    home = Home.open(tmp_path / "other", environ={})
    yield home
    stop(home)


VIEW = "SELECT line, amount, batch_seq FROM facts.fee_line ORDER BY line, batch_seq"


def seen(home: Home, mark: int | None = None) -> list[tuple]:
    with Lake.open(home) as lake:
        lake.as_of(mark)
        return lake.con.execute(VIEW).fetchall()


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
def test_a_restored_home_shows_the_same_as_of_every_batch(filled: Home, other: Home, tmp_path: Path, name: str) -> None:
    with Lake.open(filled) as lake:
        compact(lake)
    backup(filled, tmp_path / name)
    restore(other, tmp_path / name, filled.secrets.export())
    for mark in (1, 2, 3, None):
        assert seen(other, mark) == seen(filled, mark)
    assert [path.name for path in other.papers.rglob("ab*") if path.is_file()] == ["abcd"]
    assert (other.packs / "one.pack").read_text() == "rules"
    token = identity.find(other, "P1")
    assert identity.known(other, token)[token[0]]["person_name"] == "张三"
    with Lake.open(other) as lake:
        assert bring(lake, lines({"line": "9"}), "d").batch_seq > 3
        assert bring(lake, lines({"line": "2", "amount": 5}), "b").accepted == 0


def test_secrets_are_never_inside(filled: Home, tmp_path: Path) -> None:
    backup(filled, tmp_path / "stick")
    keys = json.loads(filled.secrets.export())
    words = [*keys.values(), *(filled.secrets.password(role) for role in ("root", "owner", "app", "job"))]
    for file in (tmp_path / "stick").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [word for word in words if word.encode() in content], file
    write_keys(filled, tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    with pytest.raises(UsageError):
        write_keys(filled, tmp_path / "keys")


def test_without_its_keys_a_restored_home_shows_facts_but_nobody(filled: Home, other: Home, tmp_path: Path) -> None:
    backup(filled, tmp_path / "stick")
    restore(other, tmp_path / "stick")
    assert seen(other) == seen(filled)
    with pytest.raises(PlatformError, match="secrets"):
        identity.tokens(other, pa.array(["P1"]))
    with pytest.raises(InputError):
        put_keys_back(other, other.secrets.export())
    put_keys_back(other, filled.secrets.export())
    assert identity.tokens(other, pa.array(["P1"])) == identity.tokens(filled, pa.array(["P1"]))


def test_imports_go_on_during_a_backup(filled: Home, other: Home, tmp_path: Path) -> None:
    before = seen(filled)

    def meanwhile(done: int, whole: int) -> None:
        with Lake.open(filled) as lake:
            bring(lake, lines({"line": f"during {done}"}), f"during {done}")

    backup(filled, tmp_path / "stick", meanwhile)
    restore(other, tmp_path / "stick")
    assert len(seen(filled)) > len(before) and seen(other) == before


@pytest.mark.parametrize("harm", ["cut", "gone", "list", "forged"])
def test_a_broken_backup_is_refused(filled: Home, other: Home, tmp_path: Path, harm: str) -> None:
    backup(filled, tmp_path / "stick")
    file = next((tmp_path / "stick" / "facts").rglob("*.parquet"))
    told = json.loads((tmp_path / "stick" / LIST).read_text())
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "gone":
        file.unlink()
    elif harm == "list":
        (tmp_path / "stick" / LIST).unlink()
    else:
        told["totals"]["fee_line"][1] += 1
        (tmp_path / "stick" / LIST).write_text(json.dumps(told))
    with pytest.raises(InputError):
        restore(other, tmp_path / "stick")


def test_a_restore_cut_short_leaves_a_home_that_says_so(filled: Home, other: Home, tmp_path: Path) -> None:
    backup(filled, tmp_path / "stick")
    file = next((tmp_path / "stick" / "facts").rglob("*.parquet"))
    file.unlink()
    with pytest.raises(InputError):
        restore(other, tmp_path / "stick")
    with pytest.raises(PlatformError, match="restore"):
        Lake.open(other)


def test_neither_an_old_backup_nor_a_filled_home_is_overwritten(filled: Home, tmp_path: Path) -> None:
    backup(filled, tmp_path / "stick")
    with pytest.raises(UsageError):
        backup(filled, tmp_path / "stick")
    with pytest.raises(UsageError):
        restore(filled, tmp_path / "stick")


def test_a_backup_by_a_newer_version_is_refused(filled: Home, other: Home, tmp_path: Path) -> None:
    backup(filled, tmp_path / "stick")
    told = json.loads((tmp_path / "stick" / LIST).read_text())
    (tmp_path / "stick" / LIST).write_text(json.dumps(told | {"schema": 9999, "version": "9.9"}))
    with pytest.raises(PlatformError, match=r"9\.9"):
        restore(other, tmp_path / "stick")
    shutil.rmtree(tmp_path / "stick")
