"""最短间隔: an item repeated sooner than it may be, at any provider (GAP)."""

from mingcha.rules.algebra import Days, First, Previous
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Offer, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "days": Knows(K.INTEGER, "最短间隔天数", "days that must lie between two"),
    "group": Knows(K.TEXT, "项目组", "items counted together, else the item alone", required=False, default="item"),
}

together = (line.person, know("group", KNOWS))
previous = Previous("previous_day", line.day, together)
gap = Days(line.day, previous)

KIND = Kind(
    name="min_interval",
    says="同一参保人同一项目距上次不足最短间隔，跨机构计算",
    says_en="An item was repeated sooner than its shortest interval, at whatever provider",
    operator="GAP",
    frame=LINE,
    flags="后一次的费用明细；违规金额为该明细全部符合范围金额",
    unknown="无：日期是费用明细的必填项",
    knows=KNOWS,
    offer=Offer(day="previous_day"),
    checks={
        "": Check(
            when=~First("first", together) & (gap < know("days", KNOWS)),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"previous_day": previous, "gap": gap, "days": know("days", KNOWS)},
        )
    },
)
