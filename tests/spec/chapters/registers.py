"""Visits against registers of persons and against events."""

from tests.spec.spec import Spec

TITLE = "Registers and events: enrolled, alive, the same person, seen"

SPECS = (
    Spec(
        "a visit outside every enrolment carries its whole amount; a newborn's reaches back",
        "no_entitlement",
        parameters={"newborn_days": 90},
        world="""
visit | person | start_day | birth_date
V1    | 1      | 03-01     | 1980-01-01
V2    | 1      | 04-01     | 1980-01-01
V3    | 2      | 03-01     | 2026-01-15
V4    | 3      | 03-01     | 1980-01-01

enrolment | person | start_day  | end_day
E1        | 1      | 2020-01-01 | 03-01
E2        | 2      | 04-01      |

line | visit | item | day   | in_scope
L1   | V2    | A    | 04-01 | 12.00
""",
        expect={"V2": 1200, "V3": "exempt: newborn", "V4": "cannot tell: enrolment"},
    ),
    Spec(
        "without any enrolment nothing can be told, and that is said once of the provider",
        "no_entitlement",
        parameters={"newborn_days": 90},
        world="""
visit | person | start_day
V1    | 1      | 03-01
V2    | 2      | 04-01
""",
        expect={"H1": "cannot tell: enrolment"},
    ),
    Spec(
        "another insurance in force on the day, or the same one in another area",
        "two_enrolments",
        world="""
visit | person | start_day | insurance
V1    | 1      | 03-01     | 310
V2    | 1      | 02-01     | 310
V3    | 1      | 03-01     | 410
V4    | 1      | 03-01     |

enrolment | person | insurance | start_day  | end_day
E1        | 1      | 310       | 2020-01-01 |
E2        | 1      | 390       | 02-02      | 03-05
""",
        expect={"V1": 0, "V4": "cannot tell: insurance"},
        witnesses={"V1": ["2026-02-02"]},
    ),
    Spec(
        "a stay without an identity check, where the provider sends such checks",
        "identity_unchecked",
        parameters={"care": ("I",)},
        world="""
visit | provider | care | start_day
V1    | H1       | I    | 03-01
V2    | H1       | I    | 03-01
V3    | H1       | O    | 03-01
V4    | H1       |      | 03-01
V5    | H2       | I    | 03-01
V6    | H2       | O    | 03-01
V7    | H3       | O    | 03-01

event | provider | visit | kind     | day
E1    | H1       | V1    | identity | 03-01
E2    | H2       | V5    | round    | 03-02
""",
        expect={"V2": 0, "V4": "cannot tell: care", "H2": "cannot tell: identity"},
    ),
    Spec(
        "a purchase on a day on which no pharmacist signed in",
        "pharmacist_absent",
        parameters={"care": ("P",)},
        world="""
visit | provider | care | start_day
V1    | P1       | P    | 03-01
V2    | P1       | P    | 03-02

event | provider | visit | kind       | day
E1    | P1       |       | attendance | 03-01
""",
        expect={"V2": 0},
    ),
    Spec(
        "an event that contradicts the visit; one without a result leaves it open",
        "contradicting_event",
        parameters={"event": "round", "results": ("absent",), "care": ("I",)},
        world="""
visit | care | start_day
V1    | I    | 03-01
V2    | I    | 03-01
V3    | I    | 03-01
V4    | O    | 03-01

event | visit | kind  | day   | result
E1    | V1    | round | 03-02 | absent
E2    | V2    | round | 03-02 | present
E3    | V3    | round | 03-02 |
E4    | V4    | round | 03-02 | absent
E5    | V2    | video | 03-02 | absent

line | visit | item | day   | in_scope
L1   | V1    | A    | 03-01 | 12.00
""",
        expect={"V1": 1200, "V3": "cannot tell: result"},
        witnesses={"V1": ["E1"]},
    ),
    Spec(
        "neither sex nor birth are those of the register",
        "not_the_person",
        world="""
visit | person | start_day | sex | birth_date
V1    | 1      | 03-01     | 2   | 1990-01-01
V2    | 1      | 03-01     | 1   | 1990-01-01
V3    | 1      | 03-01     |     | 1990-01-01
V4    | 2      | 03-01     | 2   | 1990-01-01

person | person | sex | birth_date
R1     | 1      | 1   | 1980-01-01
""",
        expect={"V1": 0, "V3": "cannot tell: sex"},
    ),
    Spec(
        "a visit after the registered death, the day of grace included",
        "after_registered_death",
        parameters={"days": 1},
        world="""
visit | person | start_day
V1    | 1      | 03-02
V2    | 1      | 03-03
V3    | 2      | 03-03

person | person | death_date
R1     | 1      | 03-01
R2     | 2      |
""",
        expect={"V2": 0},
    ),
    Spec(
        "dates the wrong way round, and a discharged inpatient's list that lacks what it must say",
        "illogical_visit",
        parameters={"faults": ("end_before_start", "born_later", "no_main_diagnosis")},
        world="""
visit | care | start_day | end_day | birth_date | main_diagnosis | discharge_way
V1    | I    | 03-05     | 03-04   | 1990-01-01 | I10.x00        | 1
V2    | I    | 03-05     | 03-08   | 2026-03-06 | I10.x00        | 1
V3    | I    | 03-05     | 03-08   | 1990-01-01 |                | 1
V4    | I    | 03-05     |         | 1990-01-01 |                |
V5    | O    | 03-05     | 03-05   | 1990-01-01 |                |
V6    | I    | 03-05     | 03-08   | 1990-01-01 | I10.x00        |
""",
        expect={"V1": 0, "V2": 0, "V3": 0},
    ),
)
