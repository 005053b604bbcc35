"""Published points against the rows of a pack: what is new, changed, superseded, known, or against itself; and writing.

What is about one item in one class of rule is superseded by a later word on it: the older row ends the day before and
stays. A row says it comes from a point by its basis, which holds the published wording.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from mingcha.knowledge.batch_classes import CLASSES, TO_CHECK, Cells, Class
from mingcha.knowledge.batch_table import Published
from mingcha.knowledge.cells import ITEM
from mingcha.knowledge.loading import load_pack
from mingcha.knowledge.problems import PackError
from mingcha.terms.errors import InputError

WORDS = ("new", "changed", "superseded", "unchanged", "contradictions")
SHOWN = 20


@dataclass(frozen=True)
class Point:
    """One published code of one class: the rule and columns it becomes, and the row of the pack it meets, if any."""

    published: Published
    rule: str
    item: str
    partner: str
    name: str
    cells: Cells
    old: dict[str, str] | None = None

    @property
    def text(self) -> str:
        return self.published.cells.get("text", "")


@dataclass
class Diff:
    """Points of a file by what they are to a pack."""

    batch: int
    new: list[Point] = field(default_factory=list)
    changed: list[Point] = field(default_factory=list)
    superseded: list[Point] = field(default_factory=list)
    unchanged: list[Point] = field(default_factory=list)
    contradictions: list[Point] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many codes of each."""
        return {word: len(getattr(self, word)) for word in WORDS}

    @property
    def writes(self) -> list[Point]:
        """What writing adds rows for."""
        return [*self.new, *self.changed, *self.superseded]


def compare(folder: Path, rows: Iterable[Published], batch: int) -> Diff:
    """The published rows against the pack in a folder. InputError names every cell that can't be read."""
    pack = _Rows(folder)
    diff, wrong, fresh = Diff(batch), [], defaultdict(list)
    for published in rows:
        known = CLASSES.get(published.rule_class)
        if known is None:
            wrong.append((published, "rule_class", f"规则“{published.rule_class}”不认识", "no known class of rule"))
            continue
        for item, partner, name in _codes(published, wrong):
            old, same = pack.meets(known, item, partner, published, batch)
            point = Point(published, known.rule, item, partner, name, {}, old)
            if same or (old is not None and int(old.get("batch") or 0) > batch):
                diff.unchanged.append(point)
            else:
                fresh[known.rule, item, partner].append(point)
    for points in fresh.values():
        _sort_in(diff, points, batch, wrong)
    if wrong:
        raise _refusal(wrong)
    return diff


def _sort_in(diff: Diff, points: list[Point], batch: int, wrong: list) -> None:
    """What a file says of one item and class, once; where it says two different things, neither is taken."""
    read = [_read(point, wrong) for point in points]
    if None in read:
        return
    several = {tuple(sorted(cells.items())) for cells in read if cells is not None}
    if len(several) > 1 or any("contradiction" in (cells or {}) for cells in read):
        diff.contradictions.append(points[0])
        return
    first, cells = points[0], read[0] or {}
    rule = (
        TO_CHECK if cells.keys() == {"words"} and TO_CHECK in CLASSES[first.published.rule_class].also else first.rule
    )
    point = Point(first.published, rule, first.item, first.partner, first.name, cells, first.old)
    if first.old is None:
        diff.new.append(point)
    elif int(first.old.get("batch") or 0) == batch:
        diff.changed.append(point)
    else:
        diff.superseded.append(point)


def _read(point: Point, wrong: list) -> Cells | None:
    known = CLASSES[point.published.rule_class]
    cells = known.read(point.published)
    if isinstance(cells, dict):
        return cells
    if TO_CHECK in known.also and point.text:
        return {"words": point.text}
    wrong.append((point.published, cells, "看不出限制是什么", "it doesn't say what the limit is"))
    return None


def _codes(published: Published, wrong: list) -> Iterator[tuple[str, str, str]]:
    """Item, partner and name of each code; of a pair the included item is the one a row is about."""
    codes, name = published.codes, published.cells.get("name", "")
    partners = tuple(filter(None, re.split(r"[\s,，;；、]+", published.cells.get("partner", ""))))
    if CLASSES[published.rule_class].rule == "service-included-in-main" and not partners:
        codes, partners = codes[:1], codes[1:]
    bad = [code for code in (*codes, *partners) if not ITEM.fullmatch(code)]
    if bad or not codes:
        wrong.append((published, "code", f"“{'、'.join(bad)}”不是项目编码", "no item code"))
    elif not name:
        wrong.append((published, "name", "缺少名称", "the name is missing"))
    elif partners:
        included = published.cells.get("partner_name") or name.split("×")[-1]
        yield from ((partner, code, included) for code in codes for partner in partners)
    else:
        yield from ((code, "", name) for code in codes)


