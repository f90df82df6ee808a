"""No route can be forgotten: whatever the app serves is found, and must refuse strangers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi import CREDENTIAL, HOST, KNOWN, PORT, STRANGER, ask, ask_websocket
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute

from ghostnote.studio.app import Studio, create_app
from ghostnote.studio.security import HEADERS, Access
from ghostnote.studio.workers import ThreadWorkers

PLACES = {"id": "0123456789abcdef", "sid": "0123456789abcdef", "pid": "1", "path": "js/main.js", "name": "x"}
FOREIGN = {
    "another site": {"origin": "https://evil.example"},
    "an opaque origin": {"origin": "null"},
    "a suffix": {"origin": f"http://{HOST}.evil.example"},
    "a prefix": {"origin": f"http://evil{HOST}"},
    "a user": {"origin": f"http://{HOST}@evil.example"},
    "another port": {"origin": f"http://127.0.0.1:{PORT + 1}"},
    "a port that is longer": {"origin": f"http://{HOST}0"},
    "no port": {"origin": "http://127.0.0.1"},
    "another scheme": {"origin": f"https://{HOST}"},
    "another name of this machine": {"origin": f"http://localhost:{PORT}"},
    "nothing": {"origin": ""},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site, as other ports of this machine are": {"sec-fetch-site": "same-site"},
    "cross-site with our origin": {"sec-fetch-site": "cross-site", "origin": f"http://{HOST}"},
    "our site with a foreign origin": {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
}
WRONG_HOSTS = (
    "evil.example",
    f"evil.example:{PORT}",
    "127.0.0.1",
    f"127.0.0.1:{PORT + 1}",
    f"127.0.0.1:{PORT}0",
    f"127.0.0.1.evil.example:{PORT}",
    f"localhost.:{PORT}",
    f"127.1:{PORT}",
    f"0.0.0.0:{PORT}",
    f"user@{HOST}",
    "",
)


def routes_of(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of every route; fails at a kind of route that it does not know."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield "WEBSOCKET", prefix + route.path
        elif isinstance(route, Route):
            yield from ((method, prefix + route.path) for method in sorted(route.methods or {"GET"}))
        elif isinstance(route, (Mount, Host)):
            yield "GET", prefix + getattr(route, "path", "") + "/any"
            yield from routes_of(route.routes, prefix + getattr(route, "path", ""))
        elif hasattr(route, "original_router"):  # how FastAPI keeps a router that was included
            yield from routes_of(route.original_router.routes, prefix + getattr(route.include_context, "prefix", ""))
        else:
            raise AssertionError(f"a kind of route that this test can not look into: {type(route).__name__}")


def _the_app() -> FastAPI:
    return create_app(Studio(Path("/nowhere"), ThreadWorkers(), Access(CREDENTIAL, PORT)))


def _filled(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: PLACES.get(found[1], "0123456789abcdef"), path)


ROUTES = sorted({(method, _filled(path)) for method, path in routes_of(_the_app().routes)})
EVERYWHERE = [
    *ROUTES,
    *(("GET", path) for path in ("/", "/nothing", "/api/nothing", "/api/", "//", "/docs", "/redoc", "/openapi.json")),
    *((method, "/nothing") for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "HEAD")),
    ("WEBSOCKET", "/nothing"),
]


@pytest.fixture(scope="module")
def every() -> FastAPI:
    return _the_app()


def status_of(app: FastAPI, method: str, path: str, headers: dict[str, str]) -> int:
    """Return the status, and check what every answer must carry."""
    if method == "WEBSOCKET":
        start, *_ = ask_websocket(app, path, headers, ("websocket.http.response",))
        status: int = start["status"]
        carried = {name.decode(): value.decode() for name, value in start["headers"]}
        assert ask_websocket(app, path, headers)[0]["type"] == "websocket.close", "also where a status can not be sent"
    else:
        answer = ask(app, method, path, headers)
        status, carried = answer.status, answer.headers
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= carried.items()
    return status


def test_routes_are_found() -> None:
    assert {("GET", "/api/meta"), ("GET", "/js/main.js"), ("GET", "/api/openapi.json")} <= set(ROUTES)
    assert {("GET", f"/api/jobs/{PLACES['id']}/events"), ("DELETE", f"/api/jobs/{PLACES['id']}")} <= set(ROUTES)
    described = {
        (method.upper(), _filled(path)) for path, methods in _the_app().openapi()["paths"].items() for method in methods
    }
    assert len(described) > 40
    assert described <= set(ROUTES)


def test_routes_of_every_kind_are_found() -> None:
    app = FastAPI()
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")

    @inner.websocket("/socket")
    async def socket(websocket: WebSocket) -> None: ...

    @inner.delete("/thing")
    async def thing() -> None: ...

    outer.include_router(inner)
    app.include_router(outer, prefix="/v1")
    app.mount("/mounted", Starlette(routes=[Route("/deep", PlainTextResponse("a"))]))
    found = set(routes_of(app.routes))
    assert ("GET", "/mounted/deep") in found
    assert {method for method, path in found if "/inner/" in path} == {"WEBSOCKET", "DELETE"}

    class Strange(BaseRoute):
        pass

    with pytest.raises(AssertionError, match="Strange"):
        list(routes_of([Strange()]))


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_strangers_are_refused(every: FastAPI, method: str, path: str) -> None:
    assert status_of(every, method, path, STRANGER) == 401
    for cookie in (f"ghostnote-{PORT}=", f"ghostnote-{PORT}={CREDENTIAL}x", f"ghostnote-{PORT + 1}={CREDENTIAL}"):
        assert status_of(every, method, path, STRANGER | {"cookie": cookie}) == 401


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_wrong_hosts_are_refused(every: FastAPI, method: str, path: str) -> None:
    for host in WRONG_HOSTS:
        assert status_of(every, method, path, KNOWN | {"host": host}) == 421, host
    assert status_of(every, method, path, {"cookie": KNOWN["cookie"]}) == 421, "no host at all"


@pytest.mark.parametrize(("method", "path"), [pair for pair in EVERYWHERE if pair[0] not in ("GET", "HEAD")])
def test_changes_from_elsewhere_are_refused(every: FastAPI, method: str, path: str) -> None:
    for origin, headers in FOREIGN.items():
        assert status_of(every, method, path, KNOWN | headers) == 403, origin


def test_a_route_added_later_is_guarded_too() -> None:
    app = _the_app()
    app.routes.insert(0, Route("/late", PlainTextResponse("secret"), methods=["GET", "POST"]))
    app.routes.insert(0, Mount("/mounted", PlainTextResponse("secret")))
    app.routes.insert(0, WebSocketRoute("/socket", PlainTextResponse("secret")))
    assert [ask(app, *asked, STRANGER).status for asked in (("GET", "/late"), ("GET", "/mounted/x"))] == [401, 401]
    assert ask_websocket(app, "/socket", STRANGER)[0]["type"] == "websocket.close"
    assert ask(app, "GET", "/late").body == b"secret"
