"""The condition told step by step is the condition that held."""

import pytest

from mingcha.engines.explain import Part, explain, lines
from mingcha.engines.sql import dialect_sql
from mingcha.engines.world import evaluate
from tests.spec.chapters import CHAPTERS
from tests.spec.drawn import pack, rule, world

SPECS = [s for c in CHAPTERS for s in c.SPECS if any(isinstance(said, int) for said in s.expect.values())]


def _words(part: Part) -> str:
    return part.says + "".join(_words(below) for below in part.parts)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.kind}: {spec.title}")
def test_every_flag_of_the_specification_explains_itself(spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "zh")
    made = rule(spec.kind, spec.knowledge, spec.parameters)

    for result in evaluate("memory", pack(made), world(spec.world)):
        if result.verdict != "flagged":
            continue
        assert result.why is not None
        told = explain(made, result.why, result.why.get("window") or "")
        assert told.held is True
        assert _words(told)
        assert "agg." not in _words(told), "an aggregate without words"
        assert "know." not in _words(told)
        assert lines(told)[0].startswith("✓")


def test_statements_refuse_what_engines_differ_on() -> None:
    for wrong in (
        "SELECT a / b FROM t",
        "SELECT CAST(a AS DOUBLE) FROM t",
        "SELECT LIST_TRANSFORM(l, x -> x + 1) FROM t",
    ):
        with pytest.raises(ValueError, match="not allowed"):
            dialect_sql(wrong, "duckdb")


def test_evidence_of_an_older_kind_is_told_without_what_it_lacks() -> None:
    made = rule("frequent_visits", parameters={"care": ("O",), "most": 2, "within": 7, "courses": ()})
    told = explain(made, {"agg.visits": 3, "rule.limit": 2})
    assert told.held is None
    assert lines(told)[0].startswith("?")
