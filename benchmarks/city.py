"""Homes with a sample city of a given size, kept between runs below the temporary folder (MINGCHA_BENCH moves it)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SEED = 1


def folder() -> Path:
    """Where the homes and files of the benchmarks are kept."""
    place = Path(os.environ.get("MINGCHA_BENCH") or Path(tempfile.gettempdir()) / "mingcha-bench")
    place.mkdir(parents=True, exist_ok=True)
    return place


def mingcha(home: Path, *arguments: str) -> dict[str, Any]:
    """Run a command in a process of its own; the JSON object it ends with, or an empty one."""
    environment = {**os.environ, "MINGCHA_HOME": str(home)}
    command = [sys.executable, "-m", "mingcha.cli", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]) if "--json" in arguments else {}


def sample(lines: int) -> Path:
    """The folder of Parquet files of a city with so many fee lines."""
    place = folder() / f"city-{lines}"
    if not (place / ".complete").is_file():
        shutil.rmtree(place, ignore_errors=True)
        mingcha(folder() / "home-sample", "sample", str(place), "--lines", str(lines), "--seed", str(SEED))
        (place / ".complete").touch()
    return place


def home(lines: int) -> Path:
    """A home whose lake holds that city."""
    place, done = folder() / f"home-{lines}", folder() / f"home-{lines}.complete"
    if not done.is_file():
        forget(place)
        mingcha(place, "import", str(sample(lines)), "--json")
        done.touch()
    mingcha(place, "up", "--no-desk", "--no-gate")  # a home kept from an older version is upgraded
    return place


def forget(place: Path) -> None:
    """Stop the home's database and remove the home."""
    if place.exists():
        mingcha(place, "down")
        shutil.rmtree(place)
