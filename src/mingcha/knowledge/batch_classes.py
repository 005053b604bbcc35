"""Classes of published points: which rule of the pack each feeds, and what its wording says in the rule's columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mingcha.knowledge.batch_table import Published

TO_CHECK = "drug-limit-to-check"
"""Where a drug's limit goes whose wording no column can hold: it only reminds whoever looks."""

Cells = dict[str, str]


@dataclass(frozen=True)
class Class:
    """A class: the rule its points become rows of, further rules where points of it stand, and how a point is read.

    `read` gives the kind's columns, or the name of the published cell that says too little. In `placed` stand points
    that were given to a rule of another sort, whose rows don't quote them.
    """

    rule: str
    read: Callable[[Published], Cells | str]
    also: tuple[str, ...] = ()
    placed: tuple[str, ...] = ()


def _fixed(**cells: str) -> Callable[[Published], Cells | str]:
    return lambda point: dict(cells)


_FEMALE = re.compile(r"女|妇|经期|月经|痛经|妊娠|孕|产后|子宫|卵巢|阴道|宫颈|乳腺癌|带下|绝经")
_MALE = re.compile(r"男|前列腺|阴茎|睾丸|阳痿|遗精|早泄|精子|精囊")


def _sex(point: Published) -> Cells | str:
    told = point.cells.get("sex", "")
    if told:
        return {"sex": "1"} if "男" in told else {"sex": "2"} if "女" in told else "sex"
    text = point.cells.get("text", "") + point.cells.get("name", "")
    female, male = bool(_FEMALE.search(text)), bool(_MALE.search(text))
    return "sex" if female == male else {"sex": "2" if female else "1"}


def _child(point: Published) -> Cells | str:
    text = point.cells.get("text", "")
    if found := re.search(r"(\d+)\s*[-至到~]\s*(\d+)\s*岁", text):
        return {"age_min": found[1], "age_max": found[2], "words": f"{found[1]}至{found[2]}岁"}
    if found := re.search(r"(?:不满|未满|小于)\s*(\d+)\s*岁", text):
        return {"age_max": str(int(found[1]) - 1), "words": f"未满{found[1]}岁"}
    return {"age_max": "17", "words": "未满18岁"}


def _setting(point: Published) -> Cells | str:
    text = point.cells.get("setting", "") + point.cells.get("text", "")
    care = [letter for word, letter in (("急诊", "E"), ("住院", "I")) if word in text]
    words = "或".join(word for word in ("住院", "急诊") if word in text)
    return {"care": ";".join(care), "words": words} if care else "text"


def _level(point: Published) -> Cells | str:
    found = re.search(r"[二三23](?=级)", point.cells.get("min_level", "") + point.cells.get("text", ""))
    if found is None:
        return "text"
    level = {"二": "2", "三": "3"}.get(found[0], found[0])
    return {"level_min": level, "words": f"{'二三'[int(level) - 2]}级及以上医疗机构"}


def _course(point: Published) -> Cells | str:
    text = point.cells.get("text", "")
    said = re.search(r"(\d+)\s*(天|日|个月|年)", _after_limit(text))
    told = re.search(r"\d+", point.cells.get("days", ""))
    if said is None and told is None:
        return "days"
    if said and told and said[2] == "天" and said[1] != told[0]:
        return {"contradiction": f"{said[0]} / {told[0]}天"}
    per = {"天": 1, "日": 1, "个月": 30, "年": 365}
    days = str(int(said[1]) * per[said[2]]) if said else told[0] if told else ""
    window = "visit" if "单次住院" in text else "days-365"
    return {"days": days, "window": window, "group": point.cells.get("name", "")}


def _after_limit(text: str) -> str:
    """From where the text says how long is paid for: what stands before are conditions of the illness."""
    found = re.search(r"不超过|最多|总时间", text)
    return text[found.start() :] if found else ""


def _frequency(point: Published) -> Cells | str:
    unit = point.cells.get("unit", "") or point.cells.get("text", "")
    limit = point.cells.get("limit", "")
    if not limit.isdigit():
        return "limit"
    return {"limit": f"{int(limit)}0000", "window": "day"} if unit in ("日", "天", "次", "小时") else "unit"


def _interval(point: Published) -> Cells | str:
    period = re.search(r"\d+", point.cells.get("period", ""))
    said = re.search(r"(?:不短于|每|间隔)\s*(\d+)\s*天", point.cells.get("text", ""))
    found = period[0] if period else said[1] if said else None
    return {"days": found} if found else "period"


_WINDOWS = {
    "单日": "day", "同日": "day", "单次就诊": "visit", "单次住院": "visit", "同一小时": "hour", "6小时": "hours-6",
}  # fmt: skip


def _pair(point: Published) -> Cells | str:
    window = _WINDOWS.get(point.cells.get("window", ""))
    words = point.cells.get("name", "").split("×")[0]
    return {"window": window, "words": words} if window else "window"


def _operation(point: Published) -> Cells | str:
    group = point.cells.get("group", "") or point.cells.get("text", "")
    ratio = point.cells.get("ratio", "0.5")
    return {"group": group, "percent": str(round(float(ratio) * 100))} if group else "text"


def _indication(point: Published) -> Cells | str:
    codes = re.split(r"[\s,，;；、]+", point.cells.get("diagnoses", ""))
    codes = sorted({code for code in codes if re.fullmatch(r"[A-Z]\d{2}[0-9A-Za-z.+*]*", code)})
    return {"diagnoses": ";".join(codes), "words": point.cells.get("text", "")} if codes else "text"


def _herb(point: Published) -> Cells | str:
    return {"sort": point.codes[0][:1]}


def _unread(point: Published) -> Cells | str:
    return "text"


CLASSES: dict[str, Class] = {
    "药品区分性别使用": Class("drug-by-sex", _sex),
    "医疗服务项目区分性别使用": Class("service-by-sex", _sex),
    "药品儿童专用": Class("drug-children-only-product", _fixed(age_max="17")),
    "药品限儿童使用": Class("drug-for-children", _child),
    "医疗服务项目儿童专用": Class("service-for-children", _child),
    "手术项目未按规定折价收费": Class("operations-not-reduced", _operation),
    "药品限工伤保险": Class("drug-work-injury-only", _fixed(insurance="410")),
    "药品限生育保险": Class("drug-maternity-only", _fixed(insurance="510")),
    "药品限就医方式": Class("drug-by-setting", _setting, (TO_CHECK,)),
    "药品限医疗机构级别": Class("drug-by-provider-level", _level, ("drug-first-by-provider-level", TO_CHECK)),
    "药品限支付疗程": Class("drug-course-limit", _course, (TO_CHECK,)),
    "医疗服务项目重复收费": Class("service-included-in-main", _pair),
    "医疗服务项目限定频次": Class("service-daily-cap", _frequency),
    "医疗服务项目限年龄": Class("service-by-age", _unread),
    "医疗服务项目限支付疗程": Class("service-course-limit", _course),
    "医疗服务项目周期超频次": Class("service-min-interval", _interval),
    "药品限二线使用": Class("drug-second-line", _unread, (TO_CHECK,)),
    "超互联网医院药品支付范围": Class("drug-not-by-internet", _fixed(care="E;I;O;P;S")),
    "中药饮片单方使用不予支付": Class("herbs-not-payable-alone", _herb),
    "中药饮片单复方均不予支付": Class("herbs-never-payable", _fixed()),
    "药品限适应症": Class(
        "drug-for-indication", _indication, (TO_CHECK, "drug-without-service"), ("drug-over-supply-90-days",)
    ),
}
"""Every class the country has published points of."""
