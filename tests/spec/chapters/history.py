"""A person's history, within a provider and across providers."""

from tests.spec.spec import Spec

TITLE = "History: frequency, course, interval, supply"

SPECS = (
    Spec(
        "only the quantity above the limit is improper",
        "max_per_period",
        knowledge="item | limit | window\nA | 240000 | day",
        world="""
line | item | day   | time  | quantity | in_scope
L1   | A    | 01-01 | 08:00 | 20       | 200.00
L2   | A    | 01-01 | 09:00 | 10       | 100.00
L3   | A    | 01-02 | 08:00 | 24       | 240.00
""",
        expect={"L2": 6000},
        witnesses={"L2": ["L1"]},
    ),
    Spec(
        "a pregnancy is a window of 280 days",
        "max_per_period",
        knowledge="item | limit | window\nA | 10000 | days-280",
        world="""
line | item | day
L1   | A    | 01-01
L2   | A    | 10-07
L3   | A    | 10-08
""",
        expect={"L2": 1000, "L3": 1000},
    ),
    Spec(
        "a cap belongs to one person and one provider; a stay and a month are windows too",
        "max_per_period",
        knowledge="item | limit | window\nA | 10000 | visit\nB | 10000 | month",
        world="""
line | person | provider | visit | item | day
L1   | 1      | H1       | V1    | A    | 01-01
L2   | 1      | H1       | V2    | A    | 01-02
L3   | 1      | H2       | V1    | A    | 01-02
L4   | 1      | H1       | V1    | A    | 01-03
L5   | 1      | H1       | V1    | B    | 01-31
L6   | 1      | H1       | V1    | B    | 02-01
L7   | 1      | H1       | V1    | B    | 02-28
L8   | 2      | H1       | V9    | B    | 02-28
""",
        expect={"L4": 1000, "L7": 1000},
    ),
    Spec(
        "any seven days: the eighth day no longer counts the first; a group counts together",
        "max_per_period",
        knowledge="item | limit | window | group\nA | 30000 | days-7 | HD\nB | 30000 | days-7 | HD",
        world="""
line | item | day
L1   | A    | 01-01
L2   | B    | 01-03
L3   | A    | 01-05
L4   | A    | 01-07
L5   | A    | 01-10
""",
        expect={"L4": 1000},
        witnesses={"L4": ["L1", "L2", "L3"]},
    ),
    Spec(
        "a course counts different days, wherever the drug was given and under whichever code",
        "course_days",
        knowledge="item | days | window | group\nA | 2 | days-365 | D\nB | 2 | days-365 | D",
        world="""
line | provider | item | day        | time
L1   | H1       | A    | 2026-01-01 | 08:00
L2   | H1       | A    | 2026-01-01 | 20:00
L3   | H2       | B    | 2026-01-02 |
L4   | H1       | A    | 2026-01-03 |
L5   | H1       | A    | 2027-01-03 |
""",
        expect={"L4": 1000},
        witnesses={"L4": ["L1", "L2", "L3"]},
    ),
    Spec(
        "a course within a stay starts again with the next stay",
        "course_days",
        knowledge="item | days | window\nA | 1 | visit",
        world="""
line | visit | item | day
L1   | V1    | A    | 01-01
L2   | V1    | A    | 01-02
L3   | V2    | A    | 01-03
""",
        expect={"L2": 1000},
    ),
    Spec(
        "an interval of seven days: the sixth day is too soon, the seventh is not",
        "min_interval",
        knowledge="item | days\nA | 7",
        world="""
line | provider | item | day
L1   | H1       | A    | 01-01
L2   | H2       | A    | 01-07
L3   | H1       | A    | 01-14
""",
        expect={"L2": 1000},
        witnesses={"L2": ["L1"]},
    ),
    Spec(
        "supply adds up over providers; only the days too many are improper",
        "supply_overlap",
        knowledge="item | group | days | within\nA | D | 30 | 30\nB | D | 30 | 30",
        world="""
line | provider | item | day   | days_supply | in_scope
L1   | H1       | A    | 01-01 | 28          | 28.00
L2   | H2       | B    | 01-20 | 14          | 14.00
L3   | H2       | B    | 01-31 | 14          | 14.00
""",
        expect={"L2": 1200},
        witnesses={"L2": ["L1"]},
    ),
    Spec(
        "a supply without days blinds the period it lies in",
        "supply_overlap",
        knowledge="item | group | days | within\nA | D | 30 | 30",
        world="""
line | item | day   | days_supply
L1   | A    | 01-01 |
L2   | A    | 01-20 | 31
L3   | A    | 01-31 | 31
""",
        expect={
            "L1": "cannot tell: days_supply",
            "L2": "cannot tell: days_supply",
            "L3": 1000,
        },
    ),
    Spec(
        "two drugs of one sort: the later while the earlier lasts, wherever it came from; one of two on one day",
        "duplicate_therapy",
        knowledge="item | others\nA | B\nB | A",
        parameters={"overlap": 7, "longest": 84},
        world="""
line | person | provider | item | day   | days_supply
L1   | 1      | H1       | A    | 01-01 | 28
L2   | 1      | H2       | B    | 01-10 | 28
L3   | 2      | H1       | B    | 01-10 | 7
L4   | 2      | H1       | A    | 01-10 | 7
L5   | 3      | H1       | A    | 01-10 | 7
""",
        expect={"L2": 1000, "L3": 1000},
        witnesses={"L2": ["L1"], "L3": ["L4"]},
    ),
    Spec(
        "seven days left are a double supply, six a change of drug; the same drug again is none",
        "duplicate_therapy",
        knowledge="item | others\nA | B\nB | A",
        parameters={"overlap": 7, "longest": 84},
        world="""
line | person | item | day   | days_supply
L1   | 1      | A    | 01-01 | 14
L2   | 1      | B    | 01-08 | 14
L3   | 2      | A    | 01-01 | 14
L4   | 2      | B    | 01-09 | 14
L5   | 3      | A    | 01-01 | 14
L6   | 3      | A    | 01-02 | 14
""",
        expect={"L2": 1000},
    ),
    Spec(
        "an earlier supply without days blinds the longest prescription, not what comes after it, nor its own day",
        "duplicate_therapy",
        knowledge="item | others\nA | B\nB | A",
        parameters={"overlap": 7, "longest": 84},
        world="""
line | person | item | day   | days_supply
L1   | 1      | A    | 01-01 |
L2   | 1      | B    | 01-20 | 14
L3   | 2      | A    | 01-01 |
L4   | 2      | B    | 03-26 | 14
L5   | 3      | A    | 01-01 |
L6   | 3      | B    | 01-01 |
""",
        expect={"L2": "cannot tell: days_supply", "L6": 1000},
    ),
)
