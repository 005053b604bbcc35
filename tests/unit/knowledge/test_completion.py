"""A case says little; these are the rows it becomes."""

from __future__ import annotations

from datetime import date

from mingcha.knowledge.completion import complete
from mingcha.rules.frames import FRAMES


def test_one_line_is_a_whole_visit() -> None:
    world = complete({"line": [{"item": "X", "day": date(2025, 3, 1), "amount_fen": 300}]})
    (line,), (visit,), (provider,) = world["line"], world["visit"], world["provider"]
    assert (line["provider"], line["visit"], line["line"], line["person"]) == ("H1", "V1", "L1", 1)
    assert (line["quantity"], line["amount"], line["in_scope"], line["unit_price"]) == (10_000, 300, 300, 30_000)
    assert (visit["care"], visit["start_day"], visit["end_day"]) == ("O", date(2025, 3, 1), date(2025, 3, 1))
    assert (provider["level"], provider["level_text"]) == (3, "3")


def test_every_required_column_is_there() -> None:
    world = complete({
        "line": [{"item": "X", "day": date(2025, 3, 1)}],
        "diagnosis": [{"code": "I10"}],
        "trace": [{"code": "8", "day": date(2025, 3, 1)}],
    })  # fmt: skip
    for name, rows in world.items():
        for row in rows:
            assert [column for column in FRAMES[name].required if row.get(column) is None] == [], name


def test_missing_on_purpose_stays_missing() -> None:
    line = {"item": "X", "day": date(2025, 3, 1), "unit_price_yuan": None, "in_scope_fen": None, "amount_fen": 300}
    world = complete({"line": [line], "visit": [{"sex": None, "care": None}], "provider": [{"level": None}]})
    assert (world["line"][0]["unit_price"], world["line"][0]["in_scope"]) == (None, 300)
    assert (world["visit"][0]["sex"], world["visit"][0]["visit_type"]) == (None, None)
    assert world["provider"][0]["level_text"] is None


def test_persons_are_numbered_as_they_come() -> None:
    world = complete({"visit": [{"visit": "V1", "person": "甲"}, {"visit": "V2", "person": "乙"}]})
    assert [visit["person"] for visit in world["visit"]] == [1, 2]


def test_an_inpatient_without_an_end_is_still_in() -> None:
    world = complete({"visit": [{"care": "I", "start_day": date(2025, 3, 1)}]})
    assert world["visit"][0]["end_day"] is None
    assert world["visit"][0]["visit_type"] == "21"


def test_a_price_gives_the_amount_rounded_half_up() -> None:
    line = {"item": "X", "day": date(2025, 3, 1), "quantity": 15_000, "unit_price_yuan": 33_300}
    assert complete({"line": [line]})["line"][0]["amount"] == 500
