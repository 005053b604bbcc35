"""限定频次: more of an item in a period than may be charged (CAP)."""

from mingcha.rules.algebra import Literal, Month, Node, Running, Share, least
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "limit": Knows(K.INTEGER, "上限（万分之一单位）", "most that may be charged, in ten-thousandths of the unit"),
    "window": Knows(K.TEXT, "周期", "the period", choices=("day", "visit", "days-7", "month", "days-280")),
    "group": Knows(K.TEXT, "项目组", "items counted together, else the item alone", required=False, default="item"),
}

limit = know("limit", KNOWS)
together = (line.person, line.provider, know("group", KNOWS))


def _check(same: tuple[Node, ...], within: Node | None = None) -> Check:
    total = Running("total", "sum", line.quantity, together + same, within)
    excess = least(line.quantity, total - limit)
    return Check(
        when=total > limit,
        amount=Share(line.in_scope, excess, line.quantity),
        quantity=excess,
        shows={"total": total, "limit": limit, "window": know("window", KNOWS)},
    )


KIND = Kind(
    name="max_per_period",
    says="同一参保人同一项目在周期内的数量超过上限",
    says_en="More of an item was charged to a person in a period than allowed",
    operator="CAP",
    frame=LINE,
    flags="超出上限的费用明细，先后按时间与键；违规金额为超出数量所占的符合范围金额",
    unknown="无：数量与日期是费用明细的必填项",
    knows=KNOWS,
    choice="window",
    checks={
        "day": _check((line.day,)),
        "visit": _check((line.visit,)),
        "days-7": _check((), Literal(7)),
        "month": _check((Month(line.day),)),
        "days-280": _check((), Literal(280)),  # a pregnancy
    },
)
