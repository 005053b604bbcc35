"""Does one self-check for the jobs app, as the account that asked, in the name of its provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from mingcha.desk.accounts.models import Account
from mingcha.desk.jobs.running import CancelledError
from mingcha.desk.selfcheck import actions, uploads
from mingcha.desk.selfcheck.checking import Checked, check
from mingcha.terms.errors import MingchaError

_FAILED = "自查没有完成：读取或检查时出了意外。请确认文件能正常打开后重试；仍不行请联系医保部门的系统管理员。"


class CheckFailedError(Exception):
    """A self-check ended unexpectedly. It tells the sort of the error only: its words may quote the data."""


def do(by: str, number: int, step: Callable[[int], None]) -> dict[str, int]:
    """Run it to its end; what went wrong with the data is told on its page. CancelledError when it was deleted."""
    provider = Account.objects.get(username=by).provider or ""
    try:
        checked = check(settings.HOME, _folder(by, provider, number), provider, by, step)
    except CancelledError:
        raise
    except MingchaError as error:
        _tell(by, provider, number, error.zh)
        return {"done": 100, "total": 100, "fen": 0}
    except Exception as error:
        _tell(by, provider, number, _FAILED)
        raise CheckFailedError(type(error).__name__) from None
    _tell(by, provider, number, checked)
    return {"done": 100, "total": 100, "fen": 0}


def _folder(by: str, provider: str, number: int) -> Path:
    with transaction.atomic(), connection.cursor() as cursor:
        _speak(cursor, by, provider)
        cursor.execute("SELECT token::text FROM selfcheck_run WHERE id = %s AND finished_at IS NULL", [number])
        row = cursor.fetchone()
    if row is None:
        raise CancelledError
    return uploads.place_of(settings.HOME, row[0])


def _tell(by: str, provider: str, number: int, what: Checked | str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        _speak(cursor, by, provider)
        if isinstance(what, str):
            actions.fail(number=number, why=what)
        else:
            actions.record(number=number, provider=provider, checked=what)


def _speak(cursor: Any, by: str, provider: str) -> None:
    cursor.execute("SELECT set_config('mingcha.account', %s, true), set_config('mingcha.provider', %s, true)",
                   [by, provider])  # fmt: skip
