"""The ways in work as they are written: make targets, the CI script, the commands and links of the pages."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest
from tree import ROOT, files, text

from mingcha.cli import mingcha

FENCE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def pages() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z]+):", text(Path("Makefile")), re.MULTILINE))


def commands(path: Path) -> list[str]:
    """Lines of the page's shell blocks, continued ones joined, comments and prompts gone."""
    blocks = "\n".join(FENCE.findall(text(path))).replace("\\\n", " ")
    lines = (re.sub(r"\s+#.*$", "", line.strip().removeprefix("$ ")) for line in blocks.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def wrong_words(line: str) -> list[str]:
    """What a `mingcha …` or `make …` line of a page names that doesn't exist."""
    words = shlex.split(line)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    program, *rest = words or [""]
    if program == "make":
        return [word for word in rest if "=" not in word and not word.startswith("-") and word not in targets()]
    if program.rsplit("/", 1)[-1] != "mingcha":
        return []
    return unknown_options(mingcha, rest)


def unknown_options(command: click.Command, words: list[str]) -> list[str]:
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.get_command(context, words[0])
        if below is None:
            return [words[0]]
        command, words = below, words[1:]
    known = {option for parameter in command.get_params(click.Context(command)) for option in parameter.opts}
    known |= {o for parameter in command.get_params(click.Context(command)) for o in parameter.secondary_opts}
    asked = [word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)]
    return [option for option in asked if option not in known]


def anchor(heading: str) -> str:
    """A heading's anchor, as code hosts make it."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def broken_links(path: Path) -> list[str]:
    broken = []
    for groups in LINK.findall(re.sub(r"```.*?```", "", text(path), flags=re.DOTALL)):
        target = groups[0] or groups[1]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        aim = (ROOT / path.parent / name).resolve() if name else ROOT / path
        if not aim.exists() or (fragment and fragment not in anchors(aim)):
            broken.append(f"{path}: {target}")
    return broken


def anchors(page: Path) -> set[str]:
    return {anchor(heading) for heading in HEADING.findall(page.read_text("utf-8"))}


def test_every_link_and_picture_leads_somewhere() -> None:
    assert not [link for path in pages() for link in broken_links(path)]


def test_every_command_of_every_page_exists() -> None:
    wrong = [f"{path}: {line} -> {bad}" for path in pages() for line in commands(path) if (bad := wrong_words(line))]
    assert not wrong


def test_every_page_of_docs_can_be_reached_from_its_index() -> None:
    reached: set[Path] = set()
    ahead = [Path("docs/index.md"), Path("README.md")]
    while ahead:
        path = ahead.pop()
        if path in reached or not (ROOT / path).is_file():
            continue
        reached.add(path)
        for groups in LINK.findall(text(path)):
            target = (groups[0] or groups[1]).split("#")[0]
            if target.endswith(".md") and ":" not in target:
                ahead.append(Path(os.path.normpath(path.parent / target)))
    assert not [str(page) for page in pages() if page.parts[0] == "docs" and page not in reached]


def test_ci_installs_exactly_what_the_readme_names() -> None:
    script = text(Path(".ci/run"))
    assert os.access(ROOT / ".ci/run", os.X_OK)
    (line,) = re.findall(r"apt-get install.*", script)
    packages = {word for word in line.split()[2:] if re.fullmatch(r"[a-z][a-z0-9.+-]+", word)} - {"dev", "null"}
    for readme in ("README.md", "README.zh-CN.md"):
        assert not [package for package in packages if package not in text(Path(readme))]
    assert script.rstrip().endswith("CI=1 make test")


@pytest.mark.parametrize("target", ["setup", "demo", "check", "test", "bench", "docs", "clean"])
def test_make_knows_its_targets(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
