"""Trace codes."""

from tests.spec.spec import Spec

TITLE = "Trace codes: one pack, one sale"

WORLD = """
line | provider | visit | item | day   | quantity | in_scope
L1   | P1       | V1    | A    | 01-01 | 2        | 20.00
L2   | P1       | V2    | A    | 01-02 | 2        | 20.01
L3   | P2       | V3    | A    | 01-03 | 1        | 10.00

trace | provider | code | kind        | visit | line | day   | is_split
e1    | P1       | 81   | sale        | V1    | L1   | 01-01 |
e2    | P1       | 81   | sale        | V2    | L2   | 01-02 |
e3    | P2       | 81   | sale        | V3    | L3   | 01-03 |
e4    | P1       | 82   | sale        | V1    | L1   | 01-01 |
e5    | P1       | 82   | sale_return | V1    | L1   | 01-02 |
e6    | P1       | 82   | sale        | V2    | L2   | 01-03 |
e7    | P1       | 83   | sale        | V1    | L1   | 01-01 | yes
e8    | P1       | 83   | sale        | V2    | L2   | 01-03 | yes
"""

SPECS = (
    Spec(
        "sold again by the same provider without a return between; one unit of the line is improper",
        "code_settled_twice",
        parameters={"across": False},
        world=WORLD,
        expect={"e2": 1001, "e8": "exempt: split"},
        witnesses={"e2": ["e1"]},
    ),
    Spec(
        "sold again by another provider",
        "code_settled_twice",
        parameters={"across": True},
        world=WORLD,
        expect={"e3": 1000},
        witnesses={"e3": ["e1", "e2"]},
    ),
)
