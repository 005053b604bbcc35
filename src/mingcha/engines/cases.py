"""Runs the worked examples of a pack: all of them side by side in one world, so that an engine starts only once.

Only those about providers, or about a catalogue, each have a world of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mingcha.engines.effective import effective
from mingcha.engines.world import Runner, evaluate
from mingcha.knowledge.pack import Case, Pack, Rule
from mingcha.rules.finding import CANNOT_TELL, EXEMPT, FLAGGED, Result
from mingcha.rules.frames import FRAMES
from mingcha.rules.kind import KINDS
from mingcha.terms.language import pick

PERSONS = 1_000
"""Persons a case may have; each case gets its own range of numbers, and its own providers and trace codes."""


_APART = ("provider", "practitioner", "invoice", "study")
"""Names that could be the same in two cases."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case on one engine; `wrong` says how the answer differs from the case, None when it does not."""

    rule: str
    case: Case
    engine: str
    wrong: str | None


def run_cases(engine: str, pack: Pack) -> list[Outcome]:
    """Every case of every rule of the pack on one engine, in the pack's order."""
    pack = replace(pack, rules=tuple(rule.with_examples for rule in pack.rules))
    cases = [(rule, case) for rule in pack.rules for case in rule.cases]
    answers: dict[tuple[int, str], list[Result]] = {}
    several = [n for n, (rule, _) in enumerate(cases) if not _alone(rule)]
    found = evaluate(engine, effective(pack), together(cases, several))
    for rule in (rule for rule in pack.rules if _alone(rule)):
        runner = Runner(engine, effective(pack, [rule.id]))
        for number in (n for n, (owner, _) in enumerate(cases) if owner is rule):
            found += runner.evaluate(together(cases, [number]))
    for result in found:
        answers.setdefault((_number(result), result.rule), []).append(result)
    return [
        Outcome(rule.id, case, engine, _difference(case, answers.get((number, rule.id), [])))
        for number, (rule, case) in enumerate(cases)
    ]


def _alone(rule: Rule) -> bool:
    """Whether rows of other cases would be seen: a provider's peers are all there are, a catalogue is everybody's."""
    kind = KINDS[rule.kind]
    own = {"provider", "person"}
    return kind.frame.wide or any(own.isdisjoint(FRAMES[name].columns) for name in kind.frames)


def together(cases: list[tuple[Rule, Case]], numbers: Iterable[int]) -> dict[str, list[dict[str, Any]]]:
    """The facts of the cases with these numbers as one world, each apart from the others."""
    world: dict[str, list[dict[str, Any]]] = {}
    for number in numbers:
        for frame, row in _own(number, cases[number][1]):
            world.setdefault(frame, []).append(row)
    return world


def _own(number: int, case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """The case's rows, kept apart from other cases by the names of providers, persons and trace codes."""
    for frame, rows in case.facts.items():
        for row in rows:
            own = dict(row)
            own |= {name: f"{number}~{row[name]}" for name in _APART if row.get(name) is not None}
            if row.get("person") is not None:
                own["person"] = number * PERSONS + row["person"]
            if frame == "trace":
                own["code"] = f"{number}~{row['code']}"
            yield frame, own


def _number(result: Result) -> int:
    return int(result.key.partition("~")[0])


def _difference(case: Case, answers: list[Result]) -> str | None:
    flagged = [result for result in answers if result.verdict == FLAGGED]
    verdict = _verdict(answers)
    if verdict != case.verdict:
        return pick(f"应是 {case.verdict}，得到 {verdict}", f"expected {case.verdict}, got {verdict}")
    found = sorted((_facts(result), result.amount or 0) for result in flagged)
    for expected in case.expect:
        match = next((one for one in found if _meets(expected, *one)), None)
        if match is None:
            wanted, got = (
                _shown(dict(expected)),
                "; ".join(_shown(dict(facts) | {"amount_fen": a}) for facts, a in found),
            )
            return pick(f"应查出 {wanted}，得到 {got or '无'}", f"expected {wanted}, got {got or 'nothing'}")
        found.remove(match)
    return pick(f"多查出 {_listed(found)}", f"flagged besides: {_listed(found)}") if found else None


def _verdict(answers: list[Result]) -> str:
    verdicts = {result.verdict for result in answers}
    if FLAGGED in verdicts:
        return FLAGGED
    if CANNOT_TELL in verdicts:
        return CANNOT_TELL
    return "exempt" if any(verdict.startswith(EXEMPT) for verdict in verdicts) else "clear"


def _facts(result: Result) -> tuple[tuple[str, str], ...]:
    parts = [part.partition("~")[2] if "~" in part else part for part in result.key.split("|")]
    return tuple(zip(FRAMES[result.frame].key, parts, strict=True))


def _meets(expected: Mapping[str, Any], facts: tuple[tuple[str, str], ...], amount: int) -> bool:
    named = dict(facts)
    same = all(named.get(name) == value for name, value in expected.items() if name != "amount_fen")
    return same and amount == expected["amount_fen"]


def _listed(found: list[tuple[tuple[tuple[str, str], ...], int]]) -> str:
    return "; ".join(_shown({**dict(facts), "amount_fen": amount}) for facts, amount in found)


def _shown(row: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items())
