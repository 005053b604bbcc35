"""人证不符: the visit tells another sex or birth than the register of insured persons (ID)."""

from mingcha.rules.algebra import Exists, every
from mingcha.rules.frames import PERSON, VISIT, other, row
from mingcha.rules.kind import Check, Kind, WholeVisit

visit, registered = row(VISIT), other(PERSON)
another = Exists(
    "another_person",
    "person",
    ((visit.person, "person"),),
    every(visit.sex != registered.sex, visit.birth_date != registered.birth_date),
    witness=False,
)

KIND = Kind(
    name="not_the_person",
    says="就诊登记的性别和出生日期都与参保人登记不符",
    says_en="Both sex and date of birth of the visit differ from the register of insured persons",
    operator="ID",
    frame=VISIT,
    flags="性别和出生日期都不符的就诊；违规金额为该次就诊全部明细的符合范围金额",
    unknown="性别或出生日期有一项缺失而另一项不符时；没有参保人登记的数据时",
    needs=("person",),
    checks={
        "": Check(
            when=another,
            amount=WholeVisit(),
            shows={"sex": visit.sex, "birth_date": visit.birth_date, "start_day": visit.start_day},
        )
    },
)
