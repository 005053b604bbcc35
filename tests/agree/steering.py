"""The pack that generated worlds are steered to: rules of every kind and window over a handful of items."""

from __future__ import annotations

from typing import Any

from mingcha.engines.effective import Effective, effective
from mingcha.knowledge.pack import Pack
from tests.spec.drawn import SINCE, rule

KNOWLEDGE = {
    "restricted_item": (
        "item | sex | age_min | age_max | days_max | insurance | care | level_min | specialties | practitioners | programs "
        "| valid_from | valid_to\n"
        "A | 1 | | | | | | | | | | | 2026-02-28\nA | 2 | | 17 | | | | | | | | 2026-03-01 |\n"
        "B | | 18 | | | 310;390 | | | | | | |\nC | | | | | | I;E | 2 | | | | |\nD | | | | | | | 3 | | | | |\n"
        "E | | | | 6570 | | | | A21 | | | |\nT1 | | | | | | | | | D1 | | |\nT2 | | | | | | | | | | M1;M2 | |"
    ),
    "diagnosis_required": "item | diagnoses\nA | C50;I10.1\nB | E11",
    "price_ceiling": "item | ceiling | levels\nA | 50000 |\nB | 30000 | 1;2\nC | 70000 | 3",
    "exclusive_items": (
        "item | partner | window\nA | B | day\nA | C | visit\nB | C | hours-6\nC | D | hour\nD | E | prescription\n"
        "B | D | day"
    ),
    "companion_required": "item | companions | window\nA | B;C | day\nD | E | visit",
    "max_per_period": (
        "item | limit | window | group\nA | 15000 | day |\nB | 20000 | visit | G\nC | 20000 | visit | G\n"
        "D | 30000 | days-7 |\nE | 20000 | month |\nT1 | 20000 | days-280 |"
    ),
    "course_days": "item | days | window | group\nA | 1 | visit |\nB | 2 | days-365 | G\nC | 2 | days-365 | G",
    "rank_of_prescriber": "item\nA\nB",
    "routine_test": "item\nA\nB",
    "diagnosis_without_service": "item | services | operations\nI10.100 | A;T | O1\nC50.900 | B;C | \nE11.900 | D | O2;O3",
    "min_interval": "item | days | group\nA | 3 |\nB | 7 | G\nC | 7 | G",
    "without_prescription": "item\nA\nT1",
    "without_order": "item\nB\nT2",
    "without_report": "item | report_kind\nA | imaging\nB | lab\nC | pathology",
    "device_not_registered": "item | classes\nA | ct;petct\nD | mri",
    "beyond_record": (
        "item | record | group\nA | ventilator-hours | G\nB | icu-hours |\nC | special-nursing |\nD | first-nursing |\n"
        "E | second-nursing |\nT1 | third-nursing |\nT2 | lab-reports |\nB | imaging-reports |"
    ),
    "lab_value_required": (
        "item | indicators | below | units\nA | ALB;白蛋白 | 300000 | g/L\nB | HB;白蛋白 | 400000 | g/L;g/dL"
    ),
    "before_admission": "item | days\nA | 3\nC | 5",
    "limit_to_check": "item\nE",
    "not_payable": "item\nE",
    "listed_alone": "item | sort\nT1 | T",
    "reduced_operation": "item | group | percent\nA | G | 50\nB | G | 20\nC | G | 50\nC | H | 30\nD | H | 50",
    "diagnosis_forbidden": "item | diagnoses\nC | I10.1;C50\nD | E11",
    "operation_for_sex": "item | sex\nO1 | 1\nO2 | 2",
    "operation_for_diagnosis": "item | diagnoses\nO2 | I10;C50\nO3 | E11",
    "diagnosis_for_person": "item | sex | days_max\nI11.900 | 2 |\nE11.900 | | 6575\nC50.900 | 2 | 9000",
    "earlier_treatment": "item | earlier | itself\nD | T;E | D\nE | A;T2 | A",
    "duplicate_therapy": "item | others\nA | B;C\nB | A\nD | A;E",
    "amount_cap": "item | cap | window | group\nA | 3000 | day | G\nB | 3000 | visit | G\nC | 5000 | days-365 |",
    "daily_dose": "item | most\nA | 1000\nB | 2000",
    "supply_limit": "item | days | care\nA | 7 | O;E;P\nB | 14 | I",
    "days_beyond_stay": "item | group\nA | G\nB | G\nC |",
    "too_early_in_stay": "item | days\nA | 1\nD | 3",
    "program_item": "item | programs\nA | M1\nB | M1;M2",
    "trial_item": "item | trials | days\nA | absent | 3\nB | passed;absent | 9",
    "items_on_prescription": "item | most | group\nA | 1 | G\nB | 1 | G\nC | 2 | H\nD | 2 | H\nE | 2 | H",
    "reduced_repeat": "item | group | full | percent\nA | G | 10000 | 50\nB | G | 10000 | 20\nC | | 15000 | 80",
    "supply_overlap": "item | group | days | within\nA | G | 20 | 10\nB | G | 20 | 10\nC | H | 10 | 30",
}
PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "overlapping_stays": [
        {"care": ("I",), "same_provider": False},
        {"care": ("O", "S", "P"), "same_provider": False},
        {"care": ("O", "S", "P"), "same_provider": True},
    ],
    "liability_to_check": [{"causes": ("V01", "E11"), "insurance": ("310",)}],
    "readmission_gap": [
        {"days": 15, "same_provider": True, "courses": ("C50",)}, {"days": 5, "same_provider": False, "courses": ()}
    ],
    "code_settled_twice": [{"across": False}, {"across": True}],
    "frequent_visits": [{"care": ("O", "E"), "most": 1, "within": 5, "courses": ("E11",)}],
    "visit_after_death": [{"days": 1}],
    "no_entitlement": [{"newborn_days": 90}],
    "two_enrolments": [{}],
    "identity_unchecked": [{"care": ("I", "O")}],
    "pharmacist_absent": [{"care": ("P", "O")}],
    "contradicting_event": [{"event": "round", "results": ("absent",), "care": ("I", "O")}],
    "not_the_person": [{}],
    "after_registered_death": [{"days": 1}],
    "settled_late": [{"care": ("I", "O"), "days": 2}],
    "invoice_twice": [{}],
    "paid_beyond_base": [{"tolerance": 5}],
    "without_consent": [{"care": ("I", "O", "E"), "above": 100}],
    "provider_suspended": [{"statuses": ("2",)}],
    "two_places": [{"care": ("I", "O", "E"), "minutes": 60}],
    "operations_overlap": [{}],
    "illogical_operation": [{}],
    "crowded_terminal": [{"persons": 2, "minutes": 60}],
    "code_of_another_item": [{}],
    "code_not_valid": [{}],
    "same_report": [{}],
    "more_sold_than_bought": [
        {"list_types": ("101",), "tolerance": 10, "never": False}, {"list_types": ("101",), "tolerance": 0, "never": True}
    ],
    "over_beds": [{"percent": 100}],
    "equal_swipes": [{"round_to": 50, "seconds": 1_800, "fewest": 1}],
    "far_above_purchase": [{"list_types": ("101",), "types": ("1",), "percent": 200}],
    "one_prescriber": [{"fewest": 4, "share_limit": 6_000}],
    "late_prophylaxis": [
        {"drugs": ("A", "B", "C", "D", "T1", "T2"), "operations": ("O1", "O2"), "infections": ("C50", "E1"), "days": 1}
    ],
    "too_many_drugs": [{"care": ("O", "E", "S", "I"), "sorts": ("A", "B", "C", "T"), "solvents": ("T2",), "most": 1}],
    "split_prescription": [{
        "care": ("O", "E", "S", "I", "P"), "sorts": ("A", "B", "C", "D", "T"), "solvents": ("D",), "controlled": ("C",),
        "most": 1,
    }],
    "stay_for_tests": [{
        "most_nights": 2, "exam_least": 5_000, "drug_most": 3_000, "treatment_most": 3_000, "fewest_exams": 2,
        "urgent": ("1",), "left": ("5",),
    }],
    "not_registered": [{}],
    "outside_stay": [{"days": 1}],
    "amount_not_product": [{"tolerance": 10}],
    "not_in_catalogue": [{"list_types": ("101", "201")}],
    "illogical_visit": [{"faults": ("end_before_start", "born_later", "no_main_diagnosis", "no_discharge_way")}],
    "buying_together": [{"fewest_days": 2, "within": 3}],
    "crowded_purchases": [{"usual": 1}],
    "indicator_share": [
        {"part": "drug", "least": 1_000, "fewest": 30, "fence": 20, "apart": 1_500, "share_limit": 2_000},
        {"part": "ct", "least": 1_000, "fewest": 30, "fence": 50, "apart": 1_000, "share_limit": 0},
        {"part": "infections", "least": 2, "fewest": 30, "fence": 50, "apart": 1_000, "share_limit": 0},
    ],
}
ALSO: dict[str, dict[str, Any]] = {
    "operation_for_sex": {"anomalies": ("E11",)},
    "diagnosis_for_person": {"anomalies": ("E11",)},
    "routine_test": {"fewest_stays": 3, "share_limit": 6_000},
    "rank_of_prescriber": {"titles": ("231",), "lower": ("233",)},
    "before_admission": {"care": ("O", "E", "S")},
    "earlier_treatment": {"days": 4},
    "duplicate_therapy": {"overlap": 3, "longest": 8},
    "supply_limit": {"takehome": False},
    "days_beyond_stay": {"more": 0},
    "beyond_record": {"more": 0},
    "lab_value_required": {"within": 4},
    "program_item": {"providers": ("1",)},
}
"""Parameters of kinds that have knowledge too."""


def steering_pack() -> Effective:
    """Rules of every kind and window over five items."""
    rules = [rule(kind, rows, ALSO.get(kind), name=kind) for kind, rows in KNOWLEDGE.items()]
    for kind, several in PARAMETERS.items():
        rules += [rule(kind, parameters=p, name=f"{kind}-{n}") for n, p in enumerate(several)]
    return effective(Pack("steering", "test", "1", SINCE, (), tuple(rules)))
