"""Codes of a visit against each other and against the patient."""

from tests.spec.spec import Spec

TITLE = "Codes: operations and diagnoses that contradict the patient or each other"

SPECS = (
    Spec(
        "an operation of the other sex is flagged; without a sex on record it cannot be told",
        "operation_for_sex",
        knowledge="item | sex\n60.5 | 1\n68.4 | 2",
        world="""
visit | start_day | sex
V1    | 01-01     | 2
V2    | 01-01     |

operation | visit | code
O1        | V1    | 60.5
O2        | V1    | 68.4
O3        | V2    | 60.5
O4        | V1    | 43.4
""",
        expect={"O1": 0, "O3": "cannot tell: encounter.sex"},
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
        world="""
visit | start_day | sex | birth_date
V1    | 02-28     | 2   | 2026-01-31
V2    | 03-01     | 2   | 2026-01-31
V3    | 03-01     | 1   |

diagnosis | visit | day
P36       | V1    | 02-28
N41       | V2    | 03-01
P36       | V2    | 03-01
P36       | V3    | 03-01
N41       | V3    | 03-01
""",
        expect={"V2|N41": 0, "V2|P36": 0, "V3|P36": "cannot tell: encounter.birth_date"},
    ),
)
