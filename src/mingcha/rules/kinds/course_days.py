"""支付疗程: more days of an item than are paid, over all providers (DUR)."""

from mingcha.rules.algebra import Literal, Node, Running
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "days": Knows(K.INTEGER, "支付天数", "days that are paid"),
    "window": Knows(K.TEXT, "疗程口径", "what a course is", choices=("visit", "days-365")),
    "group": Knows(K.TEXT, "项目组", "codes of one drug or treatment", required=False, default="item"),
}

days = know("days", KNOWS)
together = (line.person, know("group", KNOWS))


def _check(same: tuple[Node, ...], within: Node | None) -> Check:
    used = Running("used_days", "days", None, together + same, within)
    return Check(
        when=used > days,
        amount=line.in_scope,
        quantity=line.quantity,
        shows={"used_days": used, "days": days, "window": know("window", KNOWS)},
    )


KIND = Kind(
    name="course_days",
    says="同一参保人同一药品或项目累计使用天数超过支付疗程，跨机构累计",
    says_en="A person received an item on more days than a paid course has, counted over all providers",
    operator="DUR",
    frame=LINE,
    flags="超出疗程之日的费用明细；违规金额为该明细全部符合范围金额",
    unknown="无：使用天数按有费用的不同日期计，日期必填",
    knows=KNOWS,
    choice="window",
    checks={
        "visit": _check((line.provider, line.visit), None),
        "days-365": _check((), Literal(365)),
    },
)
