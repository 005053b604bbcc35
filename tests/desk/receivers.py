"""Real receivers on loopback: a mail server and a web server of a few lines that take, refuse, wait and redirect."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from time import sleep
from typing import Any, cast


@dataclass
class MailServer:
    """Where it listens, what it took, and how it behaves. `on_taken` is called before the client hears of it."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)  # recipient → code
    users: dict[str, str] = field(default_factory=dict)
    on_taken: Callable[[], None] = lambda: None
    starttls: ssl.SSLContext | None = None
    secured: int = 0  # connections that went on under TLS

    @property
    def texts(self) -> list[str]:
        """The bodies of what was taken."""
        return [cast(str, one.get_content()) for one in self.taken]


class _Smtp(StreamRequestHandler):
    def handle(self) -> None:
        told = cast(Any, self.server).told
        self._say("220 test ESMTP")
        self._talk(told)

    def _secure(self, told: MailServer) -> None:
        assert told.starttls
        with suppress(ssl.SSLError), told.starttls.wrap_socket(self.connection, server_side=True) as link:
            told.secured += 1
            self.rfile, self.wfile = cast(Any, link.makefile("rb")), cast(Any, link.makefile("wb", 0))
            self._talk(told)

    def _talk(self, told: MailServer) -> None:
        for raw in self.rfile:
            line = raw.decode("ascii").strip()
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                offered = ["STARTTLS"] * bool(told.starttls) + ["AUTH PLAIN"] * bool(told.users)
                self._say(*(f"250-{one}" for one in ["test", *offered][:-1]), f"250 {['test', *offered][-1]}")
            elif verb == "STAR":
                self._say("220 go on")
                return self._secure(told)
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


@dataclass
class Hook:
    """A receiver of webhooks: what it got, and what it answers: status, headers, body, seconds it waits before."""

    port: int = 0
    got: list[tuple[dict[str, str], bytes, str]] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes, float] = (204, {}, b"", 0)
    on_got: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Its address, with something secret in it."""
        return f"http://127.0.0.1:{self.port}/hooks/mingcha?key=s3cret"


class _Http(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        told = cast(Any, self.server).told
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told.got.append(({name.lower(): value for name, value in self.headers.items()}, body, self.path))
        told.on_got()
        status, headers, content, seconds = told.answer
        if seconds:
            sleep(seconds)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error."""


@contextmanager
def hook() -> Iterator[Hook]:
    """A receiver as long as the block lasts."""
    told = Hook()
    with _Server(("127.0.0.1", 0), _Http) as server:
        server.told, told.port = told, server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join()
