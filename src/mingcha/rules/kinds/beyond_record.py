"""数量超记录: more hours, days or tests charged than the settlement list or reports tell of (BAL in a visit)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Node, Running, Share, Tally, every, least
from mingcha.rules.frames import FRAMES, LINE, STAY_RECORD, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

MINUTES = {"ventilator-hours": "ventilator_minutes", "icu-hours": "icu_minutes"}
DAYS = {
    "special-nursing": "special_nursing_days",
    "first-nursing": "first_nursing_days",
    "second-nursing": "second_nursing_days",
    "third-nursing": "third_nursing_days",
}
REPORTS = {"imaging-reports": "imaging", "lab-reports": "lab"}
KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code of something charged by the hour or by the day"),
    "record": Knows(
        K.TEXT,
        "记录",
        "what it is held to: hours on a ventilator or in intensive care, days of a grade of nursing, number of reports",
        choices=(*MINUTES, *DAYS, *REPORTS),
    ),
    "group": Knows(K.TEXT, "项目组", "items counted together, else the item alone", required=False, default="item"),
}
PARAMETERS = {"more": Parameter(ValueKind.INT, "宽限", "hours, days or pieces allowed beyond the record")}
UNIT = 10_000

line, stay = row(LINE), row(LINE).encounter
SAME_VISIT = ((line.provider, "provider"), (line.visit, "visit"))
total = Running("total", "sum", line.quantity, (line.person, line.provider, line.visit, know("group", KNOWS)))


def _check(recorded: Tally, whole: int, among: Node | None, known: Node, needs: tuple[str, ...]) -> Check:
    allowed = Share(Literal(UNIT), recorded, Literal(whole)) + parameter("more", PARAMETERS) * UNIT
    excess = least(line.quantity, total - allowed)
    return Check(
        among=among,
        when=every(known, total > allowed),
        amount=Share(line.in_scope, excess, line.quantity),
        quantity=excess,
        shows={"total": total, "limit": allowed, "record": know("record", KNOWS)},
        needs=needs,
    )


def _given(column: str, whole: int) -> Check:
    value = getattr(other(STAY_RECORD), column)
    recorded = Tally("recorded", "stay_record", SAME_VISIT, Literal(True), value=value, witness=False)
    return _check(recorded, whole, stay.care == "I", Literal(True), (f"stay_record.{column}",))


def _reported(frame: str) -> Check:
    """Where there is any report at all: an item without one is another rule's."""
    report = other(FRAMES[frame])
    same_item = report.item == line.item
    recorded = Tally("recorded", frame, SAME_VISIT, same_item, value=report.report, distinct=True, witness=False)
    return _check(recorded, 1, None, recorded > 0, ())


KIND = Kind(
    name="beyond_record",
    says="收费数量超过结算清单记录的时长、天数，或超过报告的份数",
    says_en="More of an item was charged than the settlement list gives hours or days, or than there are reports of it",
    operator="BAL",
    frame=LINE,
    flags="超出记录的费用明细，先后按时间与键；违规金额为超出数量所占的符合范围金额",
    unknown="机构从未上传这项记录时；这次住院没有这项记录，或医疗类别缺失时；有报告没有写明项目时",
    knows=KNOWS,
    parameters=PARAMETERS,
    choice="record",
    checks={
        **{record: _given(column, 60) for record, column in MINUTES.items()},
        **{record: _given(column, 1) for record, column in DAYS.items()},
        **{record: _reported(frame) for record, frame in REPORTS.items()},
    },
)
