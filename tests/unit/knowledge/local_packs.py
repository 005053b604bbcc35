"""A base pack of two rules and a local pack over it, written into folders; parts of the local one can be changed."""

from __future__ import annotations

from pathlib import Path

from .refusing import PACK, RULE, write

PARENTS = {"330000": None, "330500": "330000", "330502": "330500", "330503": "330500", "330400": "330000"}

HEAD = """\
pack: {name}
issuer: 示例市医疗保障局
version: 1
valid_from: 2026-01-01
extends: trial
area: "{area}"
sources:
  - document: 示例市通知
"""

OFTEN = (
    RULE.replace("id: caps", "id: often").replace("max_per_period", "frequent_visits")
    + """\
parameters:
  care: [{valid_from: 2025-01-01, value: [O]}]
  most: [{valid_from: 2025-01-01, value: 3}, {valid_from: 2026-06-01, value: 2}]
  within: [{valid_from: 2025-01-01, value: 30}]
  courses: [{valid_from: 2025-01-01, value: [Z49]}]
"""
)

_CASES = """\
- name: {kind}
  kind: {kind}
  verdict: clear
  facts:
    visit: [{{care: O}}]
"""


def base(folder: Path) -> Path:
    """The pack `trial`: caps (two rows) and often (three parameters)."""
    write(folder)
    rule = folder / "rules" / "often"
    rule.mkdir()
    (rule / "rule.yaml").write_text(OFTEN, "utf-8")
    hit = (
        _CASES.format(kind="hit")
        .replace("clear", "flagged")
        .replace("visit: [{care: O}]", "visit: [" + ", ".join(f"{{visit: V{n}, care: O}}" for n in range(4)) + "]")
        + "  expect: [{visit: V3, amount_fen: 0}]\n"
    )
    (rule / "cases.yaml").write_text(hit + "".join(_CASES.format(kind=k) for k in ("miss", "boundary", "unknown")))
    return folder


def local(folder: Path, *, name: str = "city", area: str = "330500", head: str = "", **rules: dict[str, str]) -> Path:
    """A local pack; each rule is given as its files by name without ending (`local`, `knowledge`, `cases`, `rule`)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(HEAD.format(name=name, area=area) + head, "utf-8")
    for rule, files in rules.items():
        (folder / "rules" / rule).mkdir(parents=True, exist_ok=True)
        for stem, text in files.items():
            ending = "csv" if stem == "knowledge" else "yaml"
            (folder / "rules" / rule / f"{stem}.{ending}").write_text(text, "utf-8")
    return folder


def change(**fields: str) -> dict[str, str]:
    """The local.yaml of one change; `to` and `from` are written with an underscore behind."""
    lines = [f"{name.rstrip('_')}: {value}" for name, value in fields.items()]
    return {"local": "changes:\n  - " + "\n    ".join(lines) + "\n"}


__all__ = ["OFTEN", "PACK", "PARENTS", "base", "change", "local"]
