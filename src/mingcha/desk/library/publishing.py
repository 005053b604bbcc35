"""Publishing the library in force to the gates, as one signed bundle (DECISIONS 24)."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingcha.desk.library.local_packs import opened
from mingcha.desk.onboarding.publication import in_turn, now
from mingcha.engines.frames import make_providers
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import Bundle, publish
from mingcha.records.lake import Lake


def publish_library(home: Home) -> Bundle:
    """Publish what is in force with the providers the lake knows, the keys handed out and the strengths set.

    The bundle of before, where nothing changed.
    """
    library, providers = opened(home), tuple(_providers(home))
    with in_turn(home) as terms:
        return publish(home, library, now(), providers, *terms)


def _providers(home: Home) -> list[dict[str, Any]]:
    with Lake.open(home, read_only=True) as lake:
        lake.as_of()
        make_providers(lake.con)
        found = lake.con.execute("SELECT * FROM frame_provider ORDER BY provider, valid_from")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return value.toordinal() if isinstance(value, date) else value
