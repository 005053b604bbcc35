"""人员无资质: a line ordered by a practitioner who was not registered with the provider that day (ID)."""

from mingcha.rules.algebra import Days, Exists, IsMissing, every
from mingcha.rules.frames import PRACTITIONER, SIGNED, other, row
from mingcha.rules.kind import Check, Kind

line, theirs = row(SIGNED), other(PRACTITIONER)
registered = Exists(
    "registered_here",
    "practitioner",
    ((line.practitioner, "practitioner"), (line.provider, "provider")),
    (Days(line.day, theirs.valid_from) >= 0) & (Days(theirs.valid_until, line.day) > 0),
    witness=False,
)

KIND = Kind(
    name="not_registered",
    says="开单医师当日未在该机构备案",
    says_en="The ordering practitioner was not registered with the provider on the day",
    operator="ID",
    frame=SIGNED,
    flags="未备案医师开单的费用明细；违规金额为其全部符合范围金额；急诊抢救除外",
    unknown="机构从未上传医保医师备案时；没有写明医师的明细不比较",
    needs=("practitioner",),
    checks={
        "": Check(
            when=every(~IsMissing(line.practitioner), line.in_scope > 0, ~registered),
            unless={"rescue": ~IsMissing(line.encounter.care) & (line.encounter.care == "E")},
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"practitioner": line.practitioner, "day": line.day},
        )
    },
)
