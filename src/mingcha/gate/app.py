"""The gate on the network: `POST /fsi/{infno}`, `GET /health`, `/ready` and `/metrics`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mingcha.gate.envelope import answer
from mingcha.gate.service import LIMIT, OVERLOADED, Gate
from mingcha.home.directory import Home
from mingcha.home.service import LOOPBACK

LARGEST = 4 << 20
"""Bytes a message may have; a 3101 of ten lines has 11 thousand."""
PATIENCE = 0.05
"""Seconds a message may have waited for its turn before it is let pass unasked: others behind it wait as long."""
_log = logging.getLogger("mingcha.gate")


def application() -> Starlette:
    """The gate of MINGCHA_HOME; MINGCHA_GATE_LIMIT_MS, MINGCHA_GATE_LOCAL as the command line set them."""
    limit = float(os.environ.get("MINGCHA_GATE_LIMIT_MS", LIMIT * 1000)) / 1000
    return made(Gate(Home.open(), limit, os.environ.get("MINGCHA_GATE_LOCAL", "1") == "1"))


def made(gate: Gate) -> Starlette:
    """The application around a gate."""

    async def transaction(request: Request) -> Response:
        since = time.perf_counter()
        body = await _body(request)
        if body is None:
            gate.counters.count("refused")
            wrong = f"报文超过 {LARGEST >> 20} MB，未受理。请分次发送。"
            return _json(answer(None, wrong=wrong), 413)
        await asyncio.sleep(0)  # everybody who is waiting starts the clock before anybody is served
        if time.perf_counter() - since > PATIENCE:
            gate.counters.count("requests")
            gate.counters.count("shed")
            return _json(gate.let_pass(None, OVERLOADED))
        local = request.client is not None and request.client.host in LOOPBACK
        return _json(await gate.transaction(request.path_params["infno"], body, request.headers, local, since))

    async def health(request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "home": gate.home.id})

    async def ready(request: Request) -> Response:
        del request
        told = gate.judge.bundle
        kept = gate.histories.about
        return JSONResponse({
            "status": "ok", "bundle": told.number, "library": told.library, "published_at": told.published_at,
            "checks": {number: stage.rules for number, stage in gate.judge.stages.items()},
            "persons": kept.get("persons", 0), "history_as_of_batch": kept.get("watermark"),
        })  # fmt: skip

    async def metrics(request: Request) -> Response:
        del request
        return PlainTextResponse(gate.counters.exposition(), media_type="text/plain; version=0.0.4")

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        del app
        task = asyncio.create_task(_keep(gate))
        yield
        task.cancel()
        gate.close()

    return Starlette(
        routes=[
            Route("/fsi/{infno}", transaction, methods=["POST"]),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", metrics),
        ],
        lifespan=life,
    )


async def _keep(gate: Gate) -> None:
    """Twice a second: the journal to the disk, another bundle if there is one; once a minute: old answers away."""
    turn = 0
    while True:
        await asyncio.sleep(0.5)
        turn += 1
        try:
            await asyncio.to_thread(gate.renew)
            gate.journal.flush()
            if turn % 120 == 0:
                gate.answered.forget()
        except Exception as error:  # a bundle that can't be read leaves the one before in force
            _log.error('{"failed": "renewal", "error": "%s"}', type(error).__name__)


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
