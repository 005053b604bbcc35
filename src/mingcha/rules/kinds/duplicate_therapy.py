"""重复开药: a drug given while the supply of another of its sort still lasts, or with one on the same day (DUP)."""

from mingcha.rules.algebra import Days, Exists, every, some
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, Parameter, know, parameter
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "others": Knows(K.LIST, "同类的其他药品", "the other drugs of its sort"),
}
PARAMETERS = {
    "overlap": Parameter(
        ValueKind.INT, "最少重叠天数", "days of supply that must be left; fewer are a change of drug", looser="more"
    ),
    "longest": Parameter(
        ValueKind.INT, "处方最长天数", "days after which an earlier supply is used up in any case", looser="less"
    ),
}

line, theirs = row(LINE), other(LINE)
ago = Days(line.day, theirs.day)
left = theirs.days_supply - ago
# Of two drugs on one day only one is too many: the later in the order of codes.
same_day = (ago == 0) & (theirs.item < line.item)
still_lasts = every(ago > 0, ago < parameter("longest", PARAMETERS), left >= parameter("overlap", PARAMETERS))
active = Exists(
    "active_supply", "line", ((line.person, "person"),), some(same_day, still_lasts), items=know("others", KNOWS)
)

KIND = Kind(
    name="duplicate_therapy",
    says="同类的另一种药供药未尽或同日已开，又开一种，跨机构计算",
    says_en="A drug was given while another of its sort still lasted or came on the same day, at whatever provider",
    operator="DUP",
    frame=LINE,
    flags="后开的费用明细，同日的为编码在后的一种；违规金额为该明细全部符合范围金额",
    unknown="此前最长处方天数内开过同类药而没有用药天数时",
    knows=KNOWS,
    parameters=PARAMETERS,
    checks={
        "": Check(
            when=active,
            amount=line.in_scope,
            quantity=line.quantity,
            shows={
                "days_supply": line.days_supply,
                "overlap": parameter("overlap", PARAMETERS),
                "longest": parameter("longest", PARAMETERS),
            },
        )
    },
)
