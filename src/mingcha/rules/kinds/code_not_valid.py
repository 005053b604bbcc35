"""追溯码无效: a sale with a trace code that is not written as trace codes are (CODE)."""

from mingcha.rules.algebra import Literal
from mingcha.rules.frames import PACK, row
from mingcha.rules.kind import Check, Kind

trace = row(PACK)

KIND = Kind(
    name="code_not_valid",
    says="销售上传的追溯码不是有效的药品追溯码",
    says_en="The trace code of a sale is not written as drug trace codes are",
    operator="CODE",
    frame=PACK,
    flags="追溯码无效的销售；只作提示，不计金额",
    unknown="不会：追溯码本身总有",
    checks={
        "": Check(
            when=(trace.kind == "sale") & ~trace.well_formed,
            amount=Literal(0),
            shows={"kind": trace.kind, "day": trace.day},
        )
    },
)
