"""What the operator's page asks: how far everybody is, and the link to give away. Never an arm, never an answer."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException

from ghostnote.studio.study_guard import OPERATOR
from ghostnote.studio.study_site import Site, site_of

router = APIRouter(prefix="/api/operator")


def must_operate(request: Request) -> None:
    """Raise unless the operator asks; for `Depends`.

    Raises:
        HTTPException: it is somebody else (401).
    """
    if not request.scope.get(OPERATOR):
        raise HTTPException(401, "open the operator's address that `ghostnote study serve` printed")


@router.get("/progress", dependencies=[Depends(must_operate)])
def progress(site: Annotated[Site, Depends(site_of)]) -> dict[str, Any]:
    """Return how far everybody is. No id is told either: it would open a participant's page."""
    told = dataclasses.asdict(site.study.progress())
    return told | {"title": site.study.design.title, "join": f"/join/{site.join_token}"}


@router.post("/participants", status_code=201, dependencies=[Depends(must_operate)])
def invite(site: Annotated[Site, Depends(site_of)]) -> dict[str, str]:
    """Let one participant in, and return the link that is to be given to this one alone."""
    return {"link": f"/p/{site.study.enrol()}"}
