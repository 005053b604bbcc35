"""禁忌: an item not to be used with certain diagnoses, charged in a visit that has one of them (DXFORB)."""

from mingcha.rules.algebra import Exists, If, Literal, Missing, Under
from mingcha.rules.frames import DIAGNOSIS, LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "diagnoses": Knows(K.PREFIXES, "禁忌诊断", "ICD-10 categories or codes with which it is not to be used"),
}

line = row(LINE)
same_visit = ((line.provider, "provider"), (line.visit, "visit"))
forbidding = Exists(
    "forbidding_diagnosis", "diagnosis", same_visit, Under(other(DIAGNOSIS).code, know("diagnoses", KNOWS))
)
recorded = Exists("recorded_diagnosis", "diagnosis", same_visit, Literal(True), witness=False)

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
            when=If(recorded, forbidding, Missing("diagnosis")),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"diagnoses": know("diagnoses", KNOWS)},
        )
    },
)
