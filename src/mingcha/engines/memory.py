"""The memory engine: a pack compiled once to Python functions, run over one person's rows while a doctor waits.

It is also the reference the set-based engines must equal: for each row a rule knows, look at the row, its parents and
its related rows, and say flagged, exempt, cannot tell or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from time import perf_counter
from typing import Any

from mingcha.engines.compiled import UNCOVERED, CompiledCheck, compile_check
from mingcha.engines.effective import Effective, Known, as_codes, related_codes
from mingcha.engines.facts import Facts
from mingcha.rules.finding import CANNOT_TELL, FLAGGED, Result, Share
from mingcha.rules.frames import FRAMES

ITEM_OF = {name: frame.item if frame.item in frame.columns else None for name, frame in FRAMES.items()}
"""By frame, the column knowledge is keyed by; None where rules look at every row."""


class Memory:
    """A compiled pack. `audit` answers about every row given, `check` about a request against its history."""

    def __init__(self, pack: Effective) -> None:
        self.pack = pack
        self.checks = [compile_check(plan, pack) for plan in pack.plans]
        self.by_item: dict[str, list[tuple[CompiledCheck, Any]]] = {}
        self.by_partner: dict[str, dict[str, list[tuple[CompiledCheck, Any]]]] = {}
        """Rows by a code they relate to and then by their own: of many, a person has few."""
        self.by_frame: dict[str, list[tuple[CompiledCheck, Any]]] = {}
        self.wide: dict[tuple[str, str | None], list[tuple[CompiledCheck, Any]]] = {}
        for plan, check in zip(pack.plans, self.checks, strict=True):
            for known in plan.known:
                entry = (check, check.knowledge[known.number])
                if not plan.kind.at_hand:
                    self.wide.setdefault((check.frame, known.item), []).append(entry)
                    continue
                if known.item is None:
                    self.by_frame.setdefault(check.frame, []).append(entry)
                else:
                    self.by_item.setdefault(known.item, []).append(entry)
                self._note_partners(plan, known, entry)

    def _note_partners(self, plan, known: Known, entry: tuple[CompiledCheck, Any]) -> None:
        if not entry[0].witnesses_by_item or known.item is None:
            return
        for name in related_codes(plan):
            for code in as_codes(known.values[name]):
                self.by_partner.setdefault(code, {}).setdefault(known.item, []).append(entry)

    def audit(self, world: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[Result]:
        """Every answer that is not clear about any row of the world."""
        facts = Facts(world)
        facts.widen(world)
        answers = [
            answer
            for frame, rows in facts.all().items()
            for row in rows
            for check, k in (*self._knows(frame, row), *self._wide(frame, row))
            if (answer := check.judge(row, k, facts)) is not None
        ]
        judged = [answer for answer in answers if answer[2] != UNCOVERED]
        return [*self._merge(judged, facts), *self._uncovered(a for a in answers if a[2] == UNCOVERED)]

    def check(self, facts: Facts, request: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[Result]:
        """Answers that concern the request: the row judged, or a witness, is in it. `facts` is left as it was."""
        return self.check_until(facts, request, math.inf)[0]

    def check_until(
        self, facts: Facts, request: Mapping[str, Iterable[Mapping[str, Any]]], until: float
    ) -> tuple[list[Result], bool]:
        """The same for a doctor who waits no longer than `until` (`time.perf_counter`), and whether all was asked."""
        added = facts.add(request)
        try:
            return self.check_added(facts, added, until)
        finally:
            facts.remove(added)

    def check_added(self, facts: Facts, added: dict[str, list[Any]], until: float) -> tuple[list[Result], bool]:
        """The same of a request that `facts` has taken in and keeps: they are of this one request."""
        answers, whole = self._concerning(added, facts, until)
        return self._merge(answers, facts), whole

    def _knows(self, frame: str, row: Any) -> list[tuple[CompiledCheck, Any]]:
        item = ITEM_OF[frame]
        found = self.by_item.get(getattr(row, item), ()) if item else self.by_frame.get(frame, ())
        return [entry for entry in found if entry[0].frame == frame]

    def _wide(self, frame: str, row: Any) -> list[tuple[CompiledCheck, Any]]:
        """The rules that only audits run."""
        item = ITEM_OF[frame]
        found = self.wide.get((frame, None), [])
        return [*found, *self.wide.get((frame, getattr(row, item)), ())] if item else found

    def _uncovered(self, answers: Iterable[tuple]) -> list[Result]:
        """One answer per rule and provider that never sent what the rule needs."""
        first: dict[tuple[str, str], tuple[date, str]] = {}
        for row, k, _, _, _, lacks, _, check in answers:
            key = (self.pack.rules[k.rule].id, row.provider)
            first[key] = min(first.get(key, (date.max, "")), (check.day(row), lacks))
        return [
            Result(rule, "provider", provider, CANNOT_TELL, None, day, missing=lacks)
            for (rule, provider), (day, lacks) in first.items()
        ]

    def _concerning(self, added: dict[str, list[Any]], facts: Facts, until: float) -> tuple[list[tuple], bool]:
        answers, seen, whole = [], set(), True
        keys = {row.key for rows in added.values() for row in rows}
        for frame, rows in added.items():
            for row in rows:
                if perf_counter() > until:
                    whole = False
                    break
                for check, k in self._knows(frame, row):
                    for other, ok in check.affected(row, k, facts):
                        if (id(other), ok.number) not in seen:
                            seen.add((id(other), ok.number))
                            if (answer := check.judge(other, ok, facts)) is not None:
                                answers.append(answer)
                for check, k in self._partners(row, facts) if frame == "line" else ():
                    for other in facts.line.get((row.person, k.item), ()):
                        if (id(other), k.number) not in seen:
                            seen.add((id(other), k.number))
                            if (answer := check.judge(other, k, facts)) is not None:
                                answers.append(answer)
        return [a for a in answers if a[0].key in keys or any(w.key in keys for w in a[6])], whole

    def _partners(self, line: Any, facts: Facts) -> list[tuple[CompiledCheck, Any]]:
        """The rows that relate to a line's item, about another the person has; the smaller side is gone through."""
        partners = self.by_partner.get(line.item)
        if not partners:
            return []
        if len(partners) < len(facts.line):
            return [e for item, entries in partners.items() if (line.person, item) in facts.line for e in entries]
        return [e for person, item in facts.line if person == line.person for e in partners.get(item, ())]

    def _merge(self, answers: list[tuple], facts: Facts) -> list[Result]:
        """One result per rule and row: explained by the knowledge row with the largest amount, naming all that hit."""
        grouped: dict[tuple, list[tuple]] = {}
        for answer in answers:
            grouped.setdefault((answer[1].rule, answer[7].frame, answer[0].key), []).append(answer)
        return [self._result(rule, frame, key, group, facts) for (rule, frame, key), group in grouped.items()]

    def _result(self, rule: int, frame: str, key: str, group: list[tuple], facts: Facts) -> Result:
        known = [a for a in group if a[2] != CANNOT_TELL]
        name = self.pack.rules[rule].id
        if not known:
            row, k, _, _, _, missing, _, check = min(group, key=lambda a: a[1].number)
            person, day = getattr(row, "person", None), check.day(row)
            return Result(name, frame, key, CANNOT_TELL, person, day, missing=missing, shown=k.number)
        best = min(known, key=lambda a: (a[2] != FLAGGED, -(a[3] or 0), a[1].number))
        row, k, verdict, amount, quantity, _, witnesses, check = best
        lines = _shares(check, row, amount, facts) if verdict == FLAGGED else ()
        if lines or (check.whole_visit and verdict == FLAGGED):
            amount = sum(share.amount for share in lines)
        elif verdict == FLAGGED and amount is None:
            amount = 0
        rows = sorted(a[1].number for a in known)
        ids = tuple(r.id for n in rows if (r := self.pack.known[n].row))
        why = check.why(row, k, facts)
        return Result(
            name, frame, key, verdict, getattr(row, "person", None), check.day(row), ids, amount, quantity,
            tuple(w.key for w in witnesses), why, None, lines, k.number,
        )  # fmt: skip


def _shares(check: CompiledCheck, row: Any, amount: int | None, facts: Facts) -> tuple[Share, ...]:
    if check.whole_visit:
        lines = sorted(facts.basket.get((row.provider, row.visit), ()), key=lambda line: line.line)
        return tuple(Share(x.provider, x.visit, x.line, x.in_scope, x.in_scope) for x in lines)
    source = FRAMES[check.frame].drawn_from
    line = row.sale if source == "trace" else row if source == "line" else None
    if line is None:
        return ()
    return (Share(line.provider, line.visit, line.line, min(amount or 0, line.in_scope), line.in_scope),)
