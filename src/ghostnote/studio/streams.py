"""Server-sent events: what happens, told to a page as it happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

PING_SECONDS = 15.0
_END = object()


def event_stream(request: Request, events: AsyncIterator[Mapping[str, Any]]) -> StreamingResponse:
    """Return the answer that sends each event as JSON, and `: ping` where there is none for a while.

    It ends with the events, with the page's connection, and when the studio stops.
    """
    return StreamingResponse(
        _lines(request, events), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _lines(request: Request, events: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[str]:
    yield ": hello\n\n"  # so that the page knows at once that it is connected
    stopping: asyncio.Event = request.app.state.stopping
    ends: set[asyncio.Future[Any]] = {asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(_left(request))}
    coming: asyncio.Future[Any] = asyncio.ensure_future(_next(events))
    try:
        while True:
            done, _ = await asyncio.wait({coming, *ends}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if coming in done:  # first, so that what has happened is told even when it is the last
                event = coming.result()
                if event is _END:
                    return
                yield f"data: {json.dumps(event, ensure_ascii=False, default=_no_bytes)}\n\n"
                coming = asyncio.ensure_future(_next(events))
            elif done:
                return
            else:
                yield ": ping\n\n"
    finally:
        for task in (*ends, coming):
            task.cancel()
        await asyncio.gather(*ends, coming, return_exceptions=True)
        if close := getattr(events, "aclose", None):
            await close()


async def _left(request: Request) -> None:
    """Return once the page is gone: a send that fails would tell so only at the next ping."""
    while (await request.receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)


async def _next(events: AsyncIterator[Mapping[str, Any]]) -> Any:
    return await anext(events, _END)


def _no_bytes(value: object) -> None:
    """Bytes are for the server itself; a page that asks hears that it is done."""
    if not isinstance(value, bytes):
        raise TypeError(f"an event must be JSON; got {type(value).__name__}")
