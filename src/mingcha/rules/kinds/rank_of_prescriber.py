"""抗菌药物分级管理: an item that only some titles may prescribe, prescribed by somebody of a lower one (ATTR)."""

from mingcha.rules.algebra import Days, Exists, If, IsMissing, Literal, Missing, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import PRACTITIONER, PRESCRIBED, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {"item": Knows(K.ITEM, "项目编码", "national item code")}
PARAMETERS = {
    "titles": Parameter(ValueKind.TEXTS, "有处方权的职称", "titles that may prescribe it"),
    "lower": Parameter(ValueKind.TEXTS, "没有处方权的职称", "titles that may not"),
}

line, theirs = row(PRESCRIBED), other(PRACTITIONER)
by_them = ((line.practitioner, "practitioner"), (line.provider, "provider"))
that_day = (Days(line.day, theirs.valid_from) >= 0) & (Days(theirs.valid_until, line.day) > 0)
entitled = Exists(
    "entitled_title", "practitioner", by_them, OneOf(theirs.title, parameter("titles", PARAMETERS)) & that_day,
    witness=False,
)  # fmt: skip
lower = Exists(
    "lower_title", "practitioner", by_them, OneOf(theirs.title, parameter("lower", PARAMETERS)) & that_day,
)  # fmt: skip

KIND = Kind(
    name="rank_of_prescriber",
    says="项目限具有规定职称的医师开具，开方医师职称不够",
    says_en="An item that only some titles may prescribe was prescribed by somebody of a lower one",
    operator="ATTR",
    frame=PRESCRIBED,
    flags="费用明细；违规金额为该明细全部符合范围金额；急诊抢救的紧急越级除外",
    unknown="机构从未上传医师职称，明细没有写明医师，或医师当日没有备案、职称不在两张名单之内时",
    needs=("practitioner.title",),
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(line.in_scope > 0, ~entitled, If(lower, Literal(True), Missing("title"))),
            unless={"rescue": ~IsMissing(line.encounter.care) & (line.encounter.care == "E")},
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"practitioner": line.practitioner, "day": line.day},
        )
    },
)
