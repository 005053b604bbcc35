"""低标准入院、体检式住院: a short stay without operation, of tests nearly alone (SET over a stay's charges)."""

from mingcha.rules.algebra import IsMissing, Literal, Missing, OneOf, Share, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import BRIEF, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "most_nights": Parameter(ValueKind.INT, "最长住院天数", "nights up to which a stay is short", looser="less"),
    "exam_least": Parameter(
        ValueKind.INT,
        "检查检验占比（万分之）",
        "share of tests above which it counts, in ten-thousandths",
        looser="more",
    ),
    "drug_most": Parameter(
        ValueKind.INT, "药费占比（万分之）", "share of drugs below which it counts, in ten-thousandths", looser="less"
    ),
    "treatment_most": Parameter(
        ValueKind.INT, "治疗费占比（万分之）", "share of treatment below which it counts", looser="less"
    ),
    "fewest_exams": Parameter(ValueKind.INT, "检查检验项目数", "least number of different tests", looser="more"),
    "urgent": Parameter(ValueKind.TEXTS, "急诊入院途径", "ways of admission that are urgent"),
    "left": Parameter(ValueKind.TEXTS, "豁免的离院方式", "ways of leaving that end a stay early: transferred, died …"),
}
WHOLE = 10_000

stay = row(BRIEF)
nights, exam_least, drug_most, treatment_most, fewest, urgent, left = (parameter(n, PARAMETERS) for n in PARAMETERS)


def _share(fen):
    return Share(Literal(WHOLE), fen, stay.charges)


for_sure = every(
    _share(stay.exam) > exam_least,
    _share(stay.drug + stay.unsorted) < drug_most,
    _share(stay.treatment + stay.unsorted) < treatment_most,
)
perhaps = every(
    _share(stay.exam + stay.unsorted) > exam_least,
    _share(stay.drug) < drug_most,
    _share(stay.treatment) < treatment_most,
)
"""Money without a charge category may be of any."""

KIND = Kind(
    name="stay_for_tests",
    says="住院时间短、没有手术，费用几乎都是检查检验，药品和治疗很少",
    says_en="A short stay without an operation whose charges are tests almost alone",
    operator="SET",
    frame=BRIEF,
    flags="住院；违规金额为该次住院全部明细的符合范围金额；急诊入院的不比较，转院、死亡、自动出院的豁免",
    unknown="入院途径缺失，或没有收费类别的金额多到足以改变结论时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                stay.nights <= nights,
                stay.exams >= fewest,
                for_sure | (perhaps & Missing("charge_type")),
                ~OneOf(stay.encounter.admission_way, urgent),
            ),
            unless={"left_early": ~IsMissing(stay.encounter.discharge_way) & OneOf(stay.encounter.discharge_way, left)},
            amount=WholeVisit(),
            shows={
                "nights": stay.nights,
                "share": _share(stay.exam),
                "drug_share": _share(stay.drug),
                "treatment_share": _share(stay.treatment),
                "exams": stay.exams,
            },
        )
    },
)
