"""The guard around everything that the studio serves: who may ask, from where, and what every answer carries."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ghostnote.errors import InvalidParameter
from ghostnote.studio.answers import error_answer
from ghostnote.studio.errors import INTERNAL_MESSAGE
from ghostnote.studio.passwords import Password

logger = logging.getLogger("ghostnote.studio")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer, whatever it is."""

_READING = frozenset({"GET", "HEAD"})
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class OneTimeToken:
    """A secret that opens the door once."""

    def __init__(self) -> None:
        self.text = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._spent = False

    def spend(self, offered: str) -> bool:
        """Return whether `offered` is it, for the first time."""
        if not same_secret(offered, self.text):
            return False
        with self._lock:
            spent, self._spent = self._spent, True
        return not spent


@dataclass(frozen=True)
class Access:
    """Who may use this studio.

    Args:
        credential: what the cookie must hold.
        port: on which it listens.
        token: that is exchanged for the cookie, once.
        names: hosts, besides those of loopback, under which it may be asked for, with or without a port.
        password: that is exchanged for the cookie, where it listens to other machines.
    """

    credential: str
    port: int
    token: OneTimeToken = field(default_factory=OneTimeToken)
    names: frozenset[str] = frozenset()
    password: Password | None = None

    @property
    def cookie(self) -> str:
        """Name of the cookie: cookies do not tell ports apart, so it does."""
        return f"ghostnote-{self.port}"

    def origins(self, host: str) -> frozenset[str]:
        """Return the origins of pages that were asked for under this Host header; none if it is not one of ours."""
        host = host.lower()
        if host in {f"{name}:{self.port}" for name in _LOOPBACK_NAMES}:
            return frozenset({f"http://{host}"})
        if host in self.names or host in {f"{name}:{self.port}" for name in self.names}:
            return frozenset({f"http://{host}", f"https://{host}"})  # a proxy in front may speak TLS
        return frozenset()


def same_secret(offered: str, secret: str) -> bool:
    """Compare in constant time."""
    return secrets.compare_digest(offered.encode("utf-8", "surrogateescape"), secret.encode())


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_exposure(host: str, password: Password | None) -> None:
    """Raise unless listening on `host` is safe.

    Raises:
        InvalidParameter: other machines could reach it and no password is set.
    """
    if password is None and not is_loopback(host):
        raise InvalidParameter(
            f"host must be a loopback address such as 127.0.0.1 where no password is set; got {host!r}. "
            "Other machines could reach it: give --password-file too"
        )


async def guarded(
    app: ASGIApp,
    refusal_of: Callable[[Scope], Awaitable[Response | None]],
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    told: str,
) -> None:
    """Refuse, or pass on to `app`; add the headers to whatever is answered, and hide what was not foreseen.

    Args:
        app: behind the guard.
        refusal_of: returns the answer to give instead of the app's, if there is one.
        scope, receive, send: of ASGI.
        told: what the log says of the request, should something unforeseen happen.
    """
    if scope["type"] == "lifespan":
        await app(scope, receive, send)
        return
    began = False

    async def sending(message: Message) -> None:
        nonlocal began
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            began = True
            add_headers(message, scope["path"])
        await send(message)

    refusal = await refusal_of(scope)
    if refusal is not None:
        await refuse(refusal, scope, receive, sending)
        return
    try:
        await app(scope, receive, sending)
    except Exception:
        logger.exception("unforeseen, at %s", told)
        if began:
            raise
        await error_answer(500, "Internal", INTERNAL_MESSAGE)(scope, receive, sending)


class Guard:
    """ASGI middleware around the whole app, for every kind of connection."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, let in, or pass on; add the headers to whatever is answered."""
        told = f"{scope.get('method', scope['type'])} {scope.get('path')}"
        await guarded(self._app, self._refusal, scope, receive, send, told=told)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to give instead of the app's, if there is one."""
        access, headers = self._access, Headers(scope=scope)
        hosts = headers.getlist("host")
        origins = access.origins(hosts[0]) if len(hosts) == 1 else frozenset()
        if not origins:
            names = ", ".join(sorted({f"{name}:{access.port}" for name in _LOOPBACK_NAMES} | access.names))
            return error_answer(421, "WrongHost", f"host must be one of {names}")
        entering = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"
        known = any(same_secret(value, access.credential) for value in cookies_of(headers, access.cookie))
        if entering and (offered := dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token")) is not None:
            if access.token.spend(offered):
                return _let_in(access)
            return RedirectResponse("/", 303) if known else _door(access)
        if not known and entering and access.password is not None:
            if await access.password.opens(headers.get("authorization", "")):
                return _let_in(access)
            return _door(access)
        if not known:
            return _door(access) if entering else _not_allowed()
        if (scope["type"] != "http" or scope["method"] not in _READING) and not from_ourselves(headers, origins):
            return error_answer(
                403, "NotAllowed", "a change must come from the studio's own page, not from another site"
            )
        return None


def from_ourselves(headers: Headers, origins: Iterable[str]) -> bool:
    """Return whether the headers of a change say that one of our own pages asks."""
    sites, came_from = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    return all(site in ("same-origin", "none") for site in sites) and all(origin in origins for origin in came_from)


def cookies_of(headers: Headers, name: str) -> list[str]:
    """Return all values of the cookies of this name."""
    pairs = (pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
    return [value for key, _, value in pairs if key == name]


def _let_in(access: Access) -> Response:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(access.cookie, access.credential, httponly=True, samesite="strict", path="/")
    return answer


def _not_allowed() -> Response:
    return error_answer(
        401, "NotAllowed", "this page is not known to the studio: open the address that `ghostnote studio` printed"
    )


def _door(access: Access) -> Response:
    """What somebody sees who comes without a cookie. The link helps where a browser kept it back on the way here."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Ghostnote</title>'
        "<h1>Ghostnote studio</h1><p>This browser is not known here. Open the address that "
        "<code>ghostnote studio</code> printed in its terminal; each is good for one time, "
        "and starting it again prints another.</p>"
        '<p><a href="/">Try again</a></p></html>'
    )
    challenge = (
        {} if access.password is None else {"WWW-Authenticate": 'Basic realm="Ghostnote studio", charset="UTF-8"'}
    )
    return HTMLResponse(text, 401, challenge)


async def refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Give `answer`; a WebSocket is closed."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
    else:
        await answer(scope, receive, send)


def add_headers(message: Message, path: str) -> None:
    """Add what every answer carries."""
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers[name] = value
    if path.startswith("/api/") or message["status"] >= 300:
        headers.setdefault("Cache-Control", "no-store")
