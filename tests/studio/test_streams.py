"""Server-sent events: in order, with pings in silence, and an end for every reason there is."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgi import KNOWN, ask, ask_async, scope_of
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from ghostnote.studio import streams
from ghostnote.studio.app import Studio
from ghostnote.studio.streams import event_stream


def messages(body: bytes) -> list[Any]:
    """Return what a page hears of a stream."""
    blocks = body.decode().split("\n\n")
    return [json.loads(block.removeprefix("data: ")) for block in blocks if block.startswith("data: ")]


class Source:
    """Events that come when the test says so, and whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.closed = False

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        try:
            while (event := await self.queue.get()) is not None:
                yield event
        finally:
            self.closed = True


@pytest.fixture
def source(app: FastAPI) -> Source:
    source = Source()

    async def route(request: Request) -> StreamingResponse:
        return event_stream(request, source.events())

    app.get("/api/x")(route)
    app.routes.insert(0, app.routes.pop())
    return source


def test_events_are_told_in_order_until_they_end(app: FastAPI, source: Source) -> None:
    async def go() -> None:
        for event in ({"kind": "a", "text": "ü\n\nx"}, {"kind": "b", "wav": b"RIFF"}, None):
            source.queue.put_nowait(event)
        answer = await ask_async(app, "GET", "/api/x")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert messages(answer.body) == [{"kind": "a", "text": "ü\n\nx"}, {"kind": "b", "wav": None}]

    asyncio.run(go())
    assert source.closed


def test_silence_is_filled_with_pings(app: FastAPI, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PING_SECONDS", 0.001)

    async def go() -> bytes:
        asking = asyncio.ensure_future(ask_async(app, "GET", "/api/x"))
        await asyncio.sleep(0.05)
        source.queue.put_nowait({"kind": "a"})
        source.queue.put_nowait(None)
        return (await asking).body

    body = asyncio.run(go())
    assert b": ping\n\n" in body
    assert messages(body) == [{"kind": "a"}], "a ping loses no event"


def test_it_ends_when_the_studio_stops(app: FastAPI, source: Source) -> None:
    async def go() -> None:
        asking = asyncio.ensure_future(ask_async(app, "GET", "/api/x"))
        source.queue.put_nowait({"kind": "a"})
        while not source.queue.empty():
            await asyncio.sleep(0)
        app.state.stopping.set()
        assert messages((await asyncio.wait_for(asking, 30)).body) == [{"kind": "a"}]

    asyncio.run(go())
    assert source.closed


def test_it_ends_with_the_connection(app: FastAPI, source: Source) -> None:
    gone = asyncio.Event()
    asked: list[bool] = []
    told: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        told.append(message.get("body", b""))
        if len(told) == 2:
            gone.set()

    async def go() -> None:
        await asyncio.wait_for(app(scope_of("http", "GET", "/api/x", list(KNOWN.items())), receive, send), 30)  # type: ignore[arg-type]

    asyncio.run(go())
    assert source.closed


def test_jobs_are_followed_over_http(app: FastAPI, studio: Studio) -> None:
    job = studio.workers.submit("worker_calls:steps", {"steps": 2})
    job.wait(30)
    told = messages(ask(app, "GET", f"/api/jobs/{job.id}/events").body)
    assert told[-1]["kind"] == "done"
    assert ask(app, "GET", f"/api/jobs/{job.id}").json()["state"] == "done"
