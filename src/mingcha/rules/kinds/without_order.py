"""无医嘱收费: a drug charged to an inpatient that nobody ordered (EVID)."""

from mingcha.rules.algebra import Exists, every
from mingcha.rules.frames import LINE, ORDER, other, row
from mingcha.rules.kind import Check, Kind, Knows
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {"item": Knows(K.ITEM, "项目编码", "national item code of a drug that is only given on an order")}

line, order = row(LINE), other(ORDER)
ordered = Exists(
    "ordered",
    "order",
    ((line.provider, "provider"), (line.visit, "visit")),
    order.item == line.item,
    witness=False,
)

KIND = Kind(
    name="without_order",
    says="住院期间收取药品费用，没有对应的医嘱",
    says_en="A drug was charged to an inpatient, and no order for it is on record",
    operator="EVID",
    frame=LINE,
    flags="没有医嘱的费用明细；违规金额为其全部符合范围金额",
    unknown="机构从未上传医嘱时；这次住院有医嘱没有写明项目时；医疗类别缺失时",
    knows=KNOWS,
    needs=("order",),
    checks={
        "": Check(
            when=every(line.in_scope > 0, line.encounter.care == "I", ~ordered),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope, "care": line.encounter.care},
        )
    },
)
