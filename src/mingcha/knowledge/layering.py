"""One local pack laid over what it inherits: the rules as they stand for its area, with who decided what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mingcha.knowledge.checking import key_columns
from mingcha.knowledge.force import left_of, parameter
from mingcha.knowledge.local import Amendment, Change, LocalPack
from mingcha.knowledge.pack import SCOPES, Dated, Decision, Pack, Pause, Row, Rule, Scoped
from mingcha.knowledge.problems import Problems
from mingcha.rules.kind import KINDS


def layer(inherited: Pack, local: LocalPack, problems: Problems | None = None) -> Pack:
    """The inherited pack as the local one makes it. What can't be is noted in `problems`, if any are collected."""
    notes = problems if problems is not None else Problems(Path())
    rules = {rule.id: rule for rule in inherited.rules}
    for amendment in local.amendments:
        if amendment.rule not in rules:  # of a pack written against an earlier version of what it inherits
            at = notes.root / "rules" / amendment.rule
            notes.add(at, 0, "", "上级已没有这条规则", "the inherited pack has this rule no more")
            continue
        rules[amendment.rule] = _Layer(local, amendment, rules[amendment.rule], notes).made()
    for rule in local.own.rules:
        rules[rule.id] = _own(rule, local)
    return replace(
        inherited,
        version=f"{inherited.version} + {local.label}",
        sources=(*inherited.sources, *(s for s in local.own.sources if s not in inherited.sources)),
        rules=tuple(rules[name] for name in sorted(rules)),
    )


def _own(rule: Rule, local: LocalPack) -> Rule:
    """A rule of the area's own. One without rows is in force from the pack's first day, not from the country's."""
    head, law = local.own, rule.basis[0]
    eve = head.valid_from - timedelta(days=1)
    decision = Decision(
        local.area, local.provider, head.name, head.version, "new", "rule", None, rule.id, head.valid_from, None,
        law.document, law.date, head.issuer, None,
    )  # fmt: skip
    return replace(rule, off=() if KINDS[rule.kind].by_item else (Pause(None, eve),), decided=(decision,))


@dataclass
class _Layer:
    """The making of one amended rule: `rule` grows change by change."""

    local: LocalPack
    amendment: Amendment
    rule: Rule
    problems: Problems

    def made(self) -> Rule:
        self._check_ids()
        covered: set[str] = set()
        for change in self.amendment.changes:
            covered |= set(change.rows)
            if change.parameter is not None:
                self._parameter(change)
            elif change.change == "off":
                self._off(change)
            else:
                self._rows(change)
        if rest := [row for row in self.amendment.knowledge if row.id not in covered]:
            self._add(rest, None)
        # Cases of the layer above were worked out without this change; examples have done their part.
        return replace(
            self.rule, cases=self.amendment.cases, examples=() if self.rule.knowledge else self.rule.examples
        )

    def _wrong(self, change: Change, zh: str, en: str) -> None:
        self.problems.add(self._folder / "local.yaml", change.line, change.change, zh, en)

    @property
    def _folder(self) -> Path:
        return self.problems.root / "rules" / self.rule.id

    def _decide(self, what: str, before: Any, after: Any, change: Change | None, rows: Iterable[Row] = ()) -> None:
        """Note the decision with the rule. Rows that no change speaks of are added on their own basis."""
        head, rows = self.local.own, list(rows)
        first = min((row.valid_from for row in rows), default=change.since if change else head.valid_from)
        made = Decision(
            area=self.local.area, provider=self.local.provider, pack=head.name, version=head.version,
            change=change.change if change else "add", what=what, before=before, after=after,
            since=first, until=change.until if change else None,
            document=change.document if change else "；".join(sorted({row.basis for row in rows})),
            date=change.date if change else None, by=(change.by if change else None) or head.issuer,
            reason=change.reason if change else None, scope=change.scope if change else (),
        )  # fmt: skip
        self.rule = replace(self.rule, decided=(*self.rule.decided, made))

    def _parameter(self, change: Change) -> None:
        name, value = change.parameter or "", change.value
        dated = self.rule.parameters.get(name)
        if dated is None:
            self._wrong(change, f"规则已没有参数 {name}", f"the rule has the parameter {name} no more")
            return
        before = parameter(self.rule, name, change.since, **_who(change))
        merged = _merged(dated, change)
        if (_values(merged) == _values(dated)) if not change.scope else before == change.value:
            self._wrong(
                change,
                f"参数 {name} 本来就是这个值，没有改变什么；请删去",
                f"the parameter {name} has this value already; nothing changes, remove it",
            )
        elif (really := _direction(self.rule, name, before, value)) and really != change.change:
            zh, en = ("放宽", "loosens") if really == "loosen" else ("收紧", "tightens")
            self._wrong(change, f"{name} 从 {before} 改为 {value} 是{zh}，请写 {really}",
                        f"{name} from {before} to {value} {en}; write {really}")  # fmt: skip
        if change.scope:
            self.rule = replace(self.rule, scoped=_narrowed(self.rule.scoped, change))
        else:
            self.rule = replace(self.rule, parameters={**self.rule.parameters, name: merged})
        self._decide(f"parameter {name}", _plain(before), _plain(value), change)

    def _off(self, change: Change) -> None:
        pause = Pause(change.since, change.until)
        last = change.until
        if not left_of(change.since, last, self.rule.off):
            self._wrong(change, "规则在这段时间本来就停用", "the rule is switched off at that time already")
        self.rule = replace(self.rule, off=(*self.rule.off, pause))
        self._decide("rule", "on", "off", change)

    def _rows(self, change: Change) -> None:
        mine = {row.id: row for row in self.amendment.knowledge}
        theirs = {row.id: row for row in self.rule.knowledge}
        for name in change.rows:
            if name not in mine and name not in theirs:
                self._wrong(change, f"没有编号为 {name} 的知识点", f"there is no knowledge row {name}")
        if ended := [name for name in change.rows if name in theirs and name not in mine]:
            self._end(ended, change)
        if given := [mine[name] for name in change.rows if name in mine]:
            self._add(given, change)

    def _end(self, names: list[str], change: Change) -> None:
        """Inherited rows that don't count any more: always a loosening."""
        if change.change != "loosen":
            self._wrong(change, f"让上级的知识点 {names[0]} 失效是放宽", f"ending the inherited row {names[0]} loosens")
        rows, pause = [], Pause(change.since, change.until)
        for row in self.rule.knowledge:
            rows += _cut(row, (pause,)) if row.id in names else [row]
        if len(rows) == len(self.rule.knowledge) and all(
            a is b for a, b in zip(rows, self.rule.knowledge, strict=True)
        ):
            self._wrong(change, "这些知识点当时本来就无效", "these rows are not in force then anyway")
        self.rule = replace(self.rule, knowledge=tuple(rows))
        self._decide("rows", names, [], change)

    def _add(self, given: list[Row], change: Change | None) -> None:
        """Rows of the area; one about what an inherited row is about stands in for it while it is valid."""
        by_key: dict[tuple, list[Row]] = {}
        for row in given:
            by_key.setdefault(self._key(row), []).append(row)
        rows, replaced = [], []
        for row in self.rule.knowledge:
            mine = by_key.get(self._key(row), ())
            left = _cut(row, (Pause(m.valid_from, m.valid_to) for m in mine))
            if left != [row]:
                replaced.append(row.id)
                self._check_replaced(row, mine, change)
            rows += left
        self.rule = replace(self.rule, knowledge=(*rows, *given))
        self._decide("rows", sorted(set(replaced)), [row.id for row in given], change, given)

    def _key(self, row: Row) -> tuple:
        return (row.item, *(row.values.get(name) for name in key_columns(KINDS[self.rule.kind])[1:]))

    def _check_replaced(self, old: Row, mine: Iterable[Row], change: Change | None) -> None:
        for row in mine:
            if row.values == old.values and row.valid_from >= old.valid_from and row.valid_to == old.valid_to:
                self._wrong_row(row, f"与上级知识点 {old.id} 相同，没有改变什么",
                                f"the same as the inherited row {old.id}; nothing changes")  # fmt: skip
            elif change is None or change.change == "add":
                self._wrong_row(
                    row,
                    f"这会改变上级知识点 {old.id}：请在 local.yaml 写明 tighten 或 loosen 和文件",
                    f"this changes the inherited row {old.id}: say tighten or loosen, and the document, in local.yaml",
                )

    def _check_ids(self) -> None:
        theirs = {row.id for row in self.rule.knowledge}
        for row in self.amendment.knowledge:
            if row.id in theirs:
                self._wrong_row(row, f"编号 {row.id} 上级已用过", f"the id {row.id} is an inherited row's already")

    def _wrong_row(self, row: Row, zh: str, en: str) -> None:
        self.problems.add(self._folder / "knowledge.csv", row.line, "id", zh, en)


