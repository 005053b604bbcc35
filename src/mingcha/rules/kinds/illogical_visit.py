"""就诊信息不合逻辑: dates the wrong way round, or what a discharged inpatient's list must say is missing (CODE)."""

from mingcha.rules.algebra import Days, IsMissing, Literal, Node, OneOf, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import VISIT, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "faults": Parameter(
        ValueKind.TEXTS,
        "核查项目",
        "what is checked: end_before_start, born_later, no_main_diagnosis, no_discharge_way",
    ),
}

visit, asked = row(VISIT), parameter("faults", PARAMETERS)
discharged = every(~IsMissing(visit.care), visit.care == "I", ~IsMissing(visit.end_day))
faults: dict[str, Node] = {
    "end_before_start": ~IsMissing(visit.end_day) & (Days(visit.end_day, visit.start_day) < 0),
    "born_later": ~IsMissing(visit.birth_date) & (Days(visit.start_day, visit.birth_date) < 0),
    "no_main_diagnosis": discharged & IsMissing(visit.main_diagnosis),
    "no_discharge_way": discharged & IsMissing(visit.discharge_way),
}

KIND = Kind(
    name="illogical_visit",
    says="就诊或结算清单的信息自相矛盾，或出院病人缺少必填项",
    says_en="What the visit tells contradicts itself, or a discharged inpatient's list lacks what it must say",
    operator="CODE",
    frame=VISIT,
    flags="信息异常的就诊；只作提示，不计金额",
    unknown="不会：日期缺失时不比较，缺失的必填项本身就是异常",
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=some(*(OneOf(Literal(name), asked) & fault for name, fault in faults.items())),
            amount=Literal(0),
            shows={
                "start_day": visit.start_day,
                "end_day": visit.end_day,
                "birth_date": visit.birth_date,
                "main_diagnosis": visit.main_diagnosis,
                "discharge_way": visit.discharge_way,
            },
        )
    },
)
