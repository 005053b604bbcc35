"""未核验身份: a visit for which no check of the person's identity is on record (EVID)."""

from mingcha.rules.algebra import Exists, Literal, OneOf
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"care": Parameter(ValueKind.TEXTS, "就医方式", "care classes in which identity must be checked")}

visit = row(VISIT)
checked = Exists(
    "identity_check",
    "identity",
    ((visit.provider, "provider"), (visit.visit, "visit")),
    Literal(True),
    witness=False,
)

KIND = Kind(
    name="identity_unchecked",
    says="就诊没有身份核验记录",
    says_en="No check of the person's identity is on record for the visit",
    operator="EVID",
    frame=VISIT,
    flags="没有身份核验事件的就诊；只作提示，不计金额",
    unknown="机构从未上传身份核验事件时；医疗类别缺失时",
    parameters=PARAMETERS,
    needs=("identity",),
    checks={
        "": Check(
            when=OneOf(visit.care, parameter("care", PARAMETERS)) & ~checked,
            amount=Literal(0),
            shows={"care": visit.care, "start_day": visit.start_day},
        )
    },
)
