"""指标离群: one part of what a provider charges or does in a month stands far above that of its peers (IND)."""

from mingcha.rules.algebra import If, Literal, Missing, Node, Peers, Share, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import PROVIDER_MONTH, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

MONEY = ("drug", "exam", "consumable", "treatment", "ct", "mri")
"""Parts of all charges; the others are counted among stays."""
COUNTS = ("readmissions", "infections")
BY_ITEM = ("ct", "mri")
"""Told by the item's code, not by its charge category."""
WHOLE = 10_000

PARAMETERS = {
    "part": Parameter(ValueKind.TEXT, "指标", "which part: " + ", ".join((*MONEY, *COUNTS))),
    "least": Parameter(ValueKind.INT, "最小规模", "least whole that is judged or compared with: fen, or stays"),
    "fewest": Parameter(ValueKind.INT, "最少同类机构数", "peers, the provider itself among them, needed to judge"),
    "fence": Parameter(ValueKind.INT, "四分位距倍数（%）", "how many hundredths of the quartile distance above Q3"),
    "apart": Parameter(ValueKind.INT, "与中位数最小差距（万分之）", "least distance to the median, in ten-thousandths"),
    "share_limit": Parameter(ValueKind.INT, "上限（万分之）", "share to be exceeded besides; 0 where nobody set one"),
}

month = row(PROVIDER_MONTH)
which, least, fewest, fence, apart, share_limit = (parameter(name, PARAMETERS) for name in PARAMETERS)


def _one_of(names: tuple[str, ...]) -> Node:
    """The column that the parameter names; the last one stands for all that is left."""
    found = getattr(month, names[-1])
    for name in reversed(names[:-1]):
        found = If(which == name, getattr(month, name), found)
    return found


def _is_any(names: tuple[str, ...]) -> Node:
    return some(*(which == name for name in names))


part = _one_of((*MONEY, *COUNTS))
whole = If(_is_any(MONEY), month.charges, month.stays)
untold = If(_is_any(COUNTS), Literal(0), If(_is_any(BY_ITEM), month.uncoded, month.unsorted))
"""What may belong to the part and may not: money without charge category, or without item code."""

share = Share(Literal(WHOLE), part, whole)
at_most = Share(Literal(WHOLE), part + untold, whole)
alike = (month.month, month.facility.level, month.facility.type)
peers = Peers("peers", share, alike)
median = Peers("median", share, alike, 50)
lower = Peers("lower_quartile", share, alike, 25)
upper = Peers("upper_quartile", share, alike, 75)
highest = Peers("highest", share, alike, 100)
"""Where nobody reports a single infection, infections are not reported."""


def _stands_out(value: Node) -> Node:
    return every(
        value > share_limit,
        value - median >= apart,
        (value - upper) * 100 > fence * (upper - lower),
    )


KIND = Kind(
    name="indicator_share",
    says="机构一个月的某项占比明显高于同级同类机构",
    says_en="A share of what a provider charges or does in a month stands far above that of its peers",
    operator="IND",
    frame=PROVIDER_MONTH,
    flags="机构和月份；只是线索，不计金额",
    unknown="同级同类机构太少，机构级别缺失，或没有收费类别（项目编码）的金额多到足以改变结论时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            among=every(month.facility.type == "1", whole >= least),
            when=If(
                peers >= fewest,
                If(
                    some(which != "infections", highest > 0),
                    _stands_out(share) | (_stands_out(at_most) & Missing("charge_type")),
                    Missing("infection"),
                ),
                Missing("peers"),
            ),
            amount=Literal(0),
            shows={
                "share": share,
                "median": median,
                "upper_quartile": upper,
                "lower_quartile": lower,
                "peers": peers,
            },
        )
    },
)
