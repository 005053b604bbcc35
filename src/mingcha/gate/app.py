"""The gate on the network: `POST /fsi/{infno}`, `GET /health`, `/ready` and `/metrics`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mingcha.gate import cards, openapi
from mingcha.gate.balance import EVERY, Balance
from mingcha.gate.envelope import Refused, answer
from mingcha.gate.patience import Patience
from mingcha.gate.service import LIMIT, OVERLOADED, RATE, Gate
from mingcha.home.directory import Home
from mingcha.home.service import LOOPBACK
from mingcha.records.exchanges import DAYS, MEGABYTES

LARGEST = 4 << 20
"""Bytes a message may have; a 3101 of ten lines has 11 thousand."""
_SWITCH = 0.0005
"""Seconds a chore beside the answering keeps the interpreter from it: Python's own 5 ms are five messages."""
_SOON = 0.05
"""Seconds after which an answer is known to every process, as the same message coming again may find any of them."""
_COMPONENT = Path(__file__).with_name("cards.js")
_ANYWHERE = {"access-control-allow-origin": "*", "cache-control": "max-age=3600"}
"""A hospital's pages load the component from here."""
_log = logging.getLogger("mingcha.gate")


def application() -> Starlette:
    """The gate of MINGCHA_HOME; MINGCHA_GATE_… as the command line or the office set them."""
    sys.setswitchinterval(_SWITCH)
    told = os.environ.get
    days = float(os.environ.get("MINGCHA_GATE_MESSAGE_DAYS", DAYS))
    megabytes = int(os.environ.get("MINGCHA_GATE_MESSAGE_MB", MEGABYTES))
    limit, rate = float(told("MINGCHA_GATE_LIMIT_MS", LIMIT * 1000)) / 1000, float(told("MINGCHA_GATE_RATE", RATE))
    gate = Gate(Home.open(), limit, told("MINGCHA_GATE_LOCAL", "1") == "1", rate, days, megabytes)
    return made(gate, int(told("MINGCHA_GATE_PROCESSES", 1)))


def made(gate: Gate, processes: int = 1) -> Starlette:
    """The application around a gate that answers with so many processes."""
    doors = Doors(gate, processes)

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        del app
        # Each goes at its own pace: what the disk holds up must not hold up a new library.
        paces = (
            (0.25, gate.renew), (0.5, gate.journal.flush), (_SOON, gate.settle), (1, gate.forget),
            (EVERY, doors.balance.look),
        )  # fmt: skip
        chores = [asyncio.create_task(_every(seconds, work)) for seconds, work in paces]
        chores.append(asyncio.create_task(_put_by(gate)))
        yield
        for chore in chores:
            chore.cancel()
        gate.close()

    return Starlette(
        routes=[
            Route("/fsi/{infno}", doors.transaction, methods=["POST"]),
            Route("/cds-services", _told(cards.discovery)),
            Route("/cds-services/{id}", doors.hook, methods=["POST"]),
            Route("/cds-services/{id}/feedback", doors.outcome, methods=["POST"]),
            Route("/openapi.json", _told(openapi.document)),
            Route("/cards.js", _component),
            Route("/health", doors.health),
            Route("/ready", doors.ready),
            Route("/metrics", doors.metrics),
        ],
        lifespan=life,
        exception_handlers={_TooLarge: _too_large, Refused: _not_a_hook},
    )


