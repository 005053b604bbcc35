"""Sends messages to a gate at a constant rate, however slowly it answers: the load of many hospitals.

Latency counts from the moment a message was due, so a gate that stalls isn't spared the messages it held up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import cast
from urllib.parse import urlsplit

import msgspec

from mingcha.sample.ward import Call

CONNECTIONS = 256
PATIENCE = 30.0
"""Seconds an answer is waited for."""
_decode = msgspec.json.Decoder().decode


@dataclass
class Told:
    """What came of the calls; latencies in seconds of those that were answered with a whole check."""

    sent: int = 0
    ok: int = 0
    shed: int = 0
    failed: int = 0
    reminders: int = 0
    reactions: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    since_sent: list[float] = field(default_factory=list)

    def quantile(self, share: float, since_sent: bool = False) -> float:
        """Milliseconds within which that share of the checks was answered; 0 without any.

        From when a message was due, or since it was sent: a caller that is late itself can tell only the latter.
        """
        ranked = sorted(self.since_sent if since_sent else self.latencies)
        return round(ranked[min(int(len(ranked) * share), len(ranked) - 1)] * 1000, 3) if ranked else 0.0

    def summary(self) -> dict[str, float | int]:
        """The figures as the command line gives them."""
        return {
            "sent": self.sent, "ok": self.ok, "shed": self.shed, "failed": self.failed,
            "p50_ms": self.quantile(0.5), "p99_ms": self.quantile(0.99), "p999_ms": self.quantile(0.999),
            "reminders": self.reminders, "reactions": self.reactions, "seconds": round(self.seconds, 3),
        }  # fmt: skip


Shown = Callable[[Call, dict], object]
"""Called with a message that was checked and the output of its answer."""


@dataclass(frozen=True)
class Manner:
    """How a played hospital behaves: what it is shown, how it signs, and to which share of reminders it reacts."""

    shown: Shown = lambda _, __: None
    headers: Callable[[str], dict[str, str]] = lambda _: {}
    reacts: float = 0.0
    dice: Random = field(default_factory=lambda: Random(1))


async def play(url: str, calls: list[Call], rate: float, seconds: float, connections: int = CONNECTIONS,
               manner: Manner | None = None, warm: float = 0.0) -> Told:  # fmt: skip
    """Send the calls, over and over with new message numbers, for so many seconds.

    `rate` is messages a second; 0 sends the next as soon as one is answered, over `connections` connections. What is
    sent in the `warm` seconds before, over the same connections, isn't told.
    """
    place, manner = urlsplit(url), manner or Manner()
    told, ahead = Told(), _fresh(calls)
    free: asyncio.Queue[_Line] = asyncio.Queue()
    lines = [_Line(place.hostname or "127.0.0.1", place.port or 8412) for _ in range(connections)]
    for line in lines:
        free.put_nowait(line)
    for line in lines:  # one by one, as they come from many hospitals, so that each process gets some
        await line.open()
    start = time.perf_counter()
    try:
        for part, lasts in ((Told(), warm), (told, seconds)):
            start = time.perf_counter()
            if rate:
                await _at_rate(part, ahead, free, rate, lasts, start, manner)
            else:
                await asyncio.gather(*(_closed(part, ahead, line, lasts, start, manner) for line in lines))
    finally:
        told.seconds = time.perf_counter() - start
        for line in lines:
            line.close()
    return told


async def _at_rate(told: Told, ahead: Iterator[Call], free: asyncio.Queue[_Line], rate: float, seconds: float,
                   start: float, manner: Manner) -> None:  # fmt: skip
    under_way: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        line = await free.get()
        task = asyncio.create_task(_one(told, next(ahead), line, due, manner))
        task.add_done_callback(lambda done, line=line: (under_way.discard(done), free.put_nowait(line)))
        under_way.add(task)
    await asyncio.gather(*under_way)


async def _closed(told: Told, ahead: Iterator[Call], line: _Line, seconds: float, start: float,
                  manner: Manner) -> None:  # fmt: skip
    while time.perf_counter() - start < seconds:
        await _one(told, next(ahead), line, time.perf_counter(), manner)


async def _one(told: Told, call: Call, line: _Line, due: float, manner: Manner) -> None:
    told.sent += 1
    start = time.perf_counter()
    try:
        headers = manner.headers(call.provider)
        status, answer = await line.post(f"/fsi/{call.infno}", call.body, headers)
        found = _decode(answer)
    except (OSError, ValueError, msgspec.DecodeError):
        told.failed += 1
        line.close()
        return
    output = found.get("output") or {}
    if status != 200 or found.get("infcode") not in (0, "0"):
        told.failed += 1
    elif (output.get("exp_content") or {}).get("why"):
        told.shed += 1
    else:
        told.ok += 1
        now = time.perf_counter()
        told.latencies.append(now - due)
        told.since_sent.append(now - start)
        told.reminders += len(output.get("result", ()))
        manner.shown(call, output)
        await _react(told, call, output.get("result") or [], line, manner)


async def _react(told: Told, call: Call, reminders: list[dict], line: _Line, manner: Manner) -> None:
    """What a doctor does about some of the reminders: change the order, or insist and say why."""
    for reminder in reminders:
        if manner.dice.random() >= manner.reacts:
            continue
        changes = reminder["certainty"] == "definite" or manner.dice.random() < 0.5
        way = {"dspo_way": "2"} if changes else {"dspo_way": "1", "dspo_way_rea": "病情需要，已向病人说明"}
        warns = [{"warn_rslt_id": reminder["jr_id"], **way}]
        body = json.loads(call.body) | {"infno": "3103", "input": {"data": {"warn_type": "1", "warns": warns}}}
        body["msgid"] = f"{body['msgid']}-{reminder['jr_id'][:8]}"
        sent = json.dumps(body, ensure_ascii=False).encode()
        try:
            _, answer = await line.post("/fsi/3103", sent, manner.headers(call.provider))
            told.reactions += _decode(answer).get("infcode") in (0, "0")
        except (OSError, ValueError, msgspec.DecodeError):
            line.close()


def _fresh(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls round and round, under numbers that no play had before: a repeated message is not judged again."""
    play = secrets.token_hex(4)
    for number, call in enumerate(cycle(calls)):
        body = call.body.replace(b'"msgid": "', f'"msgid": "{play}-{number}-'.encode(), 1)
        yield Call(call.infno, body, call.provider, call.visit, call.items)


