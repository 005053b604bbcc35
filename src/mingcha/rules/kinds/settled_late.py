"""结算超时: settled long after the visit had ended (TIME)."""

from mingcha.rules.algebra import Days, Literal, OneOf
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import SETTLEMENT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes of the visits examined"),
    "days": Parameter(ValueKind.INT, "最长间隔天数", "days after the end within which a visit must be settled"),
}

settlement = row(SETTLEMENT)
visit = settlement.encounter
gap = Days(settlement.day, visit.end_day)

KIND = Kind(
    name="settled_late",
    says="就诊结束以后很久才结算上传",
    says_en="The visit was settled long after it had ended",
    operator="TIME",
    frame=SETTLEMENT,
    flags="超过间隔才结算的就诊；只作提示，不计金额",
    unknown="就诊没有结束日期或医疗类别时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=OneOf(visit.care, parameter("care", PARAMETERS)) & (gap > parameter("days", PARAMETERS)),
            amount=Literal(0),
            shows={"gap": gap, "day": settlement.day},
        )
    },
)
