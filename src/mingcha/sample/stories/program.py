"""Which stories are told, how often, and in which block of the city."""

from __future__ import annotations

import random as chance
from collections.abc import Callable

from mingcha.sample.city import City
from mingcha.sample.dictionaries import local_violations, violations
from mingcha.sample.size import Size
from mingcha.sample.stories.amounts import daily_dose, days_beyond_stay, supply_limit
from mingcha.sample.stories.antibiotics import late_prophylaxis, rank_of_prescriber
from mingcha.sample.stories.circumstances import (
    outside_catalogue,
    outside_program,
    too_early,
    trial_item,
    without_approval,
)
from mingcha.sample.stories.codes import code_settled_twice
from mingcha.sample.stories.coding import (
    diagnosis_for_person,
    diagnosis_forbidden,
    diagnosis_without_service,
    operation_for_diagnosis,
    operation_for_sex,
)
from mingcha.sample.stories.company import (
    crowded_prescription,
    duplicate_therapy,
    earlier_treatment,
    listed_alone,
    not_payable,
    not_together,
    reduced_operation,
    split_prescription,
    too_many_drugs,
)
from mingcha.sample.stories.counts import course_days, max_per_period, min_interval, supply_overlap
from mingcha.sample.stories.facts import Fact, facts
from mingcha.sample.stories.pairs import companion_required, exclusive_items
from mingcha.sample.stories.papers import before_admission, without_order, without_prescription
from mingcha.sample.stories.peers import rate_of_stays, share_of_charges
from mingcha.sample.stories.providers import (
    amount_not_product,
    code_not_valid,
    code_of_another_item,
    crowded_terminal,
    illogical_operation,
    invoice_twice,
    more_sold_than_bought,
    not_registered,
    operations_overlap,
    outside_stay,
    over_beds,
    paid_beyond_base,
    provider_suspended,
    settled_late,
    two_places,
    without_consent,
)
from mingcha.sample.stories.purchases import buying_together, crowded_purchases
from mingcha.sample.stories.registers import (
    contradicting_event,
    identity_unchecked,
    illogical_visit,
    no_entitlement,
    not_the_person,
    pharmacist_absent,
    registered_death,
    two_enrolments,
)
from mingcha.sample.stories.reports import (
    charged_beyond_reports,
    device_not_registered,
    hours_beyond_record,
    lab_value_required,
    nursing_beyond_record,
    reports_alike,
    without_report,
)
from mingcha.sample.stories.routines import equal_swipes, far_above_purchase, one_prescriber, routine_test
from mingcha.sample.stories.single import diagnosis_required, price_ceiling, restricted_item
from mingcha.sample.stories.stage import Stage
from mingcha.sample.stories.stays import overlapping_stays, programme_during_stay, readmission_gap, stay_for_tests
from mingcha.sample.stories.sums import amount_cap, further_part
from mingcha.sample.stories.visits import frequent_visits, liability_to_check, visit_after_death

Story = Callable[[Stage, Fact, int], None]

