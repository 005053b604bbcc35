"""开药天数: more days of a drug on one line than a prescription of that kind of care may hold (CAP)."""

from mingcha.rules.algebra import If, Literal, OneOf, Share, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "days": Knows(K.INTEGER, "开药天数上限", "most days one prescription may supply"),
    "care": Knows(K.LIST, "就医方式", "care classes in which the limit holds"),
}
PARAMETERS = {"takehome": Parameter(ValueKind.BOOL, "只看出院带药", "whether only drugs taken home at discharge count")}

line = row(LINE)
counts = If(parameter("takehome", PARAMETERS), line.takehome, Literal(True))
excess = line.days_supply - know("days", KNOWS)

KIND = Kind(
    name="supply_limit",
    says="一次开药的天数超过该就医方式的上限",
    says_en="One prescription supplied more days of a drug than that kind of care allows",
    operator="CAP",
    frame=LINE,
    flags="费用明细；违规金额为超出天数所占的符合范围金额",
    unknown="没有用药天数或医疗类别时；只看出院带药而没有出院带药标志时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(OneOf(line.encounter.care, know("care", KNOWS)), excess > 0, counts),
            amount=Share(line.in_scope, excess, line.days_supply),
            quantity=excess,
            shows={"days_supply": line.days_supply, "days": know("days", KNOWS), "care": line.encounter.care},
        )
    },
)
