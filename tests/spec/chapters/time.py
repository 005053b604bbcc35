"""Windows of hours, and the order that "earlier" means."""

from tests.spec.spec import Spec

TITLE = "Hours and order"

SPECS = (
    Spec(
        "six hours include the last second and cross midnight",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | hours-6",
        world="""
line | item | day   | time
L1   | A    | 01-01 | 20:00:00
L2   | B    | 01-02 | 02:00:00
L3   | B    | 01-02 | 02:00:01
L4   | B    | 01-01 | 14:00:00
L5   | B    | 01-01 | 13:59:59
""",
        expect={"L2": 1000, "L4": 1000},
    ),
    Spec(
        "a line without a time has no hour, unless the days settle it",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | hours-6",
        world="""
line | item | day   | time
L1   | A    | 01-01 | 20:00
L2   | B    | 01-02 |
L3   | B    | 01-03 |
""",
        expect={"L2": "cannot tell: second"},
    ),
    Spec(
        "the same clock hour ends at the full hour",
        "exclusive_items",
        knowledge="item | partner | window\nB | A | hour",
        world="""
line | item | day   | time
L1   | A    | 01-01 | 10:59:59
L2   | B    | 01-01 | 10:00:00
L3   | B    | 01-01 | 11:00:00
L4   | B    | 01-02 | 10:30:00
""",
        expect={"L2": 1000},
    ),
    Spec(
        "later lines exceed first: by time, a missing time first, then by key",
        "max_per_period",
        knowledge="item | limit | window\nA | 20000 | day",
        world="""
line | item | day   | time  | quantity | in_scope
L1   | A    | 01-01 | 09:00 | 1        | 10.00
L2   | A    | 01-01 |       | 1        | 10.00
L4   | A    | 01-01 | 09:00 | 1        | 10.00
L3   | A    | 01-01 | 09:00 | 1        | 10.00
""",
        expect={"L3": 1000, "L4": 1000},
        witnesses={"L4": ["L2", "L1", "L3"]},
    ),
)
