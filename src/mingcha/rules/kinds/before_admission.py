"""费用转嫁门诊: an examination charged as an outpatient's right before admission to the same provider (TIME)."""

from mingcha.rules.algebra import Days, Exists, Literal, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import LINE, VISIT, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code of an examination that belongs to the stay"),
    "days": Knows(K.INTEGER, "入院前天数", "days before admission in which it is looked for"),
}
PARAMETERS = {"care": Parameter(ValueKind.TEXTS, "就医方式", "care classes of the visits examined")}

line, stay = row(LINE), other(VISIT)
ahead = Days(stay.start_day, line.day)
admitted = Exists(
    "admitted_after",
    "visit",
    ((line.person, "person"),),
    every(stay.care == "I", stay.provider == line.provider, ahead >= 0, ahead <= know("days", KNOWS)),
)

KIND = Kind(
    name="before_admission",
    says="入院前几天在同一机构以门诊收取的检查",
    says_en="An examination charged as an outpatient's in the days before admission to the same provider",
    operator="TIME",
    frame=LINE,
    flags="入院前的门诊检查；只是线索，不计金额",
    unknown="门诊或随后那次就诊的医疗类别缺失时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=OneOf(line.encounter.care, parameter("care", PARAMETERS)) & admitted,
            amount=Literal(0),
            shows={"day": line.day, "days": know("days", KNOWS)},
        )
    },
)
