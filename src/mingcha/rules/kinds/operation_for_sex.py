"""手术与性别: an operation only one sex can have, coded for the other (ATTR)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal
from mingcha.rules.diagnoses import of_uncertain_sex
from mingcha.rules.frames import OPERATION, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "手术操作编码", "ICD-9-CM-3 code"),
    "sex": Knows(K.TEXT, "适用性别", "sex that can have it: 1 male, 2 female", choices=("1", "2")),
}
PARAMETERS = {
    "anomalies": Parameter(
        ValueKind.TEXTS, "性别异常组", "ICD categories of persons whose sex is in doubt, who are exempt", looser="more"
    )
}

operation = row(OPERATION)

KIND = Kind(
    name="operation_for_sex",
    says="手术操作编码与患者性别不符",
    says_en="An operation code contradicts the patient's sex",
    operator="ATTR",
    frame=OPERATION,
    flags="手术操作；编码错误本身不计金额，提示核对清单与费用",
    unknown="患者性别缺失时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=operation.encounter.sex != know("sex", KNOWS),
            unless={"sex_anomaly": of_uncertain_sex(operation, parameter("anomalies", PARAMETERS))},
            amount=Literal(0),
            shows={"sex": operation.encounter.sex},
        )
    },
)
