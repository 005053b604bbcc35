"""费用重复结算: an invoice of the person that was settled before (DUP)."""

from mingcha.rules.algebra import Days, Exists, IsMissing
from mingcha.rules.frames import SETTLEMENT, other, row
from mingcha.rules.kind import Check, Kind, WholeVisit

settlement, theirs = row(SETTLEMENT), other(SETTLEMENT)
apart = Days(settlement.day, theirs.day)
earlier = (apart > 0) | ((apart == 0) & (theirs.settlement < settlement.settlement))
before = Exists(
    "settled_before",
    "settlement",
    ((settlement.person, "person"), (settlement.invoice, "invoice")),
    earlier,
)

KIND = Kind(
    name="invoice_twice",
    says="同一参保人的同一张票据结算了两次",
    says_en="One invoice of the person was settled twice",
    operator="DUP",
    frame=SETTLEMENT,
    flags="后一次结算的就诊；违规金额为该次就诊全部明细的符合范围金额",
    unknown="机构从未上传票据号时；没有票据号的那次结算不比较",
    needs=("settlement.invoice",),
    checks={
        "": Check(
            when=~IsMissing(settlement.invoice) & before,
            amount=WholeVisit(),
            shows={"day": settlement.day, "invoice": settlement.invoice},
        )
    },
)
