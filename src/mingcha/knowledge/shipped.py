"""Where the packs that come with the product lie: in the wheel, or in the checkout it is run from."""

from __future__ import annotations

from pathlib import Path

import mingcha
from mingcha.terms.errors import PlatformError, UsageError

LOCAL = ("sample-city",)
"""Local packs that come with the product: examples."""


def shipped_pack(name: str = "national") -> Path:
    """The folder of a shipped pack; PlatformError when the installation lacks it."""
    package = Path(mingcha.__file__).parent
    for folder in (package / "packs" / name, package.parents[1] / "packs" / name):
        if (folder / "pack.yaml").is_file():
            return folder
    raise PlatformError(
        f"安装里没有规则包 {name}，请重新安装 mingcha", f"this installation has no pack {name}; install mingcha again"
    )


def shipped_local(name: str) -> Path:
    """The folder of a shipped local pack; UsageError for a name that is neither one nor a folder."""
    if name in LOCAL:
        return shipped_pack(name)
    raise UsageError(
        f"没有文件夹 {name}，也没有这个名称的随附规则包（有：{'、'.join(LOCAL)}）。",
        f"There is no folder {name}, and no shipped pack of that name (there are: {', '.join(LOCAL)}).",
    )
