"""The wheel is whole: built without reaching out, it carries packs, mappings and assets and runs from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import pytest
from tree import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout with the build tool of the lock."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_carries_everything_a_bare_install_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "mingcha/packs/national/pack.yaml",
        "mingcha/packs/sample-city/pack.yaml",
        "mingcha/sample/mappings/pharmacy-sales.yaml",
        "mingcha/sample/mappings/mimic.yaml",
    ):
        assert needed in names
    for prefix, suffix in (
        ("mingcha/packs/national/rules/", "/knowledge.csv"),
        ("mingcha/home/", ".sql"),
        ("mingcha/desk/static/vendor/", ".js"),
        ("mingcha/desk/static/vendor/", ".css"),
        ("mingcha/desk/", ".html"),
    ):
        assert any(name.startswith(prefix) and name.endswith(suffix) for name in names), (prefix, suffix)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/")) or "node_modules" in name]


def test_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere and put first on the path, as an install would: the pack is sound and a page opens."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site), "MINGCHA_HOME": str(tmp_path / "home")}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert str(site) in run("-c", "import mingcha; print(mingcha.__file__)")
    run("-m", "mingcha.cli", "pack", "check")
    try:
        told = json.loads(run("-m", "mingcha.cli", "up", "--json").splitlines()[-1])
        page = opened(told["desk"])
        assert "<title>" in page
        styles = re.findall(r'href="([^"]+\.css[^"]*)"', page)
        assert styles
        assert all(opened(urljoin(told["desk"], style)) for style in styles)
        assert json.loads(opened(f"{told['gate']}ready"))["checks"]["3101"] > 50
    finally:
        run("-m", "mingcha.cli", "down")


def opened(address: str) -> str:
    """The body of a page that answers 200, after redirects."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        return answer.read().decode()
