"""Endpoints: signed messages to an area's own systems (Standard Webhooks), and to groups of 企业微信 and 钉钉.

https://www.standardwebhooks.com: `webhook-id` stays the same on every attempt, `webhook-timestamp` is the attempt's,
`webhook-signature` is HMAC-SHA256 over "id.timestamp.body" with each secret that is good.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from mingcha.desk.notices import http
from mingcha.desk.notices.area_settings import settings_of
from mingcha.desk.notices.events import EVENTS, sentence
from mingcha.desk.notices.sealed import unseal
from mingcha.desk.notices.sending import Failure, Message, Told
from mingcha.desk.notices.telling import tell
from mingcha.terms.errors import PlatformError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

WEBHOOK, WECOM, DINGTALK = "webhook", "wecom", "dingtalk"
KINDS = {WEBHOOK: "Webhook（签名）", WECOM: "企业微信群机器人", DINGTALK: "钉钉群机器人"}
DOWN = timedelta(days=3)
"""After failing so long, an endpoint is switched off, and the administrators are told."""
PREFIX = "whsec_"


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC under one secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{number}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def body_of(message: Message, link: str) -> bytes:
    """What a webhook is sent; the same bytes on every attempt."""
    (one,) = message.notices
    data = dict(one.detail) | {"n": one.n, "text": sentence(one.event, one.n, one.detail)}
    told = {"type": one.event, "timestamp": one.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "data": data | ({"link": link} if link else {})}  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def send(home: Home, cursor: Any, message: Message) -> None:
    """Send to the endpoint the message is for, and note how the endpoint fares."""
    number = int(message.recipient.removeprefix("endpoint:"))
    cursor.execute("SELECT state FROM notice_endpoint WHERE id = %s", [number])
    if cursor.fetchone() != ("on",):
        raise Failure("the endpoint is switched off", final=True)
    try:
        deliver(home, cursor, number, message)
    except Failure as failure:
        if _failed(cursor, number, gone=failure.final):
            raise Failure(str(failure), final=True) from failure
        raise
    cursor.execute("UPDATE notice_endpoint SET failing_since = NULL WHERE id = %s AND failing_since IS NOT NULL",
                   [number])  # fmt: skip


def deliver(home: Home, cursor: Any, number: int, message: Message) -> None:
    """Send a message to an endpoint, whatever its state. Failure, final when the receiver says it is gone (410)."""
    cursor.execute(
        "SELECT area, kind, url, secret, CASE WHEN former_until > now() THEN former END FROM notice_endpoint"
        " WHERE id = %s",
        [number],
    )
    area, kind, sealed_url, *sealed = cursor.fetchone()
    try:
        url = unseal(home, "endpoint", sealed_url)
        good = [unseal(home, "endpoint", one) for one in sealed if one]
    except PlatformError as error:
        raise Failure("the secret can't be opened with this home's keys") from error
    here = settings_of(cursor, area)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Mingcha"}
    link = _link(message, here.address)
    if kind == WEBHOOK:
        body = body_of(message, link)
        answer = http.post(url, body, headers | _signed(message, good, body), here.internal)
        _accept(answer)
    else:
        url = _signed_url(url, good[0]) if kind == DINGTALK and good else url
        (one,) = message.notices
        text = f"【明察】{_said(one)}" + (f"\n{link}" if link else "")
        body = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()
        answer = http.post(url, body, headers, here.internal)
        _accept(answer)
        _accept_robot(answer)


def _said(one: Told) -> str:
    """A group that hears of many providers is told which."""
    who = one.detail.get("provider")
    return f"{who}：" * bool(who) + sentence(one.event, one.n, one.detail)


def _link(message: Message, address: str) -> str:
    from mingcha.desk.notices.queries import link

    known = message.notices[0]
    return f"{address}{link(known.event, dict(known.detail))}" if address and known.event in EVENTS else ""


def _signed(message: Message, good: Iterable[str], body: bytes) -> dict[str, str]:
    number, now = f"msg_{message.batch.hex}", int(time.time())
    return {
        "webhook-id": number, "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signature(secret, number, now, body) for secret in good),
    }  # fmt: skip


def _signed_url(url: str, secret: str) -> str:
    """The address of a 钉钉 robot with time and signature, as its page of security settings describes."""
    now = round(time.time() * 1000)
    signed = base64.b64encode(hmac.digest(secret.encode(), f"{now}\n{secret}".encode(), "sha256"))
    return f"{url}{'&' if '?' in url else '?'}timestamp={now}&sign={quote(signed, safe='')}"


def _accept(answer: http.Answer) -> None:
    if 200 <= answer.status < 300:
        return
    if 300 <= answer.status < 400:
        raise Failure(f"the server answered {answer.status}, a redirect, which is not followed")
    raise Failure(f"the server answered {answer.status}", final=answer.status == 410)


def _accept_robot(answer: http.Answer) -> None:
    """Robots answer 200 whatever happens; `errcode` tells."""
    try:
        code = json.loads(answer.body).get("errcode", 0)
    except (ValueError, AttributeError) as error:
        raise Failure("the robot's answer can't be read") from error
    if code != 0:
        raise Failure(f"the robot answered errcode {str(code)[:12]}")


def _failed(cursor: Any, number: int, *, gone: bool) -> bool:
    """Note since when the endpoint fails; switch it off after DOWN, or at once when its receiver is gone: True then."""
    with cursor.connection.transaction():
        cursor.execute(
            "UPDATE notice_endpoint SET failing_since = coalesce(failing_since, now()),"
            " state = CASE WHEN %s OR failing_since < now() - %s THEN 'broken' ELSE state END"
            " WHERE id = %s AND state = 'on' RETURNING state, name, area",
            [gone, DOWN, number],
        )
        state, name, area = cursor.fetchone() or ("", "", "")
        if state == "broken":
            cursor.execute(
                "UPDATE notice_delivery SET state = 'given_up', ended_at = now() WHERE recipient = %s"
                " AND state = 'waiting'",
                [f"endpoint:{number}"],
            )
            tell(cursor, "channel-broken", by="clock", area=area, subject=f"endpoint:{number}", name=name)
    return state == "broken"


def sample() -> Message:
    """What a test sends: said to be one."""
    told = Told("test", 1, {"test": True, "text": "这是一条测试通知"}, datetime.now(UTC))
    return Message(uuid4(), "", "endpoint", 1, (told,))
