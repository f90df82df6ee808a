"""The pages of a study: the links that let somebody in, and the files that all pages are made of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from ghostnote.studio.errors import NotFound
from ghostnote.studio.routes.static import static_file
from ghostnote.studio.security import same_secret
from ghostnote.studio.study_guard import OPERATOR, PARTICIPANT, let_operator_in, let_participant_in
from ghostnote.studio.study_site import Site, site_of

router = APIRouter(include_in_schema=False)
TheSite = Annotated[Site, Depends(site_of)]
_PAGE = "study.html"
_FILES_BELOW = ("css", "js")


class Joining(BaseModel):
    """What the link for everybody holds."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=100)


@router.get("/")
def root(request: Request) -> Response:
    """Lead to where the browser belongs."""
    if request.scope[PARTICIPANT] is not None:
        return RedirectResponse("/study", 303)
    if request.scope[OPERATOR]:
        return RedirectResponse("/operator", 303)
    return _door("Open the link that you were given.", 401)


@router.get("/p/{participant}")
def own_link(participant: str, site: TheSite) -> Response:
    """Let a participant in by the link, which is the key."""
    if not site.is_participant(participant):
        return _door("Nobody takes part under this link. Was it copied whole?", 404)
    return let_participant_in(site.access, participant)


@router.get("/join/{token}")
def link_for_all(token: str, request: Request, site: TheSite) -> Response:
    """Greet somebody new; a browser that was here goes on where it was. Nobody is enrolled by merely looking."""
    if not same_secret(token, site.join_token):
        return _door("There is no study under this link. Was it copied whole?", 404)
    if request.scope[PARTICIPANT] is not None:
        return RedirectResponse("/study", 303)
    return static_file(_PAGE, request)


@router.post("/api/join")
def join(body: Joining, request: Request, site: TheSite) -> Response:
    """Let somebody new in, under a new random id."""
    if not same_secret(body.token, site.join_token):
        raise NotFound("token must be that of the link that you were given")
    participant = request.scope[PARTICIPANT] or site.study.enrol()
    return let_participant_in(site.access, participant, JSONResponse({"to": "/study"}, 201))


@router.get("/study")
def study_page(request: Request) -> Response:
    """The participant's page."""
    if request.scope[PARTICIPANT] is None:
        return _door("Open the link that you were given.", 401)
    return static_file(_PAGE, request)


@router.get("/operator")
def operator_page(request: Request, site: TheSite, token: str | None = None) -> Response:
    """The operator's page; the token that was printed is exchanged for a cookie, once."""
    if token is not None and site.access.token.spend(token):
        return let_operator_in(site.access)
    if not request.scope[OPERATOR]:
        return _door("Open the operator's address that <code>ghostnote study serve</code> printed.", 401)
    return RedirectResponse("/operator", 303) if token is not None else static_file(_PAGE, request)


@router.get("/api/meta")
def meta(site: TheSite) -> dict[str, str]:
    """Tell what is served here: the page asks whether anybody is there, and the greeting needs the title."""
    return {"title": site.study.design.title}


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def file(path: str, request: Request) -> Response:
    """Give a file that the pages are made of."""
    if path != "favicon.svg" and path.split("/")[0] not in _FILES_BELOW:
        raise HTTPException(404)
    return static_file(path, request)


def _door(fix: str, status: int) -> Response:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Study</title>'
        '<link rel="stylesheet" href="/css/tokens.css"><link rel="stylesheet" href="/css/base.css">'
        '<link rel="stylesheet" href="/css/study.css"><main class="study"><h1>This page is closed</h1>'
        f'<p>{fix}</p><p><a href="/">Try again</a></p></main></html>'
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})
