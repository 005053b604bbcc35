"""E-mail: one message of one or more notices, by the area's own server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mingcha.desk.accounts.policy import home_area
from mingcha.desk.notices.area_settings import AreaSettings, opened, settings_of
from mingcha.desk.notices.events import sentence
from mingcha.desk.notices.own import EMAIL, address_of
from mingcha.desk.notices.sending import Failure, Message
from mingcha.terms.errors import PlatformError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

SECONDS = 20
"""How long a mail server may take for one step."""


def send(home: Home, cursor: Any, message: Message) -> None:
    """Send a message to the address its recipient gave. Failure says what the server made of it."""
    cursor.execute("SELECT scope FROM account WHERE username = %s AND is_active", [message.recipient])
    row = cursor.fetchone()
    try:
        to = address_of(cursor, home, message.recipient, EMAIL) if row else ""
    except PlatformError as error:
        raise Failure("the address can't be opened with this home's keys", final=True) from error
    here = settings_of(cursor, home_area(row[0])) if row else AreaSettings()
    if not to or not here.mail:
        raise Failure("no address, or no mail server any more", final=True)
    subject, body = words(message, here.address)
    deliver(home, here.mail, to, subject, body, message.batch)


def words(message: Message, address: str) -> tuple[str, str]:
    """Subject and text of a message. `address`: the desk's, for links; empty where the office has given none."""
    from mingcha.desk.notices.queries import link

    said = [sentence(one.event, one.n, one.detail) for one in message.notices]
    subject = said[0] if len(said) == 1 else f"{len(said)} 件事等您办理"
    lines = list[str]()
    for text, one in zip(said, message.notices, strict=True):
        lines += [f"· {text}"] + ([f"  {address}{link(one.event, dict(one.detail))}"] if address else [])
    end = "这封邮件由明察自动发出，请勿回复。要少收或不收，请在工作台“通知”页的“接收设置”里选择。"
    return f"【明察】{subject}", "\n".join([*lines, "", "--", end, ""])


def deliver(home: Home, told: Mapping[str, Any], to: str, subject: str, body: str, batch: UUID | None = None) -> None:
    """Hand one message to a mail server of the settings `told`. The same `batch` is the same Message-ID."""
    from django.core.mail import EmailMessage
    from django.core.mail.backends.smtp import EmailBackend

    try:
        password = opened(home, "mail", told)
    except PlatformError as error:
        raise Failure("the mail server's password can't be opened with this home's keys") from error
    backend = EmailBackend(
        host=told["host"], port=told["port"], username=told.get("user", ""), password=password, timeout=SECONDS,
        use_tls=told["security"] == "starttls", use_ssl=told["security"] == "tls",
    )  # fmt: skip
    domain = told["sender"].rpartition("@")[2].strip(" >") or "mingcha"
    headers = {"Message-ID": f"<{batch or uuid4()}@{domain}>", "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(subject, body, told["sender"], [to], headers=headers, connection=backend).send()
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        raise Failure(f"the server refused the recipient ({code})", final=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Failure(f"the server refused user and password ({error.smtp_code})") from error
    except smtplib.SMTPResponseException as error:
        raise Failure(f"the server answered {error.smtp_code}") from error
    except ssl.SSLError as error:
        raise Failure(f"no secure connection: {error.reason}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Failure(f"the server can't be reached: {type(error).__name__}") from error
    finally:
        with suppress(smtplib.SMTPException, OSError):
            backend.close()  # the backend leaves a connection open whose login was refused
