"""Code lists of the national interface by field: what a message may say (reference: interface §2.1 and §3).

Provinces extend every list. A code that isn't here is no fault of the message: it is a gap, to be noted and, where an
area knows what it stands for,
to be told by that area's own entries. Where sources conflict all their values are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_YES_NO = {"0": "否", "1": "是"}


@dataclass(frozen=True)
class Dictionary:
    """One field's list. Of codes that provinces extend below the first `digits`, only those are compared."""

    field: str
    zh: str
    codes: dict[str, str]
    digits: int | None = None

    @cached_property
    def at_once(self) -> frozenset[str | None]:
        """What is known, or says nothing, without being looked at closely."""
        return frozenset({*self.codes, None, ""})

    def knows(self, code: str) -> bool:
        """Whether the code is in the list."""
        return (code[: self.digits] if self.digits else code) in self.codes


_INSURANCES = {
    "310": "职工基本医疗", "320": "公务员医疗补助", "330": "大额医疗费用补助", "340": "离休人员医疗保障",
    "350": "一至六级残疾军人", "360": "老红军", "370": "企业补充", "380": "新农合", "390": "城乡居民基本医疗",
    "391": "城镇居民", "392": "城乡居民大病", "399": "其他特殊人员", "410": "长期照护或工伤", "510": "生育",
}  # fmt: skip
_VISIT_TYPES = {
    "11": "普通门诊", "12": "门诊挂号", "13": "急诊", "14": "门诊慢特病", "15": "特药", "16": "中医特色门诊",
    "19": "意外伤害门诊", "21": "普通住院", "22": "外伤住院", "23": "转外诊治住院", "24": "急诊转住院",
    "25": "异地住院",
    "26": "单病种住院", "27": "自主就医", "28": "日间手术", "29": "起付线治疗", "41": "定点药店购药", "51": "生育门诊",
    "52": "生育住院", "53": "计划生育手术费", "61": "照护", "71": "家庭病床", "81": "意外伤害门诊", "91": "体检",
}  # fmt: skip
_GRADES = {
    "01": "三级特等", "02": "三甲", "03": "三乙", "04": "三丙", "05": "二甲", "06": "二乙", "07": "二丙", "08": "一甲",
    "09": "一乙", "10": "一丙", "11": "无等级", "12": "三级无等", "13": "二级无等", "14": "一级无等",
}  # fmt: skip
_LISTS = {
    "101": "西药中成药", "102": "中药饮片", "103": "自制剂", "104": "民族药", "105": "其他", "106": "中药颗粒",
    "201": "医疗服务项目", "301": "医用耗材", "501": "长期服务项目",
}  # fmt: skip
_CHARGES = {
    "01": "床位费", "02": "诊察费", "03": "检查费", "04": "化验费", "05": "治疗费", "06": "手术费", "07": "护理费",
    "08": "卫生材料费", "09": "西药费", "10": "中药饮片费", "11": "中成药费", "12": "一般诊疗费", "13": "挂号费",
    "14": "其他费",
}  # fmt: skip
_CLASSES = {"01": "甲", "02": "乙", "03": "丙", "04": "可报丙类", "1": "甲", "2": "乙", "3": "丙"}
_CERTIFICATES = {
    **dict(zip([f"{n:02}" for n in range(1, 18)], (
        "居民身份证", "军官证", "武警警官证", "香港特区护照", "澳门特区护照", "台湾居民来往大陆通行证",
        "外国人永久居留证",
        "外国人护照", "残疾人证", "军烈属证明", "外国人就业证", "外国专家证", "外国人常驻记者证", "台港澳人员就业证",
        "回国定居专家证", "中国护照", "港澳台居民居住证"), strict=True)),
    "90": "社会保障卡", "99": "其他", "990201": "医学出生证明", "990102": "扶贫人口编码",
}  # fmt: skip
_FUNDS = {
    "310100": "职工统筹", "310200": "职工个人账户", "310103": "职工生育", "320100": "公务员补助", "330100": "大额补助",
    "340100": "离休", "350100": "伤残军人", "370100": "企业补充", "390100": "城乡居民", "390200": "居民大病",
    "510100": "生育",
    "610100": "医疗救助", "610102": "再救助", "610103": "健康扶贫", "610104": "精准脱贫", "999901": "区级公务员",
    "999996": "医院垫付", "999997": "其他",
}  # fmt: skip
_STOCK: dict[str, str] = dict(zip(map(str, range(101, 112)), (
    "调拨入库", "调拨出库", "盘盈", "盘损", "销毁", "其他入库", "其他出库", "采购入库", "退货出库", "赠药入库",
    "赠药退回出库",
), strict=True))  # fmt: skip
_TITLES = {
    "231": "主任医师", "232": "副主任医师", "233": "主治医师", "234": "医师", "235": "医士", "1": "医士", "2": "医师",
    "3": "主治", "4": "副主任", "5": "主任", "6": "无", "9": "其他",
}  # fmt: skip
_FLAGS = {
    "long_drord_flag": "是否长期医嘱", "curr_drord_flag": "是否当前医嘱", "maindise_flag": "主诊断标志",
    "main_oprn_flag": "主手术操作标志", "maindiag_flag": "主诊断标志", "vali_flag": "有效标志",
    "refd_setl_flag": "退费结算标志",
    "trdn_flag": "拆零标志", "acct_used_flag": "账户使用标志", "mid_setl_flag": "中途结算标志",
    "cvlserv_flag": "公务员标志",
    "rx_circ_flag": "处方流转标志", "lmt_used_flag": "限制使用标志", "etip_flag": "外购标志",
    "dscg_tkdrug_flag": "出院带药标志",
}  # fmt: skip

