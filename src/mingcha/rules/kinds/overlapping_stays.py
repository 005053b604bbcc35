"""重叠住院: a stay or visit, elsewhere or at the same provider, strictly inside an inpatient stay (TIME)."""

from mingcha.rules.algebra import Days, Exists, If, IsMissing, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "被查就诊的就医方式", "care classes of the visit examined: I, or O;S;P"),
    "same_provider": Parameter(ValueKind.BOOL, "同一机构", "whether the stay is at the same provider, or at another"),
}

visit, stay = row(VISIT), other(VISIT)
inpatient = visit.care == "I"
where = If(parameter("same_provider", PARAMETERS), stay.provider == visit.provider, stay.provider != visit.provider)

begun_before = If(
    inpatient,
    (Days(visit.start_day, stay.start_day) > 0)
    | ((Days(visit.start_day, stay.start_day) == 0) & (stay.provider < visit.provider)),
    Days(visit.start_day, stay.start_day) > 0,
)
"""The later stay is the flagged one; of two begun on one day the one whose provider's code is greater."""
not_left = IsMissing(stay.end_day) | (Days(stay.end_day, visit.start_day) > 0)
"""Discharge and admission on one day is a transfer, not an overlap; a stay without an end lasts."""

KIND = Kind(
    name="overlapping_stays",
    says="住院期间又住院或就诊购药",
    says_en="During an inpatient stay the person stayed or was treated again",
    operator="TIME",
    frame=VISIT,
    flags="后一次住院，或住院期间的门诊、购药；违规金额为该次就诊全部明细的符合范围金额",
    unknown="就诊的医疗类别缺失时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=OneOf(visit.care, parameter("care", PARAMETERS))
            & Exists(
                "stay",
                "visit",
                ((visit.person, "person"),),
                every(stay.care == "I", where, begun_before, not_left),
            ),
            amount=WholeVisit(),
            shows={"care": visit.care, "start_day": visit.start_day, "end_day": visit.end_day},
        )
    },
)
