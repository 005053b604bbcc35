"""药店价格异常: an item sold for several times the price the provider bought it at (DEV over stock)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, OneOf, every
from mingcha.rules.frames import BALANCE, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "list_types": Parameter(ValueKind.TEXTS, "目录类别", "kinds of item: 101 drugs, 102 TCM pieces, 301 consumables"),
    "types": Parameter(ValueKind.TEXTS, "机构类别", "kinds of provider: 1 hospital or clinic, 2 pharmacy"),
    "percent": Parameter(
        ValueKind.INT, "购进价的百分比", "percent of the highest purchase price above which it counts", looser="more"
    ),
}

stock = row(BALANCE)

KIND = Kind(
    name="far_above_purchase",
    says="结算单价是购进价的好几倍",
    says_en="An item was charged at several times the price it was bought at",
    operator="DEV",
    frame=BALANCE,
    flags="机构的一种药品或耗材，以最高结算价与最高购进价比较；只是提示，不计金额",
    unknown="目录类别、机构类别或购进价缺失时；从未购进的另有规则，从未上传进销存的不在其内",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                OneOf(stock.list_type, parameter("list_types", PARAMETERS)),
                OneOf(stock.facility.type, parameter("types", PARAMETERS)),
                stock.bought > 0,
                stock.price > 0,
                stock.sold_at * 100 > stock.price * parameter("percent", PARAMETERS),
            ),
            amount=Literal(0),
            shows={"unit_price": stock.sold_at, "price": stock.price},
        )
    },
)
