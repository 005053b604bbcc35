"""死亡后就诊: a visit that begins after a stay the person left by dying (ID by the way of discharge)."""

from mingcha.rules.algebra import Days, Exists, IsMissing, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "days": Parameter(
        ValueKind.INT, "宽限天数", "days after the death in which bills may still be settled", looser="more"
    ),
}
DIED = "5"
"""Way of discharge: death (dictionary dscg_way)."""

visit, theirs = row(VISIT), other(VISIT)
died = Exists(
    "death",
    "visit",
    ((visit.person, "person"),),
    every(
        Days(visit.start_day, theirs.end_day) > parameter("days", PARAMETERS),
        Days(visit.start_day, theirs.start_day) > 0,
        ~IsMissing(theirs.discharge_way),  # few visits say how they ended; one that doesn't is no sign of death
        theirs.discharge_way == DIED,
    ),
)

KIND = Kind(
    name="visit_after_death",
    says="参保人住院死亡之后仍有就诊",
    says_en="A visit began after the person had died in hospital",
    operator="ID",
    frame=VISIT,
    flags="死亡之后的就诊；违规金额为该次就诊全部明细的符合范围金额",
    unknown="死亡的那次没有出院日期时；没有上传离院方式的住院看不出死亡",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=died,
            amount=WholeVisit(),
            shows={"start_day": visit.start_day, "days": parameter("days", PARAMETERS)},
        )
    },
)
