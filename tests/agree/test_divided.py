"""What stays within a person may be judged bucket by bucket, as a cluster and a night's audit do: same answers."""

from __future__ import annotations

from typing import Any

import pytest

from mingcha.engines.effective import Effective
from mingcha.engines.reach import spread, tables
from mingcha.engines.world import evaluate
from mingcha.rules.frames import FRAMES
from tests.agree.steering import steering_pack
from tests.agree.worlds import World, collect, packed

PACK = steering_pack()
BUCKETS = 3


def personal() -> Effective:
    """The rules whose kinds say of themselves that they stay within a person, and that follow no code."""
    across = {
        PACK.rules[known.rule].id
        for plan in PACK.plans
        if spread(plan.kind, plan.choice) != "person" or "trace" in tables(plan.kind, plan.kind.checks[plan.choice])
        for known in plan.known
    }
    return PACK.only({rule.id for rule in PACK.rules} - across)


def divided(world: World) -> list[World]:
    """The rows by bucket: of a person, or of a visit's person; what is nobody's is known to all."""
    owner = {(row["provider"], row["visit"]): row["person"] for row in world["visit"]}

    def bucket(frame: str, row: dict[str, Any]) -> int | None:
        if "person" not in FRAMES[frame].columns and "visit" not in FRAMES[frame].columns:
            return None
        person = row.get("person") or owner.get((row.get("provider"), row.get("visit")))
        return None if person is None else person % BUCKETS

    return [
        {frame: [row for row in rows if bucket(frame, row) in (None, n)] for frame, rows in world.items()}
        for n in range(BUCKETS)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_a_thousand_worlds_in_three_buckets_agree_with_the_whole(engine: str) -> None:
    pack, world = personal(), packed(collect(1_000, seed=21))
    assert len(pack.rules) > 30
    parts = [result for part in divided(world) for result in evaluate(engine, pack, part)]
    once = {(r.rule, r.frame, r.key): r for r in parts}
    whole = evaluate(engine, pack, world)
    assert sorted(once) == [(r.rule, r.frame, r.key) for r in whole]
    assert list(map(once.get, sorted(once))) == whole
    assert sum(r.verdict == "flagged" for r in whole) > 1_000
