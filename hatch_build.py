"""Build hook: a wheel without the desk's front-end assets would serve naked pages, so it is never built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("src/mingcha/desk/static/vendor")


class AssetsHook(BuildHookInterface):
    """Runs `npm ci` and the copying when the assets are missing; the editable install leaves that to `make setup`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        vendor = Path(self.root) / VENDOR
        if version == "editable" or (vendor.is_dir() and any(vendor.iterdir())):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(f"{VENDOR} is empty and there is no npm: run make setup first, then build again.")
        subprocess.run([npm, "ci"], cwd=self.root, check=True)
        subprocess.run([npm, "run", "assets"], cwd=self.root, check=True)
        if not vendor.is_dir():
            raise SystemExit(f"npm ended without filling {VENDOR}; see package.json.")
