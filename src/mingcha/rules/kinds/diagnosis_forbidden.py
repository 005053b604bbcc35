"""禁忌: an item not to be used with certain diagnoses, charged in a visit that has one of them (DXFORB)."""

from mingcha.rules.diagnoses import has_diagnosis
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "diagnoses": Knows(K.PREFIXES, "禁忌诊断", "ICD-10 categories or codes with which it is not to be used"),
}

line = row(LINE)
named = has_diagnosis("forbidding_diagnosis", know("diagnoses", KNOWS), witness=True)

KIND = Kind(
    name="diagnosis_forbidden",
    says="本次就诊有项目的禁忌诊断",
    says_en="The visit has a diagnosis with which the item is not to be used",
    operator="DXFORB",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额，提示类规则不计金额",
    unknown="本次就诊一条诊断也没有上传时：没有收到不等于没有",
    knows=KNOWS,
    checks={
        "": Check(
            when=named,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"diagnoses": know("diagnoses", KNOWS)},
        )
    },
)
