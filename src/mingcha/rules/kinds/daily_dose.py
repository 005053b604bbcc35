"""日用量: more of a drug than its largest daily amount times the days it is given for (CAP)."""

from mingcha.rules.algebra import Share, greatest
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "most": Knows(K.INTEGER, "每日最大量（万分之一单位）", "largest amount a day, in ten-thousandths"),
}

days = greatest(line.days_supply, 1)
excess = line.quantity - know("most", KNOWS) * days

KIND = Kind(
    name="daily_dose",
    says="按用药天数折算的日用量超过最大日用量",
    says_en="More of a drug was charged than its largest daily amount for the days supplied",
    operator="CAP",
    frame=LINE,
    flags="费用明细；违规金额为超出数量所占的符合范围金额",
    unknown="没有用药天数（中药饮片为剂数）时",
    knows=KNOWS,
    checks={
        "": Check(
            when=excess > 0,
            amount=Share(line.in_scope, excess, line.quantity),
            quantity=excess,
            shows={"quantity": line.quantity, "days_supply": line.days_supply, "daily_most": know("most", KNOWS)},
        )
    },
)
