"""集中结算: many persons' purchases are settled in one pharmacy within ten minutes (DEV over purchases)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Running
from mingcha.rules.frames import MEETING, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "usual": Parameter(ValueKind.INT, "常见笔数", "purchases of others in the ten minutes before that are still usual"),
}

meeting = row(MEETING)
usual = parameter("usual", PARAMETERS)
others = Running("others_before", "sum", Literal(1), (meeting.provider, meeting.visit))

KIND = Kind(
    name="crowded_purchases",
    says="同一药店十分钟内为多名参保人集中结算，笔数超过常见值",
    says_en="More persons than usual had purchases settled in one pharmacy within ten minutes",
    operator="DEV",
    frame=MEETING,
    flags="此前十分钟内他人购药笔数超过常见值的购药，每笔一次；只是线索，不计金额",
    unknown="无：没有上传时刻的购药不会计入",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=others == usual + 1,
            amount=Literal(0),
            shows={"others_before": others, "usual": usual},
        )
    },
)
