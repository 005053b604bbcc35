"""死亡登记之后就诊: a visit after the day of death in the register of insured persons (ID)."""

from mingcha.rules.algebra import Days, Exists, IsMissing
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import PERSON, VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "days": Parameter(ValueKind.INT, "宽限天数", "days after the death in which bills may still be settled"),
}

visit, registered = row(VISIT), other(PERSON)
dead = Exists(
    "registered_death",
    "person",
    ((visit.person, "person"),),
    ~IsMissing(registered.death_date)  # the living have none
    & (Days(visit.start_day, registered.death_date) > parameter("days", PARAMETERS)),
    witness=False,
)

KIND = Kind(
    name="after_registered_death",
    says="死亡登记日期之后仍有就诊",
    says_en="A visit began after the day of death in the register",
    operator="ID",
    frame=VISIT,
    flags="死亡登记之后的就诊；违规金额为该次就诊全部明细的符合范围金额",
    unknown="没有参保人登记的数据时；登记里没有死亡日期的人按在世看待",
    parameters=PARAMETERS,
    needs=("person.death_date",),
    checks={
        "": Check(
            when=dead,
            amount=WholeVisit(),
            shows={"start_day": visit.start_day, "days": parameter("days", PARAMETERS)},
        )
    },
)
