"""Server-sent events: what happens, told to a page as it happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

PING_SECONDS = 15.0
_END = object()


def event_stream(request: Request, events: AsyncIterator[Mapping[str, Any]]) -> StreamingResponse:
    """Return the answer that sends each event as JSON, and `: ping` where there is none for a while.

    It ends with the events, with the page's connection, and when the studio stops.
    """
    stopping: asyncio.Event = request.app.state.stopping
    return StreamingResponse(
        _lines(events, stopping), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _lines(events: AsyncIterator[Mapping[str, Any]], stopping: asyncio.Event) -> AsyncIterator[str]:
    yield ": hello\n\n"  # so that the page knows at once that it is connected
    stop = asyncio.ensure_future(stopping.wait())
    coming: asyncio.Future[Any] = asyncio.ensure_future(_next(events))
    try:
        while True:
            done, _ = await asyncio.wait({coming, stop}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                return
            if not done:
                yield ": ping\n\n"
                continue
            event = coming.result()
            if event is _END:
                return
            yield f"data: {json.dumps(event, ensure_ascii=False, default=_no_bytes)}\n\n"
            coming = asyncio.ensure_future(_next(events))
    finally:
        for task in (stop, coming):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if close := getattr(events, "aclose", None):
            await close()


async def _next(events: AsyncIterator[Mapping[str, Any]]) -> Any:
    return await anext(events, _END)


def _no_bytes(value: object) -> None:
    """Bytes are for the server itself; a page that asks hears that it is done."""
    if not isinstance(value, bytes):
        raise TypeError(f"an event must be JSON; got {type(value).__name__}")
