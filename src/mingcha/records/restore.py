"""Restore into an empty home: every digest, the row and money totals, and that the catalogue's files are there."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mingcha import __version__
from mingcha.home.database import connect, inside, migrations, prepare
from mingcha.home.directory import LAYOUT, Home
from mingcha.home.dump import load
from mingcha.records.backup import DUMP, LIST, Listing, Progress, catalogued, digest, totals
from mingcha.records.lake import Lake
from mingcha.terms.errors import InputError, PlatformError, UsageError


def restore(home: Home, source: Path, secrets: str | None = None,
            progress: Progress = lambda done, whole: None) -> Listing:  # fmt: skip
    """Fill the empty home from a backup and check it; `secrets` is the text of the keys that were kept.

    Raises InputError when the backup is broken or doesn't come out as it says, UsageError when the home isn't empty.
    Until all is checked the home is marked unfinished and nothing else opens it.
    """
    if (home.postgres / "data").exists() or home.database_url:
        raise UsageError(
            f"{home.path} 里已经有数据。请用 MINGCHA_HOME 指定一个空目录来恢复（且不设置 DATABASE_URL）。",
            f"{home.path} holds data already. Restore into an empty directory named by MINGCHA_HOME, without "
            "DATABASE_URL.",
        )
    with _opened(source, home) as folder:
        listing = _listing(folder, source)
        if secrets is not None:
            home.secrets.put_back(secrets, listing.keys)
        home.unfinished.write_text(str(source))
        _copy(home, folder, listing, progress)
        load(home, folder / DUMP)
    _point_here(home)
    home.unfinished.unlink()
    prepare(home, upgrade=True)
    _check(home, listing)
    return listing


def put_keys_back(home: Home, text: str) -> None:
    """Put kept keys into a home that holds data; InputError when they aren't the keys of these data."""
    with connect(home) as job:
        told = job.execute("SELECT value #>> '{}' FROM facts.setting WHERE key = 'keys' AND area = '*'").fetchone()
    home.secrets.put_back(text, told[0] if told else None)


@contextmanager
def _opened(source: Path, home: Home) -> Iterator[Path]:
    """The backup as a directory; an archive is unpacked inside the home, where there must be room anyway."""
    if source.is_dir():
        yield source
        return
    if not source.exists():
        raise UsageError(f"找不到备份 {source}。", f"There is no backup at {source}.")
    folder = Path(tempfile.mkdtemp(prefix="restore-", dir=home.spool))
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        yield folder
    except tarfile.TarError as error:
        raise _broken(source, str(error)) from error
    finally:
        shutil.rmtree(folder)


def _listing(folder: Path, source: Path) -> Listing:
    try:
        listing = Listing(**json.loads((folder / LIST).read_text()))
    except (FileNotFoundError, ValueError, TypeError) as error:
        raise _broken(source, f"{LIST}: {error}") from error
    if listing.layout > LAYOUT or listing.schema > migrations()[-1][0]:
        raise PlatformError(
            f"备份由更新的版本 {listing.version} 写成，本版本 {__version__} 不能恢复。请升级明察后再试。",
            f"The backup was written by the newer version {listing.version}; this is {__version__}. Please upgrade "
            "Mingcha and try again.",
        )
    return listing


def _copy(home: Home, folder: Path, listing: Listing, progress: Progress) -> None:
    whole, done = sum(size for size, _ in listing.files.values()), 0
    for name, (size, told) in listing.files.items():
        file, into = folder / name, (home.path / name).resolve()
        if not into.is_relative_to(home.path.resolve()) or not file.is_file():
            raise _broken(folder, f"{name} 缺失 (missing)")
        if digest(file, into if name != DUMP else None) != told:
            raise _broken(folder, f"{name} 已损坏 (its digest differs)")
        done += size
        progress(done, whole)


def _point_here(home: Home) -> None:
    """The catalogue remembers where the files were; they are here now."""
    with inside(home) as admin:
        admin.execute("UPDATE ducklake.ducklake_metadata SET value = %s WHERE key = 'data_path'", [f"{home.facts}/"])


def _check(home: Home, listing: Listing) -> None:
    with Lake.open(home) as lake, connect(home) as pg:
        missing = [name for name in catalogued(lake) if not (home.facts / name).is_file()]
        if missing:
            raise _broken(home.path, f"目录里缺少数据文件 {missing[0]} (the catalogue names a file that isn't there)")
        found = totals(lake, listing.watermark)
        wrong = [name for name, told in listing.totals.items() if found.get(name) != told]
        if wrong:
            name = wrong[0]
            raise _broken(home.path, f"{name}: {found.get(name)} ≠ {listing.totals[name]}")
        done = pg.execute("SELECT coalesce(max(batch_seq), 0) FROM facts.import_batch WHERE state = 'done'").fetchone()
        if done != (listing.watermark,):
            raise _broken(home.path, f"batch {done} ≠ {listing.watermark}")
        lake.as_of()


def _broken(place: Path, what: str) -> InputError:
    return InputError(
        f"备份 {place} 不完整，恢复没有通过核对：{what}。请换一份备份，恢复到另一个空目录。",
        f"The backup {place} is not whole, the restore failed its checks: {what}. Please take another backup and "
        "restore into another empty directory.",
    )
