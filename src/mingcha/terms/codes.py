"""Readings of the national code lists that rules and pages share (reference: code lists of the national interface)."""

CARE_CLASSES = {
    "O": ("门诊", "outpatient"),
    "E": ("急诊", "emergency"),
    "S": ("门诊慢特病", "special disease"),
    "I": ("住院", "inpatient"),
    "P": ("药店购药", "pharmacy"),
    "N": ("互联网诊疗", "internet"),
}
"""How care was given; one letter per class."""

CARE_OF_VISIT_TYPE = {
    "11": "O", "12": "O", "16": "O", "19": "O",
    "13": "E",
    "14": "S", "15": "S",
    "21": "I", "22": "I", "23": "I", "24": "I", "25": "I", "26": "I", "27": "I", "28": "I", "29": "I",
    "41": "P",
}  # fmt: skip
"""First two digits of med_type to care class; provinces extend the list below these digits only."""

INTERNET_CHANNEL = "5"
"""pay_loc of internet hospitals; wins over the visit type."""

LEVEL_OF_GRADE = {
    "01": 3, "02": 3, "03": 3, "04": 3, "12": 3,
    "05": 2, "06": 2, "07": 2, "13": 2,
    "08": 1, "09": 1, "10": 1, "14": 1,
    "11": 0,
}  # fmt: skip
"""hosp_lv to the level the catalogue speaks of: 3 三级, 2 二级, 1 一级, 0 without grade."""

INSURANCES = {
    "310": ("职工基本医疗保险", "employee"),
    "390": ("城乡居民基本医疗保险", "resident"),
    "510": ("生育保险", "maternity"),
    "410": ("工伤保险", "work injury"),
    "340": ("离休人员医疗保障", "retired cadres"),
}
"""insutype. One interface list reads 410 as long-term care: there the area's dictionary decides."""


def care_class(visit_type: str | None, channel: str | None) -> str | None:
    """The care class of a visit, or None when the visit type is missing or not in the list."""
    if channel == INTERNET_CHANNEL:
        return "N"
    return CARE_OF_VISIT_TYPE.get((visit_type or "")[:2])


def level_of(grade: str | None) -> int | None:
    """The level 0–3 of a national grade, or None when the grade is missing or unknown."""
    return LEVEL_OF_GRADE.get(grade or "")
