"""What a provider does as if by routine: equal swipes, prices far above purchase, tests for all, one prescriber."""

from tests.spec.spec import Spec

TITLE = "Routine: swipes, prices, tests and prescriptions"

SPECS = (
    Spec(
        "a third person's equal round amount within seconds, of a pharmacy",
        "equal_swipes",
        parameters={"round_to": 5_000, "seconds": 30, "fewest": 2},
        world="""
visit | person | care | start_day
V1    | 1      | P    | 03-01
V2    | 2      | P    | 03-01
V3    | 3      | P    | 03-01
V4    | 4      | O    | 03-01

settlement | visit | person | day   | time     | total
S1         | V1    | 1      | 03-01 | 09:00:00 | 10000
S2         | V2    | 2      | 03-01 | 09:00:30 | 10000
S3         | V3    | 3      | 03-01 | 09:00:30 | 10000
S4         | V3    | 3      | 03-01 | 09:00:31 | 10000
S5         | V4    | 4      | 03-01 | 09:05:00 | 10000
S6         | V3    | 3      | 03-01 | 09:00:30 | 10100
S7         | V3    | 3      | 03-03 |          | 10000
S8         | V3    | 3      | 03-02 | 09:00:30 |
S9         | V1    | 1      | 03-03 | 09:00:00 | 10000
""",
        expect={
            "S3": 0, "S7": "cannot tell: second", "S8": "cannot tell: total", "S9": "cannot tell: second",
        },
    ),
    Spec(
        "charged at more than three times the purchase price, in a pharmacy",
        "far_above_purchase",
        parameters={"list_types": ("101",), "types": ("2",), "percent": 300},
        world="""
provider | type | valid_from | valid_until
H1       | 2    | 2020-01-01 | 2030-01-01
H2       | 1    | 2020-01-01 | 2030-01-01

balance | provider | item | charged | bought | list_type | price | sold_at
b       | H1       | A    | 1       | 1      | 101       | 10    | 30
b       | H1       | B    | 1       | 1      | 101       | 10    | 30.01
b       | H1       | C    | 1       | 0      | 101       | 10    | 40
b       | H1       | D    | 1       | 1      | 301       | 10    | 40
b       | H1       | E    | 1       | 1      | 101       |       | 40
b       | H2       | A    | 1       | 1      | 101       | 10    | 40
b       | H3       | F    | 1       | 1      | 101       | 10    | 40
""",
        expect={"B": 0, "E": "cannot tell: price", "F": "cannot tell: facility.type"},
    ),
    Spec(
        "a test in so large a part of a month's stays; months of few stays are not judged",
        "routine_test",
        knowledge="item\nA",
        parameters={"fewest_stays": 10, "share_limit": 8_000},
        world="""
routine | provider | item | done | stays
r       | H1       | A    | 8    | 10
r       | H2       | A    | 79   | 100
r       | H3       | A    | 9    | 9
r       | H4       | B    | 10   | 10
""",
        expect={"H1|2026-01-01|A": 0},
    ),
    Spec(
        "one doctor's share of a pharmacy's prescriptions",
        "one_prescriber",
        parameters={"fewest": 20, "share_limit": 8_000},
        world="""
pen | provider | practitioner | written | prescriptions
p   | P1       | D1           | 16      | 20
p   | P1       | D2           | 4       | 20
p   | P2       | D1           | 79      | 100
p   | P3       | D1           | 19      | 19
""",
        expect={"P1|2026-01-01|D1": 0},
    ),
)
