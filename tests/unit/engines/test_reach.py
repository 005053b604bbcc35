"""Which kinds can be run over a part of the lake is read off their expressions."""

from mingcha.engines.effective import Plan
from mingcha.engines.reach import in_news, spread, tables, whole
from mingcha.rules.algebra import Literal, Running
from mingcha.rules.frames import LINE, PACK, TRACE, row
from mingcha.rules.kind import KINDS, Check, Kind


def counting(frame, *same: str) -> Kind:
    """A kind that counts rows of a frame that have these columns in common."""
    this = row(frame)
    seen = Running("seen", "sum", Literal(1), tuple(getattr(this, name) for name in same))
    check = Check(when=seen > 3, amount=Literal(0), shows={})
    return Kind("counting", "数", "counts", "CAP", frame, "", "", {"": check})


def test_the_same_person_or_visit_keeps_a_kind_to_one_person() -> None:
    assert spread(counting(LINE, "person", "item"), "") == "person"
    assert spread(counting(LINE, "provider", "visit"), "") == "person"
    assert spread(counting(LINE, "provider", "item"), "") == "whole"
    assert spread(counting(LINE, "visit"), "") == "whole", "visits are numbered by provider"


def test_a_trace_code_is_followed_by_its_code_alone() -> None:
    assert spread(counting(TRACE, "code"), "") == "code"
    assert spread(counting(TRACE, "person"), "") == "whole"
    assert spread(KINDS["code_settled_twice"], "") == "code"


def test_a_kind_reads_the_tables_of_its_frames_and_their_parents() -> None:
    kind = KINDS["price_ceiling"]
    assert tables(kind, kind.checks[next(iter(kind.checks))]) >= {"fee_line", "provider"}


def test_news_of_people_and_providers_leaves_a_personal_kind_to_them() -> None:
    plan = Plan(counting(LINE, "person"), "")
    assert not whole(plan, {"fee_line", "provider", "visit"})
    assert whole(Plan(counting(LINE, "item"), ""), set())


def test_registers_are_asked_for_those_in_reach_and_providers_of_everybody() -> None:
    for name in ("without_order", "no_entitlement", "invoice_twice", "illogical_operation", "not_registered"):
        assert in_news(KINDS[name], ""), name
        assert spread(KINDS[name], "") == "whole", "a part of the lake can't say who ever sent what"
    for name in ("two_places", "pharmacist_absent", "crowded_terminal", "over_beds", "buying_together"):
        assert not in_news(KINDS[name], ""), name


def test_a_code_is_followed_in_registers_too() -> None:
    assert in_news(KINDS["code_of_another_item"], "")
    assert not in_news(counting(PACK, "item"), "")
