"""A small pack that is right, written into a folder, and one change at a time that makes it wrong."""

from __future__ import annotations

from pathlib import Path

PACK = """\
pack: trial
issuer: 试验
version: 1.0
valid_from: 2025-01-01
sources:
  - document: 试验文件
"""

RULE = """\
id: caps
version: 1
kind: max_per_period
name:
  zh: 限频
  en: Capped
template: P30
category: policy
stages: [after]
certainty: definite
severity: low
message:
  zh: "{name}超过{limit}"
basis:
  - document: 条例
    article: 第三十八条
"""

KNOWLEDGE = """\
id,item,name,limit,window,group,valid_from,valid_to,basis
a,001100000000001,甲项,10000,day,,2025-01-01,,第一条
b,001100000000002,乙项,20000,day,,2025-01-01,,第一条
"""

CASES = """\
- name: 超过
  kind: hit
  verdict: flagged
  facts:
    line: [{item: '001100000000001', day: 2025-02-01, quantity: 2, amount_fen: 200}]
  expect: [{line: L1, amount_fen: 100}]
- name: 没超过
  kind: miss
  verdict: clear
  facts:
    line: [{item: '001100000000001', day: 2025-02-01}]
- name: 刚好
  kind: boundary
  verdict: clear
  facts:
    line: [{item: '001100000000002', day: 2025-02-01, quantity: 2}]
- name: 没有时刻
  kind: unknown
  verdict: clear
  facts:
    line: [{item: '001100000000001', day: 2025-02-01, time: null}]
"""


def write(folder: Path, **changed: str | bytes | None) -> Path:
    """The pack in `folder`, with files replaced: pack, rule, knowledge, examples, cases; None leaves a file out."""
    texts = {"pack": PACK, "rule": RULE, "knowledge": KNOWLEDGE, "cases": CASES, "examples": None} | changed
    names = {"pack": "pack.yaml", "rule": "rules/caps/rule.yaml", "knowledge": "rules/caps/knowledge.csv",
             "cases": "rules/caps/cases.yaml", "examples": "rules/caps/examples.csv"}  # fmt: skip
    for part, name in names.items():
        content = texts[part]
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
