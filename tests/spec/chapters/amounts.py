"""How much: sums of money and of days, doses, and what is charged only in part."""

from tests.spec.spec import Spec

TITLE = "How much: money, days and doses beyond what is paid"

SPECS = (
    Spec(
        "what brings the money of a group over its cap is improper, in the visit, the day, or a year at all providers",
        "amount_cap",
        knowledge="item | cap | window | group\nA | 2500 | visit | G\nB | 2500 | visit | G\nC | 1500 | day |\nD | 1500 | days-365 |",
        world="""
line | visit | provider | item | day
L1   | V1    | H1       | A    | 01-01
L2   | V1    | H1       | B    | 01-02
L3   | V1    | H1       | A    | 01-03
L4   | V2    | H1       | C    | 01-01
L5   | V2    | H1       | C    | 01-01
L6   | V2    | H1       | C    | 01-02
L7   | V3    | H1       | D    | 01-01
L8   | V4    | H2       | D    | 12-31
""",
        expect={"L3": 500, "L5": 500, "L8": 500},
        witnesses={"L3": ["L1", "L2"]},
    ),
    Spec(
        "a dose counts by the days it is given for; without days it cannot tell",
        "daily_dose",
        knowledge="item | most\nA | 30000",
        world="""
line | item | day   | quantity | days_supply
L1   | A    | 01-01 | 21       | 7
L2   | A    | 01-02 | 42       | 7
L3   | A    | 01-03 | 4        | 0
L4   | A    | 01-04 | 1        |
""",
        expect={"L2": 500, "L3": 250, "L4": "cannot tell: days_supply"},
    ),
    Spec(
        "days beyond the limit are improper where the limit holds",
        "supply_limit",
        knowledge="item | days | care\nA | 7 | O",
        parameters={"takehome": False},
        world="""
visit | care | start_day
V1    | O    | 01-01
V2    | S    | 01-01
V3    |      | 01-01

line | visit | item | day   | days_supply
L1   | V1    | A    | 01-01 | 7
L2   | V1    | A    | 01-01 | 14
L3   | V2    | A    | 01-01 | 28
L4   | V3    | A    | 01-01 | 28
L5   | V1    | A    | 01-01 |
""",
        expect={"L2": 500, "L4": "cannot tell: encounter.care", "L5": "cannot tell: days_supply"},
    ),
    Spec(
        "only drugs taken home at discharge count where the rule says so",
        "supply_limit",
        knowledge="item | days | care\nA | 7 | I",
        parameters={"takehome": True},
        world="""
visit | care | start_day
V1    | I    | 01-01

line | item | day   | days_supply | takehome
L1   | A    | 01-01 | 14          | yes
L2   | A    | 01-01 | 14          | no
L3   | A    | 01-01 | 14          |
""",
        expect={"L1": 500, "L3": "cannot tell: takehome"},
    ),
    Spec(
        "what is charged by the day can't outnumber the days of the stay; a stay of one day has one",
        "days_beyond_stay",
        knowledge="item | group\nA | bed\nB | bed",
        parameters={"more": 0},
        world="""
visit | care | start_day | end_day
V1    | I    | 01-01     | 01-03
V2    | I    | 01-01     | 01-01
V3    | I    | 01-01     |
V4    | O    | 01-01     | 01-01

line | visit | item | day   | quantity
L1   | V1    | A    | 01-01 | 2
L2   | V1    | B    | 01-03 | 2
L3   | V2    | A    | 01-01 | 1
L4   | V3    | A    | 01-01 | 9
L5   | V4    | A    | 01-01 | 9
""",
        expect={"L2": 1000, "L4": "cannot tell: encounter.end_day"},
        witnesses={"L2": ["L1"]},
    ),
    Spec(
        "some things can't be charged in the first days of a stay",
        "too_early_in_stay",
        knowledge="item | days\nA | 1",
        world="""
visit | care | start_day
V1    | I    | 01-01
V2    |      | 01-01

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V1    | A    | 01-02
L3   | V2    | A    | 01-01
""",
        expect={"L1": 1000, "L3": "cannot tell: encounter.care"},
    ),
    Spec(
        "a programme pays for the items of its own list",
        "program_item",
        knowledge="item | programs\nA | M1;M2",
        parameters={"providers": ("1",)},
        world="""
provider | level | type
H1       | 3     | 1

visit | care | start_day | program
V1    | S    | 01-01     | M2
V2    | S    | 01-01     | M3
V3    | S    | 01-01     |
V4    | O    | 01-01     |

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V2    | A    | 01-01
L3   | V3    | A    | 01-01
L4   | V4    | A    | 01-01
""",
        expect={"L2": 1000, "L3": "cannot tell: encounter.program"},
    ),
    Spec(
        "the lines of a sort are counted on each prescription",
        "items_on_prescription",
        knowledge="item | most | group\nA | 2 | herb\nB | 2 | herb\nC | 2 | herb",
        world="""
line | item | day   | prescription
L1   | A    | 01-01 | R1
L2   | B    | 01-01 | R1
L3   | C    | 01-01 | R1
L4   | A    | 01-01 | R2
L5   | C    | 01-01 |
""",
        expect={"L3": 1000, "L5": "cannot tell: prescription"},
        witnesses={"L3": ["L1", "L2"]},
    ),
    Spec(
        "the second part of a day is charged in part; a broken quantity has been reduced already",
        "reduced_repeat",
        knowledge="item | group | full | percent\nA | G | 10000 | 80\nB | G | 10000 | 80",
        world="""
line | item | day   | quantity
L1   | A    | 01-01 | 1
L2   | B    | 01-01 | 1
L3   | A    | 01-02 | 3
L4   | A    | 01-03 | 1
L5   | B    | 01-03 | 0.8
""",
        expect={"L2": 200, "L3": 133},
        witnesses={"L2": ["L1"]},
    ),
    Spec(
        "a cause for which another may be liable is no matter for the fund before that is settled",
        "liability_to_check",
        parameters={"causes": ("V03", "V04"), "insurance": ("310", "390")},
        world="""
visit | start_day | insurance
V1    | 01-01     | 310
V2    | 01-01     | 410
V3    | 01-01     | 310
V4    | 01-01     |

line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V1    | B    | 01-01

diagnosis | visit
S72.000   | V1
V03.100   | V1
V03.100   | V2
S72.000   | V3
V04.100   | V4
""",
        expect={"V1": 2000, "V4": "cannot tell: insurance"},
    ),
)
