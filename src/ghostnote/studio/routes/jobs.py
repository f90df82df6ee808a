"""Long work: how far it is, and its end."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ghostnote.studio.app import Studio, studio_of
from ghostnote.studio.streams import event_stream

router = APIRouter(prefix="/api", tags=["jobs"])

StudioOf = Annotated[Studio, Depends(studio_of)]


class ErrorText(BaseModel):
    """What went wrong."""

    kind: str
    message: str


class JobState(BaseModel):
    """Where a job stands."""

    id: str
    state: str
    done: int
    total: int
    result: Any = None
    error: ErrorText | None = None


@router.get("/jobs/{id}", response_model_exclude_unset=True)
async def read_job(id: str, studio: StudioOf) -> JobState:
    """Tell where a job stands."""
    told = studio.workers.job(id).describe()
    if isinstance(told.get("result"), bytes):
        del told["result"]
    return JobState(**told)


@router.get("/jobs/{id}/events", response_class=StreamingResponse)
async def follow_job(id: str, request: Request, studio: StudioOf) -> StreamingResponse:
    """Tell how a job goes on: server-sent events `progress`, and at last `done` or `failed`."""
    return event_stream(request, studio.workers.job(id).events())


@router.delete("/jobs/{id}", status_code=204)
async def cancel_job(id: str, studio: StudioOf) -> Response:
    """Cancel a job: it fails with kind `Cancelled` within a second."""
    studio.workers.job(id).cancel()
    return Response(status_code=204)
