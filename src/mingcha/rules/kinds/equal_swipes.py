"""空刷套刷: one round amount settled for several persons, seconds apart in one pharmacy (BAL)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Share, Tally, every, some
from mingcha.rules.frames import TILL, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "round_to": Parameter(ValueKind.INT, "整数金额（分）", "an amount is round if it is a multiple of so many fen"),
    "seconds": Parameter(ValueKind.INT, "间隔秒数", "seconds in which settlements follow each other", looser="less"),
    "fewest": Parameter(ValueKind.INT, "同额笔数", "equal ones before it from which it is a lead", looser="more"),
}

till, theirs = row(TILL), other(TILL)
step = parameter("round_to", PARAMETERS)
ago = till.second - theirs.second
before = Tally(
    "equal_before", "till", ((till.provider, "provider"), (till.day, "day"), (till.total, "total")),
    every(
        theirs.person != till.person,
        ago <= parameter("seconds", PARAMETERS),
        some(ago > 0, (ago == 0) & (theirs.settlement < till.settlement)),
    ),
    value=theirs.person, distinct=True,
)  # fmt: skip

KIND = Kind(
    name="equal_swipes",
    says="同一药店几十秒内为不同参保人结算相同的整数金额",
    says_en="A pharmacy settled one round amount for different persons within seconds",
    operator="BAL",
    frame=TILL,
    flags="相同金额中较后的结算；只是线索，不计金额",
    unknown="没有上传结算时刻、金额或医疗类别时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                till.encounter.care == "P",
                till.total > 0,
                Share(till.total, Literal(1), step) * step == till.total,
                before >= parameter("fewest", PARAMETERS),
            ),
            amount=Literal(0),
            shows={"charges": till.total, "equal_before": before, "second": till.second},
        )
    },
)
