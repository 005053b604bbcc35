"""限定总额: more money within scope for an item, or a group of items, than a period may cost (SUM)."""

from mingcha.rules.algebra import Literal, Node, Running, least
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "cap": Knows(K.INTEGER, "总额上限（分）", "most that may be within scope in the period, in fen"),
    "window": Knows(K.TEXT, "周期", "the period", choices=("day", "visit", "days-365")),
    "group": Knows(K.TEXT, "项目组", "items added up together, else the item alone", required=False, default="item"),
}

cap = know("cap", KNOWS)
group = know("group", KNOWS)


def _check(same: tuple[Node, ...], within: Node | None = None) -> Check:
    spent = Running("spent", "sum", line.in_scope, (line.person, group, *same), within)
    return Check(
        when=spent > cap,
        amount=least(line.in_scope, spent - cap),
        quantity=line.quantity,
        shows={"spent": spent, "cap": cap, "window": know("window", KNOWS)},
    )


KIND = Kind(
    name="amount_cap",
    says="同一项目（组）在周期内的符合范围金额超过限定总额",
    says_en="An item or group of items cost more within scope in a period than is paid",
    operator="SUM",
    frame=LINE,
    flags="使累计超过总额的费用明细，先后按时间与键；违规金额为超出部分。按天、按次在同一机构内累计，按年跨机构",
    unknown="无：符合范围金额没有上传时按全额计",
    knows=KNOWS,
    choice="window",
    checks={
        "day": _check((line.provider, line.visit, line.day)),
        "visit": _check((line.provider, line.visit)),
        "days-365": _check((), Literal(365)),
    },
)
