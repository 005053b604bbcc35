"""Whether a line's visit has one of some diagnoses: what kinds that require or forbid them share."""

from __future__ import annotations

from mingcha.rules.algebra import Column, Exists, If, Literal, Missing, Node, OneOf, Start, Under
from mingcha.rules.frames import DIAGNOSIS, LINE, Reader, other, row

_SAME_VISIT = ((row(LINE).provider, "provider"), (row(LINE).visit, "visit"))
_recorded = Exists("recorded_diagnosis", "diagnosis", _SAME_VISIT, Literal(True), witness=False)


def has_diagnosis(name: str, prefixes: Column, *, witness: bool) -> Node:
    """Whether one lies under the prefixes; unknown where the visit has no diagnosis at all.

    Nothing received is not nothing there. `name` is the aggregate's, for the evidence; `witness` keeps the diagnoses.
    """
    found = Exists(name, "diagnosis", _SAME_VISIT, Under(other(DIAGNOSIS).code, prefixes), witness=witness)
    return If(_recorded, found, Missing("diagnosis"))


def of_uncertain_sex(one: Reader, categories: Column) -> Exists:
    """Whether the row's visit has a diagnosis of one of the ICD categories (three characters): 性别异常组.

    An exception by name: what only one sex can have says nothing of a person whose sex is in doubt.
    """
    same = ((one.provider, "provider"), (one.visit, "visit"))
    named = OneOf(Start(other(DIAGNOSIS).code, 3), categories)
    return Exists("sex_anomaly", "diagnosis", same, named, witness=False)
