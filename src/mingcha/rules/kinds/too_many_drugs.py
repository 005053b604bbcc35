"""药品种类超标: more different drugs on one prescription than it may hold (SET)."""

from mingcha.rules.algebra import Exists, Literal, Node, OneOf, Start, Tally, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import DISPENSED, Reader, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes in which the limit holds"),
    "sorts": Parameter(ValueKind.TEXTS, "药品类别", "first character of the codes of drugs: X western, Z patent"),
    "solvents": Parameter(
        ValueKind.TEXTS, "输液溶媒", "first five characters of the codes of solvents for infusion, which don't count"
    ),
    "most": Parameter(ValueKind.INT, "种数上限", "most different drugs, not below three", looser="more"),
}
care, sorts, solvents, most = (parameter(name, PARAMETERS) for name in PARAMETERS)
drug, theirs = row(DISPENSED), other(DISPENSED)


def counts(one: Reader) -> Node:
    """A western or patent drug that is no solvent; two products with one name (ten characters) are one drug."""
    return OneOf(Start(one.item, 1), sorts) & ~OneOf(Start(one.item, 5), solvents)


def _different(name: str, where: Node) -> Tally:
    return Tally(name, "dispensed", same_visit, where, value=Start(theirs.item, 10), distinct=True, witness=False)


same_visit = ((drug.person, "person"), (drug.provider, "provider"), (drug.visit, "visit"))
with_it = counts(theirs) & (theirs.prescription == drug.prescription)
in_visit, listed = _different("drugs_in_visit", counts(theirs)), _different("drugs_listed", with_it)
earlier = Exists("earlier_line", "dispensed", same_visit, with_it & (theirs.line < drug.line), witness=False)

KIND = Kind(
    name="too_many_drugs",
    says="一张处方的西药、中成药种数超过上限",
    says_en="A prescription holds more different western and patent drugs than it may",
    operator="SET",
    frame=DISPENSED,
    flags="处方上明细编号最前的一条药品；只是提示，不计金额。输液溶媒、中药饮片和没有国家编码的药品不计种数",
    unknown="就诊的药品超过上限，而其中有没有处方号的；医疗类别缺失时",
    parameters=PARAMETERS,
    needs=("line.prescription",),
    checks={
        "": Check(
            when=every(counts(drug), OneOf(drug.encounter.care, care), in_visit > most, listed > most, ~earlier),
            amount=Literal(0),
            shows={"listed": listed, "most": most, "prescription": drug.prescription},
        )
    },
)
