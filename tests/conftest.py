"""What every test may lean on: the reference data beside the checkout, and how a missing tool is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MINGCHA_SHARED") or ROOT.parent / "shared")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test whose tool or data is missing skips and says so; under CI=1 it runs, and fails (DECISIONS 35)."""
    if os.environ.get("CI"):
        return
    missing = {}
    if not SHARED.is_dir():
        missing["shared"] = f"reference data not found at {SHARED}; set MINGCHA_SHARED"
    if not any(map(shutil.which, CHROMIUM)):
        missing["browser"] = "no chromium on PATH; Debian: apt-get install chromium"
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data; mark the test `shared`."""
    return SHARED


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT
