"""Writes and reads of endpoints: made, changed, rotated, paused, tried; their deliveries sent again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.notices import webhook
from mingcha.desk.notices.events import EVENTS, sentence
from mingcha.desk.notices.http import checked_url
from mingcha.desk.notices.sealed import seal
from mingcha.desk.notices.sending import Failure
from mingcha.desk.notices.trying import told
from mingcha.desk.notices.webhook import KINDS, WEBHOOK, new_secret
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

STATES = {"on": "推送中", "off": "已暂停", "broken": "连续失败，已停用"}
OVERLAP_HOURS = 24
"""How long the secret before a rotation signs, too."""
LISTED = 50
OFFERED = {code: event for code, event in EVENTS.items() if event.outside and event.to != "person"}
"""What an endpoint can be told of: what concerns an area, not one person."""


class Missing(Exception):
    """There is no such endpoint within the administrator's areas."""


def listed() -> list[Row]:
    """The endpoints of one's areas."""
    return rows("SELECT id, area, name, kind, host, state, failing_since FROM notice_endpoint ORDER BY area, id")


def one(number: int) -> Row:
    """An endpoint, without its secrets. Missing when it isn't one of the own areas'."""
    found = rows(
        "SELECT id, area, name, kind, host, state, failing_since, events, secret IS NOT NULL AS signed, former_until,"
        " former_until > now() AS overlaps, made_at FROM notice_endpoint WHERE id = %s",
        [number],
    )
    if not found:
        raise Missing
    return found[0]


def deliveries(number: int) -> list[Row]:
    """The newest deliveries to an endpoint."""
    found = rows(
        "SELECT d.id, d.state, d.attempts, d.next_at, d.batch::text, d.error, d.made_at, d.ended_at, n.event, n.n,"
        " n.detail FROM notice_delivery d JOIN notice n ON n.id = d.notice_id WHERE d.recipient = %s"
        " ORDER BY d.id DESC LIMIT %s",
        [f"endpoint:{number}", LISTED],
    )
    return [row | {"words": sentence(row["event"], row["n"], row["detail"])} for row in found]


def add(
    cursor: Any, home: Home, *, by: str, area: str, name: str, kind: str, url: str, secret: str, events: Sequence[str]
) -> tuple[int, str]:  # fmt: skip
    """Make an endpoint; its number, and for a webhook the secret, shown this once. UsageError for what can't be one."""
    cursor.execute(
        "SELECT CASE WHEN %s = '*' THEN facts.sees_all() ELSE facts.in_scope(NULL, %s)"
        " AND EXISTS (SELECT FROM facts.area WHERE code = %s) END",
        [area, area, area],
    )
    if cursor.fetchone() != (True,):
        raise UsageError("请选择自己辖区之内的区划。", "Choose an area within your own.")
    if kind not in KINDS:
        raise UsageError("请选择推送的种类。", "Choose the kind of endpoint.")
    url, name = checked_url(url), _name(name)
    secret = new_secret() if kind == WEBHOOK else secret.strip()[:200]
    cursor.execute(
        "INSERT INTO notice_endpoint (area, name, kind, url, host, secret, events, made_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [area, name, kind, seal(home, "endpoint", url), _host(url), seal(home, "endpoint", secret) if secret else None,
         _known(events), by],
    )  # fmt: skip
    number = cursor.fetchone()[0]
    _note(cursor, by, "notices.endpoint", number, {"name": name, "kind": kind, "host": _host(url), "area": area})
    return number, secret if kind == WEBHOOK else ""


def change(cursor: Any, home: Home, *, by: str, number: int, name: str, url: str, events: Sequence[str]) -> None:
    """Rename it, let it be told of other events, or, where an address is given, send elsewhere."""
    before, after = one(number), {"name": _name(name), "events": _known(events)}
    cursor.execute("UPDATE notice_endpoint SET name = %s, events = %s WHERE id = %s", [*after.values(), number])
    if url.strip():
        url = checked_url(url)
        after["host"] = _host(url)
        cursor.execute("UPDATE notice_endpoint SET url = %s, host = %s WHERE id = %s",
                       [seal(home, "endpoint", url), after["host"], number])  # fmt: skip
    _note(cursor, by, "notices.endpoint-change", number, {"old": {key: before[key] for key in after}, "new": after})


def rotate(cursor: Any, home: Home, *, by: str, number: int) -> str:
    """A new secret, shown this once; the one before signs too for OVERLAP_HOURS. UsageError for a robot."""
    if one(number)["kind"] != WEBHOOK:
        raise UsageError("机器人的密钥在群设置里更换，然后新建推送。", "A robot's secret is changed in its group.")
    secret = new_secret()
    cursor.execute(
        "UPDATE notice_endpoint SET former = secret, former_until = now() + make_interval(hours => %s), secret = %s"
        " WHERE id = %s",
        [OVERLAP_HOURS, seal(home, "endpoint", secret), number],
    )
    _note(cursor, by, "notices.endpoint-rotate", number, {})
    return secret


def turn(cursor: Any, *, by: str, number: int, state: str) -> None:
    """Pause it, or let it go on. UsageError when it is so already."""
    before = one(number)["state"]
    if state not in ("on", "off") or before == state:
        raise UsageError("状态没有变化，请刷新页面。", "It is so already; reload the page.")
    cursor.execute("UPDATE notice_endpoint SET state = %s, failing_since = NULL WHERE id = %s", [state, number])
    _note(cursor, by, "notices.endpoint-state", number, {"old": before, "new": state})


def again(cursor: Any, *, by: str, number: int, delivery: int) -> None:
    """Send a delivery that is over once more, under its old number. Missing for another endpoint's."""
    if one(number)["state"] != "on":
        raise UsageError("推送已停用，请先恢复。", "The endpoint is switched off; let it go on first.")
    cursor.execute(
        "UPDATE notice_delivery SET state = 'waiting', next_at = now(), attempts = 0, ended_at = NULL, error = ''"
        " WHERE id = %s AND recipient = %s AND state IN ('sent', 'given_up')",
        [delivery, f"endpoint:{number}"],
    )
    if not cursor.rowcount:
        raise Missing
    _note(cursor, by, "notices.again", number, {"delivery": delivery})


def attempt(cursor: Any, home: Home, *, by: str, number: int) -> None:
    """Send a test, whatever the state. UsageError with what the receiver said."""
    one(number)
    enter(cursor, by=by, action="notices.try", subject=f"endpoint:{number}")
    try:
        webhook.deliver(home, cursor, number, webhook.sample())
    except Failure as failure:
        raise UsageError(f"没有送达：{told(failure)}。请核对地址和密钥。", f"Not delivered: {failure}.") from failure


def _name(text: str) -> str:
    if not text.strip():
        raise UsageError("请给推送起个名字。", "Give the endpoint a name.")
    return text.strip()[:60]


def _known(events: Sequence[str]) -> list[str]:
    return [code for code in OFFERED if code in set(events)]


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _note(cursor: Any, by: str, action: str, number: int, detail: dict[str, Any]) -> None:
    enter(cursor, by=by, action=action, subject=f"endpoint:{number}", detail=detail)
