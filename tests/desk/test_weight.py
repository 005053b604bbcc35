"""How heavy a first visit is: page, style sheets and scripts as the desk's own server sends them, under 200 KB."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA, Audits, flag, pack_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

MOST = 200_000
"""Bytes until the first paint; charts come after it."""
HERE = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
PAGES = {
    "supervisor": ("findings", "findings?tab=all", f"findings/{HERE}", "providers", "providers/H1", "audits", "money",
                   "money/check", "library", "reminders", "onboarding", "recusals", "me"),
    "leader": ("trail", "library/changes"),
    "admin": ("accounts", "areas"),
    "provider": ("portal", "portal?tab=all", "money"),
    "expert": ("opinions",),
}  # fmt: skip


@pytest.fixture
def full(audits: Audits) -> None:
    """A home with many providers and rules, whose names fill the filter bar."""
    rules = ["drug-for-children", *(f"rule-with-a-long-name-{n}" for n in range(200))]
    flags = [flag("L1"), flag("L2")]
    flags += [flag(f"L{n}", key=f"H{n}|V1|L{n}", provider=f"H{n}", rule=rules[n % 201], improper_fen=100 + n * n,
                   message="同一次就诊内重复收取" * 4) for n in range(3, 2003)]  # fmt: skip
    audits.record(flags, pack=pack_of(*rules))


def sent(client: Client, address: str) -> tuple[int, str, str]:
    """Bytes on the wire, how they were compressed, and the text."""
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, address
    body = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    how = answer.get("Content-Encoding", "")
    return len(body), how, (gzip.decompress(body) if how else body).decode()


@pytest.mark.usefixtures("full")
def test_a_first_visit_is_light(visit_as: Callable[[str | None], Client]) -> None:
    weights = dict[str, int]()
    for name, pages in PAGES.items():
        client = visit_as(name)
        for page in pages:
            size, how, text = sent(client, f"/{page}")
            assert how == "gzip", page
            parts = re.findall(r'<link rel="stylesheet" href="([^"]+)"|<script src="([^"]+)"', text)
            for part in {style or script for style, script in parts}:
                more, how, _ = sent(client, part)
                assert how == "gzip" or more < 1000, part
                size += more
            weights[f"{name} {page}"] = size
    assert {page: size for page, size in weights.items() if size > MOST} == {}
    assert min(weights.values()) > 50_000, "styles and scripts are in it"


@pytest.mark.usefixtures("full")
def test_files_are_kept_for_a_year_under_a_version(visit_as: Callable[[str | None], Client]) -> None:
    client = visit_as("supervisor")
    text = sent(client, "/findings")[2]
    named = [one for one in re.findall(r'(?:src|href)="(/static/[^"#]+)', text) if "icons.svg" not in one]
    assert len(named) > 5
    for address in named:
        assert re.search(r"\?v=[0-9a-f]{12}$", address), address
        with closing(client.get(address)) as answer:
            assert answer["Cache-Control"] == "max-age=31536000, public"


@pytest.mark.usefixtures("full")
def test_workbooks_go_out_as_they_are(visit_as: Callable[[str | None], Client]) -> None:
    with closing(visit_as("supervisor").get("/findings/export", headers={"Accept-Encoding": "gzip"})) as answer:
        assert not answer.has_header("Content-Encoding")
        assert int(answer["Content-Length"]) > 1000
