"""Makes the frames about providers: sums over all their fee lines and visits, in one grouped pass each.

Each sum is first a *partial* (`partial_charge`, `partial_stay`): one row a provider, month and category, holding
nothing but sums and the least code of an area. Partials of disjoint parts of the persons add up row by row, so a
cluster may compute them bucket by bucket (`make_partials`) and merge their union (`merge_partials`). Peers are compared
only afterwards, on the frame, which has one row a provider and month. Persons never appear in it.
"""

from __future__ import annotations

import duckdb

from mingcha.engines.effective import Effective
from mingcha.engines.expression import text

CHARGES = """
SELECT provider, date_trunc('month', service_day)::DATE AS month, charge_type,
       CASE WHEN item LIKE '002103%' THEN 'ct' WHEN item LIKE '002102%' THEN 'mri'
            WHEN item IS NULL THEN 'uncoded' END AS scan,
       SUM(amount)::BIGINT AS amount
FROM facts.fee_line
WHERE person IS NOT NULL AND (refund_of IS NOT NULL OR (quantity > 0 AND amount >= 0))
GROUP BY ALL"""
"""Fen by provider, month, charge category and scanner; a refund counts in the month in which it was booked.

National item codes of the 2001 edition carry its numbers: 2102 magnetic resonance, 2103 computed tomography.
"""

STAYS = """
SELECT provider, date_trunc('month', start_day)::DATE AS month, MIN(care_area) AS area,
       COUNT(*) FILTER (WHERE care = 'I') AS stays,
       COALESCE(SUM(GREATEST(end_day - start_day, 1)) FILTER (WHERE care = 'I'), 0)::BIGINT AS bed_days,
       COUNT(*) FILTER (WHERE care = 'I' AND again) AS readmissions,
       COUNT(*) FILTER (WHERE care = 'I' AND infected) AS infections
FROM (
  SELECT v.*, b.visit IS NOT NULL AS again, i.visit IS NOT NULL AS infected
  FROM frame_visit AS v
  LEFT JOIN readmitted AS b USING (provider, visit)
  LEFT JOIN infected AS i USING (provider, visit)
)
GROUP BY provider, month"""
"""Stays by the month of admission. All stays of a person lie in one part, so that a readmission is seen there."""

_READMITTED = """
SELECT DISTINCT v.provider, v.visit
FROM frame_visit AS v JOIN frame_visit AS o ON o.person = v.person AND o.provider = v.provider
WHERE v.care = 'I' AND o.care = 'I' AND o.start_day < v.start_day AND v.start_day - o.end_day BETWEEN 0 AND 31
  AND v.planned_readmission IS DISTINCT FROM TRUE"""
"""Stays that were not planned and begin within 31 days of a discharge from the same provider."""

_INFECTED = "SELECT DISTINCT provider, visit FROM frame_diagnosis WHERE code LIKE 'Y95%'"
"""Stays coded as nosocomial (ICD-10 Y95)."""

CATEGORIES = {
    "drug": ("09", "10", "11"),
    "exam": ("03", "04"),
    "consumable": ("08",),
    "treatment": ("05",),
}
"""Charge categories (med_chrgitm_type) by indicator; provinces extend the codes behind these two digits."""


MEETINGS = """
WITH purchase AS (
  SELECT *, start_second // 600 AS slot, COUNT(*) OVER (PARTITION BY provider, start_day, start_second) AS at_once
  FROM frame_visit WHERE care = 'P' AND start_second IS NOT NULL
), before AS (
  SELECT *, UNNEST([slot, slot + 1]) AS near FROM purchase WHERE at_once <= 20
)
SELECT v.provider, v.visit, b.visit AS earlier, v.person, LEAST(v.person, b.person) AS one,
       GREATEST(v.person, b.person) AS other, v.start_day AS day, v.start_second AS second, v.fund_area, v.care_area
FROM purchase AS v JOIN before AS b
  ON b.provider = v.provider AND b.start_day = v.start_day AND b.near = v.slot AND b.person <> v.person
WHERE v.at_once <= 20 AND v.start_second - b.start_second BETWEEN 0 AND 600
  AND (b.start_second < v.start_second OR b.visit < v.visit)"""
"""Purchases of different persons in one pharmacy within ten minutes, the later one first.

More than twenty in one second are no purchases but an upload. Both persons of a pair may lie in different parts of the
persons: purchases, which are few and small, have to be brought together by provider before this runs.
"""


def make_tallies(con: duckdb.DuckDBPyConnection, pack: Effective) -> None:
    """Create the frames about providers that the pack asks for; `make_frames` must have run for everybody."""
    asked = {plan.kind.frame.name for plan in pack.plans}
    if "provider_month" in asked:
        make_partials(con)
        merge_partials(con)
    if "meeting" in asked:
        con.execute(f"CREATE OR REPLACE TEMP TABLE frame_meeting AS {MEETINGS}")


def make_partials(con: duckdb.DuckDBPyConnection) -> None:
    """`partial_charge` and `partial_stay` of the persons whose facts are at hand, all of them or a part."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE readmitted AS {_READMITTED}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE infected AS {_INFECTED}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE partial_charge AS {CHARGES}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE partial_stay AS {STAYS}")


def merge_partials(con: duckdb.DuckDBPyConnection) -> None:
    """`frame_provider_month` from the partials of all parts, put into the two tables one after the other."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE frame_provider_month AS {_provider_months()}")


def _provider_months() -> str:
    """The partials added up, a column a measure. A provider's area is the least that its visits name."""
    group = "LEFT(charge_type, 2)"
    known = {name: f"{group} IN ({', '.join(map(text, codes))})" for name, codes in CATEGORIES.items()}
    known |= {name: f"scan = {text(name)}" for name in ("ct", "mri", "uncoded")}
    known["unsorted"] = "charge_type IS NULL"
    some = "COALESCE(SUM(amount) FILTER (WHERE {}), 0)::BIGINT".format
    sums = ", ".join(f"{some(when)} AS {name}" for name, when in known.items())
    counts = ("stays", "bed_days", "readmissions", "infections")
    stays = ", ".join(f"SUM({name})::BIGINT AS {name}" for name in counts)
    columns = ", ".join(f"COALESCE({name}, 0) AS {name}" for name in ("charges", *known, *counts))
    return f"""
WITH charged AS (
  SELECT provider, month, SUM(amount)::BIGINT AS charges, {sums} FROM partial_charge GROUP BY provider, month
), stayed AS (
  SELECT provider, month, {stays} FROM partial_stay GROUP BY provider, month
), home AS (
  SELECT provider, MIN(area) AS area FROM partial_stay GROUP BY provider
)
SELECT provider, month, area AS fund_area, area AS care_area, {columns}
FROM (charged FULL JOIN stayed USING (provider, month)) JOIN home USING (provider)"""
