"""机构接入 How a provider's system comes to ask the gate: states and moves as data, and what each move asks for.

A provider adapts its system, tries it with a test key and goes live with a production key. It may fall back, with a
reason, and come again; which day it reached what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from mingcha.terms.errors import UsageError

TEST, PRODUCTION = "test", "production"
ENVIRONMENTS = {TEST: ("测试", "test"), PRODUCTION: ("生产", "production")}

STATES = {"adapting": ("改造", "adapting"), "testing": ("测试", "testing"), "live": ("上线", "live")}
"""What a provider's connection can be, in the order it is reached."""


@dataclass(frozen=True)
class Move:
    """From which states to which; the environment of which it needs a key, and whether a reason must be given."""

    zh: str
    en: str
    before: tuple[str, ...]
    after: str
    needs: str | None = None
    reason: bool = False


MOVES = {
    "test": Move("开始测试", "begin the test", ("adapting",), "testing", TEST),
    "go-live": Move("上线", "go live", ("testing",), "live", PRODUCTION),
    "back-to-test": Move("退回测试", "go back to the test", ("live",), "testing", reason=True),
    "back-to-adapting": Move("退回改造", "go back to adapting", ("testing",), "adapting", reason=True),
}


def allowed(state: str) -> tuple[str, ...]:
    """The moves from a state, in the order of MOVES."""
    return tuple(name for name, move in MOVES.items() if state in move.before)


def after(name: str, state: str, *, keys: frozenset[str], problems: int, reason: str = "") -> str:
    """The state a move leads to. `keys` are the environments a good key is handed out for, `problems` the open ones.

    UsageError when the state has moved on, or for want of a key or a reason, or when problems stand against going live.
    """
    move = MOVES[name]
    if state not in move.before:
        zh, en = STATES[state]
        raise UsageError(
            f"这家机构现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"The provider is {en} by now, so it can't {move.en}. Reload the page to see where it stands.",
        )
    if move.needs is not None and move.needs not in keys:
        zh, en = ENVIRONMENTS[move.needs]
        raise UsageError(
            f"“{move.zh}”之前要先发放{zh}密钥。", f"To {move.en}, a {en} key has to be handed out first."
        )
    if name == "go-live" and problems:
        raise UsageError(
            f"还有 {problems} 个问题没有解决，请逐个关闭后再上线。",
            f"{problems} problem(s) are open; close each of them before going live.",
        )
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    return move.after
