"""分解处方: several prescriptions of one doctor on one day that together hold more drugs than one may (SET)."""

from mingcha.rules.algebra import Exists, Node, OneOf, Start, Tally, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import DISPENSED, Reader, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes in which the limit holds"),
    "sorts": Parameter(ValueKind.TEXTS, "药品类别", "first character of the codes of drugs: X western, Z patent"),
    "solvents": Parameter(
        ValueKind.TEXTS, "输液溶媒", "first five characters of the codes of solvents for infusion, which don't count"
    ),
    "controlled": Parameter(
        ValueKind.TEXTS, "麻精专方", "first five characters of the codes of drugs that need a prescription of their own"
    ),
    "most": Parameter(ValueKind.INT, "种数上限", "most different drugs, not below three", looser="more"),
}
care, sorts, solvents, controlled, most = (parameter(name, PARAMETERS) for name in PARAMETERS)
drug, theirs = row(DISPENSED), other(DISPENSED)


def counts(one: Reader) -> Node:
    """A western or patent drug, neither a solvent nor one that needs a prescription of its own."""
    group = Start(one.item, 5)
    return every(OneOf(Start(one.item, 1), sorts), ~OneOf(group, solvents), ~OneOf(group, controlled))


def _different(name: str, where: Node) -> Tally:
    return Tally(name, "dispensed", same_day, where, value=Start(theirs.item, 10), distinct=True, witness=False)


same_day = ((drug.person, "person"), (drug.provider, "provider"), (drug.day, "day"))
# Western and patent drugs may stand on prescriptions apart.
of_sort = counts(theirs) & (Start(theirs.item, 1) == Start(drug.item, 1))
same_visit = theirs.visit == drug.visit
before = (theirs.visit < drug.visit) | (same_visit & (theirs.prescription < drug.prescription))
with_it = same_visit & (theirs.prescription == drug.prescription)
same_name = Start(theirs.item, 10) == Start(drug.item, 10)
same_doctor = theirs.practitioner == drug.practitioner

that_day = _different("drugs_that_day", of_sort)
own = _different("own_drugs", of_sort & with_it)
so_far = _different("drugs_so_far", same_doctor & of_sort & some(before, with_it & (theirs.item <= drug.item)))
again = Exists("same_drug_before", "dispensed", same_day, same_doctor & of_sort & before & same_name, witness=False)

KIND = Kind(
    name="split_prescription",
    says="同一医师同一天给同一人开多张处方，每张都不超过种数上限，合计超过",
    says_en="One doctor wrote a person several prescriptions on a day: each within the limit of drugs, together beyond",
    operator="SET",
    frame=DISPENSED,
    flags="按处方号和药品编码排列，超出种数的药品明细；违规金额为其全部符合范围金额。"
    "西药和中成药分开计；输液溶媒、麻精药品、中药饮片和没有国家编码的药品不计种数",
    unknown="当天同类药品超过上限，而其中有没有处方号或医师的；医疗类别缺失时",
    parameters=PARAMETERS,
    needs=("line.prescription", "line.practitioner"),
    checks={
        "": Check(
            when=every(
                counts(drug), OneOf(drug.encounter.care, care), that_day > most, own <= most, so_far > most, ~again
            ),
            amount=drug.in_scope,
            quantity=drug.quantity,
            shows={"listed": so_far, "own_drugs": own, "most": most, "prescription": drug.prescription},
        )
    },
)
