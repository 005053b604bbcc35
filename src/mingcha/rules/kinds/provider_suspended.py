"""中止期内结算: a visit at a provider whose contract was suspended or ended that day (ID)."""

from mingcha.rules.algebra import IsMissing, OneOf
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {"statuses": Parameter(ValueKind.TEXTS, "协议状态", "states of the contract in which nothing is paid")}

visit = row(VISIT)
status = visit.facility.contract_status

KIND = Kind(
    name="provider_suspended",
    says="机构在协议中止或解除期间仍有结算",
    says_en="A visit was settled while the provider's contract was suspended or ended",
    operator="ID",
    frame=VISIT,
    flags="中止期内的就诊；违规金额为该次就诊全部明细的符合范围金额；急诊抢救除外",
    unknown="机构目录没有这家机构或没有写明协议状态时",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=OneOf(status, parameter("statuses", PARAMETERS)),
            unless={"rescue": ~IsMissing(visit.care) & (visit.care == "E")},
            amount=WholeVisit(),
            shows={"start_day": visit.start_day, "contract_status": status},
        )
    },
)
