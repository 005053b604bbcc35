"""第二部位减收: what exceeds the parts charged in full is charged only in part (DISC)."""

from mingcha.rules.algebra import Literal, Running, Share, least
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "group": Knows(K.TEXT, "检查组", "items counted together", required=False, default="item"),
    "full": Knows(K.INTEGER, "全价数量（万分之一单位）", "parts a day charged in full, in ten-thousandths"),
    "percent": Knows(K.INTEGER, "其余收取比例", "percent of the price that may be charged for the others"),
}
WHOLE = 10_000

line = row(LINE)
together = (line.person, line.provider, line.visit, line.day, know("group", KNOWS))
total = Running("total", "sum", line.quantity, together)
excess = least(line.quantity, total - know("full", KNOWS))
excess_percent = Literal(100) - know("percent", KNOWS)

KIND = Kind(
    name="reduced_repeat",
    says="同日第二及以后的部位没有按规定比例减收",
    says_en="The second and further parts of a day were charged in full",
    operator="DISC",
    frame=LINE,
    flags="超出全价数量的费用明细，不足一个单位的视为已减收；违规金额为应减收的部分",
    unknown="无：数量与日期是费用明细的必填项",
    knows=KNOWS,
    checks={
        "": Check(
            among=line.quantity >= WHOLE,
            when=total > know("full", KNOWS),
            amount=Share(line.in_scope, excess * excess_percent, line.quantity * 100),
            quantity=Share(excess, excess_percent, Literal(100)),
            shows={"total": total, "percent": know("percent", KNOWS), "group": know("group", KNOWS)},
        )
    },
)
