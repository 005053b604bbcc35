"""医保外费用未告知: much at own expense, and no consent on record (EVID)."""

from mingcha.rules.algebra import Exists, Literal, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import SETTLEMENT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "care": Parameter(ValueKind.TEXTS, "就医方式", "care classes in which consent is asked for"),
    "above": Parameter(ValueKind.INT, "自费金额（分）", "fen at own expense above which there must be a consent"),
}

settlement = row(SETTLEMENT)
consented = Exists(
    "consent",
    "consent",
    ((settlement.provider, "provider"), (settlement.visit, "visit")),
    Literal(True),
    witness=False,
)

KIND = Kind(
    name="without_consent",
    says="自费金额较大，没有参保人的同意记录",
    says_en="Much was charged at own expense, and no consent is on record",
    operator="EVID",
    frame=SETTLEMENT,
    flags="没有同意记录的结算；只计次数，不计金额；急诊抢救除外",
    unknown="机构从未上传知情同意时；没有全自费金额或医疗类别时",
    parameters=PARAMETERS,
    needs=("consent",),
    checks={
        "": Check(
            when=every(
                OneOf(settlement.encounter.care, parameter("care", PARAMETERS)),
                settlement.own_expense > parameter("above", PARAMETERS),
                ~consented,
            ),
            unless={"rescue": settlement.encounter.care == "E"},
            amount=Literal(0),
            shows={"own_expense": settlement.own_expense, "day": settlement.day},
        )
    },
)
