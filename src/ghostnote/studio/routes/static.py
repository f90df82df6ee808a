"""The page itself: files of this package, checked for changes by their content each time they are asked for."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ghostnote.studio.freshness import is_kept

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served, and as what: the system's table of types can not be relied on."""

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def static_file(path: str, request: Request) -> Response:
    """Give a file of the page; `/` is its index."""
    file = find_file(path or "index.html")
    content = file.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if is_kept(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[file.suffix], headers=headers)


def find_file(path: str, folder: Path = FOLDER) -> Path:
    """Return the file of the page that `path` names.

    Raises:
        HTTPException: there is none (404).
    """
    parts = path.split("/")
    file = folder.joinpath(*parts) if all(_PART.fullmatch(part) for part in parts) else folder
    if file.suffix not in TYPES or not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise HTTPException(404)
    return file
