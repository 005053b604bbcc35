"""The checkout as the house tests see it: tracked files and new ones, never what git ignores."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = {".png", ".jpg", ".ico", ".woff2", ".xlsx", ".parquet", ".docx", ".pdf", ".gz", ".zip"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed, as paths relative to ROOT."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    return tuple(Path(name) for name in sorted(listed) if name and (ROOT / name).is_file())


def under(*folders: str, suffix: str | tuple[str, ...] = "") -> Iterator[Path]:
    """Files below the folders that end in one of the suffixes."""
    for path in files():
        if path.as_posix().startswith(tuple(f"{folder}/" for folder in folders)) and path.name.endswith(suffix):
            yield path


def text(path: Path) -> str:
    """The file's text; files that are not text count as empty."""
    if path.suffix.lower() in BINARY:
        return ""
    return (ROOT / path).read_bytes().decode("utf-8", errors="replace")


@cache
def tree(path: Path) -> ast.Module:
    """The parsed Python file."""
    return ast.parse(text(path), filename=str(path))


def python() -> tuple[Path, ...]:
    """Every Python file of the product and its tests."""
    return tuple(path for path in files() if path.suffix == ".py")
