"""打包式检验检查: a test done in nearly every stay of a provider's month, whatever the illness (IND)."""

from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.algebra import Literal, Share, every
from mingcha.rules.frames import ROUTINE, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {"item": Knows(K.ITEM, "项目编码", "national item code of a test that needs an indication")}
PARAMETERS = {
    "fewest_stays": Parameter(ValueKind.INT, "最少住院人次", "stays of the month needed to judge", looser="more"),
    "share_limit": Parameter(ValueKind.INT, "占比界限（万分之）", "share from which it is routine", looser="more"),
}
WHOLE = 10_000

month = row(ROUTINE)
share = Share(Literal(WHOLE), month.done, month.stays)

KIND = Kind(
    name="routine_test",
    says="机构一个月里几乎每次住院都做同一项需要指征的检验检查",
    says_en="A test that needs an indication was done in nearly every stay of a provider's month",
    operator="IND",
    frame=ROUTINE,
    flags="机构、月份和项目；由人抽查指征，不计金额",
    unknown="不会：按已上传的住院和明细统计，住院太少的月份不判断",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=every(
                month.stays >= parameter("fewest_stays", PARAMETERS), share >= parameter("share_limit", PARAMETERS)
            ),
            amount=Literal(0),
            shows={"share": share, "done": month.done, "stays": month.stays},
        )
    },
)
