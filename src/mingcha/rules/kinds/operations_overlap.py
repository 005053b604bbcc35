"""同一操作者时段冲突: a surgeon began an operation while another of theirs went on (TIME)."""

from mingcha.rules.algebra import Exists, IsMissing, Literal, every
from mingcha.rules.frames import SURGERY, other, row
from mingcha.rules.kind import Check, Kind

operation, theirs = row(SURGERY), other(SURGERY)
going_on = Exists(
    "operation_going_on",
    "surgery",
    ((operation.practitioner, "practitioner"), (operation.day, "day")),
    every(theirs.second < operation.second, theirs.end_second > operation.second),
)

KIND = Kind(
    name="operations_overlap",
    says="同一术者在一台手术未结束时又开始另一台",
    says_en="A surgeon began an operation while another of theirs went on",
    operator="TIME",
    frame=SURGERY,
    flags="后开始的手术；不计金额",
    unknown="同日另一台手术没有起止时刻时；自己没有术者或时刻的手术不比较",
    checks={
        "": Check(
            when=every(~IsMissing(operation.practitioner), ~IsMissing(operation.second), going_on),
            amount=Literal(0),
            shows={"practitioner": operation.practitioner, "day": operation.day, "second": operation.second},
        )
    },
)
