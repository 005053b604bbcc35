"""Filters and tags of every page: money, quantities, times, icons, links that keep the filter. Built in everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from mingcha.desk.audit.models import Certainty, Outcome, State, Withdrawal
from mingcha.desk.onboarding.models import StrengthChoice
from mingcha.desk.reminders.models import Verdict
from mingcha.desk.review.models import Verdict as Opinion
from mingcha.desk.shell import masking
from mingcha.desk.shell.permissions import opens
from mingcha.knowledge.bundle import BLOCK, JUSTIFY
from mingcha.procedure.onboarding import ENVIRONMENTS
from mingcha.procedure.onboarding import STATES as CONNECTION_STATES
from mingcha.procedure.review import CLOCKS as REVIEW_CLOCKS
from mingcha.procedure.review import MOVES as REVIEW_MOVES
from mingcha.procedure.review import STEPS as REVIEW_STEPS
from mingcha.terms.codes import CARE_CLASSES, INSURANCES, LEVEL_OF_GRADE, care_class

register = template.Library()

register.filter("masked_name", masking.masked_name)
register.filter("masked_number", masking.masked_number)

_LEVELS = {3: "三级", 2: "二级", 1: "一级", 0: "未定级"}


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan: 1234567 → 12,345.67; unknown is a dash, never zero."""
    return "—" if fen is None else f"{fen / 100:,.2f}"


@register.filter
def wan(fen: float | None) -> str:
    """Fen as 万元 with two decimals, for cards."""
    return "—" if fen is None else f"{fen / 1_000_000:,.2f}"


@register.filter
def count(number: int | None) -> str:
    """A count with thousands separators."""
    return "—" if number is None else f"{number:,}"


@register.filter
def tally(counted: Any) -> str:
    """A count that may not have been counted to its end: "10,000+"."""
    return f"{counted.n:,}{'+' if counted.more else ''}"


@register.filter
def decimal(ten_thousandths: int | None) -> str:
    """A quantity in ten-thousandths without needless zeros."""
    if ten_thousandths is None:
        return "—"
    whole, rest = divmod(abs(ten_thousandths), 10_000)
    sign = "-" if ten_thousandths < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:04d}".rstrip("0") if rest else "")


@register.filter
def price(ten_thousandths: int | None) -> str:
    """A unit price in 1/10000 yuan: two decimals, more where there are more."""
    if ten_thousandths is None:
        return "—"
    text = f"{ten_thousandths / 10_000:,.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


@register.filter
def share(part: int | None, whole: int | None) -> str:
    """A percentage with one decimal."""
    return "—" if not whole or part is None else f"{100 * part / whole:.1f}%"


@register.filter
def measured(value: float | None) -> str:
    """A number of any size with at most two decimals, whole ones without."""
    return "—" if value is None else f"{value:,.2f}".removesuffix(".00")


@register.filter
def percent(part: float | None) -> str:
    """A share of 0–1 as a percentage with one decimal."""
    return "—" if part is None else f"{100 * part:.1f}%"


@register.filter
def clock(second: int | None) -> str:
    """Seconds of the day as 15:04; nothing when the source gave no time."""
    return "" if second is None else f"{second // 3600:02d}:{second % 3600 // 60:02d}"


@register.filter
def day(value: date | None) -> str:
    """2026-11-22."""
    return "—" if value is None else value.isoformat()


@register.filter
def certainty_words(code: str) -> str:
    """明确违规, 可疑, 提示 or 线索."""
    return Certainty(code).label if code in Certainty.values else code


@register.filter
def state_words(code: str) -> str:
    """待核实, 已认定 or 已撤回."""
    return State(code).label if code in State.values else code


@register.filter
def review_words(step: str) -> str:
    """待初审, 待机构反馈 … where a finding stands among people."""
    return REVIEW_STEPS[step][0] if step in REVIEW_STEPS else step


@register.filter
def review_move_words(name: str) -> str:
    """采信并反馈机构, 申诉 … what was done with a finding."""
    return REVIEW_MOVES[name].zh if name in REVIEW_MOVES else REVIEW_CLOCKS.get(name, (name,))[0]


@register.filter
def outcome_words(code: str | None) -> str:
    """属实, 误报 … what people found."""
    return Outcome(code).label if code in Outcome.values else "—"


@register.filter
def opinion_words(code: str | None) -> str:
    """What an expert makes of a finding."""
    return Opinion(code).label if code in Opinion.values else "—"


@register.filter
def withdrawal_words(code: str | None) -> str:
    """Why a finding was taken back."""
    return Withdrawal(code).label if code in Withdrawal.values else ""


@register.filter
def level_words(grade: str | None) -> str:
    """The national grade as 三级, 二级, 一级; empty for pharmacies and unknown grades."""
    return _LEVELS.get(LEVEL_OF_GRADE.get(grade or "", -1), "")


