"""门慢特用药范围: an item paid for some disease programmes, charged to a person of another (ATTR)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import OneOf, every
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "programs": Knows(K.LIST, "病种编码", "disease programmes whose list it is on"),
}
PARAMETERS = {"providers": Parameter(ValueKind.TEXTS, "机构类别", "types of provider: 1 hospital, 2 pharmacy")}
SPECIAL = "S"
"""Care class of a visit under a disease programme."""

line = row(LINE)
visit = line.encounter

KIND = Kind(
    name="program_item",
    says="门诊慢特病结算了本人认定病种范围以外的项目",
    says_en="An item outside the list of the person's disease programme was settled under it",
    operator="ATTR",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="医疗类别、机构类别或病种编码缺失时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                line.in_scope > 0,
                visit.care == SPECIAL,
                OneOf(line.facility.type, parameter("providers", PARAMETERS)),
                ~OneOf(visit.program, know("programs", KNOWS)),
            ),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"program": visit.program, "programs": know("programs", KNOWS)},
        )
    },
)
