"""Loops by themselves: what they are like, how they are changed by chance, and how they sound."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.loops import decode_loop, play_loop
from ghostnote.loops.rendering import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from ghostnote.sounds.sound import decode_sound
from ghostnote.studio.describing import describe_loop
from ghostnote.studio.exploring import ShelfOf, StudioOf
from ghostnote.studio.exploring_models import ChangeBody, ChangedLoop, LoopBody, LoopText
from ghostnote.studio.freshness import kept_sound, sound_answer
from ghostnote.studio.proposing import CALLS
from ghostnote.studio.shelf import Shelf
from ghostnote.studio.wav import encode_wav

router = APIRouter(tags=["loops"])

_LONGEST_QUERY = 30_000

Rate = Annotated[int, Query(ge=LOWEST_RATE_HZ, le=HIGHEST_RATE_HZ)]


@router.post("/loops/describe")
def describe(body: LoopBody, shelf: ShelfOf) -> LoopText:
    """Tell what a loop is like: names, roles, loudness, wave."""
    _meet(shelf, body.session)
    loop = decode_loop(body.loop)
    text = shelf.known_text(loop.key) or describe_loop(loop, shelf.bank)
    return LoopText(**text)


@router.post("/loops/change")
async def change(body: ChangeBody, studio: StudioOf, shelf: ShelfOf) -> ChangedLoop:
    """Change one row of a loop by chance: another sound, a sound a little different, or other hits."""
    await anyio.to_thread.run_sync(_meet, shelf, body.session)
    path = None if body.session is None else str(studio.places.session(body.session))
    arguments: dict[str, Any] = {"path": path, "samples": str(studio.places.samples)}
    arguments |= body.model_dump(exclude={"session"})
    job = studio.workers.submit(f"{CALLS}:change", arguments, lane=body.session, urgent=True)
    return ChangedLoop(**await job.result())


@router.get("/loops/audio", response_class=Response)
def loop_audio(
    loop: str,
    request: Request,
    shelf: ShelfOf,
    rate: Rate = 44_100,
    repeats: Annotated[int, Query(ge=1, le=64)] = 1,
    session: str = "",
) -> Response:
    """Give a loop as WAV, as the critic hears it and as the page plays it."""
    if (kept := kept_sound(request)) is not None:
        return kept
    _meet(shelf, session)
    audio = play_loop(decode_loop(decoded(loop, "loop")), shelf.bank, rate, repeats=repeats)
    return sound_answer(encode_wav(audio, rate))


@router.get("/sounds/audio", response_class=Response)
def sound_audio(sound: str, request: Request, shelf: ShelfOf, rate: Rate = 48_000, session: str = "") -> Response:
    """Give a sound as WAV: 32-bit floats in mono, at its own level."""
    if (kept := kept_sound(request)) is not None:
        return kept
    _meet(shelf, session)
    audio = shelf.bank.audio(decode_sound(decoded(sound, "sound")), rate)
    return sound_answer(encode_wav(audio, rate))


def decoded(text: str, name: str) -> Any:
    """Return the JSON value that is given as base64url, with or without its padding.

    Raises:
        InvalidInput: it is none.
    """
    if len(text) > _LONGEST_QUERY:
        raise InvalidParameter(f"{name} must have at most {_LONGEST_QUERY} characters; got {len(text)}")
    try:
        return json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} must be JSON as base64url: {error}") from error


def _meet(shelf: Shelf, session: str | None) -> None:
    """Let the bank ask a session for its recordings."""
    if session:
        shelf.session(session)
