"""首日不可开展: an item charged in the first days of a stay, before what it needs can have happened (TIME)."""

from mingcha.rules.algebra import Days
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "days": Knows(K.INTEGER, "入院后天数", "days after admission from which it may be charged"),
}

line = row(LINE)
stay = line.encounter
since = Days(line.day, stay.start_day)

KIND = Kind(
    name="too_early_in_stay",
    says="入院后不足规定天数即收取项目",
    says_en="An item was charged too soon after admission",
    operator="TIME",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="医疗类别缺失时",
    knows=KNOWS,
    checks={
        "": Check(
            when=(stay.care == "I") & (since < know("days", KNOWS)),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"since_admission": since, "days": know("days", KNOWS)},
        )
    },
)
