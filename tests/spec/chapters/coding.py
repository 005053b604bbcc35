"""Codes of a visit against each other and against the patient."""

from tests.spec.spec import Spec

TITLE = "Codes: operations and diagnoses that contradict the patient or each other"

SPECS = (
    Spec(
        "an operation of the other sex is flagged; without a sex on record it cannot be told",
        "operation_for_sex",
        knowledge="item | sex\n60.5 | 1\n68.4 | 2",
        parameters={"anomalies": ("Q56",)},
        world="""
visit | start_day | sex
V1    | 01-01     | 2
V2    | 01-01     |
V3    | 01-01     | 2

diagnosis | visit
I10.100   | V1
Q56.200   | V3

operation | visit | code
O1        | V1    | 60.5
O2        | V1    | 68.4
O3        | V2    | 60.5
O4        | V1    | 43.4
O5        | V3    | 60.5
""",
        expect={"O1": 0, "O5": "exempt: sex_anomaly", "O3": "cannot tell: encounter.sex"},
    ),
    Spec(
        "a main operation must belong to the main diagnosis; others need not",
        "operation_for_diagnosis",
        knowledge="item | diagnoses\n43.4 | C16;K31.7",
        world="""
visit | start_day | main_diagnosis
V1    | 01-01     | C16.001
V2    | 01-01     | I10.900
V3    | 01-01     |

operation | visit | code | is_main
O1        | V1    | 43.4 | yes
O2        | V2    | 43.4 | yes
O3        | V2    | 43.4 | no
O4        | V3    | 43.4 | yes
O5        | V2    | 43.4 |
""",
        expect={"O2": 0, "O4": "cannot tell: encounter.main_diagnosis", "O5": "cannot tell: is_main"},
    ),
    Spec(
        "a newborn's diagnosis lasts through its last day of age, and a diagnosis of one sex is for that sex",
        "diagnosis_for_person",
        knowledge="item | sex | days_max\nP36 | | 28\nN41 | 1 |",
        parameters={"anomalies": ("F64",)},
        world="""
visit | start_day | sex | birth_date
V1    | 02-28     | 2   | 2026-01-31
V2    | 03-01     | 2   | 2026-01-31
V3    | 03-01     | 1   |
V4    | 03-01     | 2   | 2026-01-31

diagnosis | visit | day
P36       | V1    | 02-28
N41       | V2    | 03-01
P36       | V2    | 03-01
P36       | V3    | 03-01
N41       | V3    | 03-01
F64.000   | V4    | 03-01
N41       | V4    | 03-01
P36       | V4    | 03-01
""",
        expect={
            "V2|N41": 0, "V2|P36": 0, "V4|N41": "exempt: sex_anomaly", "V4|P36": 0,
            "V3|P36": "cannot tell: encounter.birth_date",
        },
    ),
    Spec(
        "a diagnosis of a stay calls for an item or an operation; an item without a code may be it",
        "diagnosis_without_service",
        knowledge="item | services | operations\nZ49.1 | 003110;01 | 39.95\nI10 | XC |",
        world="""
visit | care | start_day
V1    | I    | 01-01
V2    | I    | 01-01
V3    | I    | 01-01
V4    | O    | 01-01
V5    | I    | 01-01
V6    |      | 01-01
V7    | I    | 01-01

diagnosis | visit
Z49.1     | V1
I10       | V1
Z49.1     | V2
Z49.1     | V3
Z49.1     | V4
Z49.1     | V5
Z49.1     | V6
Z49.1     | V7

operation | visit | code
O1        | V3    | 39.9500
O2        | V1    | 47.0900

line | visit | item
L1   | V1    | 0025
L2   | V2    | 0031100000
L3   | V3    | 0025
L4   | V4    | 0025
L6   | V6    | 0025
L7   | V7    | 名称:某项
""",
        expect={
            "V1|Z49.1": 0, "V1|I10": 0, "V5|Z49.1": "cannot tell: line", "V6|Z49.1": "cannot tell: encounter.care",
        },
    ),
    Spec(
        "an antibiotic days after a clean operation, without infection or another operation",
        "late_prophylaxis",
        parameters={"drugs": ("XJ01",), "operations": ("53.0",), "infections": ("J1", "T81"), "days": 2},
        world="""
visit | care | start_day
V1    | I    | 01-01
V2    | I    | 01-01
V3    | I    | 01-01
V4    | I    | 01-01

diagnosis | visit
K40.900   | V1
K40.900   | V2
T81.400   | V2
K40.900   | V4

operation | visit | code    | day
O1        | V1    | 53.0001 | 01-02
O2        | V2    | 53.0001 | 01-02
O3        | V3    | 53.0001 | 01-02
O4        | V4    | 53.0001 | 01-02
O5        | V4    | 47.0900 | 01-02

line | visit | item  | day   | in_scope
L1   | V1    | XJ01D | 01-04 | 5.00
L2   | V1    | XJ01D | 01-05 | 5.00
L3   | V1    | XC01D | 01-05 | 5.00
L4   | V2    | XJ01D | 01-05 | 5.00
L5   | V3    | XJ01D | 01-05 | 5.00
L6   | V4    | XJ01D | 01-05 | 5.00
""",
        expect={"L2": 500, "L5": "cannot tell: diagnosis"},
        witnesses={"L2": ["O1"]},
    ),
)
