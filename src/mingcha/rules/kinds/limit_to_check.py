"""限定条件请核对: an item whose limit no code can decide, shown to the doctor in the official words (ATTR)."""

from mingcha.rules.algebra import Literal
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows
from mingcha.rules.kind import KnowledgeType as K

line = row(LINE)

KIND = Kind(
    name="limit_to_check",
    says="项目的限定条件不能由编码判断，提示按原文核对",
    says_en="An item has a limit that codes can't decide; its words are shown to be checked",
    operator="ATTR",
    frame=LINE,
    flags="费用明细，只作提示；违规金额为零，由人按 words 一列的官方文字核对",
    unknown="无：符合范围金额没有上传时按全额计",
    knows={"item": Knows(K.ITEM, "项目编码", "national item code")},
    checks={
        "": Check(
            when=line.in_scope > 0,
            amount=Literal(0),
            quantity=line.quantity,
            shows={"in_scope": line.in_scope},
        )
    },
)
