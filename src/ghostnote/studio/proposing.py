"""The next proposal, made while the present one plays: for either answer, the likelier first.

What is proposed is a function of the session's settings, its loops, what holds of each (`marks`), and the controls. So
what was imagined for some marks is right whenever these marks hold, however they came about; it is kept only if they
do, which the session's file decides. All methods run on the event loop.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread

from ghostnote.errors import GhostnoteError, StorageError
from ghostnote.explore.imagined import decode_imagined
from ghostnote.explore.records import HistoryItem, Proposal
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings
from ghostnote.studio.errors import Cancelled, WorkerLost
from ghostnote.studio.exploring_models import Json
from ghostnote.studio.jobs import Job
from ghostnote.studio.places import Places
from ghostnote.studio.shelf import Shelf, Standing
from ghostnote.studio.workers import Workers

CALLS = "ghostnote.studio.exploring_calls"

_TRIES = 6
_MOST_SESSIONS, _MOST_IMAGINED = 256, 6
_SPARE = 2
"""So many searches may be under way for the less likely answer to be imagined too."""

_IN_FULL = 4
"""So many people at once get whole searches; more of them share what these would take, so that nobody waits."""

_GONE_SECONDS = 30.0
"""A session that asked for nothing for so long counts as left."""


@dataclass(eq=False)
class _Ahead:
    """What is imagined for one session: jobs by marks and controls."""

    jobs: OrderedDict[tuple[str, str], Job] = field(default_factory=OrderedDict)
    later: list[tuple[str, str]] = field(default_factory=list)
    controls: Json | None = None
    asked_at: float = -_GONE_SECONDS
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Proposing:
    """Proposals of all sessions of a studio.

    Args:
        shelf: of the sessions.
        workers: that search.
        places: of the studio.
    """

    def __init__(self, shelf: Shelf, workers: Workers, places: Places) -> None:
        self._shelf, self._workers, self._places = shelf, workers, places
        self._ahead: OrderedDict[str, _Ahead] = OrderedDict()
        self._busy: set[Job] = set()

    async def call(self, id: str, name: str, *, urgent: bool = True, **arguments: Any) -> Any:
        """Return what a worker's call about a session returns."""
        return await self.submit(id, name, urgent=urgent, **arguments).result()

    def submit(self, id: str, name: str, *, urgent: bool, lane: bool = True, **arguments: Any) -> Job:
        """Hand a call about a session in."""
        paths = {"path": str(self._places.session(id)), "samples": str(self._places.samples)}
        return self._workers.submit(f"{CALLS}:{name}", paths | arguments, lane=id if lane else None, urgent=urgent)

    async def next(self, id: str, controls: Json | None, *, fresh: bool) -> HistoryItem:
        """Return the proposal to be rated next: the one that waits for an answer, or a new one.

        Args:
            id: of the session.
            controls: of `encode_controls`, for this proposal and those that are imagined after it.
            fresh: whether it must be a new one.
        """
        async with self._turn(id) as ahead:
            session = await anyio.to_thread.run_sync(self._shelf.session, id)
            ahead.controls = turned(controls, session.settings)
            ahead.asked_at = time.monotonic()
            standing = await anyio.to_thread.run_sync(self._shelf.standing, id)
            if standing.open is not None and not fresh:
                self._imagine(id, standing)
                return standing.open
            for _ in range(_TRIES):
                kept = await self._keep(id, ahead, session, standing.marks)
                if kept is not None:
                    standing = Standing(standing.marks + ".", HistoryItem(kept, None, False, None))
                    self._imagine(id, standing)
                    self._shelf.tell(id)
                    return HistoryItem(kept, None, False, None)
                standing = await anyio.to_thread.run_sync(self._shelf.standing, id)
        raise StorageError("the session is being changed by another program all the time. Close it, then try again")

    async def answered(self, id: str) -> None:
        """Look ahead anew after something was said, edited or taken back, and tell those who listen."""
        self._shelf.tell(id)
        standing = await anyio.to_thread.run_sync(self._shelf.standing, id)
        self._imagine(id, standing)

    async def _keep(self, id: str, ahead: _Ahead, session: Session, marks: str) -> Proposal | None:
        """Return the proposal that was imagined for `marks`, kept; None if something else holds by now."""
        key = (marks, _text(ahead.controls))
        job = ahead.jobs.get(key)
        if job is None or job.cancelled or job.state in ("waiting", "failed"):
            self._drop(ahead, key)
            job = self._start(id, ahead, key, urgent=True)
        try:
            found = await job.result()
        except (Cancelled, WorkerLost):
            self._drop(ahead, key)
            found = await self._start(id, ahead, key, urgent=True).result()
        except GhostnoteError:
            self._drop(ahead, key)
            raise
        if found is None:
            self._drop(ahead, key)
            return None
        imagined = decode_imagined(found["imagined"])
        self._shelf.learn_text(found["text"])
        return await anyio.to_thread.run_sync(session.keep, imagined)

    def _imagine(self, id: str, standing: Standing) -> None:
        """Begin what may be asked for next; what can not be any more is given up where nobody works on it yet."""
        ahead = self._ahead_of(id)
        wanted = [(marks, _text(ahead.controls)) for marks in _likely(standing)]
        for key, job in list(ahead.jobs.items()):
            if key not in wanted and (job.state == "waiting" or len(ahead.jobs) > _MOST_IMAGINED):
                self._drop(ahead, key)
        if wanted[0] not in ahead.jobs:
            # With nothing open, it will be asked for at once.
            self._start(id, ahead, wanted[0], urgent=standing.open is None)
        ahead.later = [key for key in wanted[1:] if key not in ahead.jobs]
        self._go_on()

    def _go_on(self) -> None:
        """Imagine less likely answers while workers have little to do, sessions in turn."""
        for id, ahead in self._ahead.items():
            self._busy = {job for job in self._busy if job.state in ("waiting", "running")}
            if len(self._busy) >= _SPARE:
                return
            if ahead.later:
                key = ahead.later.pop(0)
                if key not in ahead.jobs:
                    self._start(id, ahead, key, urgent=False)

    def _start(self, id: str, ahead: _Ahead, key: tuple[str, str], *, urgent: bool) -> Job:
        marks, controls = key
        wish = {"marks": marks, "controls": json.loads(controls), "share": self._share()}
        job = self.submit(id, "imagine", urgent=urgent, **wish)
        ahead.jobs[key] = job
        self._busy.add(job)
        loop = asyncio.get_running_loop()

        def ended(job: Job) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._ended, job)

        job.on_end(ended)
        return job

    def _share(self) -> float:
        """Return how much of a search each of those who are here can have, 0…1."""
        now = time.monotonic()
        here = sum(now - ahead.asked_at < _GONE_SECONDS for ahead in self._ahead.values())
        return min(1.0, _IN_FULL / max(1, here))

    def _ended(self, job: Job) -> None:
        self._busy.discard(job)
        self._go_on()

    def _drop(self, ahead: _Ahead, key: tuple[str, str]) -> None:
        job = ahead.jobs.pop(key, None)
        if job is not None and job.state == "waiting":
            job.cancel()

    def _ahead_of(self, id: str) -> _Ahead:
        ahead = self._ahead.setdefault(id, _Ahead())
        self._ahead.move_to_end(id)
        while len(self._ahead) > _MOST_SESSIONS:
            self._ahead.popitem(last=False)
        return ahead

    @asynccontextmanager
    async def _turn(self, id: str) -> AsyncIterator[_Ahead]:
        """Yield what is imagined for a session to one request at a time: windows that ask together get the same."""
        ahead = self._ahead_of(id)
        async with ahead.lock:
            yield ahead


def _likely(standing: Standing) -> Sequence[str]:
    """Return what may hold when the next proposal is asked for, the likeliest first."""
    if standing.open is None:
        return [standing.marks]
    before, score = standing.marks[:-1], standing.open.proposal.score
    answers = ("+", "-", ".") if score >= 0.5 else ("-", "+", ".")
    return [before + answer for answer in answers]


def turned(controls: Json | None, settings: SessionSettings) -> Json | None:
    """Return `controls` without what is as the session has it: then one search serves with and without them."""
    kept = {name: getattr(settings, name) for name in ("musical", "density", "four_on_the_floor", "style")}
    kept |= {"tempo_bpm": settings.tempo_bpm, "swing": settings.swing}
    kept |= {name: getattr(settings.search, name) for name in ("target", "explore", "novelty", "candidates")}
    given = {
        name: value
        for name, value in (controls or {}).items()
        if name not in kept or (tuple(value) if isinstance(value, list) else value) != kept[name]
    }
    return given or None


def _text(controls: Json | None) -> str:
    return json.dumps(controls or {}, sort_keys=True)
