"""重复收费: an item contained in, or exclusive with, another charged within a window (XCL)."""

from mingcha.rules.algebra import Exists, Node, every
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Offer, know
from mingcha.rules.kind import KnowledgeType as K
from mingcha.rules.windows import same_day, same_hour, same_prescription, same_visit, within_hours

WINDOWS = {
    "day": same_day(LINE),
    "visit": same_visit(LINE),
    "hours-6": within_hours(LINE, 6),
    "hour": same_hour(LINE),
    "prescription": same_prescription(LINE),
}

KNOWS = {
    "item": Knows(K.ITEM, "被包含项目编码", "the included item: the one flagged"),
    "partner": Knows(K.ITEM, "主项目编码", "the item that includes it, or that it must not meet"),
    "window": Knows(K.TEXT, "时间窗", "how near is together", choices=tuple(WINDOWS)),
}

line = row(LINE)
person_at_provider = ((line.person, "person"), (line.provider, "provider"))


def _check(same: tuple[tuple[Node, str], ...], near: Node) -> Check:
    partner = Exists("partner", "line", person_at_provider + same, every(near), items=know("partner", KNOWS))
    return Check(
        when=partner,
        amount=line.in_scope,
        quantity=line.quantity,
        shows={"partner": know("partner", KNOWS), "window": know("window", KNOWS)},
    )


KIND = Kind(
    name="exclusive_items",
    says="被包含或互斥的项目与主项目在时间窗内同时收费",
    says_en="An item included in, or exclusive with, another was charged together with it",
    operator="XCL",
    frame=LINE,
    flags="被包含项目的费用明细；违规金额为其全部符合范围金额，主项目从不标记",
    unknown="按小时的时间窗而任一方没有时刻，或按处方而没有处方号时",
    knows=KNOWS,
    offer=Offer(items="partner"),
    choice="window",
    checks={name: _check(*window) for name, window in WINDOWS.items()},
)
