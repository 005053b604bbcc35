"""Inventory movements and drug trace codes (transactions 3501–3507)."""

from mingcha.records.contract import Column, Table, Type
from mingcha.records.tables.care import PROVIDER_NO
from mingcha.records.tables.reference import AREAS

_C = Column

MOVEMENT = Table(
    name="movement", zh="进销存变动", en="Inventory movement",
    grain="one row per stocktake line, change, purchase, sale or return",
    key=("provider", "movement"),
    day="moved_day",
    columns=(
        PROVIDER_NO,
        _C("movement", Type.KEY, "变动流水号", "movement, unique within its provider", ("movement_id", "mdtrt_sn", "fixmedins_bchno"), (), True),
        _C("kind", Type.CODE, "变动种类", "stocktake, change, purchase, purchase_return, sale or sale_return", ("kind",), (), True),
        _C("item", Type.CODE, "医疗目录编码", "national item code", ("med_list_codg",), ("国家编码",)),
        _C("hospital_item", Type.CODE, "医药机构目录编码", "the provider's own code", ("fixmedins_hilist_id", "medins_list_codg")),
        _C("item_name", Type.TEXT, "项目名称", "name", ("fixmedins_hilist_name", "medins_list_name"), ("药品名称",)),
        _C("batch_no", Type.CODE, "批次流水号", "batch at the provider", ("fixmedins_bchno",)),
        _C("lot", Type.CODE, "生产批号", "manufacturer's lot", ("manu_lotnum",)),
        _C("made_on", Type.DATE, "生产日期", "made on", ("manu_date",)),
        _C("expires_on", Type.DATE, "有效期止", "expires on", ("expy_end",)),
        _C("change_type", Type.CODE, "库存变更类型", "kind of change", ("inv_chg_type",), (), False, "inv_chg_type"),
        _C("quantity", Type.QUANTITY, "数量", "quantity moved or counted",
           ("cnt", "inv_cnt", "purc_retn_cnt", "sel_retn_cnt"), (), True),
        _C("unit_price", Type.PRICE, "单价", "unit price", ("pric", "finl_trns_pric", "purc_pric")),
        _C("moved_day", Type.DATE, "发生时间", "day it moved",
           ("inv_chg_time", "invdate", "purc_retn_stoin_time", "sel_retn_time"), ("变更时间", "入库时间", "销售时间"), True),
        _C("moved_second", Type.SECOND, "发生时刻", "time it moved", time_of="moved_day"),
        _C("person", Type.PERSON, "人员编号", "buyer, a token in the lake", ("psn_no",)),
        _C("settlement", Type.CODE, "结算ID", "settlement of a sale", ("setl_id",)),
        _C("prescription", Type.CODE, "处方号", "prescription of a sale", ("rxno",)),
        _C("supplier", Type.TEXT, "供应商名称", "supplier", ("spler_name",)),
        _C("invoice", Type.CODE, "采购发票号码", "purchase invoice", ("purc_invo_no",)),
        _C("is_gift", Type.FLAG, "赠品标志", "gift", ("prod_geay_flag",)),
        _C("is_split", Type.FLAG, "拆零标志", "split pack", ("trdn_flag",)),
        *AREAS,
    ),
)

TRACE = Table(
    name="trace", zh="药品追溯码", en="Drug trace code event",
    grain="one row per code, movement and kind",
    key=("provider", "code", "kind", "event"),
    day="moved_day",
    columns=(
        PROVIDER_NO,
        _C("code", Type.KEY, "追溯码", "drug trace code, 20 digits beginning with 8", ("drug_trac_codg", "trace_code"), ("药品追溯码",), True),
        _C("kind", Type.KEY, "变动种类", "purchase, sale, sale_return …", ("kind",), (), True),
        _C("event", Type.KEY, "业务流水号", "movement or fee line it belongs to", ("event", "feedetl_sn", "movement_id"), (), True),
        _C("visit", Type.CODE, "就诊ID", "visit of a sale", ("mdtrt_id",), ("就诊编号",)),
        _C("line", Type.CODE, "费用明细流水号", "fee line of a sale", ("feedetl_sn", "bkkp_sn")),
        _C("settlement", Type.CODE, "结算ID", "settlement of a sale", ("setl_id",)),
        _C("item", Type.CODE, "医疗目录编码", "national item code", ("med_list_codg",), ("国家编码",)),
        _C("person", Type.PERSON, "人员编号", "buyer, a token in the lake", ("psn_no",)),
        _C("moved_day", Type.DATE, "发生时间", "day of the event", ("moved_at", "sel_retn_time", "fee_ocur_time"), ("销售时间",), True),
        _C("moved_second", Type.SECOND, "发生时刻", "time of the event", time_of="moved_day"),
        _C("is_split", Type.FLAG, "拆零标志", "split pack: the code may be sold several times", ("trdn_flag",)),
        *AREAS,
    ),
)
