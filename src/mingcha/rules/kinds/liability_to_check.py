"""第三方责任: a visit for an injury that somebody else may have to pay for, settled with the fund (ID)."""

from mingcha.rules.algebra import Exists, OneOf, Start
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import DIAGNOSIS, VISIT, other, row
from mingcha.rules.kind import Check, Kind, Parameter, WholeVisit, parameter

PARAMETERS = {
    "causes": Parameter(ValueKind.TEXTS, "外因诊断类目", "ICD-10 categories of causes for which others may be liable"),
    "insurance": Parameter(ValueKind.TEXTS, "险种", "insurance types that do not pay for them"),
}

visit, diagnosis = row(VISIT), other(DIAGNOSIS)
cause = Exists(
    "liable_cause",
    "diagnosis",
    ((visit.provider, "provider"), (visit.visit, "visit")),
    OneOf(Start(diagnosis.code, 3), parameter("causes", PARAMETERS)),
)

KIND = Kind(
    name="liability_to_check",
    says="伤因可能由第三方或工伤保险负担，费用却由基本医疗保险结算",
    says_en="The cause of an injury points to another payer, and the fund settled the visit",
    operator="ID",
    frame=VISIT,
    flags="就诊；违规金额为该次就诊全部明细的符合范围金额，由人核实责任后确认",
    unknown="险种缺失时；没有上传外因诊断的看不出伤因",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=OneOf(visit.insurance, parameter("insurance", PARAMETERS)) & cause,
            amount=WholeVisit(),
            shows={"insurance": visit.insurance, "start_day": visit.start_day},
        )
    },
)
