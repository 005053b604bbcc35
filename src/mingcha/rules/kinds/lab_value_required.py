"""限定检验值用药: a drug paid below a value of a test only, given while the value was not below it (EVID)."""

from mingcha.rules.algebra import Days, Exists, If, IsMissing, Missing, OneOf, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import LINE, MEASUREMENT, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code of the drug"),
    "indicators": Knows(K.LIST, "检验指标", "codes and names under which the indicator is reported"),
    "below": Knows(K.INTEGER, "低于（万分之一单位）", "the value below which the drug is paid, in ten-thousandths"),
    "units": Knows(K.LIST, "计量单位", "spellings of the unit the value is in"),
}
PARAMETERS = {"within": Parameter(ValueKind.INT, "天数", "days before the drug in which a result counts")}

line, lab = row(LINE), other(MEASUREMENT)
since = Days(line.day, lab.day)
named = some(
    OneOf(lab.indicator, know("indicators", KNOWS)),
    every(~IsMissing(lab.indicator_name), OneOf(lab.indicator_name, know("indicators", KNOWS))),
)
counts = every(~IsMissing(lab.result), since >= 0, since <= parameter("within", PARAMETERS), named)
is_below = If(OneOf(lab.unit, know("units", KNOWS)), lab.result < know("below", KNOWS), Missing("unit"))
measured = Exists("measured", "measurement", ((line.person, "person"),), counts)
low = Exists("low_value", "measurement", ((line.person, "person"),), every(is_below, counts), witness=False)

KIND = Kind(
    name="lab_value_required",
    says="限定检验值的药品，用药前规定天数内的检验结果没有低于限定值的",
    says_en="A drug is paid below a value of a test only, and no result of the days before was below it",
    operator="EVID",
    frame=LINE,
    flags="检验值不符的费用明细；违规金额为其全部符合范围金额",
    unknown="规定天数内没有该指标的结果时（不作违规）；结果的指标或计量单位无法辨认时；机构从未上传检验结果时",
    knows=KNOWS,
    parameters=PARAMETERS,
    needs=("measurement.result",),
    checks={
        "": Check(
            when=every(line.in_scope > 0, ~low, some(measured, Missing("measurement"))),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope, "below": know("below", KNOWS), "day": line.day},
        )
    },
)
