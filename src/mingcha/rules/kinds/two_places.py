"""执业时空冲突: one practitioner saw patients at two providers within minutes (TIME)."""

from mingcha.rules.algebra import Exists, IsMissing, Literal, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import SEAT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes in which the practitioner must be there"),
    "minutes": Parameter(ValueKind.INT, "间隔分钟数", "minutes within which nobody gets from one to the other"),
}

visit, theirs = row(SEAT), other(SEAT)
apart = visit.start_second - theirs.start_second
limit = parameter("minutes", PARAMETERS) * 60
elsewhere = Exists(
    "seen_elsewhere",
    "seat",
    ((visit.practitioner, "practitioner"), (visit.start_day, "start_day")),
    every(
        apart >= 0,
        apart < limit,
        theirs.provider != visit.provider,
        ~IsMissing(theirs.care),
        OneOf(theirs.care, parameter("care", PARAMETERS)),
        (apart > 0) | (theirs.provider < visit.provider),
    ),
)

KIND = Kind(
    name="two_places",
    says="同一医师在很短时间内于两家机构接诊",
    says_en="One practitioner saw patients at two providers within minutes",
    operator="TIME",
    frame=SEAT,
    flags="后一次接诊；只是线索，不计金额",
    unknown="就诊没有时刻、医疗类别缺失时；没有写明医师的就诊不比较",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(~IsMissing(visit.practitioner), OneOf(visit.care, parameter("care", PARAMETERS)), elsewhere),
            amount=Literal(0),
            shows={"practitioner": visit.practitioner, "start_day": visit.start_day, "at": visit.start_second},
        )
    },
)
