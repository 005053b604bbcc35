"""Both engines give the same flags, amounts, witnesses, evidence and unknowns on generated worlds."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from mingcha.engines.world import evaluate
from mingcha.rules.finding import Result
from tests.agree.steering import steering_pack
from tests.agree.worlds import World, collect, packed, shrink

PACK = steering_pack()


def _by_world(results: list[Result]) -> dict[int, list[Result]]:
    found: dict[int, list[Result]] = {}
    for result in results:
        found.setdefault(int(result.key.split(":")[0]), []).append(result)
    return found


def _differ(world: World) -> bool:
    return evaluate("memory", PACK, world) != evaluate("duckdb", PACK, world)


def _compare(count: int, seed: int) -> list[Result]:
    several = collect(count, seed)
    assert len(several) == count
    together = packed(several)
    memory, duckdb = (_by_world(evaluate(engine, PACK, together)) for engine in ("memory", "duckdb"))
    for number, world in enumerate(several):
        if memory.get(number) != duckdb.get(number):
            small = shrink(packed([world]), _differ)
            pytest.fail(
                f"seed {seed}, world {number}: {small}\nmemory {evaluate('memory', PACK, small)}"
                f"\nduckdb {evaluate('duckdb', PACK, small)}"
            )
    hit = sum(any(r.verdict == "flagged" for r in found) for found in memory.values())
    assert hit / count >= 0.30, f"only {hit} of {count} worlds hit"
    return [result for found in memory.values() for result in found]


def test_three_hundred_worlds_agree() -> None:
    """In the short suite too, seconds or not: whoever touches an engine hears of it at once."""
    _compare(300, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # minutes even on a quiet machine
def test_ten_thousand_packed_worlds_agree_and_reach_everything() -> None:
    results = [r for seed in range(2, 12) for r in _compare(1_000, seed)]
    verdicts = Counter((r.rule, r.verdict.split(":")[0]) for r in results)
    rules = {rule.id for rule in PACK.rules}
    assert {rule for rule, verdict in verdicts if verdict == "flagged"} == rules
    never_unknown = {"companion_required", "max_per_period", "course_days", "min_interval"}
    never_unknown |= {
        "amount_cap",
        "reduced_repeat",
        "limit_to_check",
        "not_payable",
        "reduced_operation",
        "earlier_treatment",
    }
    # A trace code's own columns are never missing, and the previous sale has a provider whenever there is one.
    never_unknown |= {"code_settled_twice-0", "code_settled_twice-1"}
    never_unknown |= {"code_not_valid-0"}
    never_unknown |= {"invoice_twice-0"}  # without an invoice there is nothing to compare
    never_unknown |= {"crowded_purchases-0", "buying_together-0"}  # a meeting has all its columns
    never_unknown |= {"illogical_visit-0", "after_registered_death-0"}  # the register is there or not, for all
    unknown = {rule for rule, verdict in verdicts if verdict == "cannot_tell"}
    assert unknown == rules - never_unknown
    exempt = {"exempt:planned", "exempt:split", "exempt:newborn", "exempt:rescue", "exempt:left_early", "exempt:course"}
    exempt |= {"exempt:sex_anomaly", "exempt:transferred"}
    assert {r.verdict for r in results} == {"flagged", "cannot_tell", *exempt}
    hit = {row for r in results for row in r.rows}
    assert hit >= {k.row.id for k in PACK.known if k.row}, "a knowledge row never hit"


def test_worlds_are_the_same_in_any_company() -> None:
    """What other tests have loaded by now must not change what is drawn, or a rare hit comes and goes."""
    alone = "from tests.agree.worlds import collect; print(collect(20, 1))"
    printed = subprocess.run([sys.executable, "-c", alone], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == str(collect(20, 1))