@register.filter
def provider_kind(row: Mapping[str, Any]) -> str:
    """What stands behind a provider's name: its level, or 药店."""
    return "药店" if row.get("provider_type") == "2" else level_words(row.get("provider_level"))


@register.filter
def care_words(visit_type: str | None) -> str:
    """The kind of care of a visit in words; the code itself when it isn't in the list."""
    known = care_class(visit_type, None)
    return CARE_CLASSES[known][0] if known else visit_type or ""


@register.filter
def insurance_words(code: str | None) -> str:
    """职工基本医疗保险 …; the code itself when it isn't in the list."""
    return INSURANCES.get(code or "", (code or "—", ""))[0]


@register.filter
def person_short(who: Mapping[str, str]) -> str:
    """Who a person is, in a narrow column: the masked name, else the end of the number, else a dash."""
    if name := masking.masked_name(who.get("person_name")):
        return name
    number = who.get("id_number") or who.get("number")
    return f"*{number[-4:]}" if number else "—"


@register.filter
def sex_words(code: str | None) -> str:
    """男, 女, or nothing."""
    return {"1": "男", "2": "女"}.get(code or "", "")


@register.filter
def move_words(action: str) -> str:
    """What a person did to a change of a rule, as the trail names it."""
    return _MOVES.get(action.partition(".")[2], action)


_MOVES = {
    "draft": "起草", "edit": "修改", "terms": "改理由与日期", "check": "检查", "trial": "开始试算",
    "shadow": "影子运行",
    "submit": "提交签署", "submit-withdrawal": "提交签署", "return": "退回", "sign": "签署", "discard": "作废",
}  # fmt: skip


@register.filter
def step_words(step: str) -> str:
    """Where a trial is."""
    return {"old": "现行规则", "new": "改后的规则", "report": "比较"}.get(step, "")


@register.filter
def onboarding_words(state: str) -> str:
    """改造, 测试 or 上线."""
    return CONNECTION_STATES[state][0] if state in CONNECTION_STATES else state


@register.filter
def environment_words(code: str) -> str:
    """测试 or 生产."""
    return ENVIRONMENTS[code][0] if code in ENVIRONMENTS else code


@register.filter
def strength_words(code: str) -> str:
    """提示, 须填理由 or 拦截."""
    return StrengthChoice(code).label if code in StrengthChoice.values else code


@register.filter
def strength_look(code: str) -> str:
    """The colour of a strength, as that of a certainty."""
    return {BLOCK: "definite", JUSTIFY: "suspected"}.get(code, "advisory")


@register.filter
def verdict_words(code: str | None) -> str:
    """误报 or 提醒正确."""
    return Verdict(code).label if code in Verdict.values else ""


@register.filter
def settled_share(changed: int, group: Mapping[str, int]) -> str:
    """Of the reminders that aren't waiting any more, how many were followed."""
    return share(changed, group["n"] - group["waiting"])


@register.filter
def milliseconds(microseconds: int | None) -> str:
    """How long an answer took."""
    return "—" if microseconds is None else f"{microseconds / 1000:,.1f} ms"


@register.filter
def of(names: Mapping[str, str], key: str) -> str:
    """What a name list says for a key; the key itself when it isn't in it."""
    return names.get(key) or key


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """An icon of the sprite; decoration only, so hidden from screen readers."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"></use></svg>',
        size, static("vendor/icons.svg"), name,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def keep(context: template.Context, **changes: Any) -> str:
    """The address's query with these changes; an empty value drops a parameter. Paging starts again unless named."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in ("after", "before", "at"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def allows(context: template.Context, view_name: str) -> bool:
    """Whether this person may open the view; for showing its link."""
    user = context["request"].user
    return user.is_authenticated and opens(user, view_name) is not None


@register.simple_tag
def options(found: list[dict[str, Any]], code: str, chosen: str) -> SafeString:
    """The options of a select, value under `code` and text under `name`; a thousand cost a template half a second."""
    picked = " selected"
    drawn = (
        f'<option value="{escape(one[code])}"{picked if one[code] == chosen else ""}>{escape(one["name"])}</option>'
        for one in found
    )
    return mark_safe("".join(drawn))  # each part is escaped


@register.filter
def unlocalized(number: int | None) -> str:
    """Digits only, for addresses."""
    return "" if number is None else str(number)


@register.simple_tag
def bar(part: int | None, whole: int | None) -> SafeString:
    """A horizontal bar; drawn as SVG, because the policy refuses inline widths."""
    width = round(100 * (part or 0) / whole, 1) if whole else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 100 7" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="100" height="7"/><rect width="{}" height="7"/></svg>',
        width,
    )


@register.filter
def scope_words(scope: str, names: Mapping[str, str]) -> str:
    """The areas of a scope by name, codes where the tree has none."""
    return "全部地区" if scope == "*" else "、".join(names.get(code, code) for code in scope.split(","))


@register.filter
def in_scope_of(code: str, scope: str | None) -> bool:
    """Whether a scope names the area."""
    return code in (scope or "").split(",")
