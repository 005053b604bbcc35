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
    Spec(
        "different drugs on one prescription: products of one name are one, and solvents don't count",
        "too_many_drugs",
        parameters={"care": ("O",), "sorts": ("X", "Z"), "solvents": ("XB05B",), "most": 3},
        world="""
visit | care | start_day
V1    | O    | 01-01
V2    | O    | 01-01
V3    | I    | 01-01
V4    | O    | 01-01
V5    |      | 01-01

line | visit | item        | day   | prescription
L1   | V1    | XA01AAA0011 | 01-01 | R1
L2   | V1    | XA01AAA0021 | 01-01 | R1
L3   | V1    | ZA01AAA0011 | 01-01 | R1
L4   | V1    | XA01AAA0041 | 01-01 | R1
L5   | V1    | XA01AAA0051 | 01-01 | R2
L6   | V2    | XA01AAA0011 | 01-01 | R1
L7   | V2    | XA01AAA0012 | 01-01 | R1
L8   | V2    | XA01AAA0021 | 01-01 | R1
L9   | V2    | XA01AAA0031 | 01-01 | R1
M1   | V2    | XB05BAA0041 | 01-01 | R1
N1   | V3    | XA01AAA0011 | 01-01 | R1
N2   | V3    | XA01AAA0021 | 01-01 | R1
N3   | V3    | XA01AAA0031 | 01-01 | R1
N4   | V3    | XA01AAA0041 | 01-01 | R1
P1   | V4    | XA01AAA0011 | 01-01 | R1
P2   | V4    | XA01AAA0021 | 01-01 | R1
P3   | V4    | XA01AAA0031 | 01-01 | R1
P4   | V4    | XA01AAA0041 | 01-01 |
Q1   | V5    | XA01AAA0011 | 01-01 | R1
Q2   | V5    | XA01AAA0021 | 01-01 | R1
Q3   | V5    | XA01AAA0031 | 01-01 | R1
Q4   | V5    | XA01AAA0041 | 01-01 | R1
""",
        expect={
            "L1": 0, "P1": "cannot tell: prescription", "P4": "cannot tell: prescription",
            "Q1": "cannot tell: encounter.care",
        },
    ),
    Spec(
        "prescriptions of one doctor and day add up by sort of drug; what needs its own prescription doesn't count",
        "split_prescription",
        parameters={"care": ("O",), "sorts": ("X", "Z"), "solvents": ("XB05B",), "controlled": ("XN05B",), "most": 3},
        world="""
line | visit | person | item        | day   | prescription | practitioner | in_scope
L1   | V1    | 1      | XA01AAA0011 | 01-01 | R1           | D1           | 1.00
L2   | V1    | 1      | XA01AAA0021 | 01-01 | R1           | D1           | 1.00
L3   | V1    | 1      | XA01AAA0041 | 01-01 | R2           | D1           | 4.00
L4   | V1    | 1      | XA01AAA0042 | 01-01 | R2           | D1           | 5.00
L5   | V1    | 1      | XA01AAA0031 | 01-01 | R2           | D1           | 3.00
L6   | V1    | 1      | ZA01AAA0031 | 01-01 | R2           | D1           | 3.00
M1   | V2    | 2      | XA01AAA0011 | 01-01 | R1           | D1           | 1.00
M2   | V2    | 2      | XA01AAA0021 | 01-01 | R1           | D1           | 1.00
M3   | V2    | 2      | XA01AAA0031 | 01-01 | R1           | D1           | 1.00
M4   | V2    | 2      | XN05BAA0041 | 01-01 | R2           | D1           | 1.00
M5   | V2    | 2      | XA01AAA0031 | 01-01 | R2           | D1           | 1.00
N1   | V3    | 3      | XA01AAA0011 | 01-01 | R1           | D1           | 1.00
N2   | V3    | 3      | XA01AAA0021 | 01-01 | R1           | D1           | 1.00
N3   | V3    | 3      | XA01AAA0031 | 01-01 | R1           | D1           | 1.00
N4   | V3    | 3      | XA01AAA0041 | 01-02 | R2           | D1           | 1.00
P1   | V4    | 4      | XA01AAA0011 | 01-01 | R1           | D1           | 1.00
P2   | V4    | 4      | XA01AAA0021 | 01-01 | R1           | D1           | 1.00
P3   | V5    | 4      | XA01AAA0031 | 01-01 | R3           | D2           | 1.00
P4   | V5    | 4      | XA01AAA0041 | 01-01 | R3           | D2           | 1.00
Q1   | V6    | 5      | XA01AAA0011 | 01-01 | R1           | D1           | 1.00
Q2   | V6    | 5      | XA01AAA0021 | 01-01 | R1           | D1           | 1.00
Q3   | V6    | 5      | XA01AAA0031 | 01-01 | R2           |              | 1.00
Q4   | V6    | 5      | XA01AAA0041 | 01-01 | R2           |              | 1.00
""",
        expect={"L3": 400, "L4": 500, "Q3": "cannot tell: practitioner", "Q4": "cannot tell: practitioner"},
    ),
)
