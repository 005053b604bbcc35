"""Charges against reports, devices and what the record says was done."""

from tests.spec.spec import Spec

TITLE = "Reports and devices: what was really done"

SPECS = (
    Spec(
        "an examination without a report in its visit; what was never sent of that sort is told once",
        "without_report",
        knowledge="""
item | report_kind
A    | imaging
B    | lab
D    | pathology
""",
        world="""
line | visit | item | day   | in_scope | provider
L1   | V1    | A    | 01-01 | 18.00    | H1
L2   | V2    | A    | 01-01 | 18.00    | H1
L3   | V3    | A    | 01-01 | 18.00    | H1
L4   | V1    | A    | 01-01 | 0.00     | H1
L5   | V1    | B    | 01-01 | 5.00     | H1
L6   | V4    | B    | 01-01 | 5.00     | H2
L7   | V4    | C    | 01-01 | 5.00     | H2
L8   | V4    | D    | 01-01 | 7.00     | H2

report | provider | visit | kind    | item | day
R1     | H1       | V2    | imaging | A    | 01-03
R2     | H1       | V3    | imaging |      | 01-03
R3     | H2       | V4    | lab       | C    | 01-03
R4     | H2       | V4    | pathology | D    | 01-09
""",
        expect={"L1": 1800, "L3": "cannot tell: item", "H1": "cannot tell: lab", "L6": 500},
    ),
    Spec(
        "an examination on a day without a registered device of its class",
        "device_not_registered",
        knowledge="""
item | classes
A    | ct;petct
B    | mri
""",
        world="""
line | visit | item | day   | in_scope | provider
L1   | V1    | A    | 01-01 | 18.00    | H1
L2   | V1    | A    | 01-02 | 18.00    | H1
L3   | V1    | A    | 01-09 | 18.00    | H1
L4   | V1    | A    | 01-10 | 18.00    | H1
L5   | V1    | B    | 01-05 | 50.00    | H1
L6   | V2    | B    | 01-05 | 50.00    | H2
L7   | V2    | B    | 01-05 | 0.00     | H2

device | provider | device_class | valid_from | valid_until
D1     | H1       | petct        | 01-02      | 01-10
""",
        expect={"L1": 1800, "L4": 1800, "L5": 5000, "H2": "cannot tell: device"},
    ),
    Spec(
        "more hours, days or tests than the settlement list and the reports say, one of grace included",
        "beyond_record",
        parameters={"more": 1},
        knowledge="""
item | record           | group
A    | ventilator-hours |
B    | icu-hours        | monitors
C    | icu-hours        | monitors
D    | special-nursing  |
E    | first-nursing    |
F    | second-nursing   |
G    | third-nursing    |
H    | lab-reports      |
I    | imaging-reports  |
""",
        world="""
visit | provider | care | start_day | ventilator_minutes | icu_minutes | special_nursing_days | first_nursing_days | second_nursing_days | third_nursing_days
V1    | H1       | I    | 01-01     | 90                 | 60          | 1                    | 2                  | 0                   |
V2    | H1       | I    | 01-01     |                    | 60          |                      |                    |                     | 1
V3    | H1       |      | 01-01     | 60                 |             |                      |                    |                     |
V4    | H1       | O    | 01-01     | 60                 |             |                      |                    |                     |
V5    | H2       | I    | 01-01     | 60                 |             |                      |                    |                     |

line | visit | provider | item | day   | quantity | in_scope
L1   | V1    | H1       | A    | 01-02 | 2        | 2.00
L2   | V1    | H1       | A    | 01-03 | 1        | 1.00
L3   | V1    | H1       | B    | 01-02 | 1        | 5.00
L4   | V1    | H1       | C    | 01-02 | 2        | 8.00
L5   | V1    | H1       | D    | 01-02 | 3        | 9.00
L6   | V1    | H1       | E    | 01-02 | 3        | 9.00
L7   | V1    | H1       | F    | 01-02 | 2        | 4.00
L8   | V1    | H1       | G    | 01-02 | 2        | 4.00
L9   | V2    | H1       | A    | 01-02 | 9        | 9.00
LA   | V3    | H1       | A    | 01-02 | 9        | 9.00
LB   | V4    | H1       | A    | 01-02 | 9        | 9.00
LC   | V5    | H2       | B    | 01-02 | 9        | 9.00
LD   | V4    | H1       | H    | 01-02 | 4        | 8.00
LE   | V4    | H1       | I    | 01-02 | 4        | 8.00
LF   | V5    | H2       | H    | 01-02 | 4        | 8.00
LG   | V1    | H1       | I    | 01-02 | 3        | 9.00

report | provider | visit | kind    | item | indicator | day
R1     | H1       | V4    | lab     | H    | a         | 01-02
R1     | H1       | V4    | lab     | H    | b         | 01-02
R2     | H1       | V4    | lab     | H    | a         | 01-03
R3     | H1       | V4    | imaging |      |           | 01-03
R4     | H1       | V1    | imaging | I    |           | 01-03
R5     | H1       | V1    | lab     | I    |           | 01-03
""",
        expect={
            "LD": 200, "LE": "cannot tell: item", "LG": 300, "L2": 50, "L4": 400, "L5": 300, "L7": 200, "L8": "cannot tell: third_nursing_days",
            "L9": "cannot tell: ventilator_minutes", "LA": "cannot tell: encounter.care", "H2": "cannot tell: stay_record.icu_minutes",
        },
    ),
    Spec(
        "a drug below a value only: the lowest result of the days before decides, at whatever provider",
        "lab_value_required",
        parameters={"within": 7},
        knowledge="""
item | indicators | below  | units
A    | ALB;白蛋白 | 300000 | g/L
""",
        world="""
line | person | visit | provider | item | day   | in_scope
L1   | 1      | V1    | H1       | A    | 03-08 | 40.00
L2   | 2      | V2    | H1       | A    | 03-08 | 40.00
L3   | 3      | V3    | H1       | A    | 03-08 | 40.00
L4   | 4      | V4    | H1       | A    | 03-09 | 40.00
L5   | 5      | V5    | H1       | A    | 03-08 | 40.00
L6   | 6      | V6    | H1       | A    | 03-08 | 40.00
L7   | 1      | V1    | H1       | A    | 03-08 | 0.00
L8   | 1      | V7    | H3       | A    | 03-08 | 40.00

report | person | provider | visit | kind | indicator | indicator_name | day   | result | unit
R1     | 1      | H1       | V1    | lab  | ALB       |                | 03-08 | 30     | g/L
R2     | 2      | H1       | V2    | lab  | X7        | 白蛋白         | 03-01 | 29.9   | g/L
R3     | 2      | H1       | V2    | lab  | ALB       |                | 03-07 | 36     | g/L
R4     | 3      | H2       | V9    | lab  | ALB       |                | 03-05 | 25     | g/L
R5     | 4      | H1       | V4    | lab  | ALB       |                | 03-01 | 36     | g/L
R6     | 5      | H1       | V5    | lab  | ALB       |                | 03-05 | 3.6    | g/dL
R7     | 6      | H1       | V6    | lab  | ALB       |                | 03-05 |        | g/L
R8     | 6      | H1       | V6    | lab  | HGB       |                | 03-05 | 90     | g/L
""",
        expect={
            "L1": 4000, "L4": "cannot tell: measurement", "L5": "cannot tell: unit", "L6": "cannot tell: measurement",
            "H3": "cannot tell: measurement.result",
        },
    ),
    Spec(
        "reports of different persons with the same images, or the same positive words at one provider",
        "same_report",
        world="""
report | provider | person | day   | study | is_positive | conclusion
R1     | H1       | 1      | 03-01 | 1.2   |             |
R2     | H2       | 2      | 03-02 | 1.2   |             |
R3     | H1       | 1      | 03-01 | 1.3   | yes         | 0f
R4     | H1       | 1      | 03-02 | 1.3   | yes         | 0f
R5     | H1       | 1      | 03-01 |       | yes         | 1f
R6     | H1       | 2      | 03-05 |       | yes         | 1f
R7     | H2       | 3      | 03-05 |       | yes         | 1f
R8     | H1       | 4      | 03-05 |       | no          | 1f
R9     | H1       |        | 03-05 | 1.4   |             |
RA     | H1       | 4      | 03-05 | 1.4   |             |
RB     | H1       | 4      | 03-05 |       | yes         | 2f
RC     | H1       | 5      | 03-05 |       |             | 2f
""",
        expect={
            "R1": 0, "R2": 0, "R5": 0, "R6": 0, "R9": "cannot tell: person", "RA": "cannot tell: person",
        },
    ),
)
