"""处方来源集中: one doctor wrote most of the prescriptions that a pharmacy sold on in a month (DEV)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Share, every
from mingcha.rules.frames import PEN, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "fewest": Parameter(ValueKind.INT, "最少处方笔数", "purchases with a doctor's name needed to judge", looser="more"),
    "share_limit": Parameter(ValueKind.INT, "占比界限（万分之）", "share from which it is a lead", looser="more"),
}
WHOLE = 10_000

pen = row(PEN)
share = Share(Literal(WHOLE), pen.written, pen.prescriptions)

KIND = Kind(
    name="one_prescriber",
    says="药店一个月的处方大多出自同一名医师",
    says_en="One doctor wrote most of the prescriptions that a pharmacy sold on in a month",
    operator="DEV",
    frame=PEN,
    flags="药店、月份和医师；只是线索，不计金额",
    unknown="不会：只统计写明医师的购药，没有写明的不算处方；太少的月份不判断",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                pen.prescriptions >= parameter("fewest", PARAMETERS), share >= parameter("share_limit", PARAMETERS)
            ),
            amount=Literal(0),
            shows={"share": share, "prescriptions": pen.prescriptions},
        )
    },
)
