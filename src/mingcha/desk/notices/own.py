"""What a person set: addresses, rhythm, quiet hours, which events by which channel. Seen by nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

from mingcha.desk.notices.events import EVENTS
from mingcha.desk.notices.sealed import masked_email, masked_phone, seal, unseal
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

EMAIL, SMS = "email", "sms"
CHANNELS = {EMAIL: "邮件", SMS: "短信"}
RHYTHMS = {"soon": "随时，同一时段的合成一封", "daily": "每天早上一封"}
_EMAIL = re.compile(r"[^@\s,;<>\"']{1,64}@[A-Za-z0-9.-]{1,180}\.?[A-Za-z0-9]{1,60}")
_PHONE = re.compile(r"1\d{10}")
_MASKS = {EMAIL: masked_email, SMS: masked_phone}


def wanted_by_default(event: str, channel: str, defaults: Mapping[str, Any]) -> bool:
    """As the area says in its `defaults`; else mail carries what may leave the desk, and SMS only what is urgent."""
    known = EVENTS[event]
    if "want" in defaults:
        return known.outside and f"{event}/{channel}" in defaults["want"]
    return known.outside and (channel == EMAIL or known.urgent)


def held(cursor: Any, home: Home, account: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What the person set, addresses masked, and for every event and channel whether it is wanted."""
    cursor.execute("SELECT email, sms, rhythm, quiet_since, quiet_until FROM notice_person WHERE account = %s",
                   [account])  # fmt: skip
    email, sms, rhythm, since, until = cursor.fetchone() or (None, None, "soon", None, None)
    sealed = {EMAIL: email, SMS: sms}
    shown = {name: _MASKS[name](unseal(home, f"{name}:{account}", one)) if one else "" for name, one in sealed.items()}
    return {"shown": shown, "rhythm": rhythm, "since": since, "until": until,
            "choices": choices(cursor, account, defaults)}  # fmt: skip


def choices(cursor: Any, account: str, defaults: Mapping[str, Any]) -> dict[tuple[str, str], bool]:
    """Whether the person wants an event by a channel, for every one that may leave the desk."""
    cursor.execute("SELECT event, channel, wanted FROM notice_choice WHERE account = %s", [account])
    said = {(event, channel): wanted for event, channel, wanted in cursor.fetchall()}
    return {
        (event, channel): said.get((event, channel), wanted_by_default(event, channel, defaults))
        for event, known in EVENTS.items() if known.outside for channel in CHANNELS
    }  # fmt: skip


def set_address(cursor: Any, home: Home, *, by: str, channel: str, address: str) -> None:
    """Set the own address of a channel; empty takes it away. UsageError for what can't be one.

    The trail says that it changed, not from what to what.
    """
    address = checked(channel, address)
    sealed = seal(home, f"{channel}:{by}", address) if address else None
    cursor.execute(
        f"INSERT INTO notice_person (account, {channel}) VALUES (%s, %s)"
        f" ON CONFLICT (account) DO UPDATE SET {channel} = excluded.{channel}",
        [by, sealed],
    )
    enter(cursor, by=by, action="notices.address" if address else "notices.address-gone", subject=f"account:{by}",
          detail={"channel": channel})  # fmt: skip


def checked(channel: str, address: str) -> str:
    """The address without blanks around it. UsageError for what can't be one of that channel."""
    address = address.strip()
    if channel == EMAIL and address and not _EMAIL.fullmatch(address):
        raise UsageError("邮箱写成 name@example.gov.cn 这样。", "An e-mail address is written name@example.gov.cn.")
    if channel == SMS and address and not _PHONE.fullmatch(address):
        raise UsageError("手机号为 1 开头的 11 位数字。", "A mobile number has 11 digits and begins with 1.")
    return address


def set_wishes(
    cursor: Any, *, by: str, rhythm: str, since: time | None, until: time | None,
    offered: Iterable[str], wanted: Iterable[tuple[str, str]], defaults: Mapping[str, Any],
) -> None:  # fmt: skip
    """Set rhythm, own quiet hours (None: the area's) and which of the offered events by which channel."""
    if rhythm not in RHYTHMS or (since is None) != (until is None):
        raise UsageError("请选择多久发一次；安静时段要么都填，要么都不填。", "Give both ends of the quiet hours.")
    before, now, asked = choices(cursor, by, defaults), set(wanted), set(offered)
    after = {key: key in now if key[0] in asked else wish for key, wish in before.items()}
    cursor.execute(
        "INSERT INTO notice_person (account, rhythm, quiet_since, quiet_until) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (account) DO UPDATE SET rhythm = excluded.rhythm, quiet_since = excluded.quiet_since,"
        " quiet_until = excluded.quiet_until",
        [by, rhythm, since, until],
    )
    changed = {key: wish for key, wish in after.items() if wish != before[key]}
    cursor.executemany(
        "INSERT INTO notice_choice (account, event, channel, wanted) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (account, event, channel) DO UPDATE SET wanted = excluded.wanted",
        [(by, event, channel, wish) for (event, channel), wish in changed.items()],
    )
    detail = {"rhythm": rhythm, "quiet": f"{since:%H:%M}–{until:%H:%M}" if since and until else "",
              "old": _told(before, changed), "new": _told(after, changed)}  # fmt: skip
    enter(cursor, by=by, action="notices.wishes", subject=f"account:{by}", detail=detail)


def _told(wishes: Mapping[tuple[str, str], bool], changed: Mapping[tuple[str, str], bool]) -> dict[str, bool]:
    return {f"{event} {channel}": wishes[event, channel] for event, channel in changed}


def address_of(cursor: Any, home: Home, account: str, channel: str) -> str:
    """The address a person gave for a channel; empty where none."""
    cursor.execute(f"SELECT {channel} FROM notice_person WHERE account = %s", [account])
    row = cursor.fetchone()
    return unseal(home, f"{channel}:{account}", row[0]) if row and row[0] else ""
