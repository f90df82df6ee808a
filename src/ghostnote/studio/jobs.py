"""A job: work that goes on elsewhere, with its progress, its result, and a way to cancel it."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from typing import Any, Literal

from ghostnote.studio.errors import Cancelled, NotFound, encode_error
from ghostnote.studio.places import new_id

State = Literal["waiting", "running", "done", "failed"]
Event = dict[str, Any]

CANCELLED = "cancelled before it was done"
_KEPT_FINISHED = 128


class Job:
    """Work that was handed in. Its methods may be called from any thread; `result` and `events` from event loops."""

    def __init__(
        self,
        call: str,
        arguments: Mapping[str, Any],
        *,
        lane: str | None = None,
        urgent: bool = False,
        on_cancel: Callable[[Job], None],
    ) -> None:
        self.id = new_id()
        self.call, self.arguments = call, arguments
        self.lane, self.urgent = lane, urgent
        self._future: Future[Any] = Future()
        self._lock = threading.Lock()
        self._on_cancel = on_cancel
        self._cancelled = False
        self._running = False
        self._ended = False
        self._progress: tuple[int, int] | None = None
        self._listeners: list[Callable[[Event], None]] = []

    @property
    def state(self) -> State:
        """Where it stands."""
        if self._future.done():
            return "done" if self._future.exception() is None else "failed"
        return "running" if self._running else "waiting"

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked for its end."""
        return self._cancelled

    def describe(self) -> dict[str, Any]:
        """Return what a page may know: id, state, progress, and the result or the error where there is one."""
        done, total = self._progress or (0, 0)
        told: dict[str, Any] = {"id": self.id, "state": self.state, "done": done, "total": total}
        if self._future.done():
            last = self._ending()
            told |= {key: last[key] for key in ("result", "error") if key in last}
        return told

    def cancel(self) -> None:
        """Ask for its end; within a second it has failed with `Cancelled`, if it was not done before."""
        with self._lock:
            if self._cancelled or self._future.done():
                return
            self._cancelled = True
        self._on_cancel(self)

    async def result(self) -> Any:
        """Return what the call returned.

        Raises:
            GhostnoteError: what the call raised; `Cancelled`; `WorkerLost`; `Internal` where it was not foreseen.
        """
        ending = asyncio.wrap_future(self._future)
        ending.add_done_callback(_look_at)
        # Shielded: a request that goes away does not cancel the work, which others may wait for.
        return await asyncio.shield(ending)

    def wait(self, timeout: float | None = None) -> Any:
        """Return what the call returned, to a thread that can wait."""
        return self._future.result(timeout)

    async def events(self) -> AsyncIterator[Event]:
        """Yield `progress` as it comes, the latest at once, and at last `done` or `failed`."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event] = asyncio.Queue()

        def listener(event: Event) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        with self._lock:
            self._listeners.append(listener)
            if self._progress is not None:
                queue.put_nowait(_progress_event(*self._progress))
            if self._future.done():
                queue.put_nowait(self._ending())  # it may come a second time, when nobody reads any more
        try:
            while True:
                event = await queue.get()
                yield event
                if event["kind"] != "progress":
                    return
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def on_end(self, then: Callable[[Job], None]) -> None:
        """Call `then` once it has ended, from the thread that ended it."""
        self._future.add_done_callback(lambda future: then(self))

    # What follows is for whoever does the work.

    def begin(self) -> None:
        """Note that it runs."""
        self._running = True

    def report(self, done: int, total: int) -> None:
        """Note progress."""
        with self._lock:
            self._progress = (done, total)
            self._tell(_progress_event(done, total))

    def finish(self, result: Any) -> None:
        """Note its result; nothing happens if it has ended already."""
        self._end(lambda: self._future.set_result(result))

    def fail(self, error: Exception) -> None:
        """Note its error; nothing happens if it has ended already."""
        self._end(lambda: self._future.set_exception(error))

    def _end(self, settle: Callable[[], None]) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
        settle()
        with self._lock:
            self._tell(self._ending())

    def _ending(self) -> Event:
        error = self._future.exception()
        if error is None:
            return {"kind": "done", "result": self._future.result()}
        return {"kind": "failed", "error": encode_error(error)}

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except RuntimeError:  # its event loop was closed: nobody listens there any more
                continue


class JobRegister:
    """Jobs by id: all that are not done, and the latest that are, but for those whose result is bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Job] = {}
        self._finished: OrderedDict[str, Job] = OrderedDict()

    def add(self, job: Job) -> None:
        """Register a new job."""
        with self._lock:
            self._open[job.id] = job
        job.on_end(self._retire)

    def _retire(self, job: Job) -> None:
        """Note that a job has ended."""
        with self._lock:
            self._open.pop(job.id, None)
            if not _holds_bytes(job):
                self._finished[job.id] = job
                while len(self._finished) > _KEPT_FINISHED:
                    self._finished.popitem(last=False)

    def find(self, id: str) -> Job:
        """Return a job.

        Raises:
            NotFound: there is none, or it ended long ago.
        """
        with self._lock:
            job = self._open.get(id) or self._finished.get(id)
        if job is None:
            raise NotFound(f"job must be one that was started lately; got {id[:40]!r}")
        return job

    def open_jobs(self) -> list[Job]:
        """Return the jobs that have not ended."""
        with self._lock:
            return list(self._open.values())


def _look_at(ending: asyncio.Future[Any]) -> None:
    """Look at an error: once whoever waited has gone, nobody else does, and asyncio would log it."""
    if not ending.cancelled():
        ending.exception()


def cancelled_error() -> Cancelled:
    """Return the error of a job that was cancelled."""
    return Cancelled(CANCELLED)


def _holds_bytes(job: Job) -> bool:
    """Whether the result is for the server itself: it would take much memory, and no page can have asked for it."""
    told = job.describe().get("result")
    values = told.values() if isinstance(told, dict) else told if isinstance(told, list) else (told,)
    return any(isinstance(value, bytes) for value in values)


def _progress_event(done: int, total: int) -> Event:
    return {"kind": "progress", "done": done, "total": total}
