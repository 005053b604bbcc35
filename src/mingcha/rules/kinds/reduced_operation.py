"""手术折价: of several different operations through one incision all but the dearest are charged in part (DISC)."""

from mingcha.rules.algebra import Literal, Rank, Share
from mingcha.rules.frames import LINE, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code"),
    "group": Knows(K.TEXT, "手术组", "operations that count as done through one incision", apart=True),
    "percent": Knows(K.INTEGER, "折价比例", "percent of the price that may be charged for all but the dearest"),
}
WHOLE = 10_000

line = row(LINE)
together = (line.person, line.provider, line.visit, line.day, know("group", KNOWS))
price = Share(line.in_scope, Literal(WHOLE), line.quantity)
place = Rank("place", price, together)
place_of_item = Rank("place_of_item", price, (*together, line.item))
others_ahead = place - place_of_item
excess_percent = Literal(100) - know("percent", KNOWS)

KIND = Kind(
    name="reduced_operation",
    says="同一手术组同日的第二及以后的不同手术没有折价",
    says_en="A second, different operation of one group on one day was not reduced",
    operator="DISC",
    frame=LINE,
    flags="单价较低的手术明细；违规金额为应折减部分所占的符合范围金额，最贵的一项从不标记",
    unknown="无：数量与金额是费用明细的必填项",
    knows=KNOWS,
    checks={
        "": Check(
            when=(line.quantity >= WHOLE) & (others_ahead > 0),
            amount=Share(line.in_scope, excess_percent, Literal(100)),
            quantity=Share(line.quantity, excess_percent, Literal(100)),
            shows={"place": place, "percent": know("percent", KNOWS), "group": know("group", KNOWS)},
        )
    },
)
