"""手术操作信息异常: an operation outside the days of its visit, or one that ends before it begins (CODE)."""

from mingcha.rules.algebra import Days, IsMissing, Literal, some
from mingcha.rules.frames import SURGERY, row
from mingcha.rules.kind import Check, Kind

operation = row(SURGERY)
visit = operation.encounter
backwards = ~IsMissing(operation.second) & ~IsMissing(operation.end_second) & (operation.end_second < operation.second)

KIND = Kind(
    name="illogical_operation",
    says="手术操作不在就诊日期之内，或结束早于开始",
    says_en="An operation lies outside the days of its visit, or ends before it begins",
    operator="CODE",
    frame=SURGERY,
    flags="信息异常的手术操作；只作提示，不计金额",
    unknown="没有收到这次就诊，或就诊没有结束日期而手术在其开始之后时",
    checks={
        "": Check(
            when=some(
                Days(operation.day, visit.start_day) < 0,
                Days(operation.day, visit.end_day) > 0,
                backwards,
            ),
            amount=Literal(0),
            shows={"day": operation.day, "start_day": visit.start_day, "end_day": visit.end_day},
        )
    },
)
