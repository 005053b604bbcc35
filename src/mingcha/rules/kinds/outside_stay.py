"""计费日期与住院时间不符: a line of a stay before admission or after discharge (TIME)."""

from mingcha.rules.algebra import Days, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import STRAY, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"days": Parameter(ValueKind.INT, "宽限天数", "days before and after the stay in which lines may lie")}

line = row(STRAY)
visit = line.encounter
grace = parameter("days", PARAMETERS)

KIND = Kind(
    name="outside_stay",
    says="住院费用发生在入院之前或出院之后",
    says_en="A line of a stay lies before admission or after discharge",
    operator="TIME",
    frame=STRAY,
    flags="住院日期以外的费用明细；违规金额为其全部符合范围金额；出院早于入院的就诊另有规则",
    unknown="就诊没有出院日期而费用在入院之后，或医疗类别缺失时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                visit.care == "I",
                line.in_scope > 0,
                Days(visit.end_day, visit.start_day) >= 0,
                some(Days(visit.start_day, line.day) > grace, Days(line.day, visit.end_day) > grace),
            ),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"day": line.day, "start_day": visit.start_day, "end_day": visit.end_day, "days": grace},
        )
    },
)
