"""单方不予支付: items not paid for when a prescription holds nothing else of their sort (SET)."""

from mingcha.rules.algebra import Exists, OneOf, Start, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import BASKET, LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "sort": Knows(K.TEXT, "同类项目首字", "first character of the codes of its sort: T for TCM pieces"),
}
PARAMETERS = {"listed": Parameter(ValueKind.TEXTS, "名单", "every item of the rule", own_items=True)}

line, theirs = row(LINE), other(BASKET)
# An item without a code goes by its name (名…) or is empty; it may be of the sort, and is given the benefit of it.
same_sort = some(
    Start(theirs.item, 1) == know("sort", KNOWS), Start(theirs.item, 1) == "名", theirs.item == ""
)
companion = Exists(
    "companion_outside_list",
    "basket",
    ((line.provider, "provider"), (line.visit, "visit")),
    same_sort & ~OneOf(theirs.item, parameter("listed", PARAMETERS)) & (theirs.prescription == line.prescription),
    witness=False,
)

KIND = Kind(
    name="listed_alone",
    says="处方只由名单内的项目组成，名单规定单独使用不予支付",
    says_en="A prescription holds only items of a list that isn't paid for on its own",
    operator="SET",
    frame=LINE,
    flags="处方内名单项目的全部费用明细；违规金额为其全部符合范围金额",
    unknown="同一次就诊有名单外的同类项目，而任一方没有处方号时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=(line.in_scope > 0) & ~companion,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope, "prescription": line.prescription},
        )
    },
)