STORIES: dict[str, Story] = {
    "drug-for-children": restricted_item,
    "drug-children-only-product": restricted_item,
    "drug-by-sex": restricted_item,
    "service-by-sex": restricted_item,
    "service-for-children": restricted_item,
    "drug-by-provider-level": restricted_item,
    "drug-by-setting": restricted_item,
    "drug-work-injury-only": restricted_item,
    "drug-maternity-only": restricted_item,
    "drug-not-by-internet": restricted_item,
    "drug-for-indication": diagnosis_required,
    "consumable-for-disease": diagnosis_required,
    "drug-above-payment-standard": price_ceiling,
    "bid-drug-above-payment-standard": price_ceiling,
    "service-above-cap": price_ceiling,
    "marked-up-above-purchase": price_ceiling,
    "service-included-in-main": exclusive_items,
    "herbs-incompatible": exclusive_items,
    "herbs-never-payable": not_payable,
    "herbs-not-payable-alone": listed_alone,
    "operations-not-reduced": reduced_operation,
    "drug-second-line": earlier_treatment,
    "frequent-outpatient-visits": frequent_visits,
    "frequent-pharmacy-purchases": frequent_visits,
    "frequent-admissions": frequent_visits,
    "visit-after-death": visit_after_death,
    "operation-by-sex": operation_for_sex,
    "operation-without-diagnosis": operation_for_diagnosis,
    "diagnosis-by-sex": diagnosis_for_person,
    "diagnosis-by-age": diagnosis_for_person,
    "drug-forbidden-by-diagnosis": diagnosis_forbidden,
    "drug-in-pregnancy": diagnosis_forbidden,
    "service-forbidden-by-diagnosis": diagnosis_forbidden,
    "service-by-age": restricted_item,
    "service-work-injury-only": restricted_item,
    "service-maternity-only": restricted_item,
    "drug-for-neonates": restricted_item,
    "consumable-for-children": restricted_item,
    "service-includes-consumable": exclusive_items,
    "drug-above-label-dose": daily_dose,
    "consumable-for-neonates": restricted_item,
    "consumable-by-sex": restricted_item,
    "consumable-by-department": restricted_item,
    "service-by-department": restricted_item,
    "drug-forbidden-to-children": restricted_item,
    "consumable-without-procedure": companion_required,
    "procedure-without-companion": companion_required,
    "consumable-count": max_per_period,
    "infusions-per-day": max_per_period,
    "psychiatric-service-frequency": max_per_period,
    "quantity-above-possible": max_per_period,
    "tcm-therapies-stacked": max_per_period,
    "antenatal-tests-too-many": max_per_period,
    "consumable-amount-cap": amount_cap,
    "service-amount-cap": amount_cap,
    "panel-charged-in-parts": amount_cap,
    "second-part-not-reduced": further_part,
    "discharge-supply-limit": supply_limit,
    "not-on-first-day": too_early,
    "drug-outside-program": outside_program,
    "drug-outside-program-at-pharmacy": outside_program,
    "special-drug-approvals": without_approval,
    "trial-item-charged": trial_item,
    "herbs-on-prescription": crowded_prescription,
    "too-many-drugs-on-prescription": too_many_drugs,
    "split-prescription": split_prescription,
    "targeted-drug-without-pathology": earlier_treatment,
    "service-included-by-problem-list": exclusive_items,
    "herb-above-pharmacopoeia-dose": daily_dose,
    "psychotropic-supply-limit": supply_limit,
    "daily-items-beyond-stay": days_beyond_stay,
    "injury-others-liable": liability_to_check,
    "special-disease-during-stay": programme_during_stay,
    "antibiotic-without-infection": diagnosis_required,
    "service-for-neonates": restricted_item,
    "service-for-children-only-payable": restricted_item,
    "service-by-setting": restricted_item,
    "service-by-provider-level": restricted_item,
    "service-for-indication": diagnosis_required,
    "treatment-without-indication": diagnosis_required,
    "rehab-items-together": exclusive_items,
    "special-nursing-twice": exclusive_items,
    "service-unbundled": exclusive_items,
    "dressing-after-keyhole-surgery": exclusive_items,
    "public-health-free-item": not_payable,
    "service-beyond-indication": companion_required,
    "drug-off-label": diagnosis_required,
    "test-without-indication": diagnosis_required,
    "drug-class-twice": duplicate_therapy,
    "drug-ingredient-twice": duplicate_therapy,
    "drugs-not-together": not_together,
    "addon-without-main": companion_required,
    "drug-without-service": companion_required,
    "service-daily-cap": max_per_period,
    "dialysis-weekly-cap": max_per_period,
    "drug-course-limit": course_days,
    "service-course-limit": course_days,
    "service-min-interval": min_interval,
    "exam-repeated-across-providers": min_interval,
    "drug-over-supply-90-days": supply_overlap,
    "drug-early-refill": supply_overlap,
    "stay-overlapping-stay": overlapping_stays,
    "outpatient-during-stay": overlapping_stays,
    "split-admission": readmission_gap,
    "readmission-elsewhere": readmission_gap,
    "drug-share": share_of_charges,
    "test-share": share_of_charges,
    "consumable-share": share_of_charges,
    "treatment-share": share_of_charges,
    "ct-share": share_of_charges,
    "mri-share": share_of_charges,
    "readmission-rate": rate_of_stays,
    "infection-rate": rate_of_stays,
    "persons-buying-together": buying_together,
    "cards-settled-in-a-row": crowded_purchases,
    "trace-code-sold-twice": code_settled_twice,
    "trace-code-sold-across-providers": code_settled_twice,
    "no-valid-enrolment": no_entitlement,
    "two-enrolments-at-once": two_enrolments,
    "identity-not-checked": identity_unchecked,
    "pharmacist-not-on-duty": pharmacist_absent,
    "absent-at-ward-round": contradicting_event,
    "nobody-on-video": contradicting_event,
    "invoice-not-verified": contradicting_event,
    "identity-check-failed": contradicting_event,
    "patient-not-the-person": not_the_person,
    "visit-after-registered-death": registered_death,
    "illogical-settlement-list": illogical_visit,
    "outpatient-settled-late": settled_late,
    "stay-settled-very-late": settled_late,
    "invoice-settled-twice": invoice_twice,
    "own-expense-without-consent": without_consent,
    "fund-paid-beyond-base": paid_beyond_base,
    "prescription-drug-without-prescription": without_prescription,
    "drug-without-order": without_order,
    "exam-moved-before-stay": before_admission,
    "settled-while-suspended": provider_suspended,
    "doctor-at-two-providers": two_places,
    "surgeon-operations-overlap": operations_overlap,
    "illogical-operation-record": illogical_operation,
    "many-persons-at-one-terminal": crowded_terminal,
    "trace-code-of-another-item": code_of_another_item,
    "trace-code-not-valid": code_not_valid,
    "drug-sold-beyond-stock": more_sold_than_bought,
    "consumable-charged-beyond-stock": more_sold_than_bought,
    "never-bought-item-charged": more_sold_than_bought,
    "beyond-approved-beds": over_beds,
    "doctor-not-registered": not_registered,
    "charge-outside-stay": outside_stay,
    "line-amount-not-product": amount_not_product,
    "drug-outside-catalogue": outside_catalogue,
    "service-outside-catalogue": outside_catalogue,
    "special-antibiotic-by-rank": rank_of_prescriber,
    "special-antibiotic-in-outpatients": restricted_item,
    "late-prophylactic-antibiotic": late_prophylaxis,
    "diagnosis-without-service": diagnosis_without_service,
    "complication-without-treatment": diagnosis_without_service,
    "equal-amounts-in-a-row": equal_swipes,
    "pharmacy-price-far-above-purchase": far_above_purchase,
    "pharmacy-of-one-prescriber": one_prescriber,
    "routine-test-of-inpatients": routine_test,
    "monitored-drug-for-most-inpatients": routine_test,
    "low-threshold-admission": stay_for_tests,
    "check-up-admission": stay_for_tests,
    "exam-without-report": without_report,
    "device-not-registered": device_not_registered,
    "charged-beyond-reports": charged_beyond_reports,
    "reports-alike": reports_alike,
    "hours-beyond-record": hours_beyond_record,
    "nursing-beyond-record": nursing_beyond_record,
    "drug-without-low-value": lab_value_required,
}
"""Rule id to the story of its kind, told from the wording of the template."""

