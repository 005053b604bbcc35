"""追溯码与药品不符: a code that stood for another item before is sold as this one (BAL of the code's way)."""

from mingcha.rules.algebra import Days, Exists, If, IsMissing, Literal, Share, every, least
from mingcha.rules.frames import PACK, other, row
from mingcha.rules.kind import Check, Kind

UNIT = 10_000

trace, theirs = row(PACK), other(PACK)
another = Exists(
    "another_item",
    "pack",
    ((trace.code, "code"),),
    every(Days(trace.day, theirs.day) >= 0, theirs.item != trace.item),
)

sale = trace.sale

KIND = Kind(
    name="code_of_another_item",
    says="药品追溯码此前对应的是另一种药品",
    says_en="The trace code stood for another item before",
    operator="BAL",
    frame=PACK,
    flags="以另一种药品销售的那一次；违规金额为其费用明细中一个单位的符合范围金额",
    unknown="同一追溯码的某次变动没有写明药品时",
    checks={
        "": Check(
            when=(trace.kind == "sale") & another,
            amount=If(
                IsMissing(sale.in_scope),
                Literal(0),
                least(sale.in_scope, Share(sale.in_scope, Literal(UNIT), sale.quantity)),
            ),
            quantity=Literal(UNIT),
            shows={"item": trace.item, "day": trace.day},
        )
    },
)
