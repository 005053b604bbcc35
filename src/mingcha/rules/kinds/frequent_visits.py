"""频繁就诊: more visits of some sort within a rolling period than are usual (CAP over visits)."""

from mingcha.rules.algebra import IsMissing, Literal, OneOf, Running, Start
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes that are counted together"),
    "most": Parameter(ValueKind.INT, "次数上限", "visits within the period that are still usual", looser="more"),
    "within": Parameter(
        ValueKind.INT, "滚动周期天数", "length of the period in days, the day of the visit included", looser="less"
    ),
    "courses": Parameter(
        ValueKind.TEXTS, "疗程治疗的诊断类目", "ICD categories of care given in courses: chemotherapy, dialysis",
        looser="more",
    ),
}

visit = row(VISIT)
visits = Running("visits", "sum", Literal(1), (visit.person,), within=parameter("within", PARAMETERS))
in_course = OneOf(Start(visit.main_diagnosis, 3), parameter("courses", PARAMETERS))

KIND = Kind(
    name="frequent_visits",
    says="滚动周期内就诊次数超过上限，跨机构累计",
    says_en="More visits of some sort within a rolling period than usual, over all providers",
    operator="CAP",
    frame=VISIT,
    flags="使次数超过上限的各次就诊；只是线索，不计金额",
    unknown="医疗类别缺失，不知是否计入时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            among=OneOf(visit.care, parameter("care", PARAMETERS)),
            when=visits > parameter("most", PARAMETERS),
            unless={"course": ~IsMissing(visit.main_diagnosis) & in_course},
            amount=Literal(0),
            shows={
                "visits": visits,
                "most": parameter("most", PARAMETERS),
                "within": parameter("within", PARAMETERS),
            },
        )
    },
)
