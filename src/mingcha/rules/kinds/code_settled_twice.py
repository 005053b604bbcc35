"""追溯码重复结算: a pack sold again though it never came back (DUP)."""

from mingcha.rules.algebra import If, IsMissing, Literal, Previous, Running, Share, least
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import TRACE, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {
    "across": Parameter(ValueKind.BOOL, "跨机构", "false: sold before by the same provider; true: by another")
}
UNIT = 10_000

trace = row(TRACE)
across = parameter("across", PARAMETERS)
pack = (trace.code,)
sold = Running("sold", "sum", If(trace.kind == "sale", Literal(1), Literal(-1)), pack)
previous_provider = Previous("previous_provider", trace.provider, pack)
sale = trace.sale

KIND = Kind(
    name="code_settled_twice",
    says="同一药品追溯码未经退货又被销售结算",
    says_en="A drug's trace code was sold and settled again without having come back",
    operator="DUP",
    frame=TRACE,
    flags="第二次及以后的销售；违规金额为其费用明细中一个单位的符合范围金额",
    unknown="拆零标志缺失不影响；销售没有对应的费用明细时金额为零，仍然标记",
    parameters=PARAMETERS,
    checks={
        "": Check(
            among=(trace.kind == "sale") | (trace.kind == "sale_return"),
            when=(trace.kind == "sale")
            & (sold > 1)
            & If(across, previous_provider != trace.provider, previous_provider == trace.provider),
            unless={"split": ~IsMissing(trace.is_split) & trace.is_split},
            amount=If(
                IsMissing(sale.in_scope),
                Literal(0),
                least(sale.in_scope, Share(sale.in_scope, Literal(UNIT), sale.quantity)),
            ),
            quantity=Literal(UNIT),
            repeats="code",
            shows={"sold": sold, "previous_provider": previous_provider},
        )
    },
)
