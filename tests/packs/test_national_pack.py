"""What the shipped pack promises: size, speed, law behind every rule, and rows that say what officials wrote."""

from __future__ import annotations

import csv
import time
from collections import Counter
from pathlib import Path

import pytest

from mingcha.knowledge.coverage import gaps, points_by_batch, problems, rules_by_template, templates
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack

pytestmark = pytest.mark.slow  # twenty-three thousand rows are read
REGULATION = "医疗保障基金使用监督管理条例"


@pytest.fixture(scope="module")
def national() -> Pack:
    return load(shipped_pack())


def test_twenty_three_thousand_rows_load_in_two_seconds(national: Pack) -> None:
    started = time.process_time()
    load(shipped_pack())
    assert sum(len(rule.knowledge) for rule in national.rules) > 22_500
    assert time.process_time() - started < 2


def test_every_kind_has_a_rule(national: Pack) -> None:
    from mingcha.rules.kind import KINDS

    assert set(KINDS) - {rule.kind for rule in national.rules} == set()


def test_every_exception_has_a_name_in_both_languages() -> None:
    from mingcha.engines.words import EXEMPTIONS
    from mingcha.rules.kind import KINDS

    assert {name for kind in KINDS.values() for check in kind.checks.values() for name in check.unless} == set(EXEMPTIONS)


def test_every_rule_cites_the_regulation(national: Pack) -> None:
    silent = [r.id for r in national.rules if not any(b.document.startswith(REGULATION) for b in r.basis)]
    assert silent == []


def test_every_message_speaks_both_languages(national: Pack) -> None:
    assert [rule.id for rule in national.rules if set(rule.message) != {"zh", "en"}] == []


def test_every_published_point_is_in_the_pack(national: Pack) -> None:
    """All seventeen batches. The annexes have one line more in batch 1, a remark on whom its rule leaves out."""
    published = {
        1: 1183, 2: 378, 3: 12, 4: 35, 5: 61, 6: 30, 7: 900, 8: 93, 9: 110, 10: 22, 11: 153, 12: 57, 13: 66, 14: 43,
        15: 34, 16: 82, 17: 228,
    }  # fmt: skip
    assert points_by_batch(national) == published


def test_all_national_classes_have_rules_and_every_other_gap_a_reason(national: Pack) -> None:
    built, every = rules_by_template(national), templates()
    assert len(every) == 176
    classes = [template for template in every if template.national_code]
    assert len(classes) == 88
    assert [template.code for template in classes if template.code not in built] == []
    unbuilt = [gap.template for gap in gaps() if not gap.exception]
    assert unbuilt == [template.code for template in every if template.code not in built]
    assert all(gap.reason and gap.reason_en for gap in gaps())


def test_every_typical_violation_is_linked_to_templates() -> None:
    listed, known = problems(), {template.code for template in templates()}
    assert len(listed) == 202 == len({(p.domain, p.number) for p in listed})
    assert [p for p in listed if not p.text or not p.templates or set(p.templates) - known] == []
    assert sum(p.domain == "定点零售药店" for p in listed) == 19


@pytest.mark.shared
def test_the_typical_violations_are_verbatim(shared: Path) -> None:
    official = {row["text"].strip() for row in _rows(shared / "data" / "knowledge" / "problem_list_2025.csv")}
    assert {problem.text for problem in problems()} == official


@pytest.mark.shared
def test_every_point_of_the_annexes_is_named(national: Pack, shared: Path) -> None:
    """Not only as many as published: the very ones, with every code of theirs."""
    folder = shared / "data" / "knowledge"
    points = {p["kp_id"]: p for p in _rows(folder / "official_points.csv")}
    official = {(pair["kp_id"], pair["code"]) for pair in _rows(folder / "official_point_codes.csv")}
    rows = (row for rule in national.rules for row in rule.knowledge if row.point)
    ours = {(f"KP-{row.point.split('-')[1]}", row.item) for row in rows}
    remark = {kp for kp, point in points.items() if point["item_name"].startswith("说明：")}
    assert set(points) - {kp for kp, _ in ours} == remark
    missing = {pair for pair in official - ours if points[pair[0]]["rule_class"] != "医疗服务项目重复收费"}
    assert missing == set()


@pytest.mark.shared
def test_official_rows_are_all_there(national: Pack, shared: Path) -> None:
    """Every official code of the classes carried over whole stands in its rule, with the official words as basis."""
    whole = {
        "药品区分性别使用": "drug-by-sex", "医疗服务项目区分性别使用": "service-by-sex",
        "药品儿童专用": "drug-children-only-product", "药品限儿童使用": "drug-for-children",
        "医疗服务项目儿童专用": "service-for-children", "药品限就医方式": "drug-by-setting",
        "药品限工伤保险": "drug-work-injury-only", "药品限生育保险": "drug-maternity-only",
        "超互联网医院药品支付范围": "drug-not-by-internet",
        "医疗服务项目限定频次": "service-daily-cap", "医疗服务项目周期超频次": "service-min-interval",
        "医疗服务项目限年龄": "service-by-age", "医疗服务项目限支付疗程": "service-course-limit",
        "手术项目未按规定折价收费": "operations-not-reduced", "药品限二线使用": "drug-second-line",
        "中药饮片单复方均不予支付": "herbs-never-payable", "中药饮片单方使用不予支付": "herbs-not-payable-alone",
    }  # fmt: skip
    ours = {rule: {(row.point, row.item): row for row in national.rule(rule).knowledge} for rule in whole.values()}
    folder = shared / "data" / "knowledge"
    points = {p["kp_id"]: p for p in _rows(folder / "official_points.csv")}
    for pair in _rows(folder / "official_point_codes.csv"):
        point = points[pair["kp_id"]]
        if point["rule_class"] in whole:
            number = f"{point['batch']}-{point['kp_id'].removeprefix('KP-')}"
            row = ours[whole[point["rule_class"]]][number, pair["code"]]
            assert row.name == point["item_name"]
            assert point["constraint"].strip().strip("。") in row.basis


@pytest.mark.shared
def test_included_items_are_the_official_nine_hundred(national: Pack, shared: Path) -> None:
    official = Counter(
        (row["object_codes"], row["subject_codes"])
        for row in _rows(shared / "data" / "knowledge" / "points_by_template.csv")
        if row["template"] == "P28" and row["source"].startswith("NHSA")
    )
    ours = Counter((row.item, row.values["partner"]) for row in national.rule("service-included-in-main").knowledge)
    assert ours == official


@pytest.mark.shared
def test_diagnosis_prefixes_exist(national: Pack, shared: Path) -> None:
    codes = {row["code"] for row in _rows(shared / "data" / "codes" / "icd10_yb.csv")}
    known = {code[:length] for code in codes for length in range(2, 9)}
    rules = [rule for rule in national.rules if rule.kind == "diagnosis_required"]
    used = {prefix for rule in rules for row in rule.knowledge for prefix in row.values["diagnoses"]}
    assert used - known == set()


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))
