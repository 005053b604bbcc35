"""Publishing the library in force to the gates, as one signed bundle (DECISIONS 24)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mingcha.desk.library.local_packs import opened
from mingcha.engines.frames import make_providers
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import Bundle, publish
from mingcha.records.lake import Lake


def publish_library(home: Home) -> Bundle:
    """Publish what is in force, with the providers the lake knows; the bundle of before, where nothing changed."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return publish(home, opened(home), now, tuple(_providers(home)), {})


def _providers(home: Home) -> list[dict[str, Any]]:
    with Lake.open(home, read_only=True) as lake:
        lake.as_of()
        make_providers(lake.con)
        found = lake.con.execute("SELECT * FROM frame_provider ORDER BY provider, valid_from")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return value.toordinal() if isinstance(value, date) else value
