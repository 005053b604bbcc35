"""无处方售药: a prescription drug sold by a pharmacy without a prescription (EVID)."""

from mingcha.rules.algebra import IsMissing, every
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {"item": Knows(K.ITEM, "项目编码", "national item code of a prescription drug")}

line = row(LINE)

KIND = Kind(
    name="without_prescription",
    says="药店销售处方药，没有处方号",
    says_en="A pharmacy sold a prescription drug without a prescription",
    operator="EVID",
    frame=LINE,
    flags="没有处方号的购药明细；违规金额为其全部符合范围金额",
    unknown="药店从未上传处方号时；医疗类别缺失时",
    knows=KNOWS,
    needs=("line.prescription",),
    checks={
        "": Check(
            when=every(line.in_scope > 0, line.encounter.care == "P", IsMissing(line.prescription)),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope, "care": line.encounter.care},
        )
    },
)
