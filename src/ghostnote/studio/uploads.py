"""Bodies of requests, bounded while they stream."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ghostnote.studio.places import Places, new_id

JSON_LIMIT_BYTES = 2**20
MIDI_LIMIT_BYTES = 5 * 2**20
ONE_SHOT_LIMIT_BYTES = 20 * 2**20
SESSION_LIMIT_BYTES = 512 * 2**20

_ALLOWANCE = "ghostnote.studio.allowance"


@dataclass
class _Allowance:
    """How many bytes a body may have: what JSON may have, until a route says otherwise."""

    limit: int = JSON_LIMIT_BYTES
    declared: int = 0
    taken: int = 0

    def check(self) -> None:
        if max(self.declared, self.taken) > self.limit:
            raise HTTPException(
                413, f"body must have at most {self.limit:,} bytes; got {max(self.declared, self.taken):,} or more"
            )


class BoundedBodies:
    """ASGI middleware: whoever reads a body, and however it is sent, gets no more than its limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a `receive` that counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowance = _Allowance(declared=_declared(scope))
        scope[_ALLOWANCE] = allowance

        async def bounded() -> Message:
            allowance.check()
            message = await receive()
            if message["type"] == "http.request":
                allowance.taken += len(message.get("body", b""))
                allowance.check()
            return message

        await self._app(scope, bounded, send)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the raw body.

    Args:
        request: as it came.
        limit: bytes.

    Raises:
        HTTPException: it is longer (413, kind TooLarge); nothing beyond the limit is kept.
    """
    _allow(request, limit)
    return b"".join([chunk async for chunk in request.stream()])


@contextlib.asynccontextmanager
async def body_in_file(request: Request, limit: int, places: Places) -> AsyncIterator[Path]:
    """Write the raw body to a file that is there while the block runs; the block may rename it to where it stays.

    Args:
        request: as it came.
        limit: bytes.
        places: in whose folder of uploads the file is made.

    Raises:
        HTTPException: it is longer (413, kind TooLarge).
    """
    _allow(request, limit)
    path = places.uploads / new_id()
    try:
        with path.open("xb") as stream:
            async for chunk in request.stream():
                await anyio.to_thread.run_sync(stream.write, chunk)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _allow(request: Request, limit: int) -> None:
    allowance = request.scope.get(_ALLOWANCE)
    if not isinstance(allowance, _Allowance):
        raise TypeError("the app must be wrapped in BoundedBodies")
    allowance.limit = limit
    allowance.check()


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
