"""Sessions: begun, named, taken away as files, and brought in."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, StreamingResponse
from starlette.background import BackgroundTask

from ghostnote.errors import StorageError
from ghostnote.explore.loop_library import collect_bars
from ghostnote.explore.packed_bars import pack_bars
from ghostnote.explore.records import Counts
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.session import Session
from ghostnote.explore.settings import COMMON_POOL, SessionSettings, encode_settings
from ghostnote.sounds.sound import FileSound
from ghostnote.studio.beats import BeatStore
from ghostnote.studio.exploring import ProposingOf, ShelfOf, StudioOf
from ghostnote.studio.exploring_models import CountsText, NameBody, NewSession, SessionText, SettingsBody
from ghostnote.studio.own_sounds import check_places
from ghostnote.studio.places import SESSION_SUFFIX, new_id, safe_name
from ghostnote.studio.proposing import CALLS
from ghostnote.studio.shelf import Shelf
from ghostnote.studio.streams import event_stream
from ghostnote.studio.uploads import SESSION_LIMIT_BYTES, body_in_file
from ghostnote.studio.warm_starts import WarmStarts

router = APIRouter(tags=["sessions"])

OWN_SOUNDS = "samples"
"""The place of sounds that is the one-shots which the user dropped into the page."""

_LOOK_SECONDS = 0.7


@router.get("/sessions")
def list_sessions(shelf: ShelfOf) -> list[SessionText]:
    """List the sessions, the one that was changed last first."""
    return [shelf.text(id) for id in shelf.ids()]


@router.post("/sessions", status_code=201)
async def begin_session(body: NewSession, studio: StudioOf, shelf: ShelfOf, proposing: ProposingOf) -> SessionText:
    """Begin a session. Its first proposal is being made when this answers."""
    id = new_id()
    path = studio.places.session(id)
    places_of_sounds = [place for place in body.sounds if place != OWN_SOUNDS]
    if places_of_sounds:
        await anyio.to_thread.run_sync(check_places, places_of_sounds)
    settings = settings_of(body.settings, shelf.samples.sounds() if OWN_SOUNDS in body.sounds else ())
    if body.beats:
        bars = await anyio.to_thread.run_sync(_bars, BeatStore(studio.places), body.beats, settings.steps)
        settings = replace(settings, bars=bars)
    name = (body.name or "").strip() or await anyio.to_thread.run_sync(_next_name, shelf)
    if places_of_sounds or body.warm_start:
        critic = None
        if body.warm_start:
            critic = await WarmStarts.of(studio).critic(body.warm_start)
        await studio.workers.submit(
            f"{CALLS}:create_session",
            {
                "path": str(path),
                "settings": encode_settings(settings),
                "sounds": places_of_sounds,
                "critic": None if critic is None else str(critic),
                "name": name,
            },
            urgent=True,
        ).result()
    else:

        def begin() -> None:
            Session.open(path, settings, create=True, bank=shelf.bank).rename(name)

        await anyio.to_thread.run_sync(begin)
    await proposing.answered(id)
    return await anyio.to_thread.run_sync(lambda: shelf.text(id, settings=True))


@router.post("/sessions/import", status_code=201)
async def import_session(request: Request, studio: StudioOf, shelf: ShelfOf, name: str = "") -> SessionText:
    """Take a session's file in. It is read as a whole before it is taken; a name in the file holds."""
    id = new_id()
    async with body_in_file(request, SESSION_LIMIT_BYTES, studio.places) as draft:
        await studio.workers.submit(f"{CALLS}:check_session", {"path": str(draft)}).result()
        path = studio.places.session(id)

        def take() -> None:
            draft.rename(path)
            session = shelf.session(id)
            if session.name == path.stem:
                session.rename(safe_name(name.removesuffix(SESSION_SUFFIX), "Imported session"))

        await anyio.to_thread.run_sync(take)
    return await anyio.to_thread.run_sync(lambda: shelf.text(id, settings=True))


@router.get("/sessions/{sid}")
def read_session(sid: str, shelf: ShelfOf) -> SessionText:
    """Tell of a session."""
    return shelf.text(sid, settings=True)


@router.patch("/sessions/{sid}")
def rename_session(sid: str, body: NameBody, shelf: ShelfOf) -> SessionText:
    """Give a session another name."""
    shelf.session(sid).rename(body.name)
    return shelf.text(sid, settings=True)


@router.get("/sessions/{sid}/file", response_class=FileResponse)
def download_session(sid: str, studio: StudioOf, shelf: ShelfOf) -> FileResponse:
    """Give a consistent copy of the session's file."""
    session = shelf.session(sid)
    copy = studio.places.uploads / f"{new_id()}{SESSION_SUFFIX}"
    try:
        with closing(sqlite3.connect(session.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise StorageError(f"the session can not be copied: {error}. Is the disk full?") from error
    return FileResponse(
        copy,
        filename=f"{safe_name(session.name)}{SESSION_SUFFIX}",
        media_type="application/octet-stream",
        background=BackgroundTask(copy.unlink, missing_ok=True),
    )


@router.get("/sessions/{sid}/events", response_class=StreamingResponse)
async def follow_session(sid: str, request: Request, shelf: ShelfOf) -> StreamingResponse:
    """Tell of every change of the session, by whatever window or program: server-sent events `changed`."""
    await anyio.to_thread.run_sync(shelf.session, sid)
    return event_stream(request, _changes(sid, shelf))


async def _changes(sid: str, shelf: Shelf) -> AsyncIterator[dict[str, Any]]:
    told: tuple[int, int] | None = None
    seen: tuple[int, ...] = ()
    changed = asyncio.Event()
    shelf.listen(sid, changed)
    try:
        while True:
            signature = await anyio.to_thread.run_sync(shelf.signature, sid)
            if signature != seen or changed.is_set():
                changed.clear()
                seen = signature
                session = await anyio.to_thread.run_sync(shelf.session, sid)
                now = await anyio.to_thread.run_sync(session.changes)
                if now != told:
                    told = now
                    counts = CountsText.of(await anyio.to_thread.run_sync(_counts, session))
                    yield {"kind": "changed", "counts": counts.model_dump(), "last": now[0] or None}
            try:
                await asyncio.wait_for(changed.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue
    finally:
        shelf.leave(sid, changed)


def _bars(store: BeatStore, ids: Sequence[str], steps: int) -> str:
    return pack_bars(collect_bars([store.drums(id).track for id in ids], steps).bars)


def settings_of(body: SettingsBody, recordings: tuple[FileSound, ...] = ()) -> SessionSettings:
    """Return the settings of a new session: another seed each time, but the same sounds, which are there already.

    Args:
        body: what was asked for.
        recordings: one-shots of the user that join the pool.
    """
    given = body.model_dump()
    seed, search = given.pop("seed"), SearchSettings(candidates=given.pop("candidates"))
    if seed is None:
        seed = secrets.randbelow(2**31)
    return SessionSettings(**given, seed=seed, pool_seed=COMMON_POOL, search=search, recordings=recordings)


def _counts(session: Session) -> Counts:
    return session.counts


def _next_name(shelf: Shelf) -> str:
    taken = {shelf.text(id).name for id in shelf.ids()}
    return next(name for number in range(1, len(taken) + 2) if (name := f"Session {number}") not in taken)
