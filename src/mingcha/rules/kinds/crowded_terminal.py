"""凭证集中使用: many persons' credentials at one terminal within minutes (DEV over identity checks)."""

from mingcha.rules.algebra import IsMissing, Literal, Tally, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import SWIPE, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "persons": Parameter(ValueKind.INT, "人数下限", "persons within the minutes from which it is unusual"),
    "minutes": Parameter(ValueKind.INT, "分钟数", "length of the period in minutes"),
}

check, theirs = row(SWIPE), other(SWIPE)
apart = check.second - theirs.second
persons = Tally(
    "persons",
    "swipe",
    ((check.provider, "provider"), (check.day, "day")),
    every(
        ~IsMissing(theirs.terminal) & (theirs.terminal == check.terminal),
        ~IsMissing(theirs.person),
        apart >= 0,
        apart < parameter("minutes", PARAMETERS) * 60,
    ),
    value=theirs.person,
    distinct=True,
)

KIND = Kind(
    name="crowded_terminal",
    says="同一终端在几分钟内使用了多人的凭证",
    says_en="Many persons' credentials were used at one terminal within minutes",
    operator="DEV",
    frame=SWIPE,
    flags="使人数达到下限的各次核验；只是线索，不计金额",
    unknown="同一终端的核验没有时刻时；没有写明终端的核验不比较",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=~IsMissing(check.terminal) & (persons >= parameter("persons", PARAMETERS)),
            amount=Literal(0),
            shows={"persons": persons, "terminal": check.terminal, "minutes": parameter("minutes", PARAMETERS)},
        )
    },
)
