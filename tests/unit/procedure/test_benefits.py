"""No sequence of moves reaches an illegal step, nobody holds two levels, nothing is signed without all its levels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.benefits import (
    CHECK,
    DAYS,
    FIRST,
    FOCUS,
    KINDS,
    LEVELS,
    MOVES,
    OPEN,
    POINTS,
    POSTS,
    SIGN,
    SITE,
    STEPS,
    Item,
    after,
    allowed,
    earlier,
    points,
    route,
)
from mingcha.terms.errors import UsageError

PEOPLE = ("a", "b", "c", "d", "e", "f")
ROUTES = st.sets(st.sampled_from(sorted(LEVELS))).map(lambda some: route([FIRST, SIGN, *some]))
STEPS_OF_A_WALK = st.lists(
    st.tuples(
        st.sampled_from(sorted(MOVES)), st.sampled_from(PEOPLE), st.sampled_from(("", *PEOPLE)),
        st.sampled_from(("", *LEVELS)),
    ),
    max_size=60,
)  # fmt: skip


@dataclass
class Walk:
    """One item and what was done to it: (move, level, hands, step before, step after)."""

    item: Item
    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    done: list[tuple[str, str, frozenset[str], str, str]] = field(default_factory=list)

    def act(self, name: str, by: str, lender: str = "", to: str = "") -> bool:
        """Try a move by somebody who may decide everywhere; whether it was let through."""
        hands = frozenset({by, lender} - {""})
        level, before = self.item.level, self.item.step
        try:
            step = after(name, self.item, hands=hands, levels=OPEN, held=self.held, to=to, reason="有理由")
        except UsageError:
            return False
        self.held[level] |= hands
        self.done.append((name, level, hands, before, step))
        self.item = Item(step, self.item.route, self.item.points, self.item.fen, self.item.confirmed)
        return True


def test_the_data_holds_together() -> None:
    assert set(OPEN) == set(LEVELS) and set(STEPS) == {*LEVELS, "signed", "refused", "closed"}
    assert set(DAYS) == set(KINDS)
    assert all(set(move.before) <= set(STEPS) for move in MOVES.values())
    for posts in POSTS.values():
        assert set().union(*posts.values()) == set(LEVELS), "every level is somebody's"
        assert not any({FIRST, SIGN} <= levels for levels in posts.values()), "who begins never signs"


@given(ROUTES, STEPS_OF_A_WALK, st.integers(0, 1))
def test_nobody_holds_two_levels_and_nothing_is_signed_without_all(
    levels: tuple[str, ...], steps: list[tuple[str, str, str, str]], fen: int
) -> None:
    walk = Walk(Item(FIRST, levels, fen=fen))
    for step in steps:
        walk.act(*step)
    assert {walk.item.step, *(before for *_, before, _ in walk.done)} <= {*levels, "signed", "refused", "closed"}
    at = defaultdict[str, set[str]](set)
    for _, level, hands, _, _ in walk.done:
        for hand in hands:
            at[hand].add(level)
    assert all(len(levels) == 1 for levels in at.values())
    for place, (name, _, _, _, step) in enumerate(walk.done):
        if step in ("signed", "refused"):
            assert name == "pass"
            assert _passed_since_the_last_return(walk.done[: place + 1]) >= set(levels)


def _passed_since_the_last_return(done: list[tuple[str, str, frozenset[str], str, str]]) -> set[str]:
    """The levels whose consent still stands at the end."""
    standing: list[str] = []
    for name, level, _, _, step in done:
        if name == "pass":
            standing.append(level)
        elif name == "return":
            standing = standing[: standing.index(step)] if step in standing else standing
    return set(standing)


def test_the_ordinary_way_needs_five_people() -> None:
    walk = Walk(Item(FIRST, fen=100))
    for by in PEOPLE[:5]:
        assert walk.act("pass", by)
    assert [step for *_, step in walk.done] == [CHECK, FOCUS, SITE, SIGN, "signed"]
    four = Walk(Item(FIRST, fen=100))
    for by in "abcdabcd":
        four.act("pass", by)
    assert four.item.step == SIGN, "four people never get to the signature"


def test_a_lent_post_is_the_lenders() -> None:
    walk = Walk(Item(FIRST, fen=100))
    assert walk.act("pass", "a", lender="z")
    assert not walk.act("pass", "z"), "who lent the post for the first level has held it"
    assert walk.act("pass", "b") and not walk.act("pass", "c", lender="b")


@pytest.mark.parametrize("step", [*OPEN[1:], "signed", "refused"])
def test_any_level_sends_back_to_any_earlier_one(step: str) -> None:
    item = Item(step, fen=1)
    assert earlier(item) == OPEN[: OPEN.index(step) if step in OPEN else len(OPEN)]
    for to in LEVELS:
        walk = Walk(item)
        assert walk.act("return", "a", to=to) == (to in earlier(item))


@pytest.mark.parametrize(
    ("name", "item", "more", "said"),
    [
        ("pass", Item("signed"), {}, "现在是“已审签”"),
        ("pass", Item(CHECK), {"levels": {FIRST}}, "岗位不能办理审核"),
        ("pass", Item(CHECK), {"held": {FIRST: {"me"}}}, "已办理过这件待遇的初审"),
        ("return", Item(CHECK), {"to": FIRST}, "请写明退回的理由"),
        ("return", Item(CHECK), {"to": SIGN, "reason": "缺发票"}, "只能是前面的级别"),
        ("withdraw", Item(FIRST), {}, "请写明撤件的理由"),
        ("pass", Item(SITE), {}, "请写明实地或外调"),
        ("pass", Item(FOCUS, points=frozenset({"injury", "amount"})), {}, "大额、外伤"),
        ("pass", Item(SIGN, points=frozenset({"elsewhere"}), fen=1), {}, "还没有与就医地核实"),
    ],
)
def test_a_refusal_says_why(name: str, item: Item, more: dict[str, object], said: str) -> None:
    told = {"hands": ["me"], "levels": set(OPEN), "held": {}} | more
    with pytest.raises(UsageError) as refused:
        after(name, item, **told)  # pyright: ignore[reportArgumentType]
    assert said in refused.value.zh and refused.value.en


def test_what_is_offered_is_what_the_post_may() -> None:
    assert allowed(Item(FIRST), {FIRST}) == ("pass", "withdraw")
    assert allowed(Item(FOCUS), {FOCUS}) == ("pass", "return")
    assert allowed(Item(FOCUS), {CHECK}) == () == allowed(Item("closed"), set(OPEN))
    assert allowed(Item("signed"), {SIGN}) == ("return",)


def test_points_and_routes() -> None:
    assert points(fen=99, threshold=100, injury=False, elsewhere=False, approved=1) == frozenset()
    assert points(fen=100, threshold=100, injury=True, elsewhere=True, approved=0) == frozenset(POINTS)
    assert route([SIGN, FIRST]) == (FIRST, SIGN)
    for wrong in ([FIRST], [SIGN, SITE], [FIRST, SIGN, "x"]):
        with pytest.raises(UsageError):
            route(wrong)


def test_confirmed_or_without_money_an_item_from_elsewhere_is_signed() -> None:
    for item, step in ((Item(SIGN, points=frozenset({"elsewhere"}), fen=1, confirmed=True), "signed"),
                       (Item(SIGN, points=frozenset({"elsewhere", "zero"})), "refused")):  # fmt: skip
        assert after("pass", item, hands=["me"], levels={SIGN}, held={}) == step
