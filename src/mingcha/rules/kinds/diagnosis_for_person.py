"""诊断与性别、年龄: a diagnosis the patient can't have at that sex or age (ATTR)."""

from mingcha.rules.algebra import Days, Literal, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.diagnoses import of_uncertain_sex
from mingcha.rules.frames import DIAGNOSIS, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, limited, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "诊断编码", "ICD-10 code"),
    "sex": Knows(K.TEXT, "适用性别", "sex that can have it: 1 male, 2 female", required=False, choices=("1", "2")),
    "days_max": Knows(K.INTEGER, "最大日龄", "oldest age in days, the day of birth being 0", required=False),
}
PARAMETERS = {
    "anomalies": Parameter(
        ValueKind.TEXTS, "性别异常组", "ICD categories of persons whose sex is in doubt, who are exempt", looser="more"
    )
}

diagnosis = row(DIAGNOSIS)
visit = diagnosis.encounter
days_old = Days(diagnosis.day, visit.birth_date)
in_doubt = of_uncertain_sex(diagnosis, parameter("anomalies", PARAMETERS))

KIND = Kind(
    name="diagnosis_for_person",
    says="诊断与患者性别或年龄不符",
    says_en="A diagnosis contradicts the patient's sex or age",
    operator="ATTR",
    frame=DIAGNOSIS,
    flags="诊断；编码错误本身不计金额，提示核对身份与清单",
    unknown="诊断所问的性别或出生日期缺失时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=some(
                limited("sex", KNOWS) & (visit.sex != know("sex", KNOWS)),
                limited("days_max", KNOWS) & (days_old > know("days_max", KNOWS)),
            ),
            unless={"sex_anomaly": limited("sex", KNOWS) & in_doubt},
            amount=Literal(0),
            shows={"sex": visit.sex, "days_old": days_old},
        )
    },
)
