"""A request against a history: what is said, and that the history stays as it was."""

from __future__ import annotations

from mingcha.engines.memory import Facts, Memory
from mingcha.rules.finding import Result
from tests.spec.drawn import pack, rule, world


def _keys(facts: Facts) -> dict[str, list[str]]:
    return {name: [r.key for r in rows] for name, rows in facts.all().items()}


def _check(kind: str, knowledge: str, history: str, request: str) -> list[Result]:
    facts = Facts(world(history))
    before = _keys(facts)
    asked = {"line": world(request)["line"]}
    found = Memory(pack(rule(kind, knowledge))).check(facts, asked)
    assert _keys(facts) == before
    return found


def test_a_flag_is_reported_when_a_witness_is_in_the_request() -> None:
    """The included part was charged this morning; ordering the main item now must remind too."""
    found = _check(
        "exclusive_items", "item | partner | window\nB | A | day",
        "line | item | day | time\nL1 | B | 01-05 | 08:00", "line | item | day | time\nL2 | A | 01-05 | 16:00",
    )  # fmt: skip
    assert [(r.key, r.verdict, r.witnesses) for r in found] == [("H1|V1|L1", "flagged", ("H1|V1|L2",))]


def test_history_is_context_and_never_reported_alone() -> None:
    found = _check(
        "exclusive_items", "item | partner | window\nB | A | day",
        "line | item | day\nL1 | B | 01-05\nL2 | A | 01-05", "line | item | day\nL3 | C | 01-05",
    )  # fmt: skip
    assert found == []


def test_history_across_providers_counts() -> None:
    found = _check(
        "min_interval", "item | days\nA | 7",
        "line | provider | item | day\nL1 | H2 | A | 01-01", "line | provider | item | day\nL2 | H1 | A | 01-05",
    )  # fmt: skip
    assert [(r.key, r.amount) for r in found] == [("H1|V1|L2", 1000)]


def test_a_back_dated_line_makes_a_later_one_exceed() -> None:
    found = _check(
        "max_per_period", "item | limit | window\nA | 10000 | day",
        "line | item | day | time\nL9 | A | 01-05 | 18:00", "line | item | day | time\nL1 | A | 01-05 | 08:00",
    )  # fmt: skip
    assert [(r.key, r.witnesses) for r in found] == [("H1|V1|L9", ("H1|V1|L1",))]
