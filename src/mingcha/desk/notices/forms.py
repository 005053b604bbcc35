"""What the forms of the notices app say, checked: every refusal names the field and what to write."""

from __future__ import annotations

import json
import re
from datetime import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mingcha.desk.notices.area_settings import SECURITY
from mingcha.desk.notices.events import EVENTS
from mingcha.desk.notices.http import checked_url
from mingcha.desk.notices.own import CHANNELS
from mingcha.desk.notices.sms import ADAPTERS
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def read_mail(form: QueryDict) -> dict[str, Any]:
    """A mail server's settings without its password; empty where the host is. UsageError for what can't be right."""
    host, port, sender = form.get("host", "").strip(), form.get("port", "").strip(), form.get("sender", "").strip()
    if not host:
        return {}
    if not _HOST.fullmatch(host):
        raise UsageError("邮件服务器写主机名或 IP，如 smtp.example.gov.cn。", "Give the mail server's host name.")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError("端口为 1 至 65535 的整数，如 465、587、25。", "The port is a number up to 65535.")
    if form.get("security", "") not in SECURITY:
        raise UsageError("请选择加密方式。", "Choose how the connection is secured.")
    if not re.fullmatch(r"[^@\s,;<>\r\n]{1,64}@[A-Za-z0-9.-]{1,250}", sender):
        raise UsageError("发件人写邮箱地址，如 mingcha@example.gov.cn。", "The sender is an e-mail address.")
    return {"host": host, "port": int(port), "security": form["security"], "user": form.get("user", "").strip()[:120],
            "sender": sender}  # fmt: skip


def read_sms(form: QueryDict) -> dict[str, Any]:
    """How SMS are sent, without the password; empty where nothing is chosen. UsageError for what can't be right."""
    adapter = form.get("adapter", "")
    if not adapter:
        return {}
    if adapter not in ADAPTERS:
        raise UsageError("请选择短信的发送方式。", "Choose how SMS are sent.")
    told: dict[str, Any] = {"adapter": adapter, "signature": form.get("signature", "").strip(" 【】")[:20]}
    if adapter != "http":
        return told
    template = form.get("template", "")[:4000]
    try:
        json.loads(template)
    except ValueError as error:
        raise UsageError("模板要是一段 JSON，如页面上的例子。", "The template has to be JSON.") from error
    if "{number}" not in template or "{text}" not in template:
        raise UsageError("模板里要有 {number} 和 {text}。", "The template needs {number} and {text}.")
    headers = _headers(form.get("headers", ""))
    told |= {"url": checked_url(form.get("url", "")), "template": template, "headers": headers}
    return told | {name: form.get(name, "").strip()[:120] for name in ("user", "ok_field", "ok_value")}


def _headers(text: str) -> dict[str, str]:
    """Lines of `name: value`."""
    told = {}
    for line in filter(None, map(str.strip, text[:4000].splitlines())):
        name, colon, value = line.partition(":")
        fine = bool(colon) and re.fullmatch(r"[A-Za-z0-9-]{1,60}", name) and value.isascii() and value.isprintable()
        if not fine:
            raise UsageError("请求头每行写成 名称: 值。", "Write each header as name: value.")
        told[name] = value.strip()
    return told


def read_defaults(form: QueryDict) -> dict[str, Any]:
    """What goes by which channel unless a person chooses."""
    offered = {f"{code}/{channel}" for code, event in EVENTS.items() if event.outside for channel in CHANNELS}
    return {"want": sorted(offered & set(form.getlist("want")[:500]))}


def read_quiet(form: QueryDict) -> dict[str, Any]:
    """An area's quiet hours."""
    since, until = read_time(form.get("since", "")), read_time(form.get("until", ""))
    if since is None or until is None:
        raise UsageError("请写明安静时段从几点到几点。", "Say from when to when it is quiet.")
    return {"since": f"{since:%H:%M}", "until": f"{until:%H:%M}", "rest_days": bool(form.get("rest_days"))}


def read_links(form: QueryDict) -> dict[str, Any]:
    """The desk's address for links, and whether webhooks may go to internal addresses."""
    address = form.get("address", "").strip().rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise UsageError("工作台地址写成 https://mingcha.example.gov.cn 这样。", "Write the address like https://host.")
    return {"address": address, "internal": bool(form.get("internal"))}


def read_time(text: str) -> time | None:
    """A time of the day as 21:00; None for an empty field."""
    if not text.strip():
        return None
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise UsageError(f"时间写成 21:00 这样，“{text[:20]}”不是。", "Write a time like 21:00.") from error
