"""Whether what a browser kept is still what it would get: asked each time, and answered without making it again.

A sound depends on its address and on the code that makes it, and on nothing else: recordings are named by their
content. So the version of that code is the tag of every sound, and a sound that a browser has costs one short question.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

import ghostnote

_MAKERS = ("numpy", "scipy", "soundfile", "soxr")
"""Packages that sounds are made with."""


def is_kept(request: Request, tag: str) -> bool:
    """Return whether the browser that asks has what `tag` is the tag of."""
    known = request.headers.get("if-none-match", "").split(",")
    return tag in [one.strip().removeprefix("W/") for one in known]


def sound_answer(content: bytes) -> Response:
    """Return a WAV file as an answer that a browser keeps, and asks about before it is used again."""
    return Response(content, media_type="audio/wav", headers=_sound_headers())


def kept_sound(request: Request) -> Response | None:
    """Return the answer that what the browser has is still right; None if it is not, or if it has nothing."""
    headers = _sound_headers()
    return Response(status_code=304, headers=headers) if is_kept(request, headers["ETag"]) else None


def _sound_headers() -> dict[str, str]:
    return {"ETag": f'"{version_of_sounds()}"', "Cache-Control": "private, no-cache"}


@cache
def version_of_sounds() -> str:
    """Return what is another whenever the code by which sounds are made may be another."""
    found = hashlib.sha256()
    package = Path(ghostnote.__file__).parent
    for path in sorted(package.rglob("*.py")):
        found.update(f"{path.relative_to(package).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    for name in _MAKERS:
        found.update(f"{name} {_version(name)}\0".encode())
    return found.hexdigest()[:32]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
