"""Who does long work: processes of low priority and one BLAS thread each, so that the server stays quick."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ghostnote.studio.errors import Cancelled, decode_error
from ghostnote.studio.frames import decode, encode
from ghostnote.studio.jobs import Job, JobRegister, cancelled_error
from ghostnote.studio.queueing import Queue
from ghostnote.studio.slots import Slot
from ghostnote.studio.worker_process import perform

NICE = 10
COUNT = 2


class Workers(Protocol):
    """Takes calls, and does them elsewhere."""

    def start(self) -> None:
        """Be ready for calls."""
        ...

    def stop(self) -> None:
        """Cancel what is not done, and leave no process behind."""
        ...

    def submit(self, call: str, arguments: Mapping[str, Any], *, lane: str | None = None, urgent: bool = False) -> Job:
        """Hand a call in.

        Args:
            call: `MODULE:FUNCTION` of a function `f(arguments, report)` that returns JSON or bytes and calls
                `report(done, total)` now and then: cancelling takes effect there at the latest.
            arguments: JSON, with bytes where needed.
            lane: calls of a lane are done one after the other, by the same process as long as it lives and is not held
                up by long work that has no lane, so that what they keep in memory stays there.
            urgent: whether it goes before what waits.
        """
        ...

    def job(self, id: str) -> Job:
        """Return a job that was handed in lately.

        Raises:
            NotFound: there is none.
        """
        ...


class ProcessWorkers:
    """Workers that are processes. A process that dies fails its job with `WorkerLost` and is replaced."""

    def __init__(self, count: int = COUNT, *, nice: int = NICE, warm_up: Sequence[str] = ()) -> None:
        """Args:
        count: of processes.
        nice: by how much their priority is lower.
        warm_up: calls that each process makes by itself at first, so that what they load is loaded.
        """
        self._register = JobRegister()
        self._queue = Queue(count)
        self._slots = tuple(Slot(number, self._queue, nice, tuple(warm_up), self._wake) for number in range(count))

    @property
    def process_ids(self) -> tuple[int | None, ...]:
        """Ids of the processes, None where one is being replaced."""
        return tuple(slot.process_id for slot in self._slots)

    def start(self) -> None:
        """Start the processes; calls may be handed in before they are ready."""
        for slot in self._slots:
            slot.start()

    def stop(self) -> None:
        """Cancel what is not done and end the processes."""
        if not self._queue.close():
            return
        for slot in self._slots:
            slot.ask_to_stop()
        for slot in self._slots:
            slot.join()
        for job in self._register.open_jobs():
            job.fail(cancelled_error())

    def submit(self, call: str, arguments: Mapping[str, Any], *, lane: str | None = None, urgent: bool = False) -> Job:
        """Hand a call in; see `Workers`."""
        job = Job(call, arguments, lane=lane, urgent=urgent, on_cancel=self._cancel)
        self._register.add(job)
        if self._queue.put(job):
            self._wake()
        else:
            job.fail(cancelled_error())
        return job

    def job(self, id: str) -> Job:
        """Return a job that was handed in lately."""
        return self._register.find(id)

    def _cancel(self, job: Job) -> None:
        if self._queue.remove(job):
            job.fail(cancelled_error())
        else:
            self._wake()

    def _wake(self) -> None:
        for slot in self._slots:
            slot.wake()


class ThreadWorkers:
    """Workers in this process, for tests: calls and results take the same way through JSON."""

    def __init__(self, count: int = 1) -> None:
        self._register = JobRegister()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="ghostnote-worker")
        self._stopped = threading.Event()

    def start(self) -> None:
        """Do nothing: threads start when they are needed."""

    def stop(self) -> None:
        """Cancel what is not done; a call that never reports goes on to its end."""
        self._stopped.set()
        for job in self._register.open_jobs():
            job.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def submit(self, call: str, arguments: Mapping[str, Any], *, lane: str | None = None, urgent: bool = False) -> Job:
        """Hand a call in; see `Workers`."""
        job = Job(call, arguments, lane=lane, urgent=urgent, on_cancel=lambda job: job.fail(cancelled_error()))
        self._register.add(job)
        if self._stopped.is_set():
            job.fail(cancelled_error())
        else:
            self._threads.submit(_do_here, job)
        return job

    def job(self, id: str) -> Job:
        """Return a job that was handed in lately."""
        return self._register.find(id)


def _do_here(job: Job) -> None:
    if job.cancelled:
        return
    job.begin()
    try:
        ending = decode(perform(job.call, decode(encode(job.arguments)), _reporter(job)))
    except (TypeError, ValueError) as error:
        job.fail(error)
        return
    if ending["kind"] == "done":
        job.finish(ending["result"])
    else:
        job.fail(decode_error(ending["error"]))


def _reporter(job: Job) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if job.cancelled:
            raise Cancelled("cancelled before it was done")
        job.report(done, total)

    return report
