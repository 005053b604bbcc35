"""One POST to an address that an administrator typed in: no redirects, a checked address, bounded time and answer."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from urllib.parse import urlsplit

from mingcha.desk.notices.sending import Failure
from mingcha.terms.errors import UsageError

STEP, WHOLE = 10.0, 30.0
"""Seconds for one step of a request, and for all of it, however slowly the other side speaks."""
LARGEST = 16_384
"""Bytes of an answer that are read; the rest is never asked for."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the beginning of the body."""

    status: int
    body: bytes


def checked_url(text: str) -> str:
    """The address without blanks around it. UsageError for what isn't plain http or https."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        fine = False
    if not fine or not url.isascii() or not url.isprintable() or " " in url or len(url) > 1000:
        raise UsageError("地址写成 https://主机/路径 这样，不带用户名。", "Write the address like https://host/path.")
    return url


def post(url: str, body: bytes, headers: dict[str, str], internal: bool) -> Answer:
    """POST the body and read the answer's beginning. `internal`: whether addresses inside the office's net are allowed.

    Failure when nobody answers in time, when the name leads where it mustn't, or the certificate isn't trusted.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    at = _address(host, port, internal)
    try:
        link = socket.create_connection((at, port), STEP)
    except OSError as error:
        raise Failure(f"the server can't be reached: {type(error).__name__}") from error
    ending = Timer(WHOLE, _end, [link])
    ending.daemon = True
    ending.start()
    try:
        if secure:
            link = ssl.create_default_context().wrap_socket(link, server_hostname=host)
        with closing(HTTPSConnection(host, port) if secure else HTTPConnection(host, port)) as connection:
            connection.sock = link  # checked above: the name isn't looked up a second time
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(LARGEST))
    except ssl.SSLError as error:
        raise Failure(f"no secure connection: {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise Failure(f"no answer: {type(error).__name__}") from error
    finally:
        ending.cancel()
        link.close()


def _end(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def _address(host: str, port: int, internal: bool) -> str:
    """The first address of the name that may be asked."""
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Failure("the name isn't known") from error
    for text in found:
        at = ip_address(text.partition("%")[0])
        at = getattr(at, "ipv4_mapped", None) or at
        if at.is_link_local or at.is_multicast or at.is_unspecified or (at.is_reserved and not at.is_loopback):
            continue
        if internal or at.is_global:
            return text
    raise Failure("the name leads to an internal address, which the area doesn't allow")
