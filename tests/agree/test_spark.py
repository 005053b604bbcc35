"""Memory, DuckDB and Spark say the same of a lake full of worlds or of cases, down to evidence and witnesses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from mingcha.engines.cases import together
from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import effective
from mingcha.engines.in_memory import run_in_memory
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.engines.spark import run_on_spark
from mingcha.engines.world import read_results
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.lake import Lake
from mingcha.rules.finding import FLAGGED, Result
from tests.agree.steering import steering_pack
from tests.agree.stored import store
from tests.agree.worlds import collect, packed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("spark")]
MASTER = "local[2]"
Found = dict[tuple[str, str, str], Result]

TOO_FEW = {
    "routine_test", "one_prescriber-0", "over_beds-0", "indicator_share-0", "indicator_share-1", "indicator_share-2",
    "more_sold_than_bought-0", "buying_together-0", "crowded_purchases-0", "settled_late-0", "operations_overlap-0",
    "paid_beyond_base-0", "stay_for_tests-0",
}  # fmt: skip
"""Rules that need more rows of one provider, person or moment than a world has, once they are counted in earnest."""


def answers(lake: Lake, pack: Pack) -> dict[str, Found]:
    """What each engine says of the lake."""
    library, everything = Library.of(pack), Scope()
    plan = effective(library)
    runs = {
        "memory": lambda: run_in_memory(lake.con, plan, everything),
        "duckdb": lambda: run_passes(lake.con, [(plan, EVERYBODY)], everything),
        "spark": lambda: run_on_spark(lake, library, plan, everything, MASTER),
    }
    found = {}
    for name, run in runs.items():
        run()
        found[name] = {(r.rule, r.frame, r.key): r for r in read_results(lake.con, plan)}
    return found


def agreed(lake: Lake, pack: Pack) -> Found:
    """The answers, which are the same of all three."""
    found = answers(lake, pack)
    memory = found.pop("memory")
    for name, theirs in found.items():
        differ = [key for key in sorted({*memory, *theirs}) if memory.get(key) != theirs.get(key)]
        first = differ and f"{len(differ)} differ; memory {memory.get(differ[0])}\n{name} {theirs.get(differ[0])}"
        assert not differ, first
    return memory


def test_a_thousand_worlds_agree(lake: Lake) -> None:
    pack = steering_pack().pack
    assert store(lake, packed(collect(1_000, seed=31))) > 15_000
    found = agreed(lake, pack)
    hit = {key.split(":")[0] for (_, _, key), r in found.items() if r.verdict == FLAGGED}
    assert len(hit) > 300, f"only {len(hit)} of 1,000 worlds hit"
    verdicts = Counter((r.rule, r.verdict) for r in found.values())
    assert {rule.id for rule in pack.rules if not verdicts[rule.id, FLAGGED]} <= TOO_FEW
    assert {"exempt:planned", "exempt:split", "exempt:rescue", "cannot_tell"} <= {r.verdict for r in found.values()}


def test_every_rules_cases_agree(lake: Lake) -> None:
    national = load(shipped_pack())
    pack = replace(national, rules=tuple(rule.with_examples for rule in national.rules))
    cases = [(rule, case) for rule in pack.rules for case in rule.cases]
    assert store(lake, together(cases, range(len(cases)))) > len(cases)
    found = agreed(lake, pack)
    assert len({rule for (rule, *_), r in found.items() if r.verdict == FLAGGED}) > 100
