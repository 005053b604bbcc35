"""Settlements, staff, stock and beds: what a provider as a whole tells."""

from tests.spec.spec import Spec

TITLE = "Providers: settlements, staff, stock, beds"

SPECS = (
    Spec(
        "settled later than so many days after the end",
        "settled_late",
        parameters={"care": ("O",), "days": 3},
        world="""
visit | care | start_day | end_day
V1    | O    | 03-01     | 03-01
V2    | O    | 03-01     |

settlement | visit | day
S1         | V1    | 03-04
S2         | V1    | 03-05
S3         | V2    | 03-09
""",
        expect={"S2": 0, "S3": "cannot tell: encounter.end_day"},
    ),
    Spec(
        "an invoice settled again, on the same day by a later number; another person's is another",
        "invoice_twice",
        world="""
visit | person | start_day
V1    | 1      | 03-01
V2    | 1      | 03-02

settlement | visit | person | day   | invoice
S1         | V1    | 1      | 03-02 | A
S2         | V2    | 1      | 03-02 | A
S3         | V2    | 2      | 03-05 | A
S4         | V2    | 1      | 03-05 |

line | visit | item | day   | in_scope
L1   | V2    | A    | 03-02 | 7.00
""",
        expect={"S2": 700},
        witnesses={"S2": ["S1"]},
    ),
    Spec(
        "whatever the rate, the fund can't pay more than what is in scope beyond the deductible",
        "paid_beyond_base",
        parameters={"tolerance": 1},
        world="""
settlement | visit | day   | payable | pooled_pay
S1         | V1    | 03-02 | 8000    | 8002
S2         | V2    | 03-02 | 8000    | 8001
S3         | V3    | 03-02 |         | 100
S4         | V4    | 03-02 | 8000    |
""",
        expect={"S1": 2, "S3": "cannot tell: payable", "S4": "cannot tell: pooled_pay"},
    ),
    Spec(
        "more than so much at own expense, without consent, at a provider that sends consents",
        "without_consent",
        parameters={"care": ("I", "E"), "above": 50_000},
        world="""
visit | provider | care | start_day
V1    | H1       | I    | 03-01
V2    | H2       | I    | 03-01
V3    | H1       | E    | 03-01

event | provider | visit | kind    | day
E1    | H1       | V9    | consent | 03-01

settlement | provider | visit | day   | own_expense
S1         | H1       | V1    | 03-02 | 50001
S2         | H1       | V1    | 03-02 | 50000
S3         | H1       | V1    | 03-02 |
S4         | H2       | V2    | 03-02 | 50001
S5         | H1       | V3    | 03-02 | 50001
""",
        expect={"S1": 0, "S5": "exempt: rescue", "S3": "cannot tell: own_expense", "H2": "cannot tell: consent"},
    ),
    Spec(
        "while the contract rests, but for emergencies",
        "provider_suspended",
        parameters={"statuses": ("2", "3")},
        world="""
provider | contract_status | valid_from | valid_until
H1       | 1               | 01-01      | 03-01
H1       | 2               | 03-01      |

visit | provider | care | start_day
V1    | H1       | O    | 02-28
V2    | H1       | O    | 03-01
V3    | H1       | E    | 03-01
V4    | H2       | O    | 03-01
""",
        expect={"V2": 0, "V3": "exempt: rescue", "V4": "cannot tell: facility.contract_status"},
    ),
    Spec(
        "one practitioner at two providers within minutes",
        "two_places",
        parameters={"care": ("O",), "minutes": 30},
        world="""
visit | provider | care | start_day | start_time | practitioner
V1    | H1       | O    | 03-01     | 09:00      | D1
V2    | H2       | O    | 03-01     | 09:29      | D1
V3    | H2       | O    | 03-01     | 09:30      | D1
V4    | H2       | O    | 03-01     | 09:10      | D2
V5    | H2       | O    | 03-02     |            | D3
V6    | H1       | O    | 03-02     | 09:10      | D3
V7    | H1       | O    | 03-01     | 09:10      |
""",
        expect={"V2": 0, "V5": "cannot tell: start_second", "V6": "cannot tell: start_second"},
        witnesses={"V2": ["V1"]},
    ),
    Spec(
        "a surgeon begins while another operation goes on",
        "operations_overlap",
        world="""
visit | care | start_day
V1    | I    | 03-01

operation | code | day   | time  | end_time | practitioner
1         | O1   | 03-02 | 09:00 | 10:00    | D1
2         | O1   | 03-02 | 09:59 | 10:30    | D1
3         | O1   | 03-02 | 10:30 | 11:00    | D1
4         | O1   | 03-02 | 09:30 | 11:00    | D2
5         | O1   | 03-03 | 09:00 |          | D1
6         | O1   | 03-03 | 09:30 | 10:00    | D1
7         | O1   | 03-02 | 09:30 | 10:00    |
""",
        expect={"2": 0, "6": "cannot tell: second"},
        witnesses={"2": ["1"]},
    ),
    Spec(
        "an operation outside its visit, or backwards",
        "illogical_operation",
        world="""
visit | care | start_day | end_day
V1    | I    | 03-02     | 03-04
V2    | I    | 03-02     |

operation | visit | code | day   | time  | end_time
1         | V1    | O1   | 03-01 | 09:00 | 10:00
2         | V1    | O1   | 03-04 | 09:00 | 10:00
3         | V1    | O1   | 03-05 |       |
4         | V1    | O1   | 03-03 | 09:00 | 08:59
5         | V2    | O1   | 03-03 |       |
""",
        expect={"1": 0, "3": 0, "4": 0, "5": "cannot tell: encounter.end_day"},
    ),
    Spec(
        "persons at one terminal within minutes",
        "crowded_terminal",
        parameters={"persons": 3, "minutes": 5},
        world="""
event | person | visit | kind     | day   | time  | terminal
E1    | 1      |       | identity | 03-01 | 09:00 | T1
E2    | 2      |       | identity | 03-01 | 09:01 | T1
E3    | 2      |       | identity | 03-01 | 09:02 | T1
E4    | 3      |       | identity | 03-01 | 09:04 | T1
E5    | 4      |       | identity | 03-01 | 09:06 | T1
E6    | 5      |       | identity | 03-01 | 09:04 | T2
E7    | 6      |       | round    | 03-01 | 09:04 | T1
""",
        expect={"E4": 0, "E5": 0},
        witnesses={"E4": ["E1", "E2", "E3", "E4"]},
    ),
    Spec(
        "a code that stood for another item before",
        "code_of_another_item",
        world="""
line | visit | item | day   | quantity | in_scope
L1   | V1    | B    | 03-05 | 2        | 30.00

trace | code | kind     | item | visit | line | day
t1    | 81   | purchase | A    |       |      | 03-01
t2    | 81   | sale     | B    | V1    | L1   | 03-05
t3    | 82   | sale     | A    |       |      | 03-05
t4    | 82   | purchase | B    |       |      | 03-06
t5    | 83   | purchase |      |       |      | 03-01
t6    | 83   | sale     | A    |       |      | 03-05
""",
        expect={"t2": 1500, "t6": "cannot tell: item"},
        witnesses={"t2": ["t1"]},
    ),
    Spec(
        "a code that is not written as codes are",
        "code_not_valid",
        world="""
trace | code                 | kind     | day   | well_formed
t1    | 81234567890123456789 | sale     | 03-05 | yes
t2    | 61234567890123456789 | sale     | 03-05 | no
t3    | 6                    | purchase | 03-05 | no
""",
        expect={"t2": 0},
    ),
    Spec(
        "more charged than bought, at what it was bought for",
        "more_sold_than_bought",
        parameters={"list_types": ("101",), "tolerance": 10, "never": False},
        world="""
balance | item | charged | bought | price | list_type
b       | A    | 111     | 100    | 2     | 101
b       | B    | 110     | 100    | 2     | 101
b       | C    | 5       | 0      | 2     | 101
b       | D    | 200     | 100    | 2     | 301
b       | E    | 200     | 100    | 2     |
""",
        expect={"A": 2200, "E": "cannot tell: list_type"},
    ),
    Spec(
        "more stays in a night than beds",
        "over_beds",
        parameters={"percent": 110},
        world="""
census | provider | day   | patients | beds
c      | H1       | 03-01 | 11       | 10
c      | H1       | 03-02 | 12       | 10
c      | H1       | 03-03 | 12       |
""",
        expect={"2026-03-02": 0, "2026-03-03": "cannot tell: beds"},
    ),
    Spec(
        "ordered by somebody not registered here on the day; a rescue is let pass",
        "not_registered",
        world="""
visit | care | start_day
V1    | O    | 03-01
V2    | E    | 03-01

practitioner | practitioner | provider | valid_from | valid_until
p            | D1           | H1       | 2020-01-01 | 03-02
p            | D2           | H2       | 2020-01-01 |

line | visit | item | day   | practitioner
L1   | V1    | A    | 03-01 | D1
L2   | V1    | A    | 03-02 | D1
L3   | V1    | A    | 03-01 | D2
L4   | V2    | A    | 03-01 | D2
L5   | V1    | A    | 03-01 |
""",
        expect={"L2": 1000, "L3": 1000, "L4": "exempt: rescue"},
    ),
    Spec(
        "lines before admission or after discharge, a day of grace left",
        "outside_stay",
        parameters={"days": 1},
        world="""
visit | care | start_day | end_day
V1    | I    | 03-10     | 03-20
V2    | I    | 03-10     |
V3    | O    | 03-10     | 03-10

line | visit | item | day
L1   | V1    | A    | 03-08
L2   | V1    | A    | 03-09
L3   | V1    | A    | 03-21
L4   | V1    | A    | 03-22
L5   | V2    | A    | 03-12
L6   | V3    | A    | 03-15
""",
        expect={"L1": 1000, "L4": 1000, "L5": "cannot tell: encounter.end_day"},
    ),
    Spec(
        "an amount that is not quantity times price",
        "amount_not_product",
        parameters={"tolerance": 10},
        world="""
line | item | day   | quantity | unit_price | amount
L1   | A    | 03-01 | 2        | 5          | 10.10
L2   | A    | 03-01 | 2        | 5          | 10.11
L3   | A    | 03-01 | 2        |            | 10.00
""",
        expect={"L2": 0, "L3": "cannot tell: unit_price"},
    ),
    Spec(
        "a prescription drug without a prescription, at a pharmacy that sends their numbers",
        "without_prescription",
        knowledge="item\nA",
        world="""
visit | provider | care | start_day
V1    | P1       | P    | 03-01
V2    | P2       | P    | 03-01
V3    | P1       | O    | 03-01

line | provider | visit | item | day   | prescription
L1   | P1       | V1    | A    | 03-01 |
L2   | P1       | V1    | A    | 03-01 | R1
L3   | P2       | V2    | A    | 03-01 |
L4   | P1       | V3    | A    | 03-01 |
L5   | P1       | V1    | B    | 03-01 |
""",
        expect={"L1": 1000, "P2": "cannot tell: line.prescription"},
    ),
    Spec(
        "a drug of a stay that nobody ordered",
        "without_order",
        knowledge="item\nA",
        world="""
visit | care | start_day
V1    | I    | 03-01
V2    | I    | 03-01
V3    | I    | 03-01
V4    | O    | 03-01

order | visit | item | day
o1    | V1    | A    | 03-01
o2    | V2    | B    | 03-01
o3    | V3    |      | 03-01

line | visit | item | day
L1   | V1    | A    | 03-01
L2   | V2    | A    | 03-01
L3   | V3    | A    | 03-01
L4   | V4    | A    | 03-01
""",
        expect={"L2": 1000, "L3": "cannot tell: item"},
    ),
    Spec(
        "an examination in the days before admission to the same provider",
        "before_admission",
        knowledge="item | days\nA | 3",
        parameters={"care": ("O",)},
        world="""
visit | provider | care | start_day
V1    | H1       | O    | 03-01
V2    | H1       | I    | 03-04
V3    | H1       | O    | 02-28
V4    | H2       | O    | 03-01
V5    | H1       |      | 03-20

line | provider | visit | item | day
L1   | H1       | V1    | A    | 03-01
L2   | H1       | V3    | A    | 02-28
L3   | H2       | V4    | A    | 03-01
L4   | H1       | V5    | A    | 03-20
""",
        expect={"L1": 0, "L4": "cannot tell: encounter.care"},
        witnesses={"L1": ["V2"]},
    ),
    Spec(
        "in scope though the catalogue lacks it on the day, or has it at own expense; a day in any catalogue is enough",
        "not_in_catalogue",
        parameters={"list_types": ("101",)},
        world="""
catalogue_item | item | area | item_class | valid_from | valid_until
c         | A    | 33   | 01         | 2025-01-01 | 03-02
c         | A    | 33   | 02         | 03-10      | 2030-01-01
c         | B    | 33   | 03         | 2025-01-01 | 2030-01-01
c         | C    | 33   |            | 2025-01-01 | 2030-01-01
c         | C    | 32   | 03         | 2025-01-01 | 2030-01-01

line | item | day   | list_type | code | stated
L1   | A    | 03-01 | 101       | A    | 10.00
L2   | A    | 03-02 | 101       | A    | 10.00
L3   | A    | 03-10 | 101       | A    | 10.00
L4   | B    | 03-01 | 101       | B    | 10.00
L5   | C    | 03-01 | 101       | C    | 10.00
L6   | D    | 03-01 | 101       | D    | 10.00
L7   | D    | 03-01 | 201       | D    | 10.00
L8   | D    | 03-01 |           | D    | 10.00
L9   | D    | 03-01 | 101       | D    | 0.00
M1   | D    | 03-01 | 101       | D    |
M2   | E    | 03-01 | 101       |      | 10.00
""",
        expect={
            "L2": 1000,
            "L4": 1000,
            "L5": "cannot tell: item_class",
            "L6": 1000,
            "L8": "cannot tell: list_type",
            "M1": "cannot tell: stated",
            "M2": "cannot tell: code",
        },
    ),
    Spec(
        "no catalogue at all: nobody can tell",
        "not_in_catalogue",
        parameters={"list_types": ("101",)},
        world="""
line | item | day   | list_type
L1   | A    | 03-01 | 101
L2   | A    | 03-01 | 201
""",
        expect={"H1": "cannot tell: catalogue_item"},
    ),
    Spec(
        "a title on the day that gives the right, none that does, and one that no list names",
        "rank_of_prescriber",
        knowledge="item\nA",
        parameters={"titles": ("231",), "lower": ("233",)},
        world="""
visit | care | start_day
V1    | I    | 03-01
V2    | E    | 03-01

practitioner | practitioner | provider | title | valid_from | valid_until
p            | D1           | H1       | 233   | 2020-01-01 | 03-02
p            | D1           | H1       | 231   | 03-02      | 2099-01-01
p            | D2           | H1       | 250   | 2020-01-01 | 2099-01-01

line | visit | provider | item | day   | practitioner | in_scope
L1   | V1    | H1       | A    | 03-01 | D1           | 9.00
L2   | V1    | H1       | A    | 03-02 | D1           | 9.00
L3   | V1    | H1       | A    | 03-01 | D2           | 9.00
L4   | V1    | H1       | A    | 03-01 |              | 9.00
L5   | V2    | H1       | A    | 03-01 | D1           | 9.00
L6   | V1    | H1       | B    | 03-01 | D1           | 9.00
L7   | V1    | H1       | A    | 03-01 | D1           | 0
L8   | V1    | H2       | A    | 03-01 | D1           | 9.00
""",
        expect={
            "L1": 900, "L3": "cannot tell: title", "L4": "cannot tell: title", "L5": "exempt: rescue",
            "H2": "cannot tell: practitioner.title",
        },
    ),
    Spec(
        "what a trial pays for, charged to a subject from the day of entry until the days are over",
        "trial_item",
        knowledge="item | trials | days\nA | T1;T2 | 30",
        world="""
event | provider | kind     | person | day   | result
e1    | H1       | trial    | 1      | 03-01 | T2
e2    | H1       | trial    | 2      | 03-01 | T9
e3    | H1       | trial    | 3      | 03-01 |
e4    | H2       | identity | 1      | 03-01 | T1

visit | provider | person | care
V1    | H1       | 1      | O
V2    | H1       | 2      | O
V3    | H1       | 3      | O
V4    | H2       | 1      | O

line | provider | visit | person | item | day
L1   | H1       | V1    | 1      | A    | 02-28
L2   | H1       | V1    | 1      | A    | 03-01
L3   | H1       | V1    | 1      | A    | 03-31
L4   | H1       | V1    | 1      | A    | 04-01
L5   | H1       | V1    | 1      | B    | 03-05
L6   | H1       | V2    | 2      | A    | 03-05
L7   | H1       | V3    | 3      | A    | 03-05
""",
        expect={"L2": 1000, "L3": 1000, "L7": "cannot tell: result"},
        witnesses={"L2": ["e1"], "L3": ["e1"]},
    ),
)