_LINES_PER_STORY = 6_500
LEAST = 4
"""Stories of each rule in the smallest city; each tells one violation and one or more near-misses."""


def rules(local: bool = False) -> tuple[str, ...]:
    """The rules that are planted, in order: those with a story and with facts to tell it of."""
    known = violations().keys() | (local_violations().keys() if local else set())
    return tuple(rule for rule in sorted(STORIES) if rule in known)


def number_of_stories(lines: int) -> int:
    """Stories of each rule for a number of fee lines: about one line in a hundred is then planted."""
    return max(LEAST, lines // _LINES_PER_STORY)


def tell(stage: Stage, size: Size, seed: int, block: int) -> None:
    """Tell the block's share of every rule's stories, each from a random stream of its own."""
    for rule in rules(size.local):
        rows = facts(rule, size.local)
        for turn in size.share(size.plants, block):
            fact = rows[(turn + turn // len(rows)) % len(rows)]
            stage.random, stage.home = chance.Random(f"{seed}/{rule}/{turn}"), fact.home
            STORIES[rule](stage, fact, turn)


def rehearse(city: City, seed: int, turns: int, local: bool = False) -> Stage:
    """The first stories of every rule on a stage of their own, to see how many lines they take."""
    stage = Stage(city, 0, 0)
    tell(stage, Size(0, 0, 1, turns, local), seed, 0)
    return stage
