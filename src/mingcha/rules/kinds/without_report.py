"""检查检验无报告: an examination or test that was charged, and no report of it (EVID)."""

from mingcha.rules.algebra import Exists, every
from mingcha.rules.frames import FRAMES, LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code of an examination or test"),
    "report_kind": Knows(K.TEXT, "报告类别", "the report it ends in", choices=("imaging", "lab", "pathology")),
}

line = row(LINE)


def _check(frame: str) -> Check:
    reported = Exists(
        "reported",
        frame,
        ((line.provider, "provider"), (line.visit, "visit")),
        other(FRAMES[frame]).item == line.item,
        witness=False,
    )
    return Check(
        when=every(line.in_scope > 0, ~reported),
        amount=line.in_scope,
        quantity=line.quantity,
        shows={"in_scope": line.in_scope, "day": line.day, "report_kind": know("report_kind", KNOWS)},
        needs=(frame,),
    )


KIND = Kind(
    name="without_report",
    says="收取检查检验费用，同一就诊没有该项目的报告",
    says_en="An examination or test was charged, and the visit has no report of it",
    operator="EVID",
    frame=LINE,
    flags="没有报告的费用明细；违规金额为其全部符合范围金额",
    unknown="机构从未上传这类报告时；这次就诊有同类报告没有写明项目时",
    knows=KNOWS,
    choice="report_kind",
    checks={kind: _check(kind) for kind in KNOWS["report_kind"].choices},
)
