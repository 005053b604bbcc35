"""Recusal (回避): providers somebody must not decide on, declared by the person, seen by leaders.

Set-based statements join the table: `recusal r ON r.account = … AND r.provider = … AND day BETWEEN r.since AND
coalesce(r.until, 'infinity')`.
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from mingcha.desk.accounts.models import Account, Recusal
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.trail.actions import enter
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

_LISTED = """
    SELECT r.*, a.display_name AS who, a.organisation, coalesce(p.name, r.provider) AS provider_name,
           r.until IS NULL OR r.until >= %(today)s AS holds
    FROM recusal r JOIN account a ON a.username = r.account LEFT JOIN provider_directory p ON p.provider = r.provider
"""


class Missing(Exception):
    """There is no such recusal of the own."""


def recused(account: Account, provider: str) -> bool:
    """Whether the account must not decide on the provider today."""
    held = Recusal.objects.filter(account=account.username, provider=provider, since__lte=today())
    return held.filter(Q(until=None) | Q(until__gte=today())).exists()


def of(account: Account) -> list[Row]:
    """The account's own, the newest first."""
    return rows(f"{_LISTED} WHERE r.account = %(who)s ORDER BY r.id DESC", {"who": account.username, "today": today()})


def within() -> list[Row]:
    """Those of people whose areas lie within one's own, those in force first."""
    return rows(
        f"{_LISTED} WHERE facts.sees_all() OR string_to_array(a.scope, ',') <@ facts.scope_areas()"
        " ORDER BY holds DESC, r.id DESC LIMIT 1000",
        {"today": today()},
    )


@transaction.atomic
def declare(*, by: str, account: Account, provider: str, since: date, until: date | None, reason: str) -> Recusal:
    """Declare that one must not decide on a provider. UsageError for an unknown provider or days that don't fit."""
    if not rows("SELECT 1 AS yes FROM provider_directory WHERE provider = %s", [provider]):
        raise UsageError("机构目录里没有这个编号。", "The directory lacks this provider.")
    if not reason.strip():
        raise UsageError("请写明回避的理由，如近亲属在该机构任职。", "Please give the reason.")
    try:
        with transaction.atomic():
            made = Recusal.objects.create(
                account=account.username, provider=provider, since=since, until=until, reason=reason.strip()[:500]
            )
    except IntegrityError as error:
        raise UsageError("截止日期不能早于开始日期。", "It can't end before it begins.") from error
    _note(by, "recusal.declare", made)
    return made


@transaction.atomic
def end(*, by: str, account: Account, number: int, until: date) -> None:
    """Let a recusal of the own end on a day, not before today. Missing for another's."""
    held = Recusal.objects.select_for_update().filter(pk=number, account=account.username).first()
    if held is None:
        raise Missing
    if until < max(today(), held.since) or (held.until and until > held.until):
        raise UsageError("截止日期不能早于今天，也不能晚于原来的。", "End it between today and its last day.")
    held.until = until
    held.save(update_fields=["until"])
    _note(by, "recusal.end", held)


def _note(by: str, action: str, one: Recusal) -> None:
    detail = {"provider": one.provider, "since": str(one.since), "until": str(one.until or ""), "reason": one.reason}
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"account:{one.account}", detail=detail)
