"""Stays against stays."""

from tests.spec.spec import Spec

TITLE = "Stays: overlapping and split"

SPECS = (
    Spec(
        "the later of two overlapping stays carries its whole amount; a transfer on one day is none",
        "overlapping_stays",
        parameters={"care": ("I",), "same_provider": False},
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
        parameters={"care": ("I",), "same_provider": False},
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
        parameters={"care": ("O", "S", "P"), "same_provider": False},
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
        parameters={"days": 15, "same_provider": True, "courses": ("Z51",)},
        world="""
visit | provider | care | start_day | end_day | main_diagnosis | planned_readmission
V1    | H1       | I    | 01-01     | 01-05   | I10.100        |
V2    | H1       | I    | 01-20     | 01-25   | I10.900        |
V3    | H1       | I    | 02-10     | 02-12   | I10.900        |
V4    | H2       | I    | 02-13     | 02-14   | I10.900        |
V5    | H1       | I    | 02-15     | 02-16   | C50.900        |
V6    | H1       | I    | 02-16     | 02-17   | C50.900        | yes
V7    | H1       | I    | 02-18     | 02-19   |                |
V8    | H1       | I    | 03-01     | 03-02   | Z51.101        |
V9    | H1       | I    | 03-10     | 03-11   | Z51.101        |

line | visit | item | day   | in_scope
L1   | V2    | A    | 01-21 | 7.00
""",
        expect={"V2": 700, "V6": "exempt: planned", "V9": "exempt: course", "V7": "cannot tell: main_diagnosis"},
        witnesses={"V2": ["V1"]},
    ),
    Spec(
        "back elsewhere",
        "readmission_gap",
        parameters={"days": 15, "same_provider": False, "courses": ()},
        world="""
visit | provider | care | start_day | end_day | main_diagnosis | discharge_way
V1    | H1       | I    | 01-01     | 01-05   | I10.100        | 1
V2    | H2       | I    | 01-06     | 01-08   | I10.900        | 2
V3    | H2       | I    | 01-10     | 01-12   | I10.900        | 2
V4    | H1       | I    | 01-13     | 01-14   | I10.900        |
""",
        expect={"V2": 0, "V4": "exempt: transferred"},
    ),
    Spec(
        "the visits beyond the limit are leads, counted over providers; other sorts of care don't count",
        "frequent_visits",
        parameters={"care": ("O", "E"), "most": 2, "within": 7, "courses": ("Z49",)},
        world="""
visit | provider | start_day | care | main_diagnosis
V1    | H1       | 01-01     | O    | I10.900
V2    | H2       | 01-03     | E    |
V3    | H1       | 01-04     | I    | I10.900
V4    | H3       | 01-07     | O    |
V5    | H1       | 01-08     | O    | I10.900
V6    | H1       | 01-08     | O    | Z49.101
V7    | H1       | 01-15     | O    | I10.900
V8    | H1       | 01-15     |      | I10.900
""",
        expect={"V4": 0, "V5": 0, "V6": "exempt: course", "V8": "cannot tell: care"},
        witnesses={"V4": ["V1", "V2"]},
    ),
    Spec(
        "a visit after the days of grace since a death in hospital is flagged whole",
        "visit_after_death",
        parameters={"days": 1},
        world="""
visit | person | start_day | end_day | care | discharge_way
V1    | 1      | 01-01     | 01-05   | I    | 5
V2    | 1      | 01-06     |         | O    |
V3    | 1      | 01-07     |         | O    |
V4    | 2      | 01-01     | 01-05   | I    | 1
V5    | 2      | 01-07     |         | O    | 1
V6    | 3      | 01-01     |         | I    | 5
V7    | 3      | 01-07     |         | O    | 1

line | visit | person | item | day
L1   | V3    | 1      | A    | 01-07
""",
        expect={"V3": 1000, "V7": "cannot tell: end_day"},
        witnesses={"V3": ["V1"]},
    ),
    Spec(
        "a short stay of tests almost alone is flagged whole; who came urgently or was transferred is not",
        "stay_for_tests",
        parameters={
            "most_nights": 2, "exam_least": 7_000, "drug_most": 1_000, "treatment_most": 2_000, "fewest_exams": 3,
            "urgent": ("1",), "left": ("2", "5"),
        },
        world="""
visit | care | start_day | end_day | admission_way | discharge_way
V1    | I    | 01-01     | 01-03   | 2             | 1
V2    | I    | 01-01     | 01-04   | 2             | 1
V3    | I    | 01-01     | 01-02   | 1             | 1
V4    | I    | 01-01     | 01-02   | 2             | 5
V5    | I    | 01-01     | 01-02   |               | 1
V6    | I    | 01-01     | 01-02   | 2             |
V7    | I    | 01-01     | 01-02   | 2             | 1
V8    | I    | 01-01     | 01-02   | 2             | 1
V9    | I    | 01-01     | 01-02   | 2             | 1

brief | visit | nights | charges | exam  | drug | treatment | unsorted | exams
b     | V1    | 2      | 100.00  | 80.00 | 5.00 | 0         | 0        | 3
b     | V2    | 3      | 100.00  | 80.00 | 5.00 | 0         | 0        | 3
b     | V3    | 1      | 100.00  | 80.00 | 5.00 | 0         | 0        | 3
b     | V4    | 1      | 100.00  | 80.00 | 5.00 | 0         | 0        | 3
b     | V5    | 1      | 100.00  | 80.00 | 5.00 | 0         | 0        | 3
b     | V6    | 1      | 100.00  | 70.00 | 5.00 | 0         | 0        | 3
b     | V7    | 1      | 100.00  | 70.00 | 5.00 | 0         | 1.00     | 3
b     | V8    | 1      | 100.00  | 80.00 | 9.99 | 19.99     | 0        | 2
b     | V9    | 1      | 100.00  | 80.00 | 10.00 | 0        | 0        | 3

line | visit | item | day   | in_scope
L1   | V1    | A    | 01-01 | 80.00
L2   | V1    | B    | 01-02 | 12.00
""",
        expect={
            "V1": 9_200, "V4": "exempt: left_early", "V5": "cannot tell: encounter.admission_way",
            "V7": "cannot tell: charge_type",
        },
    ),
)