class _Line:
    """One connection, kept open; made again when the other side ends it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._wire: _Wire | None = None

    async def open(self) -> None:
        """Connect; a side that isn't there is met again, and told, by the first message."""
        with contextlib.suppress(OSError):
            self._wire = await self._connected()

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer. On a connection that the other side ended meanwhile, it is sent again."""
        head = f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        message = b"%scontent-length: %d\r\n\r\n%s" % (head.encode(), len(body), body)
        if self._wire is not None and self._wire.open:
            try:
                return await self._wire.ask(message)
            except ConnectionError:
                if self._wire.begun:
                    raise
        self.close()
        self._wire = await self._connected()
        return await self._wire.ask(message)

    async def _connected(self) -> _Wire:
        return (await asyncio.get_running_loop().create_connection(_Wire, self._host, self._port))[1]

    def close(self) -> None:
        """Let go of the connection."""
        if self._wire is not None:
            self._wire.end()
            self._wire = None


class _Wire(asyncio.Protocol):
    """A message out, its answer in; asyncio's streams take more of a core than a gate can spare beside its caller."""

    def __init__(self) -> None:
        self.open = self.begun = False
        """Whether it can be written to, and whether a part of the answer has come."""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parts = bytearray()
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport, self.open = cast(asyncio.Transport, transport), True

    def ask(self, message: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Send a message; status and body of its answer. ConnectionError without one, TimeoutError after PATIENCE."""
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._answer, self.begun = loop.create_future(), False
        self._parts.clear()
        self._patience = loop.call_later(PATIENCE, self._told, TimeoutError())
        self._transport.write(message)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """A part of the answer."""
        self.begun = True
        self._parts += data
        head = self._parts.find(b"\r\n\r\n")
        if head < 0:
            return
        told = bytes(self._parts[:head]).lower()
        length = int(told.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._parts) >= head + 4 + length:
            self.open = b"connection: close" not in told
            self._told((int(told.split(b" ", 2)[1]), bytes(self._parts[head + 4 : head + 4 + length])))

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side ended it."""
        self.open = False
        self._told(ConnectionResetError(str(exc or "closed")))

    def end(self) -> None:
        """Close it."""
        self.open = False
        if self._transport is not None:
            self._transport.close()

    def _told(self, what: tuple[int, bytes] | Exception) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._answer is None or self._answer.done():
            return
        if isinstance(what, Exception):
            self._answer.set_exception(what)
        else:
            self._answer.set_result(what)
