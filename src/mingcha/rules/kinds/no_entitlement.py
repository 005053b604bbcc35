"""无有效参保待遇: a visit on a day on which the person was not enrolled (ID against the register of enrolments)."""

from mingcha.rules.algebra import Days, Exists, If, IsMissing, Literal, Missing, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import ENROLMENT, VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "newborn_days": Parameter(ValueKind.INT, "新生儿宽限天数", "days after birth that an enrolment reaches back"),
}

visit, enrolled = row(VISIT), other(ENROLMENT)
_person = ((visit.person, "person"),)
recorded = Exists("recorded_enrolment", "enrolment", _person, Literal(True), witness=False)
in_force = Exists(
    "enrolment_in_force",
    "enrolment",
    _person,
    every(
        Days(visit.start_day, enrolled.start_day) >= 0,
        IsMissing(enrolled.end_day) | (Days(enrolled.end_day, visit.start_day) >= 0),
    ),
    witness=False,
)
newborn = ~IsMissing(visit.birth_date) & (
    Days(visit.start_day, visit.birth_date) <= parameter("newborn_days", PARAMETERS)
)

KIND = Kind(
    name="no_entitlement",
    says="就诊当日参保人没有有效的参保关系",
    says_en="On the day of the visit the person was not enrolled",
    operator="ID",
    frame=VISIT,
    flags="没有有效参保关系的就诊；违规金额为该次就诊全部明细的符合范围金额；出生后宽限期内的新生儿除外",
    unknown="参保人一条参保关系也没有收到时；机构所在的数据里根本没有参保关系时",
    parameters=PARAMETERS,
    needs=("enrolment",),
    checks={
        "": Check(
            when=If(recorded, ~in_force, Missing("enrolment")),
            unless={"newborn": newborn},
            amount=WholeVisit(),
            shows={"start_day": visit.start_day, "birth_date": visit.birth_date},
        )
    },
)
