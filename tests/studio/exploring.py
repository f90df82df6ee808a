"""The explorer's routes, asked as a page asks them: one event loop for a whole journey."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from asgi import CREDENTIAL, PORT
from fastapi import FastAPI

FEW: dict[str, Any] = {"musical": 0.0, "own_sounds": 12, "steps": 8, "rows": 2, "seed": 3, "candidates": 24}
"""Settings with which a search takes moments."""

Journey = Callable[["Page"], Awaitable[None]]


class Page:
    """A window of the studio on one session."""

    def __init__(self, client: httpx.AsyncClient, sid: str = "") -> None:
        self.client, self.sid = client, sid

    async def ask(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """Return the JSON of an answer, or the answer itself where it is something else."""
        answer = await self.client.request(method, path.replace("SID", self.sid), **options)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else answer

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return await self.ask("GET", path, status, params=query)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return await self.ask("POST", path, status, json={} if body is None else body)

    async def send(self, path: str, content: bytes, status: int = 201, **query: Any) -> Any:
        return await self.ask("POST", path, status, content=content, params=query)

    async def begin(self, **settings: Any) -> dict[str, Any]:
        session: dict[str, Any] = await self.post("/api/sessions", {"settings": FEW | settings}, 201)
        self.sid = session["id"]
        return session

    async def next(self, **options: Any) -> dict[str, Any]:
        proposal: dict[str, Any] = await self.post("/api/sessions/SID/next", options)
        return proposal

    async def rate(self, proposal: dict[str, Any], liked: bool, key: str = "") -> dict[str, Any]:
        body = {"liked": liked, "key": key or f"of-{proposal['id']}"}
        counts: dict[str, Any] = await self.post(f"/api/sessions/SID/proposals/{proposal['id']}/rating", body)
        return counts["counts"]

    async def done(self, job: str) -> dict[str, Any]:
        for _ in range(600):
            state: dict[str, Any] = await self.get(f"/api/jobs/{job}")
            if state["state"] in ("done", "failed"):
                return state
            await asyncio.sleep(0.05)
        raise AssertionError("the job did not end")


def travel(app: FastAPI, journey: Journey) -> None:
    """Let a page make its journey."""

    async def go() -> None:
        cookies = {f"ghostnote-{PORT}": CREDENTIAL}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}", cookies=cookies) as c:
            c.timeout = httpx.Timeout(60)
            await journey(Page(c))

    asyncio.run(go())


def as_query(value: Any) -> str:
    """Return JSON as base64url without padding."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
