"""报告雷同: reports of different persons over the same images, or with the same finding in the same words (DUP)."""

from mingcha.rules.algebra import Exists, IsMissing, Literal, Node, every, some
from mingcha.rules.frames import ALIKE_CONCLUSION, ALIKE_STUDY, REPORT, Reader, other, row
from mingcha.rules.kind import Check, Kind


def positive(one: Reader) -> tuple[Node, Node]:
    """Something was found: a report that doesn't say so is taken for a usual one."""
    return ~IsMissing(one.is_positive), one.is_positive


report = row(REPORT)
images = Exists(
    "same_images", "alike_study", ((report.study, "study"),), other(ALIKE_STUDY).person != report.person
)
words = Exists(
    "same_words",
    "alike_conclusion",
    ((report.provider, "provider"), (report.conclusion, "conclusion")),
    every(*positive(other(ALIKE_CONCLUSION)), other(ALIKE_CONCLUSION).person != report.person),
)

KIND = Kind(
    name="same_report",
    says="不同参保人的报告使用同一份影像，或在同一机构有逐字相同的阳性结论",
    says_en="Reports of different persons share their images, or a positive conclusion word for word at one provider",
    operator="DUP",
    frame=REPORT,
    flags="雷同的每一份报告；只是线索，不计金额",
    unknown="雷同的报告中有一份没有人员编号时；没有影像号、也没有阳性结论的报告无从比较",
    checks={
        "": Check(
            when=some(
                every(~IsMissing(report.study), images),
                every(~IsMissing(report.conclusion), *positive(report), words),
            ),
            amount=Literal(0),
            shows={"day": report.day, "study": report.study},
        )
    },
)
