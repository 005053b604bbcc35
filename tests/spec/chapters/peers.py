"""What is said of a provider's month."""

from tests.spec.spec import Spec

TITLE = "A provider among its peers"

_DRUGS = {"part": "drug", "least": 1_000_00, "fewest": 5, "fence": 150, "apart": 1_000, "share_limit": 0}
_FIVE = """
provider | level | type
H1       | 2     | 1
H2       | 2     | 1
H3       | 2     | 1
H4       | 2     | 1
H5       | 2     | 1
"""

SPECS = (
    Spec(
        "a share far above the upper quartile of the month's peers is a lead; too small a month is not judged",
        "indicator_share",
        parameters=_DRUGS,
        world=_FIVE
        + """
provider_month | provider | month | charges | drug
a              | H1       | 01-01 | 2000.00 | 600.00
b              | H2       | 01-01 | 2000.00 | 620.00
c              | H3       | 01-01 | 2000.00 | 640.00
d              | H4       | 01-01 | 2000.00 | 660.00
e              | H5       | 01-01 | 2000.00 | 1400.00
f              | H1       | 02-01 | 999.99  | 999.99
""",
        expect={"H5": 0},
    ),
    Spec(
        "far from the median means at least `apart`, and above the fence",
        "indicator_share",
        parameters={**_DRUGS, "share_limit": 4_000},
        world=_FIVE
        + """
provider_month | provider | month | charges  | drug
a              | H1       | 01-01 | 10000.00 | 3000.00
b              | H2       | 01-01 | 10000.00 | 3000.00
c              | H3       | 01-01 | 10000.00 | 3000.00
d              | H4       | 01-01 | 10000.00 | 3000.00
e              | H5       | 01-01 | 10000.00 | 4000.00
f              | H1       | 02-01 | 10000.00 | 3000.00
g              | H2       | 02-01 | 10000.00 | 3000.00
h              | H3       | 02-01 | 10000.00 | 3000.00
i              | H4       | 02-01 | 10000.00 | 3000.00
j              | H5       | 02-01 | 10000.00 | 4001.00
""",
        expect={"H5": 0},
    ),
    Spec(
        "fewer peers than it takes, or no level: cannot tell; pharmacies are not looked at",
        "indicator_share",
        parameters=_DRUGS,
        world="""
provider | level | type
H1       | 2     | 1
H2       | 2     | 1
H3       | 2     | 1
H4       | 2     | 1
H5       |       | 1
H6       |       | 2

provider_month | provider | month | charges | drug
a              | H4       | 01-01 | 2000.00 | 2000.00
b              | H5       | 01-01 | 2000.00 | 2000.00
c              | H6       | 01-01 | 2000.00 | 2000.00
""",
        expect={"H4": "cannot tell: peers", "H5": "cannot tell: facility.level"},
    ),
    Spec(
        "money without a charge category cannot clear a provider it could convict",
        "indicator_share",
        parameters=_DRUGS,
        world=_FIVE
        + """
provider_month | provider | month | charges | drug   | unsorted
a              | H1       | 01-01 | 2000.00 | 600.00 | 0.00
b              | H2       | 01-01 | 2000.00 | 620.00 | 0.00
c              | H3       | 01-01 | 2000.00 | 640.00 | 0.00
d              | H4       | 01-01 | 2000.00 | 660.00 | 100.00
e              | H5       | 01-01 | 2000.00 | 650.00 | 800.00
""",
        expect={"H5": "cannot tell: charge_type"},
    ),
    Spec(
        "readmissions are counted among stays",
        "indicator_share",
        parameters={**_DRUGS, "part": "readmissions", "least": 20, "apart": 500},
        world=_FIVE
        + """
provider_month | provider | month | stays | readmissions
a              | H1       | 01-01 | 50    | 1
b              | H2       | 01-01 | 50    | 1
c              | H3       | 01-01 | 50    | 2
d              | H4       | 01-01 | 50    | 2
e              | H5       | 01-01 | 20    | 3
f              | H1       | 02-01 | 19    | 19
""",
        expect={"H5": 0},
    ),
    Spec(
        "where no peer reports an infection, nothing can be said of infections",
        "indicator_share",
        parameters={**_DRUGS, "part": "infections", "least": 20},
        world=_FIVE
        + """
provider_month | provider | month | stays | infections
a              | H1       | 01-01 | 50    | 0
b              | H2       | 01-01 | 50    | 0
c              | H3       | 01-01 | 50    | 0
d              | H4       | 01-01 | 50    | 0
e              | H5       | 01-01 | 50    | 0
""",
        expect=dict.fromkeys(("H1", "H2", "H3", "H4", "H5"), "cannot tell: infection"),
    ),
    Spec(
        "two persons who meet in one pharmacy on enough days of the period, whoever comes first",
        "buying_together",
        parameters={"fewest_days": 3, "within": 30},
        world="""
meeting | provider | visit | earlier | person | one | other | day   | time
a       | H1       | V2    | V1      | 2      | 1   | 2     | 01-01 | 09:05
b       | H1       | V3    | V4      | 1      | 1   | 2     | 01-11 | 09:05
c       | H1       | V6    | V5      | 2      | 1   | 2     | 01-11 | 18:00
d       | H2       | V8    | V7      | 2      | 1   | 2     | 01-12 | 09:05
e       | H1       | W2    | W1      | 3      | 1   | 3     | 01-12 | 09:05
f       | H1       | V10   | V9      | 2      | 1   | 2     | 01-30 | 09:05
g       | H1       | V12   | V11     | 2      | 1   | 2     | 02-10 | 09:05
""",
        expect={"V10": 0},
        witnesses={"V10": ["V1", "V4", "V5"]},
    ),
    Spec(
        "the purchase before which too many others bought is flagged once",
        "crowded_purchases",
        parameters={"usual": 2},
        world="""
meeting | provider | visit | earlier | person | one | other | day   | time
a       | H1       | V3    | V1      | 3      | 1   | 3     | 01-01 | 09:05
b       | H1       | V3    | V2      | 3      | 2   | 3     | 01-01 | 09:05
c       | H1       | V4    | V1      | 4      | 1   | 4     | 01-01 | 09:06
d       | H1       | V4    | V2      | 4      | 2   | 4     | 01-01 | 09:06
e       | H1       | V4    | V3      | 4      | 3   | 4     | 01-01 | 09:06
f       | H1       | V5    | V1      | 5      | 1   | 5     | 01-01 | 09:07
g       | H1       | V5    | V2      | 5      | 2   | 5     | 01-01 | 09:07
h       | H1       | V5    | V3      | 5      | 3   | 5     | 01-01 | 09:07
i       | H1       | V5    | V4      | 5      | 4   | 5     | 01-01 | 09:07
""",
        expect={"V4": 0, "V5": 0},
        witnesses={"V4": ["V1", "V2"]},
    ),
)
