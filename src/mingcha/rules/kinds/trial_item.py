"""临床试验费用: an item that a clinical trial pays for, charged to one of its subjects (EVID)."""

from mingcha.rules.algebra import Days, Exists, OneOf, every
from mingcha.rules.frames import LINE, TRIAL, other, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "trials": Knows(K.LIST, "试验编号", "trials whose protocol pays for it"),
    "days": Knows(K.INTEGER, "试验天数", "days after a subject's entry for which the protocol pays"),
}

line, entry = row(LINE), other(TRIAL)
since = Days(line.day, entry.day)
subject = Exists(
    "subject_of_trial",
    "trial",
    ((line.provider, "provider"), (line.person, "person")),
    every(since >= 0, since <= know("days", KNOWS), OneOf(entry.result, know("trials", KNOWS))),
)

KIND = Kind(
    name="trial_item",
    says="临床试验方案承担的项目，向受试者收费并纳入结算",
    says_en="What a clinical trial pays for was charged to one of its subjects",
    operator="EVID",
    frame=LINE,
    flags="受试者在试验期内的费用明细；违规金额为该明细全部符合范围金额",
    unknown="机构从未上传受试者名单时；名单没有写试验编号时",
    knows=KNOWS,
    needs=("trial",),
    checks={
        "": Check(
            when=every(line.in_scope > 0, subject),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"trials": know("trials", KNOWS), "day": line.day, "in_scope": line.in_scope},
        )
    },
)
