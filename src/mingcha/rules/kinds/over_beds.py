"""超机构服务能力: more stays in a night than approved beds allow (CAP over a provider's nights)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal
from mingcha.rules.frames import CENSUS, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"percent": Parameter(ValueKind.INT, "床位使用上限（%）", "percent of the beds that may be in use")}

night = row(CENSUS)

KIND = Kind(
    name="over_beds",
    says="当夜在院人数超过核定床位的上限",
    says_en="More persons were in hospital that night than its approved beds allow",
    operator="CAP",
    frame=CENSUS,
    flags="机构的一夜；只是线索，不计金额",
    unknown="机构没有核定床位数时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=night.patients * 100 > night.beds * parameter("percent", PARAMETERS),
            amount=Literal(0),
            shows={"patients": night.patients, "beds": night.beds, "day": night.day},
        )
    },
)
