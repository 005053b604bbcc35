"""How an area sends: dated settings, one for each of PARTS; what an area doesn't set, the nearest one above says.

notices-mail {"host", "port", "security", "user", "sender", "sealed"}, notices-sms {"adapter", "signature", …},
notices-quiet {"since", "until", "rest_days"}, notices-links {"address": the desk's, for links, "internal": whether
webhooks may go inside}, notices-defaults {"want": ["findings-waiting/email", …]}: what goes unless a person chooses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Any

from mingcha.desk.audit.terms import terms_of
from mingcha.desk.notices.quiet import MORNING, Quiet
from mingcha.desk.notices.sealed import seal, unseal
from mingcha.desk.trail import settings
from mingcha.desk.trail.settings import Change
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

KEY = "notices"
PARTS = ("mail", "sms", "quiet", "links", "defaults")
SECURITY = {"starttls": "STARTTLS（多为 587 端口）", "tls": "TLS（多为 465 端口）", "none": "不加密（只在内网）"}


@dataclass(frozen=True)
class AreaSettings:
    """What holds in one area today; `mail` and `sms` are empty where nothing can be sent."""

    mail: Mapping[str, Any] = field(default_factory=dict)
    sms: Mapping[str, Any] = field(default_factory=dict)
    quiet: Quiet = field(default_factory=Quiet)
    address: str = ""
    internal: bool = True
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels to persons that work here."""
        return tuple(name for name, told in (("email", self.mail), ("sms", self.sms)) if told)


def settings_of(cursor: Any, area: str) -> AreaSettings:
    """What holds in an area today. Each part is the nearest area's that sets it."""
    cursor.execute(
        "SELECT part, facts.setting_at('notices-' || part, %s)::text FROM unnest(%s::text[]) AS part",
        [area, list(PARTS)],
    )
    told = {part: json.loads(value) if value else {} for part, value in cursor.fetchall()}
    quiet, links = told["quiet"], told["links"]
    return AreaSettings(
        mail=told["mail"], sms=told["sms"], address=links.get("address", ""), internal=links.get("internal", True),
        defaults=told["defaults"],
        quiet=Quiet(
            time.fromisoformat(quiet.get("since", "21:00")), time.fromisoformat(quiet.get("until", str(MORNING))),
            quiet.get("rest_days", True), terms_of(cursor, area).calendar,
        ),
    )  # fmt: skip


def put(cursor: Any, *, by: str, area: str, part: str, value: Mapping[str, Any]) -> None:
    """Set one of PARTS for an area from today on; an empty value ends it there. UsageError for a foreign area.

    The trail tells old and new, a sealed password only that there is one.
    """
    change = Change(area, today(), value, secret="sealed")
    settings.put(cursor, by=by, key=f"{KEY}-{part}", action="notices.channel", change=change)


def sealed_with(
    home: Home, part: str, area: str, password: str, before: Mapping[str, Any], value: Mapping[str, Any]
) -> str:  # fmt: skip
    """A password as text for the setting, with the area it was sealed for; none given keeps the one before.

    UsageError where that would send it to another server than it was given for, or is the password of an area above.
    """
    if password:
        return f"{seal(home, f'{part}:{area}', password).hex()}@{area}"
    sealed = before.get("sealed", "")
    if sealed.endswith(f"@{area}") and all(before.get(name) == value.get(name) for name in ("host", "port", "url")):
        return sealed
    if sealed and (value.get("user") or "{password}" in json.dumps(value)):
        raise UsageError(
            "服务器变了，或者原来的密码是上级辖区的。请重新填写密码。",
            "The server is another one, or the password an upper area's. Please give the password again.",
        )
    return ""


def opened(home: Home, part: str, told: Mapping[str, Any]) -> str:
    """The password of a part's setting; empty where there is none. PlatformError under foreign keys."""
    sealed, _, area = told.get("sealed", "").partition("@")
    return unseal(home, f"{part}:{area}", bytes.fromhex(sealed)) if sealed else ""
