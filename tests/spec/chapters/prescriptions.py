"""What else was charged: in the prescription, on the day, before."""

from tests.spec.spec import Spec

TITLE = "Company: what a prescription, a day or a history holds besides"

SPECS = (
    Spec(
        "what the fund never pays for is flagged as soon as any of it is in scope",
        "not_payable",
        knowledge="item\nA",
        world="""
line | item | day   | in_scope
L1   | A    | 01-01 | 5.00
L2   | A    | 01-01 | 0
L3   | B    | 01-01 | 5.00
""",
        expect={"L1": 500},
    ),
    Spec(
        "a listed herb is flagged alone and among listed ones only; other company of its sort clears it",
        "listed_alone",
        knowledge="item | sort\nT1 | T\nT2 | T",
        world="""
line | visit | item | day   | prescription
L1   | V1    | T1   | 01-01 | R1
L2   | V1    | T2   | 01-01 | R1
L3   | V2    | T1   | 01-01 | R1
L4   | V2    | T9   | 01-01 | R1
L5   | V3    | T1   | 01-01 | R1
L6   | V3    | X9   | 01-01 | R1
L7   | V4    | T1   | 01-01 | R1
L8   | V4    | T9   | 01-01 | R2
""",
        expect={"L1": 1000, "L2": 1000, "L5": 1000, "L7": 1000},
    ),
    Spec(
        "without prescription numbers company in the visit cannot be told apart, and no company is none",
        "listed_alone",
        knowledge="item | sort\nT1 | T",
        world="""
line | visit | item | day   | prescription
L1   | V1    | T1   | 01-01 |
L2   | V2    | T1   | 01-01 |
L3   | V2    | T9   | 01-01 |
""",
        expect={"L1": 1000, "L2": "cannot tell: prescription"},
    ),
    Spec(
        "of two different operations of a group on one day the cheaper one is charged in part",
        "reduced_operation",
        knowledge="item | group | percent\nA | G | 50\nB | G | 50\nC | H | 50",
        world="""
line | visit | item | day   | quantity | in_scope
L1   | V1    | A    | 01-01 | 1        | 2000.00
L2   | V1    | B    | 01-01 | 1        | 1000.00
L3   | V1    | C    | 01-01 | 1        | 500.00
L4   | V2    | A    | 01-02 | 1        | 2000.00
L5   | V2    | B    | 01-02 | 0.5      | 500.00
L6   | V3    | A    | 01-03 | 1        | 2000.00
L7   | V3    | A    | 01-03 | 1        | 2000.00
L8   | V4    | A    | 01-04 | 1        | 1000.00
L9   | V4    | B    | 01-04 | 1        | 1000.00
""",
        expect={"L2": 50_000, "L9": 50_000},
        witnesses={"L2": ["L1"], "L9": ["L8"]},
    ),
    Spec(
        "second-line use needs an earlier treatment within the days looked back, of another drug of the class",
        "earlier_treatment",
        knowledge="item | earlier | itself\nXA10K1 | XA10 | XA10K",
        parameters={"days": 365},
        world="""
line | visit | person | item   | day
L1   | V1    | 1      | XA10K1 | 02-01
L2   | V2    | 2      | XA10B1 | 01-01
L3   | V3    | 2      | XA10K1 | 02-01
L4   | V4    | 3      | XA10B1 | 2024-01-01
L5   | V5    | 3      | XA10K1 | 02-01
L6   | V6    | 4      | XA10K2 | 01-01
L7   | V7    | 4      | XA10K1 | 02-01
L8   | V8    | 5      | XA10K1 | 01-01
L9   | V9    | 5      | XA10B1 | 02-01
""",
        expect={"L1": 1000, "L5": 1000, "L7": 1000, "L8": 1000},
    ),
    Spec(
        "a forbidding diagnosis flags the item; a visit without any diagnosis cannot tell",
        "diagnosis_forbidden",
        knowledge="item | diagnoses\nA | O;Z33",
        world="""
diagnosis | visit
O24.400   | V1
I10.900   | V2

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V2    | A    | 01-01
L3   | V3    | A    | 01-01
""",
        expect={"L1": 1000, "L3": "cannot tell: diagnosis"},
    ),
)
