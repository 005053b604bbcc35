"""Real receivers on loopback: a mail server of a few lines that takes, refuses, waits, and wants a password."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, cast


@dataclass
class MailServer:
    """Where it listens, what it took, and how it behaves. `on_taken` is called before the client hears of it."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)  # recipient → code
    users: dict[str, str] = field(default_factory=dict)
    on_taken: Callable[[], None] = lambda: None

    @property
    def texts(self) -> list[str]:
        """The bodies of what was taken."""
        return [cast(str, one.get_content()) for one in self.taken]


class _Smtp(StreamRequestHandler):
    def handle(self) -> None:
        told = cast(Any, self.server).told
        self._say("220 test ESMTP")
        for raw in self.rfile:
            line = raw.decode("ascii").strip()
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                self._say(*(["250-test", "250 AUTH PLAIN"] if told.users else ["250 test"]))
            elif verb == "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                self._say("235 ok" if told.users.get(user) == password else "535 no")
            elif verb == "RCPT":
                self._say(f"{told.refuse.get(line[8:].strip('<>'), 250)} so")
            elif verb == "DATA":
                self._say("354 go on")
                self._data(told)
            else:
                self._say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return

    def _data(self, told: MailServer) -> None:
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b"..") else raw)
        told.taken.append(cast(EmailMessage, message_from_bytes(b"".join(lines), policy=policy.default)))
        told.on_taken()
        self._say("250 taken")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    told: Any = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of ours."""


@contextmanager
def mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """A mail server as long as the block lasts; with a context it speaks TLS from the first byte."""
    told = MailServer()
    with _Server(("127.0.0.1", 0), _Smtp) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.told, told.port = told, server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join()
