"""Requests to an app, to the byte: what a client library would tidy up goes through as it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

PORT = 4747
HOST = f"127.0.0.1:{PORT}"
CREDENTIAL = "c" * 43
KNOWN = {"host": HOST, "cookie": f"ghostnote-{PORT}={CREDENTIAL}"}
STRANGER = {"host": HOST}

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]
Headers = Iterable[tuple[str, str]] | dict[str, str]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        kind: str = self.json()["error"]["kind"]
        return kind


def ask(app: App, method: str, target: str, headers: Headers = KNOWN, body: bytes | Iterable[bytes] = b"") -> Answer:
    """Return the answer to one request; a body of several parts comes without its length, as it does when chunked."""
    return asyncio.run(ask_async(app, method, target, headers, body))


async def ask_async(
    app: App, method: str, target: str, headers: Headers = KNOWN, body: bytes | Iterable[bytes] = b""
) -> Answer:
    """As `ask`, in a loop that runs."""
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    if isinstance(body, bytes):
        if body:
            pairs.append(("content-length", str(len(body))))
        body = [body]
    parts = iter(body)
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        part = next(parts, None)
        if part is None and parts_done:
            await asyncio.sleep(3600)  # a client that has said all waits; disconnecting would cancel streams
        if part is None:
            parts_done.append(True)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    parts_done: list[bool] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope_of("http", method, target, pairs), receive, send)
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode().lower(): value.decode() for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


def ask_websocket(app: App, target: str, headers: Headers = KNOWN, extensions: tuple[str, ...] = ()) -> list[Any]:
    """Return what an app sends to somebody who wants a WebSocket."""
    pairs = list(headers.items() if isinstance(headers, dict) else headers)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = scope_of("websocket", "", target, pairs) | {"extensions": {name: {} for name in extensions}}
    asyncio.run(app(scope, receive, send))
    return sent


def scope_of(kind: str, method: str, target: str, headers: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a scope as uvicorn makes it."""
    path, _, query = target.partition("?")
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", PORT),
    }
    return scope | ({"method": method} if kind == "http" else {"subprotocols": []})


async def collect(events: AsyncIterator[Any]) -> list[Any]:
    """Return all events."""
    return [event async for event in events]
