"""累计供药: more days of a drug supplied within a rolling period than it has, over all providers (CAP over history)."""

from mingcha.rules.algebra import Running, Share, least
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "group": Knows(K.TEXT, "成分组", "codes of one ingredient"),
    "days": Knows(K.INTEGER, "供药天数上限", "days of supply allowed within the period"),
    "within": Knows(K.INTEGER, "滚动周期天数", "length of the period in days, the day of service included"),
}

supplied = Running(
    "supplied_days", "sum", line.days_supply, (line.person, know("group", KNOWS)), within=know("within", KNOWS)
)
excess = least(line.days_supply, supplied - know("days", KNOWS))

KIND = Kind(
    name="supply_overlap",
    says="滚动周期内累计供药天数超过上限，跨机构累计",
    says_en="More days of a drug were supplied within a rolling period than allowed, over all providers",
    operator="CAP",
    frame=LINE,
    flags="使累计超过上限的费用明细；违规金额为超出天数所占的符合范围金额",
    unknown="周期内任一次供药没有用药天数时",
    knows=KNOWS,
    checks={
        "": Check(
            when=supplied > know("days", KNOWS),
            amount=Share(line.in_scope, excess, line.days_supply),
            quantity=excess,
            shows={"supplied_days": supplied, "days": know("days", KNOWS), "within": know("within", KNOWS)},
        )
    },
)
