"""待遇计算错误: the pooled fund paid more than there was to pay from, whatever the rate (RECALC)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import SETTLEMENT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "tolerance": Parameter(ValueKind.INT, "允许误差（分）", "fen that rounding may make", looser="more"),
}

settlement = row(SETTLEMENT)
excess = settlement.pooled_pay - settlement.payable

KIND = Kind(
    name="paid_beyond_base",
    says="统筹基金支出超过符合范围金额减去起付线后的余额",
    says_en="The pooled fund paid more than what is in scope beyond the deductible",
    operator="RECALC",
    frame=SETTLEMENT,
    flags="结算；违规金额为超出的统筹基金支出",
    unknown="没有统筹基金支出、符合范围金额或起付线时",
    parameters=PARAMETERS,
    needs=("settlement.payable", "settlement.pooled_pay"),
    checks={
        "": Check(
            when=excess > parameter("tolerance", PARAMETERS),
            amount=excess,
            shows={"spent": settlement.pooled_pay, "cap": settlement.payable, "day": settlement.day},
        )
    },
)
