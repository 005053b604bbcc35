"""The home: one directory that holds everything the platform keeps (MINGCHA_HOME, default ~/.mingcha)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mingcha import __version__
from mingcha.home.secrets import Secrets
from mingcha.terms.errors import PlatformError

LAYOUT = 1
"""Raised when the directory's layout changes; a home with a higher number was made by a newer Mingcha."""

_ROOMS = ("facts", "packs", "spool", "logs", "postgres")


@dataclass(frozen=True)
class Home:
    """A home that exists and that this version may use. Build it with `Home.open`."""

    path: Path
    id: str
    layout: int
    version: str
    database_url: str | None

    @classmethod
    def open(cls, path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Home:
        """The home at `path`, else at MINGCHA_HOME, else ~/.mingcha; made when it isn't there.

        Raises PlatformError when the place can't be used or the home belongs to a newer Mingcha.
        """
        place = Path(path or environ.get("MINGCHA_HOME") or Path.home() / ".mingcha").expanduser().absolute()
        try:
            told = _settled(place, _read(place) or _create(place))
        except OSError as error:
            raise PlatformError(
                f"不能使用目录 {place}：{error.strerror}。请检查权限，或用 MINGCHA_HOME 指定另一个目录。",
                f"The directory {place} can't be used: {error.strerror}. Check its permissions, or choose another one "
                "with MINGCHA_HOME.",
            ) from error
        if told["layout"] > LAYOUT:
            raise PlatformError(
                f"目录 {place} 由更新的版本 {told['version']} 建立，本版本 {__version__} 不能打开。请升级明察后再试。",
                f"The home {place} was made by the newer version {told['version']}; this is {__version__}. "
                "Please upgrade Mingcha and try again.",
            )
        return cls(place, told["id"], told["layout"], told["version"], environ.get("DATABASE_URL") or None)

    def stamp(self) -> None:
        """Note that this version has brought the home up to date."""
        _write(self.path, (_read(self.path) or {}) | {"version": __version__, "layout": LAYOUT})

    @property
    def facts(self) -> Path:
        """Where the lake keeps its Parquet files."""
        return self.path / "facts"

    @property
    def packs(self) -> Path:
        """Published packs, immutable archives named by hash."""
        return self.path / "packs"

    @property
    def papers(self) -> Path:
        """Files that people put to findings, named by their SHA-256."""
        return self.path / "papers"

    @property
    def selfcheck(self) -> Path:
        """What providers uploaded for a self-check, until it has been read, and the lists of what was sent back."""
        return self.path / "selfcheck"

    @property
    def bundle(self) -> Path:
        """What the desk published for gates: one signed file (DECISIONS 24)."""
        return self.path / "bundle"

    @property
    def gate(self) -> Path:
        """What a gate keeps for itself: histories of persons, answers given, counters. All of it can be made again."""
        return self.path / "gate"

    @property
    def spool(self) -> Path:
        """The gate's journal, and results too large for a transaction."""
        return self.path / "spool"

    @property
    def logs(self) -> Path:
        """Logs of the processes; no personal data (DECISIONS 37)."""
        return self.path / "logs"

    @property
    def postgres(self) -> Path:
        """The platform's own PostgreSQL: its data, and where its socket is."""
        return self.path / "postgres"

    @property
    def unfinished(self) -> Path:
        """There while a restore fills this home; until it is gone nothing else may open the database."""
        return self.path / "unfinished"

    @property
    def secrets(self) -> Secrets:
        """Keys and passwords of this home; never part of a data backup."""
        return Secrets(self.path / "secrets")


def _read(place: Path) -> dict | None:
    try:
        return json.loads((place / "home.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _settled(place: Path, told: dict) -> dict:
    """A copied home becomes one of its own: else it would meet the original's server (two homes never meet)."""
    here = str(place.resolve())
    if told.get("path") == here or told["layout"] > LAYOUT:
        return told
    original = _read(Path(told["path"])) if "path" in told else None
    if original and original["id"] == told["id"]:
        told = told | {"id": uuid4().hex}
        (place / "postgres" / "socket").unlink(missing_ok=True)
    told = told | {"path": here}
    _write(place, told)
    return told


def _write(place: Path, told: dict) -> None:
    draft = place / f"home.json.{uuid4().hex}"
    draft.write_text(json.dumps(told))
    draft.replace(place / "home.json")


def _create(place: Path) -> dict:
    """Make the rooms; `home.json` comes last and by rename, so a home that was cut short is simply made again."""
    foreign = place.exists() and {p.name for p in place.iterdir()} - {*_ROOMS, "secrets", "home.json", "unfinished"}
    if foreign and not any(name.startswith("home.json.") for name in foreign):
        raise PlatformError(
            f"目录 {place} 不是明察的目录，里面有别的文件（{min(foreign)}）。请用 MINGCHA_HOME 指定一个空目录。",
            f"{place} isn't a Mingcha home: it holds other files ({min(foreign)}). Choose an empty directory with "
            "MINGCHA_HOME.",
        )
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for room in _ROOMS:
        (place / room).mkdir(mode=0o700, exist_ok=True)
    Secrets.create(place / "secrets")
    told = {"id": uuid4().hex, "path": str(place.resolve()), "layout": LAYOUT, "version": __version__}
    draft = place / f"home.json.{uuid4().hex}"
    draft.write_text(json.dumps(told))
    try:
        os.link(draft, place / "home.json")  # the first of two that create at once wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(place) or told
