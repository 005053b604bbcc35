"""Stays against stays."""

from tests.spec.spec import Spec

TITLE = "Stays: overlapping and split"

SPECS = (
    Spec(
        "the later of two overlapping stays carries its whole amount; a transfer on one day is none",
        "overlapping_stays",
        parameters={"care": ("I",)},
        world="""
visit | provider | care | start_day | end_day
V1    | H1       | I    | 01-01     | 01-10
V2    | H2       | I    | 01-05     | 01-08
V3    | H3       | I    | 01-10     | 01-12

line | provider | visit | item | day   | in_scope
L1   | H1       | V1    | A    | 01-01 | 10.00
L2   | H2       | V2    | A    | 01-06 | 20.00
L3   | H2       | V2    | B    | 01-06 | 0.50
""",
        expect={"V2": 2050},
        witnesses={"V2": ["V1"]},
    ),
    Spec(
        "a stay without an end lasts; another stay of the same provider is another matter",
        "overlapping_stays",
        parameters={"care": ("I",)},
        world="""
visit | provider | person | care | start_day | end_day
V1    | H1       | 1      | I    | 01-01     |
V2    | H2       | 1      | I    | 03-01     | 03-02
V3    | H1       | 1      | I    | 03-05     | 03-06
V4    | H2       | 2      | I    | 03-01     | 03-02
""",
        expect={"V2": 0},
    ),
    Spec(
        "outpatient care elsewhere strictly inside a stay",
        "overlapping_stays",
        parameters={"care": ("O", "S", "P")},
        world="""
visit | provider | care | start_day | end_day
V1    | H1       | I    | 01-01     | 01-10
V2    | P1       | P    | 01-01     | 01-01
V3    | P1       | P    | 01-05     | 01-05
V4    | P1       | P    | 01-10     | 01-10
V5    | P1       |      | 01-05     | 01-05
V6    | H1       | O    | 01-05     | 01-05

line | provider | visit | item | day   | in_scope
L1   | P1       | V3    | A    | 01-05 | 30.00
""",
        expect={"V3": 3000, "V5": "cannot tell: care"},
    ),
    Spec(
        "back for the same category of illness within fifteen days, at the same provider",
        "readmission_gap",
        parameters={"days": 15, "same_provider": True},
        world="""
visit | provider | care | start_day | end_day | main_diagnosis | planned_readmission
V1    | H1       | I    | 01-01     | 01-05   | I10.100        |
V2    | H1       | I    | 01-20     | 01-25   | I10.900        |
V3    | H1       | I    | 02-10     | 02-12   | I10.900        |
V4    | H2       | I    | 02-13     | 02-14   | I10.900        |
V5    | H1       | I    | 02-15     | 02-16   | C50.900        |
V6    | H1       | I    | 02-16     | 02-17   | C50.900        | yes
V7    | H1       | I    | 02-18     | 02-19   |                |

line | visit | item | day   | in_scope
L1   | V2    | A    | 01-21 | 7.00
""",
        expect={"V2": 700, "V6": "exempt: planned", "V7": "cannot tell: main_diagnosis"},
        witnesses={"V2": ["V1"]},
    ),
    Spec(
        "back elsewhere",
        "readmission_gap",
        parameters={"days": 15, "same_provider": False},
        world="""
visit | provider | care | start_day | end_day | main_diagnosis
V1    | H1       | I    | 01-01     | 01-05   | I10.100
V2    | H2       | I    | 01-06     | 01-08   | I10.900
V3    | H2       | I    | 01-10     | 01-12   | I10.900
""",
        expect={"V2": 0},
    ),
)
