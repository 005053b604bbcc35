"""Rows of the same visit or day: what must be there, what must not."""

from tests.spec.spec import Spec

TITLE = "Related rows: diagnoses, partners, companions"

SPECS = (
    Spec(
        "a diagnosis under one of the categories clears the item; no diagnosis at all cannot tell",
        "diagnosis_required",
        knowledge="item | diagnoses\nA | C50;I10.1",
        world="""
diagnosis | visit
C50.900   | V1
E11.900   | V2
I10.000   | V3

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V2    | A    | 01-01
L3   | V3    | A    | 01-01
L4   | V4    | A    | 01-01
""",
        expect={"L2": 1000, "L3": 1000, "L4": "cannot tell: diagnosis"},
    ),
    Spec(
        "the included item is flagged, never the main one, whichever came first",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | day",
        world="""
line | item | day   | time
L1   | B    | 01-01 | 08:00
L2   | A    | 01-01 | 09:00
L3   | B    | 01-02 | 08:00
""",
        expect={"L1": 1000},
        witnesses={"L1": ["L2"]},
    ),
    Spec(
        "another provider's main item includes nothing here",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | visit",
        world="""
line | provider | visit | item | day
L1   | H1       | V1    | B    | 01-01
L2   | H2       | V1    | A    | 01-01
L3   | H1       | V2    | A    | 01-01
L4   | H1       | V1    | A    | 01-20
""",
        expect={"L1": 1000},
        witnesses={"L1": ["L4"]},
    ),
    Spec(
        "two of a kind prescribed together; without a prescription number it cannot tell",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | prescription",
        world="""
line | visit | item | day   | prescription
L1   | V1    | A    | 01-01 | R1
L2   | V1    | B    | 01-01 | R1
L3   | V1    | B    | 01-01 | R2
L4   | V1    | B    | 01-01 |
L5   | V2    | B    | 01-01 |
""",
        expect={"L2": 1000, "L4": "cannot tell: prescription"},
    ),
    Spec(
        "several knowledge rows, one finding",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | day\nB | C | visit",
        world="""
line | item | day
L1   | A    | 01-01
L2   | B    | 01-01
L3   | C    | 01-05
""",
        expect={"L2": 1000},
    ),
    Spec(
        "any one companion suffices, in the window",
        "companion_required",
        knowledge="item | companions | window\nA | X;Y | day\nB | X | visit",
        world="""
line | item | day
L1   | A    | 01-01
L2   | Y    | 01-01
L3   | A    | 01-02
L4   | B    | 01-02
L5   | X    | 01-09
""",
        expect={"L3": 1000},
    ),
)