def _merged(dated: tuple[Dated, ...], change: Change) -> tuple[Dated, ...]:
    """The value counts from its day; where it ends, what would have counted then counts again."""
    kept = [d for d in dated if d.valid_from < change.since]
    kept.append(Dated(change.since, change.value))
    if change.until is not None:
        after = change.until + timedelta(days=1)
        back = [d for d in dated if d.valid_from <= after][-1:]
        kept += [Dated(after, d.value) for d in back] + [d for d in dated if d.valid_from > after]
    return tuple(kept)


def _who(change: Change) -> dict[str, Any]:
    return dict(zip(SCOPES, change.scope, strict=True)) if change.scope else {}


def _narrowed(scoped: tuple[Scoped, ...], change: Change) -> tuple[Scoped, ...]:
    """The same for a value that is for some only: where it ends, what the layers above said of them counts again."""
    mine = [s for s in scoped if (s.parameter, s.scope) == (change.parameter, change.scope)]
    kept = [s for s in scoped if s not in mine or s.valid_from < change.since]

    def of(day: date, value: Any) -> Scoped:
        return Scoped(change.parameter or "", day, value, **_who(change))

    kept.append(of(change.since, change.value))
    if change.until is not None:
        after = change.until + timedelta(days=1)
        back = [s.value for s in mine if s.valid_from <= after][-1:] or [None]
        kept += [of(after, back[0]), *(s for s in mine if s.valid_from > after)]
    return tuple(sorted(kept, key=lambda s: (s.valid_from, s.parameter, str(s.scope))))


def _values(dated: tuple[Dated, ...]) -> list[Dated]:
    """Without values that only repeat the one before."""
    return [d for n, d in enumerate(dated) if n == 0 or d.value != dated[n - 1].value]


def _direction(rule: Rule, name: str, before: Any, after: Any) -> str | None:
    """tighten or loosen, where the kind says which way the number goes; else None."""
    looser = KINDS[rule.kind].parameters[name].looser
    if not looser or before is None or before == after:
        return None
    return "loosen" if (after > before) == (looser == "more") else "tighten"


def _cut(row: Row, pauses: Iterable[Pause]) -> list[Row]:
    """The row without those times; the row itself where nothing is taken out."""
    left = left_of(row.valid_from, row.valid_to, pauses)
    if left == [(row.valid_from, row.valid_to)]:
        return [row]
    return [replace(row, valid_from=begin, valid_to=end) for begin, end in left]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value if not isinstance(value, date) else value.isoformat()
