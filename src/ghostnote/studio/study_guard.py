"""The guard around a study: everybody has a key of one's own, participants to their own pages, the operator to theirs.

A participant's key is the random id of the link; it comes in a cookie once the link was opened, and no address of the
interface holds an id, so that nobody can ask for what is somebody else's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ghostnote.studio.answers import error_answer
from ghostnote.studio.security import Access, cookies_of, from_ourselves, guarded, same_secret

PARTICIPANT, OPERATOR = "ghostnote.participant", "ghostnote.operator"
"""Where, in a request's scope, the participant's id is, and whether it is the operator."""

_READING = frozenset({"GET", "HEAD"})
_PUBLIC = frozenset({"/", "/study", "/operator", "/api/join", "/api/meta", "/favicon.svg"})
_PUBLIC_BELOW = ("/p/", "/join/", "/css/", "/js/")
_OPERATOR_BELOW = "/api/operator/"
_MOST_REMEMBERED = 100_000


class KnownIds:
    """Which ids are participants', without asking the database each time: nobody is ever taken out.

    Args:
        is_known: asks the database.
    """

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self._is_known = is_known
        self._known: set[str] = set()
        self._lock = threading.Lock()

    async def find(self, offered: list[str]) -> str | None:
        """Return the first of `offered` that is a participant's id."""
        for text in offered[:4]:
            if text in self._known or await anyio.to_thread.run_sync(self._is_known, text):
                with self._lock:
                    if len(self._known) < _MOST_REMEMBERED:
                        self._known.add(text)
                return text
        return None


def participant_cookie(access: Access) -> str:
    """Return the name of the cookie that holds a participant's id."""
    return f"ghostnote-study-{access.port}"


def operator_cookie(access: Access) -> str:
    """Return the name of the cookie that holds the operator's credential."""
    return f"ghostnote-operator-{access.port}"


class StudyGuard:
    """ASGI middleware around a study's app, for every kind of connection. What it does not know, it keeps shut."""

    def __init__(self, app: ASGIApp, access: Access, ids: KnownIds) -> None:
        self._app, self._access, self._ids = app, access, ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, let in, or pass on with who it is; add the headers to whatever is answered."""
        # The address may be a participant's link, so it is not told.
        told = f"a {scope.get('method', scope['type'])} request"
        await guarded(self._app, self._refusal, scope, receive, send, told=told)

    async def _refusal(self, scope: Scope) -> Response | None:
        access, headers, path = self._access, Headers(scope=scope), scope["path"]
        hosts = headers.getlist("host")
        origins = access.origins(hosts[0]) if len(hosts) == 1 else frozenset()
        if not origins:
            return error_answer(421, "WrongHost", "host must be the one that this study is served under")
        if scope["type"] != "http":
            return error_answer(403, "NotAllowed", "a study has no such connections")
        if scope["method"] not in _READING and not from_ourselves(headers, origins):
            return error_answer(403, "NotAllowed", "a change must come from the study's own page")
        operates = any(same_secret(value, access.credential) for value in cookies_of(headers, operator_cookie(access)))
        participant = await self._ids.find(cookies_of(headers, participant_cookie(access)))
        scope[PARTICIPANT], scope[OPERATOR] = participant, operates
        if path in _PUBLIC or path.startswith(_PUBLIC_BELOW):
            return None
        if path.startswith(_OPERATOR_BELOW):
            return None if operates else _shut("open the operator's address that `ghostnote study serve` printed")
        return None if participant is not None else _shut("open the link that you were given")


def let_participant_in(access: Access, participant: str, answer: Response | None = None) -> Response:
    """Return an answer that gives the browser a participant's cookie, and leads to the study.

    It is `Lax`: the link often comes from a mail or a chat, and the page must be there when it is followed. Changes
    are checked by their origin besides.
    """
    answer = answer or RedirectResponse("/study", 303)
    name = participant_cookie(access)
    answer.set_cookie(name, participant, max_age=180 * 86_400, httponly=True, samesite="lax", path="/")
    return answer


def let_operator_in(access: Access) -> Response:
    """Return an answer that gives the browser the operator's cookie."""
    answer = RedirectResponse("/operator", 303)
    answer.set_cookie(operator_cookie(access), access.credential, httponly=True, samesite="strict", path="/")
    return answer


def _shut(fix: str) -> Response:
    return error_answer(401, "NotAllowed", f"this page is not known to the study: {fix}")
