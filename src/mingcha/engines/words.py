"""What columns, aggregates and pieces of evidence are called, in both languages: one list for terminal and page."""

from __future__ import annotations

_WORDS = {
    "encounter.sex": ("患者性别", "sex"), "encounter.birth_date": ("出生日期", "date of birth"),
    "encounter.insurance": ("险种", "insurance type"), "encounter.care": ("就医方式", "setting"),
    "facility.level": ("机构级别", "provider level"), "facility.level_text": ("机构级别", "provider level"),
    "unit_price": ("单价", "unit price"), "quantity": ("数量", "quantity"), "day": ("服务日期", "day of service"),
    "care": ("就医方式", "setting"), "provider": ("机构", "provider"), "kind": ("变动种类", "kind of movement"),
    "start_day": ("入院日期", "day of admission"), "end_day": ("出院日期", "day of discharge"),
    "is_split": ("拆零标志", "split pack"), "planned_readmission": ("计划再入院", "planned readmission"),
    "agg.recorded_diagnosis": ("本次就诊有诊断记录", "the visit has a diagnosis on record"),
    "agg.named_diagnosis": ("有限定的诊断", "one of the diagnoses is there"),
    "agg.partner": ("时间窗内收取了主项目", "the main item was charged in the window"),
    "agg.companion": ("时间窗内收取了配套项目", "a companion was charged in the window"),
    "agg.total": ("周期内累计数量", "quantity in the period so far"),
    "agg.used_days": ("累计使用天数", "days used so far"),
    "agg.supplied_days": ("周期内累计供药天数", "days supplied in the period"),
    "agg.first": ("此前没有同类收费", "nothing of the kind before"),
    "agg.previous_day": ("上次日期", "day of the one before"),
    "agg.stay": ("在别的机构有住院覆盖当日", "a stay elsewhere covers the day"),
    "agg.first_stay": ("此前没有同类疾病的住院", "no stay for the same kind of illness before"),
    "agg.previous_end_day": ("上次出院日期", "day of the discharge before"),
    "agg.previous_provider": ("上次的机构", "provider of the one before"),
    "agg.sold": ("未退回的销售次数", "sales not taken back"),
    "encounter.main_diagnosis": ("主要诊断", "main diagnosis"),
    "main_diagnosis": ("主要诊断", "main diagnosis"),
    "in_scope": ("符合范围金额", "amount in scope"),
    "is_main": ("主要手术标志", "main operation"),
    "prescription": ("处方号", "prescription"),
    "days_supply": ("用药天数", "days of supply"),
    "days_old": ("日龄", "age in days"),
    "sex": ("性别", "sex"), "age": ("周岁", "completed years"), "insurance": ("险种", "insurance type"),
    "level": ("机构级别", "provider level"), "diagnoses": ("限定诊断", "diagnoses"), "partner": ("主项目", "main item"),
    "companions": ("配套项目", "companions"), "window": ("时间窗", "window"), "limit": ("上限", "limit"),
    "ceiling": ("限价", "ceiling"), "days": ("天数", "days"), "within": ("周期天数", "days of the period"),
    "gap": ("相隔天数", "days between"), "group": ("组", "group"), "percent": ("折价比例（%）", "percent charged"),
    "most": ("次数上限", "most that is usual"), "earlier": ("一线项目", "earlier treatments"),
    "overlap": ("最少重叠天数", "least days of overlap"), "longest": ("处方最长天数", "longest prescription in days"),
    "agg.companion_outside_list": ("同方有名单以外的同类项目", "the prescription holds an item outside the list"),
    "agg.place": ("同日同组手术按单价的名次", "place by price among the operations of the day"),
    "agg.place_of_item": ("其中同一手术的名次", "place among those of the same operation"),
    "agg.earlier_treatment": ("回溯期内有一线治疗", "an earlier treatment is on record"),
    "agg.visits": ("周期内就诊次数", "visits in the period"),
    "agg.death": ("此前住院时死亡", "the person had died in a stay before"),
    "agg.forbidding_diagnosis": ("有禁忌的诊断", "one of the forbidding diagnoses is there"),
    "agg.active_supply": ("同类药供药未尽或同日已开", "another of its sort still lasts or came that day"),
}  # fmt: skip


def word(name: str) -> tuple[str, str]:
    """Chinese and English for a name of the evidence; the name itself, twice, where there is none.

    A piece of evidence that carries an aggregate's or a parent's value may be called by its last part alone.
    """
    tail = name.rpartition(".")[2]
    return _WORDS.get(name) or _WORDS.get(tail) or _WORDS.get(f"agg.{tail}") or (name, name)
