"""SMS through an adapter: one method, and three of them: an HTTP gateway, a program of the office's own, a folder.

What an office's provider wants differs; its few fields are a template, so no vendor's library is needed. Which program
runs is said on the machine (MINGCHA_SMS_COMMAND), never in the browser.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mingcha.desk.accounts.policy import home_area
from mingcha.desk.notices import http
from mingcha.desk.notices.area_settings import AreaSettings, opened, settings_of
from mingcha.desk.notices.events import sentence
from mingcha.desk.notices.own import SMS, address_of
from mingcha.desk.notices.sending import Failure, Message
from mingcha.terms.errors import PlatformError

if TYPE_CHECKING:
    from mingcha.home.directory import Home

SECONDS = 20
"""How long the office's program may take."""
TEMPLATE = '{"phone": "{number}", "content": "{text}", "id": "{id}"}'
"""What an HTTP gateway is sent unless the office says otherwise."""
ADAPTERS = {"http": "HTTP 网关", "command": "本机程序（短信猫等）", "folder": "文件夹（smstools 格式）"}


class Adapter(Protocol):
    """Hands one message to whoever sends it."""

    def send(self, number: str, text: str, ident: str) -> None:
        """Send `text` to a mobile number. The same `ident` is the same message. Failure when it can't be sent."""
        ...


@dataclass(frozen=True)
class HttpGateway:
    """POSTs a JSON body made of the office's template; good when the status is 2xx and a field says what it should."""

    told: Mapping[str, Any]
    password: str
    internal: bool

    def send(self, number: str, text: str, ident: str) -> None:
        """See Adapter."""
        told = self.told
        words = {"number": number, "text": text, "id": ident, "user": told.get("user", ""), "password": self.password}
        body = json.dumps(filled(json.loads(told["template"]), words), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Mingcha"}
        headers |= {name: filled(value, words) for name, value in told.get("headers", {}).items()}
        answer = http.post(told["url"], body, headers, self.internal)
        if not 200 <= answer.status < 300:
            raise Failure(f"the gateway answered {answer.status}")
        if told.get("ok_field"):
            said = field_of(answer.body, told["ok_field"])
            if said != told["ok_value"]:
                raise Failure(f"the gateway said {said[:40]!r}")


@dataclass(frozen=True)
class Command:
    """Runs the machine's own program; number, text and id come to its standard input as JSON."""

    command: str

    def send(self, number: str, text: str, ident: str) -> None:
        """See Adapter."""
        if not self.command.strip():
            raise Failure("MINGCHA_SMS_COMMAND isn't set on this machine")
        told = json.dumps({"number": number, "text": text, "id": ident}, ensure_ascii=False)
        try:
            done = subprocess.run(shlex.split(self.command), input=told.encode(), capture_output=True, timeout=SECONDS,
                                  check=False)  # fmt: skip
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise Failure(f"the program didn't end well: {type(error).__name__}") from error
        if done.returncode:
            raise Failure(f"the program ended with {done.returncode}")


@dataclass(frozen=True)
class Folder:
    """Puts a file into the spool folder of smstools; the same message is the same file."""

    folder: Path

    def send(self, number: str, text: str, ident: str) -> None:
        """See Adapter."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f".{ident}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(f"To: 86{number}\nAlphabet: UCS\n\n".encode() + text.encode("utf-16-be"))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / ident)


def adapter_of(home: Home, here: AreaSettings) -> Adapter:
    """The adapter an area has chosen. Failure where it has none, or its password can't be opened."""
    told = here.sms
    if told.get("adapter") == "http":
        try:
            return HttpGateway(told, opened(home, "sms", told), here.internal)
        except PlatformError as error:
            raise Failure("the gateway's password can't be opened with this home's keys") from error
    if told.get("adapter") == "command":
        return Command(os.environ.get("MINGCHA_SMS_COMMAND", ""))
    if told.get("adapter") == "folder":
        return Folder(Path(os.environ.get("MINGCHA_SMS_FOLDER", "") or home.path / "outbox" / "sms"))
    raise Failure("no gateway any more", final=True)


def send(home: Home, cursor: Any, message: Message) -> None:
    """Send a message to the number its recipient gave."""
    cursor.execute("SELECT scope FROM account WHERE username = %s AND is_active", [message.recipient])
    row = cursor.fetchone()
    try:
        number = address_of(cursor, home, message.recipient, SMS) if row else ""
    except PlatformError as error:
        raise Failure("the number can't be opened with this home's keys", final=True) from error
    if not number:
        raise Failure("no number any more", final=True)
    here = settings_of(cursor, home_area(row[0]))
    adapter_of(home, here).send(number, text_of(message, here.sms.get("signature", "")), message.batch.hex)


def text_of(message: Message, signature: str) -> str:
    """One sentence and how many more there are: what fits a telephone."""
    first, more = message.notices[0], len(message.notices) - 1
    said = sentence(first.event, first.n, first.detail) + (f"；另有 {more} 件事，详见工作台通知" if more else "")
    return (f"【{signature}】" if signature else "") + said


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """A template with its words put in: in texts only, so that no text can end a field."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {key: filled(one, words) for key, one in value.items()}
    return [filled(one, words) for one in value] if isinstance(value, list) else value


def field_of(body: bytes, path: str) -> str:
    """A field of a JSON answer by its path (`data.code`), as text; empty where it isn't."""
    try:
        found = json.loads(body)
        for name in path.split("."):
            found = found[name]
    except (ValueError, KeyError, TypeError):
        return ""
    return json.dumps(found) if isinstance(found, bool) else str(found)
