"""3103: what the doctor did about a reminder (reference: interface §2.1)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from mingcha.gate.envelope import Refused, Text, several, told

INSISTED, CHANGED = "1", "2"
"""dspo_way: 继续执行医嘱, 返回修改医嘱."""


class Warn(msgspec.Struct):
    """A node of warns."""

    warn_rslt_id: Text = None
    dspo_way: Text = None
    dspo_way_rea: Text = None


class _Data(msgspec.Struct):
    warn_type: Text = None
    warns: list[Warn] | Warn | str | None = None


class Feedback(msgspec.Struct):
    """input of 3103."""

    data: _Data | None = None


@dataclass(frozen=True)
class Reaction:
    """To which reminder, whether before or during, and what was done: insisted on, with the reason, or changed."""

    reminder: str
    stage: str
    way: str
    reason: str | None


def reactions(feedback: Feedback) -> list[Reaction]:
    """Every reaction of a message. Refused, naming the place, where one says too little; then none of them counts."""
    warns = several(feedback.data.warns) if feedback.data else []
    if feedback.data is None or not warns:
        raise Refused("缺少 input.data.warns：没有要反馈的提醒。")
    stage = told(feedback.data.warn_type)
    if stage not in ("1", "2"):
        raise Refused("warn_type 应为 1（事前）或 2（事中）。")
    found = []
    for place, warn in enumerate(warns):
        number, way, reason = told(warn.warn_rslt_id), told(warn.dspo_way), told(warn.dspo_way_rea)
        if number is None:
            raise Refused(f"缺少 warns[{place}].warn_rslt_id（即提醒返回的 jr_id）。")
        if way not in (INSISTED, CHANGED):
            raise Refused(f"warns[{place}].dspo_way 应为 1（继续执行医嘱）或 2（返回修改医嘱）。")
        if way == INSISTED and reason is None:
            raise Refused(f"warns[{place}] 选择继续执行医嘱，请在 dspo_way_rea 填写原因。")
        found.append(Reaction(number, "before" if stage == "1" else "during", way, reason))
    return found
