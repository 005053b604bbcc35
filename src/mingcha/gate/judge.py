"""A bundle made ready: the rules compiled, and a request asked about with the person's history."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mingcha.engines.effective import Effective, effective
from mingcha.engines.facts import CLASSES, Facts, row
from mingcha.engines.instead import Alternative, Alternatives
from mingcha.engines.memory import Memory
from mingcha.engines.message import Messages
from mingcha.gate.request import Asked
from mingcha.knowledge.bundle import ADVISE, Bundle
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Rule
from mingcha.rules.finding import CANNOT_TELL, FLAGGED, Result
from mingcha.rules.frames import FRAMES
from mingcha.terms.calendar import today

_TOLD = ("visit", "line", "diagnosis", "operation")
"""Frames whose rows a message brings."""
STAGE = {"3101": "before", "3102": "during"}


@dataclass(frozen=True)
class Reminder:
    """One rule's hit, ready to be told: what, how strong, the rows it rests on, and what to do instead if known.

    One that is snoozed is counted and shown to nobody.
    """

    rule: Rule
    strength: str
    message: str
    result: Result
    instead: Alternative | None = None
    snoozed: bool = False


@dataclass(frozen=True)
class Judged:
    """What came of a request: the reminders, what could not be asked for want of data, and whether all was asked."""

    reminders: tuple[Reminder, ...]
    lacking: tuple[tuple[Rule, str], ...]
    checks: int
    whole: bool


class Stage:
    """The rules of one stage, compiled."""

    def __init__(self, library: Library, stage: str) -> None:
        named = {rule.id for rule in library.rules if stage in rule.stages}
        self.plan: Effective = effective(library, named)
        self.memory = Memory(self.plan)
        self.messages = Messages(self.plan)
        self.alternatives = Alternatives(self.plan, self.memory)
        at_hand = {
            known.rule for plan in self.plan.plans if plan.kind.at_hand and plan.kind.frame.name in _TOLD
            for known in plan.known
        }  # fmt: skip
        self.rules = len({self.plan.rules[number].id for number in at_hand})


class Judge:
    """What a gate asks; made once a bundle and never changed after. `before` lends its rules where they're the same."""

    def __init__(self, bundle: Bundle, library: Callable[[], Library], before: Judge | None = None) -> None:
        self.bundle = bundle
        if before and (before.bundle.library, before.bundle.groups) == (bundle.library, bundle.groups):
            self.stages = before.stages  # another key or strength holds at once: nothing is compiled
        else:
            whole = library()
            self.stages = {infno: Stage(whole, stage) for infno, stage in STAGE.items()}
        self.items = set().union(*(stage.plan.items for stage in self.stages.values()))
        self.providers: dict[str, list[Any]] = {}
        for values in bundle.providers:
            self.providers.setdefault(values["provider"], []).append(_provider(values))

    def judge(self, infno: str, asked: Asked, before: dict[str, list[Any]], level: int | None, limit: float) -> Judged:
        """Ask every rule of the stage about the request, for at most `limit` seconds. `before` is kept history."""
        stage = self.stages[infno]
        facts = Facts({})
        facts.provider = self.providers
        if asked.provider not in self.providers:
            own = _provider({"provider": asked.provider, "level": level})
            facts.provider = self.providers | {asked.provider: [own]}
        facts.add({name: [*before.get(name, ()), *asked.before[name]] for name in asked.before})
        until = time.perf_counter() + limit
        found, whole = stage.memory.check_added(facts, facts.add(asked.request), until)
        reminders: list[Reminder] = []
        lacking: dict[tuple[str, str], tuple[Rule, str]] = {}
        for result in found:
            if result.verdict == FLAGGED:
                reminders.append(self._reminder(stage, asked, result, facts))
            elif result.verdict == CANNOT_TELL and result.shown is not None:
                rule = stage.plan.rules[stage.plan.known[result.shown].rule]
                lacking[rule.id, result.missing or ""] = rule, result.missing or ""
        return Judged(tuple(reminders), tuple(lacking.values()), stage.rules, whole)

    def _reminder(self, stage: Stage, asked: Asked, result: Result, facts: Facts) -> Reminder:
        assert result.shown is not None
        number = stage.plan.known[result.shown].rule
        rule = stage.plan.rules[number]
        why = dict(result.why or {})
        if why.get("previous_provider") not in (None, asked.provider):
            why["previous_provider"] = "其他机构"  # where else somebody was treated is told to nobody
        message = stage.messages.message(number, result.shown, why)
        area = asked.request["visit"][0]["care_area"]
        strength = self.bundle.strength(rule.id, rule.certainty, area, asked.provider)
        line = next((one for one in asked.request["line"] if one.key == result.key), None) \
            if result.frame == "line" else None  # fmt: skip
        instead = stage.alternatives.of(number, result.shown, line, why, facts)
        snoozed = strength == ADVISE and bool(self.bundle.snoozes) and self.bundle.snoozed(
            rule.id, asked.provider, asked.department, asked.doctor, today().isoformat()
        )  # fmt: skip
        return Reminder(rule, strength, message, result, instead, snoozed)


def _provider(values: dict[str, Any]) -> Any:
    made = row(FRAMES["provider"], values)
    assert isinstance(made, CLASSES["provider"])
    made.level_text = None if made.level is None else str(made.level)
    return made
