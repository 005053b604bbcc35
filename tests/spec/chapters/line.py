"""A row, its parents and its knowledge."""

from tests.spec.spec import Spec

TITLE = "A line, its visit and its provider"

SPECS = (
    Spec(
        "the completed year begins on the birthday",
        "restricted_item",
        knowledge="item | age_max\nA | 17",
        world="""
visit | birth_date | start_day
V1    | 2008-01-05 | 01-01

line | item | day   | in_scope
L1   | A    | 01-04 | 10.00
L2   | A    | 01-05 | 10.00
""",
        expect={"L2": 1000},
    ),
    Spec(
        "29 February completes on 1 March of a common year",
        "restricted_item",
        knowledge="item | age_max\nA | 17",
        world="""
visit | birth_date | start_day
V1    | 2008-02-29 | 01-01

line | item | day
L1   | A    | 02-28
L2   | A    | 03-01
""",
        expect={"L2": 1000},
    ),
    Spec(
        "a limit that is not set asks nothing, and a missing birth date cannot tell",
        "restricted_item",
        knowledge="item | sex | age_min\nA | 1 | \nB | | 18",
        world="""
visit | sex | start_day | birth_date
V1    | 2   | 01-01     |

line | item | day
L1   | A    | 01-01
L2   | B    | 01-01
L3   | C    | 01-01
""",
        expect={"L1": 1000, "L2": "cannot tell: encounter.birth_date"},
    ),
    Spec(
        "an age in days counts from the day of birth",
        "restricted_item",
        knowledge="item | days_max\nA | 28",
        world="""
visit | birth_date | start_day
V1    | 2026-01-05 | 01-05

line | item | day
L1   | A    | 02-02
L2   | A    | 02-03
""",
        expect={"L2": 1000},
    ),
    Spec(
        "a specialty lies under those named; without one it cannot tell",
        "restricted_item",
        knowledge="item | specialties\nA | A21;A16",
        world="""
line | item | day   | specialty
L1   | A    | 01-01 | A21.01
L2   | A    | 01-01 | A04
L3   | A    | 01-01 |
""",
        expect={"L2": 1000, "L3": "cannot tell: specialty"},
    ),
    Spec(
        "a definite breach decides although something else is missing",
        "restricted_item",
        knowledge="item | sex | age_min\nA | 1 | 18",
        world="""
visit | sex | start_day | birth_date
V1    | 2   | 01-01     |

line | item | day
L1   | A    | 01-01
""",
        expect={"L1": 1000},
    ),
    Spec(
        "the provider's level is that of the day of service",
        "restricted_item",
        knowledge="item | level_min\nA | 2",
        world="""
provider | level | valid_from | valid_until
H1       | 1     | 2025-01-01 | 2026-01-10
H1       | 2     | 2026-01-10 |

line | item | day
L1   | A    | 01-09
L2   | A    | 01-10
""",
        expect={"L1": 1000},
    ),
    Spec(
        "insurance and setting are lists; internet care is a setting of its own",
        "restricted_item",
        knowledge="item | insurance | care\nA | 410 | \nB | | I;E",
        world="""
visit | insurance | care | start_day
V1    | 310       | N    | 01-01
V2    | 410       | I    | 01-01
V3    |           |      | 01-01

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V1    | B    | 01-01
L3   | V2    | A    | 01-01
L4   | V2    | B    | 01-01
L5   | V3    | A    | 01-01
L6   | V3    | B    | 01-01
""",
        expect={"L1": 1000, "L2": 1000, "L5": "cannot tell: encounter.insurance", "L6": "cannot tell: encounter.care"},
    ),
    Spec(
        "knowledge counts on its first and its last day",
        "restricted_item",
        knowledge="item | sex | valid_from | valid_to\nA | 1 | 2026-01-02 | 2026-01-03",
        world="""
visit | sex | start_day
V1    | 2   | 01-01

line | item | day
L1   | A    | 01-01
L2   | A    | 01-02
L3   | A    | 01-03
L4   | A    | 01-04
""",
        expect={"L2": 1000, "L3": 1000},
    ),
    Spec(
        "only what is above the ceiling is improper, rounded half up",
        "price_ceiling",
        knowledge="item | ceiling | levels\nA | 100000 |\nB | 100000 | 3",
        world="""
provider | level
H1       | 3
H2       |

line | provider | item | day   | unit_price | quantity | in_scope
L1   | H1       | A    | 01-01 | 10         | 1        | 10.00
L2   | H1       | A    | 01-01 | 12         | 1        | 9.99
L3   | H1       | B    | 01-01 | 20         | 3        | 60.00
L4   | H2       | B    | 01-01 | 20         | 1        | 20.00
L5   | H1       | A    | 01-01 |            | 1        | 20.00
""",
        expect={"L2": 167, "L3": 3000, "L4": "cannot tell: facility.level_text", "L5": "cannot tell: unit_price"},
    ),
    Spec(
        "a limit to be checked is shown wherever any of it is in scope, and is never improper by itself",
        "limit_to_check",
        knowledge="item\nA",
        world="""
line | item | day   | in_scope
L1   | A    | 01-01 | 5.00
L2   | A    | 01-01 | 0
L3   | A    | 01-01 | -5.00
L4   | B    | 01-01 | 5.00
""",
        expect={"L1": 0},
    ),
    Spec(
        "a drug of responsible providers, responsible doctors and approved persons",
        "restricted_item",
        knowledge="item | providers | practitioners | programs\nA | H1;P1 | | \nB | | D1;D2 | \nC | | | M1;M2",
        world="""
provider | level
H1       | 3
H2       | 3

visit | provider | care | program | start_day
V1    | H1       | O    | M2      | 03-01
V2    | H2       | O    | M3      | 03-01
V3    | H2       | O    |         | 03-01

line | provider | visit | item | day   | practitioner
L1   | H1       | V1    | A    | 03-01 |
L2   | H2       | V2    | A    | 03-01 |
L3   | H1       | V1    | B    | 03-01 | D2
L4   | H1       | V1    | B    | 03-01 | D3
L5   | H1       | V1    | B    | 03-01 |
L6   | H1       | V1    | C    | 03-01 |
L7   | H2       | V2    | C    | 03-01 |
L8   | H2       | V3    | C    | 03-01 |
""",
        expect={
            "L2": 1000,
            "L4": 1000,
            "L5": "cannot tell: practitioner",
            "L7": 1000,
            "L8": "cannot tell: encounter.program",
        },
    ),
)
