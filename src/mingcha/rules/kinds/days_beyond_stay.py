"""天数超住院日: more of an item charged by the day than the stay has days (CAP)."""

from mingcha.rules.algebra import Days, Running, Share, greatest, least
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "group": Knows(K.TEXT, "项目组", "items of which a patient has one a day", required=False, default="item"),
}
PARAMETERS = {"more": Parameter(ValueKind.INT, "宽限天数", "days allowed beyond those between admission and discharge")}
UNIT = 10_000

line = row(LINE)
stay = line.encounter
total = Running("total", "sum", line.quantity, (line.person, line.provider, line.visit, know("group", KNOWS)))
days = greatest(Days(stay.end_day, stay.start_day), 1)
allowed = (days + parameter("more", PARAMETERS)) * UNIT
excess = least(line.quantity, total - allowed)

KIND = Kind(
    name="days_beyond_stay",
    says="按日计价的项目数量超过住院天数",
    says_en="More of an item charged by the day than the stay has days",
    operator="CAP",
    frame=LINE,
    flags="超出住院天数的费用明细，先后按时间与键；违规金额为超出数量所占的符合范围金额",
    unknown="医疗类别缺失，或还没有出院日期时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            among=stay.care == "I",
            when=total > allowed,
            amount=Share(line.in_scope, excess, line.quantity),
            quantity=excess,
            shows={"total": total, "limit": allowed, "start_day": stay.start_day, "end_day": stay.end_day},
        )
    },
)
