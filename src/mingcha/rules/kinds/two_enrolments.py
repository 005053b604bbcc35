"""重复参保: treated under one enrolment while another of another insurance or area was in force too (ID)."""

from mingcha.rules.algebra import Days, Exists, IsMissing, Literal, Node, every
from mingcha.rules.frames import ENROLMENT, VISIT, other, row
from mingcha.rules.kind import Check, Kind

visit, enrolled = row(VISIT), other(ENROLMENT)
same = (enrolled.insurance == visit.insurance) & (enrolled.fund_area == visit.fund_area)


def in_force(name: str, where: Node, *, witness: bool) -> Exists:
    """Whether such an enrolment of the person is in force on the day of the visit."""
    begun = Days(visit.start_day, enrolled.start_day) >= 0
    lasts = IsMissing(enrolled.end_day) | (Days(enrolled.end_day, visit.start_day) >= 0)
    return Exists(name, "enrolment", ((visit.person, "person"),), every(where, begun, lasts), witness=witness)


KIND = Kind(
    name="two_enrolments",
    says="就诊当日参保人同时有两份有效的参保关系",
    says_en="On the day of the visit two enrolments of the person were in force",
    operator="ID",
    frame=VISIT,
    flags="按其中一份参保关系享受待遇的就诊；只是线索，不计金额",
    unknown="险种或参保地缺失，不知按哪一份享受时；没有参保关系的数据时",
    needs=("enrolment",),
    checks={
        "": Check(
            when=in_force("second_enrolment", ~same, witness=True) & in_force("own_enrolment", same, witness=False),
            amount=Literal(0),
            shows={"start_day": visit.start_day, "insurance": visit.insurance},
        )
    },
)
