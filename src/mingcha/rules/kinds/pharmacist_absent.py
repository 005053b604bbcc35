"""药师不在岗: purchases settled on a day on which no pharmacist of the pharmacy signed in (EVID)."""

from mingcha.rules.algebra import Exists, Literal, OneOf
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"care": Parameter(ValueKind.TEXTS, "就医方式", "care classes that need a pharmacist")}

visit = row(VISIT)
signed_in = Exists(
    "signed_in",
    "attendance",
    ((visit.provider, "provider"), (visit.start_day, "day")),
    Literal(True),
    witness=False,
)

KIND = Kind(
    name="pharmacist_absent",
    says="结算当日没有药师签到",
    says_en="No pharmacist signed in on the day of the purchase",
    operator="EVID",
    frame=VISIT,
    flags="没有药师签到那一天的购药；只作提示，不计金额",
    unknown="机构从未上传药师签到事件时；医疗类别缺失时",
    parameters=PARAMETERS,
    needs=("attendance",),
    checks={
        "": Check(
            when=OneOf(visit.care, parameter("care", PARAMETERS)) & ~signed_in,
            amount=Literal(0),
            shows={"care": visit.care, "start_day": visit.start_day},
        )
    },
)
