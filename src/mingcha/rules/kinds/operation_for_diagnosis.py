"""手术与诊断: the main operation is one that none of the visit's main diagnosis calls for (DXREQ)."""

from mingcha.rules.algebra import Literal, Under
from mingcha.rules.frames import OPERATION, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "主要手术编码", "ICD-9-CM-3 code of the main operation"),
    "diagnoses": Knows(K.PREFIXES, "对应诊断", "ICD-10 codes of main diagnoses it belongs to, any one suffices"),
}

operation = row(OPERATION)
main_diagnosis = operation.encounter.main_diagnosis

KIND = Kind(
    name="operation_for_diagnosis",
    says="主要手术操作与主要诊断不对应",
    says_en="The main operation does not belong to the main diagnosis",
    operator="DXREQ",
    frame=OPERATION,
    flags="主要手术操作；差额要按病组重新入组计算，这里不计金额",
    unknown="主要诊断或主手术标志缺失时",
    knows=KNOWS,
    checks={
        "": Check(
            among=operation.is_main,
            when=~Under(main_diagnosis, know("diagnoses", KNOWS)),
            amount=Literal(0),
            shows={"main_diagnosis": main_diagnosis, "diagnoses": know("diagnoses", KNOWS)},
        )
    },
)
