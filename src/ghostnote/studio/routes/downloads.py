"""Finished files, to be taken away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from ghostnote.studio.app import Studio, studio_of

router = APIRouter(prefix="/api", tags=["downloads"])


@router.get("/downloads/{id}/{name}", response_class=FileResponse)
def download(id: str, name: str, studio: Annotated[Studio, Depends(studio_of)]) -> FileResponse:
    """Give a finished file as an attachment."""
    path = studio.places.download(id, name)
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")
