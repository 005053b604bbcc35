"""限定条件: an item only some persons, insurances, settings, places or doctors may receive or give (ATTR)."""

from mingcha.rules.algebra import Age, Days, OneOf, Under, some
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, Offer, know, limited
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "sex": Knows(K.TEXT, "限定性别", "sex it is meant for: 1 male, 2 female", required=False, choices=("1", "2")),
    "age_min": Knows(K.INTEGER, "最小年龄", "youngest age in completed years", required=False),
    "age_max": Knows(K.INTEGER, "最大年龄", "oldest age in completed years", required=False),
    "days_max": Knows(K.INTEGER, "最大日龄", "oldest age in days, the day of birth being 0", required=False),
    "insurance": Knows(K.LIST, "限定险种", "insurance types that pay for it", required=False),
    "care": Knows(K.LIST, "限定就医方式", "care classes in which it is paid", required=False),
    "level_min": Knows(K.INTEGER, "最低机构级别", "lowest provider level: 1, 2 or 3", required=False),
    "specialties": Knows(K.PREFIXES, "限定科别", "beginnings of specialty codes that may use it", required=False),
    "providers": Knows(K.LIST, "责任机构", "codes of the providers that may use it", required=False),
    "practitioners": Knows(K.LIST, "责任医师", "codes of the practitioners who may order it", required=False),
    "programs": Knows(K.LIST, "备案病种", "approvals or disease programmes under which it is paid", required=False),
}

line = row(LINE)
visit = line.encounter
age = Age(visit.birth_date, line.day)
days_old = Days(line.day, visit.birth_date)

KIND = Kind(
    name="restricted_item",
    says="项目限定人群、险种、场景、科室、机构、医师或备案，收费时不符合限定",
    says_en="An item limited to some persons, settings, places or doctors was charged outside the limit",
    operator="ATTR",
    frame=LINE,
    flags="费用明细；违规金额为该明细全部符合范围金额",
    unknown="限定所问的性别、出生日期、险种、医疗类别、科别、机构等级、医师或备案缺失时",
    knows=KNOWS,
    offer=Offer(forms=True),
    checks={
        "": Check(
            when=some(
                limited("sex", KNOWS) & (visit.sex != know("sex", KNOWS)),
                limited("age_min", KNOWS) & (age < know("age_min", KNOWS)),
                limited("age_max", KNOWS) & (age > know("age_max", KNOWS)),
                limited("days_max", KNOWS) & (days_old > know("days_max", KNOWS)),
                limited("insurance", KNOWS) & ~OneOf(visit.insurance, know("insurance", KNOWS)),
                limited("care", KNOWS) & ~OneOf(visit.care, know("care", KNOWS)),
                limited("level_min", KNOWS) & (line.facility.level < know("level_min", KNOWS)),
                limited("specialties", KNOWS) & ~Under(line.specialty, know("specialties", KNOWS)),
                limited("providers", KNOWS) & ~OneOf(line.facility.provider, know("providers", KNOWS)),
                limited("practitioners", KNOWS) & ~OneOf(line.practitioner, know("practitioners", KNOWS)),
                limited("programs", KNOWS) & ~OneOf(visit.program, know("programs", KNOWS)),
            ),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={
                "sex": visit.sex,
                "age": age,
                "days_old": days_old,
                "insurance": visit.insurance,
                "care": visit.care,
                "level": line.facility.level,
                "specialty": line.specialty,
                "practitioner": line.practitioner,
                "program": visit.program,
            },
        )
    },
)