def _refusal(wrong: list[tuple[Published, str, str, str]]) -> InputError:
    lines = [(point.place(cell), zh, en) for point, cell, zh, en in wrong]
    rest = len(lines) - SHOWN
    zh = [f"  {place}：{zh}" for place, zh, _ in lines[:SHOWN]] + ([f"  …… 还有 {rest} 处"] if rest > 0 else [])
    en = [f"  {place}: {en}" for place, _, en in lines[:SHOWN]] + ([f"  … {rest} more"] if rest > 0 else [])
    return InputError(
        "\n".join([f"有 {len(lines)} 格读不懂，什么也没有写入：", *zh]),
        "\n".join([f"{len(lines)} cells can't be read; nothing was written:", *en]),
    )


def _measured(cells: dict[str, str]) -> str:
    """What the columns of numbers say, as a row's basis words it."""
    if not (limit := cells.get("limit")):
        return ""
    if period := cells.get("period"):
        return f"{limit}次/{period}天"
    return f"数量上限 {limit}，计价单位 {cells.get('unit', '')}"


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text).strip("。")


class _Rows:
    """The rows of a pack's rules as their files have them, by rule and item; read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rules: dict[str, dict[str, list[dict[str, str]]]] = {}

    def _of(self, rule: str) -> dict[str, list[dict[str, str]]]:
        if rule not in self.rules:
            found = self.rules.setdefault(rule, defaultdict(list))
            file = self.folder / "rules" / rule / "knowledge.csv"
            if file.exists():
                with file.open(encoding="utf-8-sig", newline="") as rows:
                    for row in csv.DictReader(rows):
                        found[row["item"]].append(row)
        return self.rules[rule]

    def meets(
        self, known: Class, item: str, partner: str, point: Published, batch: int
    ) -> tuple[dict[str, str] | None, bool]:
        """The row in force about the same, and whether some row already holds the published wording."""
        rows = [(rule, row) for rule in (known.rule, *known.also) for row in self._of(rule).get(item, ())]
        if not rows and any(
            row.get("batch") == str(batch) for rule in known.placed for row in self._of(rule).get(item, ())
        ):
            return None, True
        rows = [(rule, row) for rule, row in rows if not partner or row.get("partner") == partner]
        said = (point.cells.get("text", ""), _measured(point.cells))
        same = any(row["basis"] and all(_squeezed(s) in _squeezed(row["basis"]) for s in said) for _, row in rows)
        held = [row | {"rule": rule} for rule, row in rows if not row["valid_to"] and row.get("batch")]
        return (held[-1] if held else None), same


def write(folder: Path, diff: Diff, document: str, published: date) -> None:
    """Write what the diff adds into the pack's tables; all of it, or, where the pack is then not right, nothing.

    PackError says what is not right. The same file again is all unchanged.
    """
    files: dict[Path, bytes] = {}
    try:
        for rule in sorted({point.rule for point in diff.writes} | {p.old["rule"] for p in diff.writes if p.old}):
            file = folder / "rules" / rule / "knowledge.csv"
            files[file] = file.read_bytes()
            file.write_text(_rewritten(rule, files[file].decode("utf-8-sig"), diff, document, published), "utf-8")
        load_pack(folder)
    except (PackError, OSError):
        for file, content in files.items():
            file.write_bytes(content)
        raise


def _rewritten(rule: str, text: str, diff: Diff, document: str, published: date) -> str:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = list(reader)
    names = list(reader.fieldnames or ())
    ended = {point.old["id"] for point in diff.writes if point.old and point.old["rule"] == rule}
    kept = []
    for row in rows:
        if row["id"] in ended:
            if date.fromisoformat(row["valid_from"]) >= published:
                continue  # it was never in force another day
            row["valid_to"] = (published - timedelta(days=1)).isoformat()
        kept.append(row)
    taken = {row["id"] for row in kept}
    added = [_row(point, diff.batch, document, published, taken) for point in diff.writes if point.rule == rule]
    names += [name for name in ("words", "batch") if name not in names and any(name in row for row in added)]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*kept, *added])
    return out.getvalue()


def _row(point: Point, batch: int, document: str, published: date, taken: set[str]) -> dict[str, str]:
    parts = (point.published.rule_class, point.name, point.text, str(batch))
    made = hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
    number = point.published.cells.get("point", "").removeprefix("KP-") or made
    name = "-".join(filter(None, (number, point.item, point.partner)))
    if name in taken:  # the same wording again after another: its first row has ended
        name = f"{name}-{published:%Y%m%d}"
    wording = "。".join(filter(None, (point.text.rstrip("。"), _measured(point.published.cells))))
    return {
        "id": name, "item": point.item, "name": point.name, "partner": point.partner, **point.cells,
        "valid_from": published.isoformat(), "valid_to": "", "batch": str(batch),
        "basis": f"{document}：{wording}",
    }  # fmt: skip
