"""事件与就诊矛盾: an event of the visit says it was not as settled: nobody seen, bed empty, check failed (EVID)."""

from mingcha.rules.algebra import Exists, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import EVENT, VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "event": Parameter(ValueKind.TEXT, "事件种类", "kind of event: identity, round, video, invoice"),
    "results": Parameter(ValueKind.TEXTS, "矛盾的结果", "results that contradict the visit"),
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes of the visits examined"),
}

visit, event = row(VISIT), other(EVENT)
contradicted = Exists(
    "contradicting_event",
    "event",
    ((visit.provider, "provider"), (visit.visit, "visit")),
    every(event.kind == parameter("event", PARAMETERS), OneOf(event.result, parameter("results", PARAMETERS))),
)

KIND = Kind(
    name="contradicting_event",
    says="就诊有与其矛盾的事件记录",
    says_en="An event on record contradicts the visit",
    operator="EVID",
    frame=VISIT,
    flags="有矛盾事件的就诊；违规金额为该次就诊全部明细的符合范围金额",
    unknown="事件没有写明结果时；机构从未上传事件时；医疗类别缺失时",
    parameters=PARAMETERS,
    needs=("event",),
    checks={
        "": Check(
            when=OneOf(visit.care, parameter("care", PARAMETERS)) & contradicted,
            amount=WholeVisit(),
            shows={"care": visit.care, "start_day": visit.start_day},
        )
    },
)
