"""结伴购药: two persons buy in the same pharmacy within minutes of each other, day after day (GRAPH over purchases)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Running
from mingcha.rules.frames import MEETING, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "fewest_days": Parameter(ValueKind.INT, "同行天数", "days of meeting within the period from which it is a lead"),
    "within": Parameter(ValueKind.INT, "滚动周期天数", "length of the period in days, the day of the meeting included"),
}

meeting = row(MEETING)
within = parameter("within", PARAMETERS)
days = Running("days_together", "days", None, (meeting.provider, meeting.one, meeting.other), within=within)

KIND = Kind(
    name="buying_together",
    says="两名参保人在同一药店十分钟内先后购药，周期内反复出现",
    says_en="Two persons bought in one pharmacy within ten minutes of each other on several days of a period",
    operator="GRAPH",
    frame=MEETING,
    flags="使同行天数达到界限的那次购药（后到者）；只是线索，不计金额",
    unknown="无：没有上传时刻的购药不会成为同行记录",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=days >= parameter("fewest_days", PARAMETERS),
            amount=Literal(0),
            shows={"days_together": days, "fewest_days": parameter("fewest_days", PARAMETERS), "within": within},
        )
    },
)
