"""设备未备案: an examination that needs a device which the provider has not registered (EVID)."""

from mingcha.rules.algebra import Exists, OneOf, every
from mingcha.rules.frames import DEVICE, LINE, other, row
from mingcha.rules.kind import Check, Kind, Knows, know
from mingcha.rules.kind import KnowledgeType as K

KNOWS = {
    "item": Knows(K.ITEM, "项目编码", "national item code of an examination or treatment"),
    "classes": Knows(K.LIST, "设备类别", "classes of device, any of which it may be done with"),
}

line, device = row(LINE), other(DEVICE)
registered = Exists(
    "registered_device",
    "device",
    ((line.provider, "provider"),),
    every(
        OneOf(device.device_class, know("classes", KNOWS)),
        device.valid_from <= line.day,
        device.valid_until > line.day,
    ),
    witness=False,
)

KIND = Kind(
    name="device_not_registered",
    says="收取须用设备的项目，机构当日没有备案这类设备",
    says_en="Something was charged that needs a device of a class which the provider had not registered that day",
    operator="EVID",
    frame=LINE,
    flags="没有备案设备的费用明细；违规金额为其全部符合范围金额",
    unknown="机构从未上传设备备案时",
    knows=KNOWS,
    needs=("device",),
    checks={
        "": Check(
            when=every(line.in_scope > 0, ~registered),
            amount=line.in_scope,
            quantity=line.quantity,
            shows={"in_scope": line.in_scope, "classes": know("classes", KNOWS), "day": line.day},
        )
    },
)
