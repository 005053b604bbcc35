"""分解住院: back in hospital for the same illness too soon after discharge (GAP over stays)."""

from mingcha.rules.algebra import Days, First, If, Literal, OneOf, Previous, Start
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "days": Parameter(ValueKind.INT, "间隔天数", "days since discharge within which a return counts", looser="less"),
    "same_provider": Parameter(ValueKind.BOOL, "同一机构", "whether the return must be to the same provider"),
    "courses": Parameter(
        ValueKind.TEXTS, "疗程治疗的诊断类目", "ICD categories of care given in courses: chemotherapy, dialysis",
        looser="more",
    ),
}

visit = row(VISIT)
same_provider = parameter("same_provider", PARAMETERS)
illness = (visit.person, Start(visit.main_diagnosis, 3), If(same_provider, visit.provider, Literal("")))
"""The first three characters of the main diagnosis are the ICD category."""

first = First("first_stay", illness)
previous_end = Previous("previous_end_day", visit.end_day, illness)
previous_provider = Previous("previous_provider", visit.provider, illness)
transferred = Previous("previous_discharge_way", visit.discharge_way, illness) == "2"
"""The stay before ended in a transfer (医嘱转院, dscg_way 2)."""
gap = Days(visit.start_day, previous_end)
in_course = OneOf(Start(visit.main_diagnosis, 3), parameter("courses", PARAMETERS))

KIND = Kind(
    name="readmission_gap",
    says="出院后间隔不足，因同一类疾病再次住院",
    says_en="Readmitted for the same kind of illness too soon after discharge",
    operator="GAP",
    frame=VISIT,
    flags="后一次住院；违规金额为该次住院全部明细的符合范围金额",
    unknown="主要诊断缺失，或上次住院没有出院日期时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            among=visit.care == "I",
            when=~first
            & (gap >= 0)
            & (gap <= parameter("days", PARAMETERS))
            & If(same_provider, Literal(True), previous_provider != visit.provider),
            unless={"planned": visit.planned_readmission, "course": in_course, "transferred": transferred},
            amount=WholeVisit(),
            shows={"previous_end_day": previous_end, "gap": gap, "previous_provider": previous_provider},
        )
    },
)
