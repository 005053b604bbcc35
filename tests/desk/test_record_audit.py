"""What recording an audit does to findings: identity, observations, amounts counted once, withdrawal."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag, line, pack_of

pytestmark = pytest.mark.slow


def rows(job: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return job.execute(query).fetchall()  # pyright: ignore[reportArgumentType,reportCallIssue]


def test_a_finding_is_named_by_what_it_is_about(audits: Audits, job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    assert rows(job, "SELECT id, state, improper_fen, counted_fen, lines FROM finding") == [
        (finding_id(AREA, "drug-for-children", "line", "H1|V1|L1"), "open", 1000, 1000, 1)
    ]


def test_a_second_run_over_the_same_facts_adds_nothing(audits: Audits, job: psycopg.Connection) -> None:
    first = audits.record([flag("L1"), flag("L2")])
    second = audits.record([flag("L2"), flag("L1")])
    assert (first.added, first.observations, second.added, second.same, second.observations) == (2, 2, 0, 2, 0)
    assert (second.findings, second.lines, second.amount_fen) == (2, 2, 2000)
    assert rows(job, "SELECT count(*) FROM observation") == [(2,)]


def test_another_content_adds_an_observation_and_shows_it(audits: Audits, job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    changed = audits.record([flag("L1", improper_fen=700)])
    assert (changed.changed, changed.observations) == (1, 1)
    assert rows(job, "SELECT improper_fen, counted_fen FROM finding") == [(700, 700)]
    assert rows(job, "SELECT improper_fen FROM observation ORDER BY id") == [(1000,), (700,)]


def test_another_pack_adds_an_observation(audits: Audits) -> None:
    audits.record([flag("L1")])
    assert audits.record([flag("L1")], pack=pack_of("drug-for-children", mark="b")).observations == 1


def test_what_is_no_longer_flagged_is_withdrawn_with_the_reason(audits: Audits, job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2", rule="service-by-sex")])
    gone = audits.record([], pack=pack_of("drug-for-children"))
    assert gone.withdrawn == 2
    assert rows(job, "SELECT line, state, withdrawn_reason, counted_fen FROM finding ORDER BY line") == [
        ("L1", "withdrawn", "not_flagged", 0),
        ("L2", "withdrawn", "rule_gone", 0),
    ]
    assert rows(job, "SELECT count(*) FROM observation WHERE verdict IS NULL") == [(2,)]


def test_a_rule_that_was_not_asked_withdraws_nothing(audits: Audits, job: psycopg.Connection) -> None:
    from dataclasses import replace

    pack = pack_of("drug-for-children", "service-by-sex")
    reminding = replace(pack, rules=(pack.rules[0], replace(pack.rules[1], stages=("before",))))
    audits.record([flag("L1", rule=reminding.rules[1].id)], pack=reminding, scope={"rules": [reminding.rules[1].id]})
    assert audits.record([], pack=reminding).withdrawn == 0
    assert rows(job, "SELECT state FROM finding") == [("open",)]
    assert audits.record([], pack=reminding, scope={"rules": [reminding.rules[1].id]}).withdrawn == 1


def test_a_withdrawn_finding_flagged_again_opens_under_its_number(audits: Audits, job: psycopg.Connection) -> None:
    for flags in ([flag("L1")], [], [flag("L1")]):
        last = audits.record(flags)
    assert (last.again, last.added) == (1, 0)
    assert rows(job, "SELECT state, counted_fen, withdrawn_reason FROM finding") == [("open", 1000, None)]
    assert rows(job, "SELECT count(*) FROM observation") == [(3,)]


@pytest.mark.parametrize(
    ("scope", "withdrawn"),
    [
        ({"providers": ["H2"]}, 1),
        ({"rules": ["service-by-sex"]}, 1),
        ({"since": date(2026, 4, 1)}, 1),
        ({"until": date(2026, 3, 31)}, 2),
        ({"areas": ["610300"]}, 2),
        ({"areas": [OTHER_AREA]}, 1),
        ({}, 3),
    ],
)
def test_a_filtered_audit_withdraws_nothing_outside_its_filter(audits: Audits, scope: Any, withdrawn: int) -> None:
    audits.record([
        flag("L1"),
        flag("L2", rule="service-by-sex", fund_area="610300x"),
        flag("L3", provider="H2", key="H2|V1|L3", day=date(2026, 4, 1), fund_area=OTHER_AREA,
             care_area=OTHER_AREA),
    ])  # fmt: skip
    assert audits.record([], scope=scope).withdrawn == withdrawn


def test_an_audit_of_older_facts_changes_nothing_that_shows(audits: Audits, job: psycopg.Connection) -> None:
    audits.watermark = 10
    audits.record([flag("L1"), flag("L2")])
    audits.watermark = 4
    older = audits.record([flag("L1", improper_fen=50)])
    assert (older.withdrawn, older.observations) == (0, 1)
    assert rows(job, "SELECT line, state, counted_fen FROM finding ORDER BY line") == [
        ("L1", "open", 1000),
        ("L2", "open", 1000),
    ]


def test_a_line_counts_once_under_the_largest_claim(audits: Audits, job: psycopg.Connection) -> None:
    low, high = flag("L1", improper_fen=600), flag("L1", rule="service-by-sex", improper_fen=900)
    recorded = audits.record([low, high], [line(low, in_scope_fen=1000), line(high, in_scope_fen=1000)])
    assert recorded.amount_fen == 900
    high_id = finding_id(AREA, "service-by-sex", "line", "H1|V1|L1")
    assert rows(job, "SELECT improper_fen, counted_fen, counted_under FROM finding_line ORDER BY 1") == [
        (600, 0, high_id),
        (900, 900, None),
    ]
    audits.record([low], [line(low, in_scope_fen=1000)])  # the larger one is withdrawn: the rest books what is left
    left = rows(job, "SELECT state, counted_fen FROM finding ORDER BY improper_fen")
    assert left == [("open", 600), ("withdrawn", 0)]


def test_a_decided_finding_keeps_its_amounts(audits: Audits, job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    job.execute("UPDATE finding SET step = 'notified'")
    other = flag("L1", rule="service-by-sex", improper_fen=1500)
    recorded = audits.record([flag("L1", improper_fen=200), other])
    assert rows(job, "SELECT rule, improper_fen, counted_fen, state FROM finding ORDER BY rule") == [
        ("drug-for-children", 1000, 1000, "decided"),
        ("service-by-sex", 1500, 500, "open"),
    ]
    assert recorded.observations == 2
    assert audits.record([], scope={}).withdrawn == 1  # the decided one stays


def test_a_visit_amount_is_spread_by_in_scope_amount(audits: Audits, job: psycopg.Connection) -> None:
    visit = flag("", frame="visit", key="H1|V1", line=None, improper_fen=100)
    parts = [line(visit, name, amount_fen=None, in_scope_fen=50) for name in "abc"]
    audits.record([visit], parts)
    assert rows(job, "SELECT line, counted_fen FROM finding_line ORDER BY line") == [("a", 34), ("b", 33), ("c", 33)]


def test_fund_loss_follows_the_settlement(audits: Audits, job: psycopg.Connection) -> None:
    one, two = flag("L1", improper_fen=1001), flag("L2")
    paid = line(one, settled_fund_fen=7, settled_in_scope_fen=14)
    audits.record([one, two], [paid, line(two)])
    assert rows(job, "SELECT fund_loss_fen FROM finding ORDER BY line") == [(501,), (None,)]


def test_cannot_tell_is_counted_by_rule_provider_and_column(audits: Audits, job: psycopg.Connection) -> None:
    recorded = audits.record([], unknown=[{"rule": "r", "provider": "H1", "missing": "visit.sex", "count": 12}])
    assert recorded.cannot_tell == 12
    assert rows(job, "SELECT rule, provider, missing, count FROM cannot_tell") == [("r", "H1", "visit.sex", 12)]


def test_the_same_identity_twice_in_one_audit_is_refused_and_leaves_nothing(
    audits: Audits, job: psycopg.Connection
) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        audits.record([flag("L1"), flag("L1")], [])
    assert rows(job, "SELECT count(*) FROM finding") == [(0,)]
    assert rows(job, "SELECT status FROM audit") == [("failed",)]


def test_every_audit_stands_in_the_trail(audits: Audits, job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    assert rows(job, "SELECT action, by FROM trail ORDER BY id") == [("audit.begin", "test"), ("audit.record", "test")]


def test_the_job_may_not_rewrite_history(audits: Audits, home: Any) -> None:
    audits.record([flag("L1")])
    for statement in ("UPDATE trail SET by = 'x'", "DELETE FROM observation", "UPDATE observation SET message = ''"):
        for role in ("job", "app"):
            with connect(home, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