class Doors:
    """What comes in at a gate's addresses, and what goes out."""

    def __init__(self, gate: Gate, processes: int) -> None:
        self.gate, self.patience = gate, Patience(lambda: gate.preparing)
        self.balance = Balance(gate.counters, processes)

    async def transaction(self, request: Request) -> Response:
        """A national message."""
        answer = _json(await self._heard(request, request.path_params["infno"]))
        if request.client and self.balance.leaves(request.client):
            answer.headers["connection"] = "close"
        return answer

    async def hook(self, request: Request) -> Response:
        """A hook, answered with cards."""
        name = request.path_params["id"]
        infno = cards.SERVICES[name][0] if name in cards.SERVICES else "3101"
        status, body = cards.answered(await self._heard(request, infno, lambda sent: cards.asked(name, sent)))
        return _json(body, status)

    async def outcome(self, request: Request) -> Response:
        """What became of cards."""
        name = request.path_params["id"]
        status, body = cards.acknowledged(await self._heard(request, "3103", lambda sent: cards.reacted(name, sent)))
        return _json(body, status)

    async def health(self, request: Request) -> Response:
        """That it lives, and whose it is."""
        del request
        return JSONResponse({"status": "ok", "home": self.gate.home.id})

    async def ready(self, request: Request) -> Response:
        """What it answers with."""
        del request
        told, kept = self.gate.judge.bundle, self.gate.histories.about
        return JSONResponse({
            "status": "ok", "bundle": told.number, "library": told.library, "published_at": told.published_at,
            "checks": {number: stage.rules for number, stage in self.gate.judge.stages.items()},
            "persons": kept.get("persons", 0), "history_as_of_batch": kept.get("watermark"),
        })  # fmt: skip

    async def metrics(self, request: Request) -> Response:
        """Counts of all its processes."""
        del request
        return PlainTextResponse(self.gate.counters.exposition(), media_type="text/plain; version=0.0.4")

    async def _heard(self, request: Request, infno: str, prepared: Callable[[bytes], bytes] = bytes) -> bytes:
        """The national answer to a request whose body, `prepared`, is a national message."""
        since = time.perf_counter()
        with self.patience:
            body = await _body(request)
            if body is None:
                self.gate.counters.count("refused")
                raise _TooLarge
            if not await self.patience.turn(since):
                self.gate.counters.count("requests")
                self.gate.counters.count("shed")
                return self.gate.unanswered(infno, None, OVERLOADED)
            local = request.client is not None and request.client.host in LOOPBACK
            return await self.gate.transaction(infno, prepared(body), request.headers, local, since)


def _told(body: Callable[[], bytes]) -> Callable[[Request], Awaitable[Response]]:
    async def tell(request: Request) -> Response:
        del request
        return _json(body())

    return tell


async def _component(request: Request) -> Response:
    del request
    return Response(_COMPONENT.read_bytes(), media_type="text/javascript", headers=_ANYWHERE)


async def _every(seconds: float, work: Callable[[], object]) -> None:
    """Do work beside the answering, over and over. What fails is told in the log and tried again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except Exception as error:  # a bundle that can't be read leaves the one before in force
            _log.error('{"failed": "%s", "error": "%s"}', work.__name__, type(error).__name__)


async def _put_by(gate: Gate) -> None:
    """Leave what was taken in to be collected: twice a minute, or when it is much. Between two messages, not beside."""
    turn = 0
    while True:
        await asyncio.sleep(0.5)
        turn += 1
        try:
            if turn % 60 == 0 or gate.intake.is_full:
                gate.intake.put_by()
        except Exception as error:
            _log.error('{"failed": "put_by", "error": "%s"}', type(error).__name__)


class _TooLarge(Exception):
    """A body beyond LARGEST."""


def _too_large(request: Request, error: Exception) -> Response:
    del request, error
    return _json(answer(None, wrong=f"报文超过 {LARGEST >> 20} MB，未受理。请分次发送。"), 413)


def _not_a_hook(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"message": str(error)}, 400)


async def _body(request: Request) -> bytes | None:
    """The body, or None when it is larger than LARGEST: it isn't read any further."""
    if int(request.headers.get("content-length") or 0) > LARGEST:
        return None
    parts, size = [], 0
    with contextlib.suppress(ClientDisconnect):
        async for part in request.stream():
            size += len(part)
            if size > LARGEST:
                return None
            parts.append(part)
    return b"".join(parts)


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json")
