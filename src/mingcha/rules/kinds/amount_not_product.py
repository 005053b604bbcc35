"""明细金额不符: the amount of a line is not quantity times unit price (CODE)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Share, greatest, least
from mingcha.rules.frames import MISCOUNTED, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"tolerance": Parameter(ValueKind.INT, "容差（分）", "fen by which rounding may differ")}

line = row(MISCOUNTED)
product = Share(line.unit_price, line.quantity, Literal(1_000_000))
difference = greatest(line.amount, product) - least(line.amount, product)

KIND = Kind(
    name="amount_not_product",
    says="明细金额不等于数量乘以单价",
    says_en="The amount of a line is not quantity times unit price",
    operator="CODE",
    frame=MISCOUNTED,
    flags="金额不符的费用明细；只作提示，不计金额",
    unknown="没有单价时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=difference > parameter("tolerance", PARAMETERS),
            amount=Literal(0),
            shows={"amount": line.amount, "quantity": line.quantity, "unit_price": line.unit_price},
        )
    },
)