_ALL = (
    Dictionary("gend", "性别", {"0": "未知", "1": "男", "2": "女", "9": "未说明"}),
    Dictionary("insutype", "险种", _INSURANCES),
    Dictionary("med_type", "医疗类别", _VISIT_TYPES, 2),
    Dictionary("medins_lv", "医疗机构等级", _GRADES),
    Dictionary("hosp_lv", "医院等级", _GRADES),
    Dictionary("med_mdtrt_type", "就诊类型", dict.fromkeys("1234", "就诊类型")),
    Dictionary("matn_stas", "生育状态", {"0": "未知", "1": "非妊娠期或哺乳期", "2": "有生育计划", "3": "妊娠期",
    "4": "哺乳期"}),
    Dictionary("reim_flag", "报销标志", _YES_NO),
    Dictionary("out_setl_flag", "异地结算标志", {
        "0": "否", "1": "是", "2": "医疗机构", "3": "省内异地", "4": "跨省异地", "5": "互联网医院"}),
    Dictionary("pay_loc", "支付地点", {
        "1": "中心", "2": "医疗机构", "3": "省内异地", "4": "跨省异地", "5": "互联网医院"}),
    Dictionary("inout_dise_type", "出入诊断类别", {"1": "入院", "2": "出院"}),
    Dictionary("inout_diag_type", "出入院诊断类别", {"1": "入院", "2": "出院"}),
    Dictionary("hilist_type", "目录类别", _LISTS),
    Dictionary("list_type", "目录类别", _LISTS),
    Dictionary("chrg_type", "收费类别", _CHARGES, 2),
    Dictionary("med_chrgitm_type", "收费项目类别", _CHARGES, 2),
    Dictionary("hilist_lv", "医保目录等级", _CLASSES),
    Dictionary("chrgitm_lv", "收费项目等级", _CLASSES),
    Dictionary("drord_bhvr", "医嘱行为", {"0": "其他", "1": "出院带药"}),
    Dictionary("drord_dr_profttl", "开单医师职称", _TITLES),
    Dictionary("psn_cert_type", "证件类型", _CERTIFICATES),
    Dictionary("mdtrt_cert_type", "就诊凭证", {"01": "医保电子凭证", "02": "居民身份证", "03": "社会保障卡"}),
    Dictionary("psn_type", "人员类别", {
        "11": "在职", "12": "退休", "13": "离休", "14": "居民未成年", "15": "居民成年", "16": "居民老年"}, 2),
    Dictionary("hosp_appr_flag", "医院审批标志", {"0": "无须审批", "1": "审批通过", "2": "审批不通过"}),
    Dictionary("tcmdrug_used_way", "中药使用方式", {"1": "复方", "2": "单方"}),
    Dictionary("rx_flag", "处方药标志", {"0": "否", "1": "是", "2": "双跨"}),
    Dictionary("psn_setlway", "个人结算方式", {"01": "按项目", "02": "按定额"}),
    Dictionary("clr_type", "清算类别", {"11": "门诊", "21": "住院", "41": "药店购药", "99": "其他"}),
    Dictionary("clr_way", "清算方式", {
        "01": "按项目", "02": "单病种", "03": "按床日", "04": "按人头", "05": "DRG/点数法", "99": "其他",
        "1": "按项目",
        "3": "按床日"}),
    Dictionary("diag_type", "诊断类别", {"1": "西医诊断", "2": "中医主病", "3": "中医主证"}),
    Dictionary("dscg_way", "离院方式", {
        "1": "医嘱离院", "2": "医嘱转院", "3": "医嘱转社区", "4": "非医嘱离院", "5": "死亡", "9": "其他"}),
    Dictionary("adm_way", "入院途径", {"1": "急诊", "2": "门诊", "3": "其他医疗机构转入", "9": "其他"}),
    Dictionary("fund_pay_type", "基金支付类型", _FUNDS),
    Dictionary("inv_chg_type", "库存变更类型", _STOCK),
    Dictionary("drord_type", "医嘱类型", {"1": "临时", "2": "长期", "3": "备用"}),
    *(Dictionary(field, zh, _YES_NO) for field, zh in _FLAGS.items()),
)  # fmt: skip

DICTIONARIES: dict[str, Dictionary] = {one.field: one for one in _ALL}
"""By the field's national name."""
