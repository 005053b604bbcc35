"""The tools that read the whole house find nothing: style, import directions, types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT

BIN = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_ruff_is_content() -> None:
    run("ruff", "check", "--output-format", "concise")


@pytest.mark.slow
def test_rooms_import_downward_only() -> None:
    run("lint-imports", "--no-logo")


@pytest.mark.slow
def test_types_hold() -> None:
    run("pyright")
