"""The moves of a provider's connection: every state × move, and what each asks for."""

from __future__ import annotations

import pytest

from mingcha.procedure.onboarding import MOVES, PRODUCTION, STATES, TEST, after, allowed
from mingcha.terms.errors import UsageError

BOTH = frozenset({TEST, PRODUCTION})
TABLE = [
    # from       move                 to
    ("adapting", "test",              "testing"),
    ("testing",  "go-live",           "live"),
    ("testing",  "back-to-adapting",  "adapting"),
    ("live",     "back-to-test",      "testing"),
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", MOVES)
def test_every_state_by_every_move(state: str, name: str) -> None:
    wanted = {(before, move): to for before, move, to in TABLE}.get((state, name))
    assert (name in allowed(state)) == (wanted is not None)
    if wanted is None:
        with pytest.raises(UsageError, match=r"Reload|刷新页面"):
            after(name, state, keys=BOTH, problems=0, reason="因为")
    else:
        assert after(name, state, keys=BOTH, problems=0, reason="因为") == wanted


@pytest.mark.parametrize(
    ("name", "state", "keys", "problems", "reason", "says"),
    [
        ("test", "adapting", {PRODUCTION}, 0, "", "测试密钥"),
        ("go-live", "testing", {TEST}, 0, "", "生产密钥"),
        ("go-live", "testing", {PRODUCTION}, 2, "", "还有 2 个问题"),
        ("back-to-test", "live", set(), 0, " ", "理由"),
    ],
)
def test_what_a_move_lacks_is_named(name: str, state: str, keys: set[str], problems: int, reason: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        after(name, state, keys=frozenset(keys), problems=problems, reason=reason)
    assert says in refused.value.zh
