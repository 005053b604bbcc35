"""超限价: a unit price above the ceiling or payment standard (PRICE)."""

from mingcha.rules.algebra import IsMissing, OneOf, Share
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Offer, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "ceiling": Knows(K.INTEGER, "限价（万分之一元）", "price ceiling in ten-thousandths of a yuan"),
    "levels": Knows(K.LIST, "适用机构级别", "provider levels it applies to; empty means all", required=False),
}

line = row(LINE)
ceiling = know("ceiling", KNOWS)
levels = know("levels", KNOWS)

KIND = Kind(
    name="price_ceiling",
    says="单价高于限价或支付标准",
    says_en="The unit price is above the ceiling or payment standard",
    operator="PRICE",
    frame=LINE,
    flags="费用明细；违规金额为符合范围金额中超出限价的部分，四舍五入到分",
    unknown="单价缺失，或限价分级别而机构等级缺失时",
    knows=KNOWS,
    offer=Offer(price="ceiling"),
    checks={
        "": Check(
            when=(IsMissing(levels) | OneOf(line.facility.level_text, levels)) & (line.unit_price > ceiling),
            amount=Share(line.in_scope, line.unit_price - ceiling, line.unit_price),
            quantity=line.quantity,
            shows={"unit_price": line.unit_price, "ceiling": ceiling},
        )
    },
)
