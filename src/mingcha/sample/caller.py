"""Sends messages to a gate at a constant rate, however slowly it answers: the load of many hospitals.

Latency counts from the moment a message was due, so a gate that stalls isn't spared the messages it held up.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

from mingcha.sample.ward import Call

CONNECTIONS = 256


@dataclass
class Told:
    """What came of the calls; latencies in seconds of those that were answered with a whole check."""

    sent: int = 0
    ok: int = 0
    shed: int = 0
    failed: int = 0
    reminders: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds within which that share of the checks was answered; 0 without any."""
        ranked = sorted(self.latencies)
        return round(ranked[min(int(len(ranked) * share), len(ranked) - 1)] * 1000, 3) if ranked else 0.0

    def summary(self) -> dict[str, float | int]:
        """The figures as the command line gives them."""
        return {
            "sent": self.sent, "ok": self.ok, "shed": self.shed, "failed": self.failed,
            "p50_ms": self.quantile(0.5), "p99_ms": self.quantile(0.99), "p999_ms": self.quantile(0.999),
            "reminders": self.reminders, "seconds": round(self.seconds, 3),
        }  # fmt: skip


Shown = Callable[[Call, list[dict]], object]


async def play(url: str, calls: list[Call], rate: float, seconds: float, shown: Shown | None = None,
               connections: int = CONNECTIONS) -> Told:  # fmt: skip
    """Send the calls, over and over with new message numbers, for so many seconds.

    `rate` is messages a second; 0 sends the next as soon as one is answered, over `connections` connections.
    """
    place = urlsplit(url)
    told, ahead = Told(), _fresh(calls)
    free: asyncio.Queue[_Line] = asyncio.Queue()
    lines = [_Line(place.hostname or "127.0.0.1", place.port or 8412) for _ in range(connections)]
    for line in lines:
        free.put_nowait(line)
    start = time.perf_counter()
    try:
        if rate:
            await _at_rate(told, ahead, free, rate, seconds, start, shown)
        else:
            await asyncio.gather(*(_closed(told, ahead, line, seconds, start, shown) for line in lines))
    finally:
        told.seconds = time.perf_counter() - start
        for line in lines:
            line.close()
    return told


async def _at_rate(told: Told, ahead: Iterator[Call], free: asyncio.Queue[_Line], rate: float, seconds: float,
                   start: float, shown: Shown | None) -> None:  # fmt: skip
    under_way: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        line = await free.get()
        task = asyncio.create_task(_one(told, next(ahead), line, due, shown))
        task.add_done_callback(lambda done, line=line: (under_way.discard(done), free.put_nowait(line)))
        under_way.add(task)
    await asyncio.gather(*under_way)


async def _closed(told: Told, ahead: Iterator[Call], line: _Line, seconds: float, start: float,
                  shown: Shown | None) -> None:  # fmt: skip
    while time.perf_counter() - start < seconds:
        await _one(told, next(ahead), line, time.perf_counter(), shown)


async def _one(told: Told, call: Call, line: _Line, due: float, shown: Shown | None) -> None:
    told.sent += 1
    try:
        status, answer = await asyncio.wait_for(line.post(f"/fsi/{call.infno}", call.body), 30)
        found = json.loads(answer)
    except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
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
        told.latencies.append(time.perf_counter() - due)
        told.reminders += len(output.get("result", ()))
        if shown and output.get("result"):
            shown(call, output["result"])


def _fresh(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls round and round, each time under another message number: a repeated one would not be judged again."""
    for number, call in enumerate(cycle(calls)):
        body = call.body.replace(b'"msgid": "', b'"msgid": "%d-' % number, 1)
        yield Call(call.infno, body, call.provider, call.visit, call.items)


class _Line:
    """One connection, kept open; made again when the other side ends it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._writer is None or self._reader is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        head = f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
        self._writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(told.partition("content-length:")[2].partition("\r\n")[0])
        return int(told.split(" ", 2)[1]), await self._reader.readexactly(length)

    def close(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
            self._writer = self._reader = None
