"""限二线使用: an item paid for only after an earlier treatment, with no such treatment on record (PRIOR)."""

from mingcha.rules.algebra import Days, Exists, Under, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import HISTORY, LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "earlier": Knows(K.PREFIXES, "一线项目", "beginnings of the codes of earlier treatments, any one suffices"),
    "itself": Knows(K.PREFIXES, "同一药品", "beginnings of the codes of the drug itself"),
}
PARAMETERS = {
    "days": Parameter(ValueKind.INT, "回溯天数", "days before the service in which the treatment counts", looser="more")
}

line, theirs = row(LINE), other(HISTORY)
ago = Days(line.day, theirs.day)
treated = Exists(
    "earlier_treatment",
    "history",
    ((line.person, "person"),),
    every(
        Under(theirs.item, know("earlier", KNOWS)),
        ~Under(theirs.item, know("itself", KNOWS)),
        ago >= 0,
        ago <= parameter("days", PARAMETERS),
    ),
    witness=False,
)

KIND = Kind(
    name="earlier_treatment",
    says="限二线使用的项目，回溯期内没有一线治疗的记录",
    says_en="An item for second-line use was charged with no earlier treatment on record",
    operator="PRIOR",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="无；但外地、自费或历史未导入的一线用药看不到，所以只是可疑",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=~treated,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"earlier": know("earlier", KNOWS), "days": parameter("days", PARAMETERS)},
        )
    },
)
