"""限定适应症: an item paid only with certain diagnoses, charged in a visit that has none of them (DXREQ)."""

from mingcha.rules.diagnoses import has_diagnosis
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "diagnoses": Knows(K.PREFIXES, "限定诊断", "ICD-10 categories or codes, any one suffices"),
}

line = row(LINE)
named = has_diagnosis("named_diagnosis", know("diagnoses", KNOWS), witness=False)

KIND = Kind(
    name="diagnosis_required",
    says="项目限定适应症，本次就诊没有限定的诊断",
    says_en="An item limited to certain diagnoses was charged in a visit that has none of them",
    operator="DXREQ",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="本次就诊一条诊断也没有上传时：没有收到不等于没有",
    knows=KNOWS,
    checks={
        "": Check(
            when=~named,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"diagnoses": know("diagnoses", KNOWS)},
        )
    },
)
