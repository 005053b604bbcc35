"""Files a provider brings for a self-check: what is taken, and where they lie until they have been read."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import IO

from mingcha.home import postgres
from mingcha.home.directory import Home
from mingcha.terms.errors import UsageError

LARGEST = 200 * 1024 * 1024
"""Bytes of one upload, all files together."""
UNPACKED = 2 * 1024 * 1024 * 1024
"""Bytes an archive may come to: a month of a large hospital takes about a tenth."""
MOST = 200
"""Files of one upload, unpacked ones too."""
TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
TAKEN = "CSV、TSV、Excel（xlsx，不含宏）、Parquet，或装有这些文件的 zip"

Upload = tuple[str, IO[bytes]]
"""A file's name, as its sender calls it, and its bytes."""


def place_of(home: Home, token: str) -> Path:
    """The folder of one run; outside any web root, for the platform's user alone."""
    return home.selfcheck / token


def keep(home: Home, token: str, files: Iterable[Upload]) -> list[str]:
    """Check the files and lay them into the run's folder, archives unpacked; their names. UsageError for what can't be
    taken, and then nothing is left behind."""
    inside = place_of(home, token) / "files"
    inside.mkdir(mode=0o700, parents=True)
    try:
        room = _Room(inside)
        for name, file in files:
            plain = PurePath(name.replace("\\", "/")).name[:200]
            if plain.lower().endswith(".zip"):
                _unpack(room, plain, file)
            else:
                room.take(plain, file)
        if not room.names:
            raise UsageError(f"请选择要自查的文件：{TAKEN}。", "Choose the files to check.")
    except BaseException:
        remove(home, token)
        raise
    return room.names


def end(home: Home, token: str) -> None:
    """Stop the database that a run works with, and remove its lake and its files, killed or not."""
    place = place_of(home, token)
    if (place / "home").is_dir() and (own := Home.open(place / "home", {})).postgres.is_dir():
        postgres.stop(own)  # or it would go on over a folder that is no more
    for part in ("home", "files"):
        shutil.rmtree(place / part, ignore_errors=True)


def remove(home: Home, token: str) -> None:
    """Everything a run left; nothing where it left nothing."""
    end(home, token)
    shutil.rmtree(place_of(home, token), ignore_errors=True)


class _Room:
    """A folder that is being filled."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.names, self.left = folder, [], UNPACKED

    def take(self, name: str, file: IO[bytes]) -> None:
        """Write one table, under a number of its own so that no two names meet."""
        if not name.lower().endswith(TABLES):
            raise UsageError(f"“{name}”不是可以自查的文件。请上传{TAKEN}。", f"{name!r} can't be taken.")
        if len(self.names) >= MOST:
            raise UsageError(f"一次最多 {MOST} 个文件，请分几次上传。", f"At most {MOST} files at a time.")
        folder = self.folder / f"{len(self.names):03}"
        folder.mkdir(mode=0o700)
        place = folder / name
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while block := file.read(1 << 20):
                self.left -= len(block)
                if self.left < 0:
                    raise UsageError("文件展开后超过 2 GB，请按月份分几次上传。", "More than 2 GB; upload by months.")
                out.write(block)
        _require_type(place, name)
        self.names.append(name)


def _unpack(room: _Room, name: str, file: IO[bytes]) -> None:
    """Take the tables of an archive; folders and names in it are nobody's paths, only the last part is kept."""
    try:
        with zipfile.ZipFile(file) as archive:
            for one in archive.infolist():
                plain = PurePath(one.filename.replace("\\", "/")).name[:200]
                if one.is_dir() or plain.startswith(".") or one.filename.startswith("__MACOSX/"):
                    continue
                with archive.open(one) as inner:
                    room.take(plain, inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UsageError(
            f"“{name}”打不开：压缩包已损坏、加了密码，或用了少见的压缩方式。请重新压缩为普通 zip 后上传。",
            f"{name!r} can't be unpacked: broken, encrypted, or an unusual method.",
        ) from error


def _require_type(place: Path, name: str) -> None:
    """UsageError when the bytes are not what the name says."""
    with place.open("rb") as file:
        begin = file.read(4096)
    suffix = place.suffix.lower()
    if not begin:
        raise UsageError(f"“{name}”是空文件。", f"{name!r} is empty.")
    if suffix == ".xlsx":
        fits = _workbook(place)
    elif suffix == ".parquet":
        fits = begin.startswith(b"PAR1")
    else:
        fits = begin.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in begin
    if not fits:
        raise UsageError(
            f"“{name}”的内容与它的扩展名不符，或含有宏。请上传{TAKEN}。", f"{name!r} isn't what its name says."
        )


def _workbook(place: Path) -> bool:
    try:
        with zipfile.ZipFile(place) as book:
            names = set(book.namelist())
    except zipfile.BadZipFile:
        return False
    return "xl/workbook.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
