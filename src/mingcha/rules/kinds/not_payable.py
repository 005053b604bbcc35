"""不予支付: an item the fund never pays for, settled with an in-scope amount (ATTR)."""

from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KIND = Kind(
    name="not_payable",
    says="基金不予支付的项目有符合范围金额",
    says_en="An item the fund never pays for was settled with an in-scope amount",
    operator="ATTR",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="无：符合范围金额没有上传时按全额计",
    knows={"item": Knows(K.ITEM, "项目编码", "national item code")},
    checks={
        "": Check(
            when=line.in_scope > 0,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope},
        )
    },
)
