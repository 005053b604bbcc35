"""围手术期预防用抗菌药物: an antibiotic too long after an operation with a clean incision, without infection (DUR)."""

from mingcha.rules.algebra import Days, Exists, If, Literal, Missing, OneOf, Start, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import DIAGNOSIS, DOSE, OPERATION, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "drugs": Parameter(ValueKind.TEXTS, "药品", "first four characters of the codes of the drugs"),
    "operations": Parameter(
        ValueKind.TEXTS, "清洁手术", "first four characters of the ICD-9-CM-3 codes of operations with a clean incision"
    ),
    "infections": Parameter(
        ValueKind.TEXTS, "感染诊断", "first two or three characters of the ICD-10 codes that are reason enough"
    ),
    "days": Parameter(ValueKind.INT, "术后天数", "days after the operation in which it may be given", looser="more"),
}

dose, operation, diagnosis = row(DOSE), other(OPERATION), other(DIAGNOSIS)
same_visit = ((dose.provider, "provider"), (dose.visit, "visit"))
clean = OneOf(Start(operation.code, 4), parameter("operations", PARAMETERS))
long_ago = Exists(
    "clean_operation_before", "operation", same_visit,
    clean & (Days(dose.day, operation.day) > parameter("days", PARAMETERS)),
)  # fmt: skip
other_reason = Exists(
    "operation_since", "operation", same_visit,
    ~clean | (Days(dose.day, operation.day) <= parameter("days", PARAMETERS)), witness=False,
)  # fmt: skip
recorded = Exists("recorded_diagnosis", "diagnosis", same_visit, Literal(True), witness=False)
listed = parameter("infections", PARAMETERS)
infected = Exists(
    "infection", "diagnosis", same_visit,
    OneOf(Start(diagnosis.code, 2), listed) | OneOf(Start(diagnosis.code, 3), listed), witness=False,
)  # fmt: skip

KIND = Kind(
    name="late_prophylaxis",
    says="清洁手术后超过预防用药时限仍使用抗菌药物，又没有感染诊断",
    says_en="An antibiotic after an operation with a clean incision beyond the time of prophylaxis, without infection",
    operator="DUR",
    frame=DOSE,
    flags="超过时限的抗菌药物明细；违规金额为其全部符合范围金额；同一次住院另有其他手术的不比较",
    unknown="本次就诊一条诊断也没有上传时：没有收到不等于没有感染",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                OneOf(Start(dose.item, 4), parameter("drugs", PARAMETERS)),
                dose.in_scope > 0,
                long_ago,
                ~other_reason,
                If(recorded, ~infected, Missing("diagnosis")),
            ),
            amount=dose.in_scope,
            quantity=dose.quantity,
            shows={"day": dose.day, "days": parameter("days", PARAMETERS)},
        )
    },
)
