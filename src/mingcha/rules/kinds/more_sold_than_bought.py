"""进销存异常: a provider charged more of an item than it ever had (BAL)."""

from mingcha.rules.algebra import If, Literal, OneOf, Share, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import BALANCE, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "list_types": Parameter(ValueKind.TEXTS, "目录类别", "kinds of item: 101 drugs, 102 TCM pieces, 301 consumables"),
    "tolerance": Parameter(ValueKind.INT, "容差（%）", "percent of the quantity bought that may be missing"),
    "never": Parameter(ValueKind.BOOL, "从未购进", "true: items never bought; false: items bought, but less of them"),
}

stock = row(BALANCE)
gap = stock.charged - stock.bought

KIND = Kind(
    name="more_sold_than_bought",
    says="医保结算数量超过期初与购进的数量",
    says_en="More of an item was charged than the provider ever had",
    operator="BAL",
    frame=BALANCE,
    flags="机构的一种药品或耗材；违规金额为缺口数量乘以购进价，没有购进的按结算价",
    unknown="目录类别缺失时；机构从未上传进销存的不在其内",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                OneOf(stock.list_type, parameter("list_types", PARAMETERS)),
                If(parameter("never", PARAMETERS), stock.bought == 0, stock.bought > 0),
                gap * 100 > stock.bought * parameter("tolerance", PARAMETERS),
                gap > 0,
            ),
            amount=Share(stock.price, gap, Literal(1_000_000)),
            quantity=gap,
            shows={"charged": stock.charged, "bought": stock.bought, "shortfall": gap, "price": stock.price},
        )
    },
)
