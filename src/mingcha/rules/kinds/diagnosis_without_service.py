"""诊断没有相应诊疗: a diagnosis of a stay, and nothing charged or done that it calls for (DXREQ)."""

from mingcha.rules.algebra import Exists, If, Literal, Missing, Start, Under, every, some
from mingcha.rules.frames import BASKET, DIAGNOSIS, OPERATION, other, row
from mingcha.rules.kind import Check, Kind, Knows, know, limited
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "诊断编码", "ICD-10 code of the diagnosis"),
    "services": Knows(K.PREFIXES, "相应项目", "beginnings of item codes, any one suffices"),
    "operations": Knows(K.PREFIXES, "相应手术", "beginnings of ICD-9-CM-3 codes, any one suffices", required=False),
}

diagnosis, charge, operation = row(DIAGNOSIS), other(BASKET), other(OPERATION)
same_visit = ((diagnosis.provider, "provider"), (diagnosis.visit, "visit"))
billed = Exists("billed", "basket", same_visit, Literal(True), witness=False)
# An item without a code goes by its name (名…) or is empty; it may be what is called for, and is given the benefit.
uncoded = (Start(charge.item, 1) == "名") | (charge.item == "")
served = Exists(
    "corresponding_item", "basket", same_visit, some(Under(charge.item, know("services", KNOWS)), uncoded),
    witness=False,
)  # fmt: skip
operated = Exists(
    "corresponding_operation", "operation", same_visit,
    limited("operations", KNOWS) & Under(operation.code, know("operations", KNOWS)), witness=False,
)  # fmt: skip

KIND = Kind(
    name="diagnosis_without_service",
    says="住院病历写了诊断，却没有任何与之相应的项目、药品或手术",
    says_en="A diagnosis of a stay without any item, drug or operation that it calls for",
    operator="DXREQ",
    frame=DIAGNOSIS,
    flags="诊断；差额要按病组重新入组计算，这里不计金额",
    unknown="这次住院一条费用明细也没有，或医疗类别缺失时；没有编码的项目算作相应",
    knows=KNOWS,
    checks={
        "": Check(
            when=every(
                diagnosis.encounter.care == "I",
                If(billed, ~served, Missing("line")),
                ~operated,
            ),
            amount=Literal(0),
            shows={"diagnosis": diagnosis.code, "services": know("services", KNOWS)},
        )
    },
)
