"""大处方: more lines of one sort on a prescription than is usual (SET)."""

from mingcha.rules.algebra import Literal, Running
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "most": Knows(K.INTEGER, "种数上限", "most lines of the sort on one prescription"),
    "group": Knows(K.TEXT, "类别", "the sort: items counted together"),
}

line = row(LINE)
together = (line.person, line.provider, line.visit, line.prescription, know("group", KNOWS))
listed = Running("listed", "sum", Literal(1), together)

KIND = Kind(
    name="items_on_prescription",
    says="一张处方内同类药品的种数超过上限",
    says_en="A prescription holds more items of one sort than is usual",
    operator="SET",
    frame=LINE,
    flags="超出种数的费用明细，先后按时间与键；违规金额为其全部符合范围金额",
    unknown="没有处方号时",
    knows=KNOWS,
    checks={
        "": Check(
            when=listed > know("most", KNOWS),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"listed": listed, "most": know("most", KNOWS), "prescription": line.prescription},
        )
    },
)
