"""Other spellings of codes seen in files, brought to the national code (reference: code lists of the interface)."""

from __future__ import annotations

_CHARGES = [
    "床位费",
    "诊察费",
    "检查费",
    "化验费",
    "治疗费",
    "手术费",
    "护理费",
    "卫生材料费",
    "西药费",
    "中药饮片费",
    "中成药费",
    "一般诊疗费",
    "挂号费",
    "其他费",
]

_SPELLINGS: dict[str, dict[str, str]] = {
    "gend": {"1": "男 男性 M m male", "2": "女 女性 F f female", "9": "未知 未说明 0"},
    "chrgitm_lv": {"01": "甲 甲类 1", "02": "乙 乙类 2", "03": "丙 丙类 自费 3", "04": "4"},
    "list_type": {
        "101": "西药 中成药 西药中成药",
        "102": "中药饮片",
        "103": "自制剂",
        "104": "民族药",
        "106": "中药配方颗粒",
        "201": "医疗服务项目",
        "301": "医用耗材",
    },
    "med_chrgitm_type": {f"{place:02}": f"{place} {name}" for place, name in enumerate(_CHARGES, 1)},
    "insutype": {
        "310": "职工 职工医保 城镇职工 职工基本医疗保险",
        "390": "居民 居民医保 城乡居民 城乡居民基本医疗保险",
        "510": "生育 生育保险",
    },
    "med_type": {
        "11": "普通门诊 门诊",
        "12": "门诊挂号",
        "13": "急诊",
        "14": "门诊慢特病",
        "21": "普通住院 住院",
        "22": "外伤住院",
        "41": "定点药店购药 药店购药 购药",
        "51": "生育门诊",
        "52": "生育住院",
    },
    "fixmedins_type": {"1": "定点医疗机构 医院 医疗机构", "2": "定点零售药店 零售药店 药店"},
    "hosp_lv": {
        "01": "三级特等 1",
        "02": "三级甲等 三甲 2",
        "03": "三级乙等 三乙 3",
        "04": "三级丙等 4",
        "05": "二级甲等 二甲 5",
        "06": "二级乙等 二乙 6",
        "07": "二级丙等 7",
        "08": "一级甲等 8",
        "09": "一级乙等 9",
        "10": "一级丙等",
        "11": "无等级 未定级",
        "12": "三级",
        "13": "二级",
        "14": "一级",
    },
    "report_kind": {
        "imaging": "检查 影像 放射 超声 内镜 心电",
        "lab": "检验 化验",
        "culture": "细菌培养 培养",
        "pathology": "病理",
    },
    "device_class": {
        "ct": "CT X线计算机体层 计算机断层",
        "mri": "MRI MR 磁共振 核磁共振 核磁",
        "dr": "DR 数字化X线摄影 数字化摄影",
        "ultrasound": "超声 彩超 B超",
        "endoscope": "内镜 胃镜 肠镜",
        "dsa": "DSA 血管造影",
        "petct": "PET/CT PET-CT PETCT",
        "linac": "直线加速器 加速器",
    },
    "tcmdrug_used_way": {"1": "复方", "2": "单方"},
}
_SPELLINGS["med_chrgitm_type"]["08"] += " 材料费"
_SPELLINGS["med_chrgitm_type"]["09"] += " 西药"
_SPELLINGS["med_chrgitm_type"]["10"] += " 中药饮片 中草药"
_SPELLINGS["med_chrgitm_type"]["11"] += " 中成药"
_SPELLINGS["med_chrgitm_type"]["14"] += " 其他"

CODES: dict[str, dict[str, str]] = {
    dictionary: {spelling: code for code, spellings in codes.items() for spelling in spellings.split()}
    for dictionary, codes in _SPELLINGS.items()
}
"""Dictionary → spelling → national code. What is not listed passes unchanged: unknown codes never fail a row."""
