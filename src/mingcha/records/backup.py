"""Backup: the catalogue's dump first, then the files it names, then the list that closes it (DECISIONS 30).

Files of the lake never change once written, so imports and audits go on meanwhile: what they add isn't in the dump and
isn't copied. Compaction waits, for it removes files. Secrets are never inside.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mingcha import __version__
from mingcha.home.database import applied, connect
from mingcha.home.directory import LAYOUT, Home
from mingcha.home.dump import dump
from mingcha.records.lake import Lake
from mingcha.records.locks import FILES, WRITER, hold
from mingcha.records.tables import TABLES
from mingcha.terms.errors import UsageError

LIST = "backup.json"
DUMP = "database.dump"

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True)
class Listing:
    """The list that closes a backup; a backup without it is not one."""

    version: str
    layout: int
    schema: int
    keys: str  # fingerprint of the secrets that open it
    at: str
    watermark: int
    totals: dict[str, list[int]]  # table → rows in force and the sum of its money, as of the watermark
    files: dict[str, list]  # path → bytes and SHA-256


def backup(home: Home, target: Path, progress: Progress = lambda done, whole: None) -> Listing:
    """Write a backup to the directory `target`, or to one archive where it ends in .tar. UsageError if it exists."""
    if target.exists():
        raise UsageError(
            f"{target} 已经存在。请给出一个新的名字，旧备份不会被覆盖。",
            f"{target} exists already. Please give a new name; an old backup is never overwritten.",
        )
    draft = target.with_name(target.name + ".unfinished")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True, mode=0o700)
    with Lake.open(home, read_only=True) as lake, connect(home, autocommit=True) as pg, hold(pg, FILES):
        with hold(pg, WRITER):
            dump(home, draft / DUMP)
            watermark = lake.watermark()
            wanted = [*_lake_files(home, lake), *_kept(home.packs), *_kept(home.papers)]
        files = _copy(home, wanted, draft, progress)
        listing = Listing(
            __version__, LAYOUT, applied(home), home.secrets.fingerprint, datetime.now(UTC).isoformat(), watermark,
            totals(lake, watermark), files,
        )  # fmt: skip
    (draft / LIST).write_text(json.dumps(asdict(listing), indent=1))
    _close(draft, target)
    return listing


def write_keys(home: Home, file: Path) -> None:
    """The home's keys in a file only its owner reads (0600); UsageError if it exists."""
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(home.secrets.export())
    except FileExistsError:
        raise UsageError(f"{file} 已经存在，没有覆盖。", f"{file} exists already and was not overwritten.") from None


def totals(lake: Lake, watermark: int) -> dict[str, list[int]]:
    """Rows in force and their money per table as of a batch."""
    lake.as_of(watermark)
    told = {}
    for table in TABLES.values():
        money = f"coalesce(sum({table.money}), 0)::BIGINT" if table.money else "0"
        row = lake.con.execute(f"SELECT count(*), {money} FROM facts.{table.name}").fetchone()
        told[table.name] = list(row or (0, 0))
    return told


def catalogued(lake: Lake) -> dict[str, int]:
    """Path, relative to the lake's directory, and size of every file that any snapshot of the catalogue names."""
    query = """
        SELECT s.path || t.path || f.path, f.file_size_bytes
        FROM __ducklake_metadata_lake.ducklake.ducklake_data_file AS f
        JOIN __ducklake_metadata_lake.ducklake.ducklake_table AS t USING (table_id)
        JOIN __ducklake_metadata_lake.ducklake.ducklake_schema AS s USING (schema_id)"""
    return dict(sorted(lake.con.execute(query).fetchall()))


def digest(file: Path, into: Path | None = None) -> str:
    """SHA-256 of a file, copied on the way where `into` is given."""
    told = hashlib.sha256()
    with file.open("rb") as source:
        if into is None:
            return hashlib.file_digest(source, "sha256").hexdigest()
        into.parent.mkdir(parents=True, exist_ok=True)
        with into.open("wb") as out:
            for block in _blocks(source):
                told.update(block)
                out.write(block)
    return told.hexdigest()


def _blocks(source) -> Iterator[bytes]:
    while block := source.read(1 << 20):
        yield block


def _lake_files(home: Home, lake: Lake) -> list[Path]:
    return [home.facts / path for path in catalogued(lake)]


def _kept(place: Path) -> Iterator[Path]:
    """The files below a place, but for those half written (`SHA-256.token`)."""
    return (path for path in place.rglob("*") if path.is_file() and not (place.name == "papers" and path.suffix))


def _copy(home: Home, wanted: list[Path], draft: Path, progress: Progress) -> dict[str, list]:
    files = {DUMP: [(draft / DUMP).stat().st_size, digest(draft / DUMP)]}
    whole, done = sum(path.stat().st_size for path in wanted), 0
    for path in wanted:
        name = str(path.relative_to(home.path))
        files[name] = [path.stat().st_size, digest(path, draft / name)]
        done += files[name][0]
        progress(done, whole)
    return files


def _close(draft: Path, target: Path) -> None:
    """Under its final name only when it is whole."""
    if target.suffix != ".tar":
        draft.rename(target)
        return
    archive = draft.with_name(target.name + ".unfinished.tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(draft, arcname="")
    archive.rename(target)
    shutil.rmtree(draft)
