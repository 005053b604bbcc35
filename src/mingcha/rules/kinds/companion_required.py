"""缺少配套项目: an item charged without any of the items it cannot be done without (REQ)."""

from mingcha.rules.algebra import Exists, Node
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Offer, know
from mingcha.rules.kind import KnowledgeType as K
from mingcha.rules.windows import same_day, same_visit

WINDOWS = {"day": same_day(LINE), "visit": same_visit(LINE)}

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "the item that needs a companion"),
    "companions": Knows(K.LIST, "配套项目编码", "items of which one must be charged too"),
    "window": Knows(K.TEXT, "时间窗", "how near is together", choices=tuple(WINDOWS)),
}

line = row(LINE)
person_at_provider = ((line.person, "person"), (line.provider, "provider"))


def _check(same: tuple[tuple[Node, str], ...], near: Node) -> Check:
    companion = Exists(
        "companion", "line", person_at_provider + same, near, items=know("companions", KNOWS), witness=False
    )
    return Check(
        when=~companion,
        amount=line.in_scope,
        quantity=line.quantity,
        shows={"companions": know("companions", KNOWS), "window": know("window", KNOWS)},
    )


KIND = Kind(
    name="companion_required",
    says="收取了项目，却没有必需的配套项目",
    says_en="An item was charged without any of the items it cannot be done without",
    operator="REQ",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="无：配套项目与被查项目来自同一机构的同一批费用明细",
    knows=KNOWS,
    offer=Offer(items="companions"),
    choice="window",
    checks={name: _check(*window) for name, window in WINDOWS.items()},
)
