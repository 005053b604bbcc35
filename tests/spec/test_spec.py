"""Every drawn table gives the same answer on every engine, and the manual shows them as they are."""

import pytest

from mingcha.engines.world import ENGINES, evaluate
from mingcha.rules.kind import KINDS
from tests.spec.chapters import CHAPTERS
from tests.spec.drawn import pack, rule, world
from tests.spec.spec import Spec

SPECS = [spec for chapter in CHAPTERS for spec in chapter.SPECS]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.kind}: {spec.title}")
def test_every_engine_answers_as_drawn(engine: str, spec: Spec) -> None:
    found = evaluate(engine, pack(rule(spec.kind, spec.knowledge, spec.parameters)), world(spec.world))
    own = {"visit": slice(1, 2), "brief": slice(1, 2), "routine": slice(None), "pen": slice(None), "diagnosis": slice(1, 3), "provider_month": slice(0, 1), "meeting": slice(1, 2), "report": slice(1, 2)}.get(KINDS[spec.kind].frame.name, slice(-1, None))
    said: dict[str, int | str | None] = {}
    witnesses = {}
    for result in found:
        name = "|".join(result.key.split("|")[own if result.frame != "provider" else slice(None)])
        words = {"flagged": result.amount, "cannot_tell": f"cannot tell: {result.missing}"}
        said[name] = words.get(result.verdict, result.verdict.replace(":", ": "))
        witnesses[name] = [key.split("|")[-1] for key in result.witnesses]
    assert said == spec.expect
    assert {name: witnesses[name] for name in spec.witnesses} == spec.witnesses


def test_every_kind_has_hit_miss_and_every_window() -> None:
    for kind in KINDS.values():
        specs = [spec for spec in SPECS if spec.kind == kind.name]
        assert any(isinstance(said, int) for spec in specs for said in spec.expect.values()), f"{kind.name}: no hit"
        drawn = "\n".join(spec.knowledge for spec in specs)
        for choice in filter(None, kind.checks):
            assert choice in drawn, f"{kind.name}: window {choice} is not drawn"
