"""目录外纳入结算: an item in scope that the catalogue lacks on the day, or has at the person's own expense (ATTR)."""

from mingcha.rules.algebra import Days, Exists, OneOf, every
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import CATALOGUE, UNLISTED, other, row
from mingcha.rules.kind import Check, Kind, Parameter, parameter

PARAMETERS = {"list_types": Parameter(ValueKind.TEXTS, "目录类别", "sorts of items looked up in the catalogue")}
OWN_EXPENSE = "03"
"""Class 丙: in the catalogue, and paid by the person alone."""

line, entry = row(UNLISTED), other(CATALOGUE)
payable = Exists(
    "payable",
    "catalogue_item",
    ((line.code, "item"),),
    every(
        Days(line.day, entry.valid_from) >= 0,
        Days(entry.valid_until, line.day) > 0,
        entry.item_class != OWN_EXPENSE,
    ),
    witness=False,
)

KIND = Kind(
    name="not_in_catalogue",
    says="服务当日不在目录内（或属丙类）的项目纳入了结算范围",
    says_en="An item that was not in the catalogue on the day, or at own expense there, was settled in scope",
    operator="ATTR",
    frame=UNLISTED,
    flags="不在目录内的费用明细；违规金额为其全部符合范围金额。任何一个地区的目录有效期内有此项目即不查",
    unknown="没有目录时；明细没有国家编码、目录类别或符合范围金额，或目录没有写等级时",
    parameters=PARAMETERS,
    needs=("catalogue_item",),
    checks={
        "": Check(
            when=every(
                OneOf(line.list_type, parameter("list_types", PARAMETERS)),
                line.stated > 0,
                line.code != "",
                ~payable,
            ),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"item": line.item, "list_type": line.list_type, "day": line.day},
        )
    },
)
