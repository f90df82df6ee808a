"""One place for a worker process: starts it, gives it calls, watches it, replaces it when it dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from ghostnote.studio.errors import WorkerLost, decode_error
from ghostnote.studio.frames import receive, send
from ghostnote.studio.jobs import Job, cancelled_error
from ghostnote.studio.queueing import Queue
from ghostnote.studio.worker_process import run_worker

logger = logging.getLogger("ghostnote.studio")

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}
"""The environment of a worker: it must be there before numpy is imported."""

GRACE_SECONDS = 0.3
"""How long a call that was cancelled may take to notice, before its process is killed."""

_STARTS_TRIED = 3
_LONGEST_PAUSE_SECONDS = 5.0
_ENVIRONMENT = threading.Lock()


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    connection: Connection[Any, Any]

    def end(self) -> None:
        """End it: in order if it listens, by force if it does not."""
        with suppress(OSError):
            send(self.connection, {"kind": "stop"})
        self.process.join(GRACE_SECONDS)
        self.process.kill()
        self.process.join()
        self.connection.close()
        self.process.close()


class Slot:
    """Place `number` among the workers, with a thread that looks after it."""

    def __init__(
        self, number: int, queue: Queue, nice: int, warm_up: tuple[str, ...], changed: Callable[[], None]
    ) -> None:
        self._number, self._queue = number, queue
        self._changed = changed  # called when a job has ended: others may take what had to wait for it
        self._nice, self._warm_up = nice, warm_up
        self._bell, self._ring = multiprocessing.Pipe(duplex=False)
        self._rung = False
        self._lock = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._look_after, name=f"ghostnote-slot-{number}", daemon=True)
        self.process_id: int | None = None

    def start(self) -> None:
        """Start the thread, which starts the process."""
        self._thread.start()

    def wake(self) -> None:
        """Let the thread look for a job, or for one that was cancelled."""
        with self._lock:
            if not self._rung:
                self._rung = True
                self._ring.send_bytes(b"!")

    def ask_to_stop(self) -> None:
        """Let the thread end the process and itself."""
        self._stopping = True
        self.wake()

    def join(self) -> None:
        """Wait for that."""
        if self._thread.ident is not None:
            self._thread.join()
        self._bell.close()
        self._ring.close()

    def _look_after(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                worker = _spawn(self._number, self._nice, self._warm_up)
            except OSError:
                logger.exception("a process can not be started")
                failures += 1
                self._pause(failures)
                continue
            self.process_id = worker.process.pid
            try:
                ready = self._await_ready(worker)
                failures = 0 if ready else failures + 1
                alive = ready
                while alive and not self._stopping:
                    job = self._queue.take(self._number)
                    alive = self._idle(worker) if job is None else self._do(worker, job)
            finally:
                self.process_id = None
                worker.end()
            if failures and not self._stopping:
                self._pause(failures)

    def _await_ready(self, worker: _Worker) -> bool:
        while not self._stopping:
            if worker.connection in self._wait(worker):
                try:
                    receive(worker.connection)
                except (EOFError, OSError):
                    return False
                return True
            if not worker.process.is_alive():
                return False
        return False

    def _pause(self, failures: int) -> None:
        logger.error("worker %d does not start", self._number)
        if failures >= _STARTS_TRIED:
            for job in self._queue.give_up(self._number):
                job.fail(WorkerLost("worker processes do not start; the log in the terminal tells why"))
        until = time.monotonic() + min(0.1 * 2**failures, _LONGEST_PAUSE_SECONDS)
        while not self._stopping and (left := until - time.monotonic()) > 0:
            if connections.wait([self._bell], left):
                self._answer_bell()

    def _idle(self, worker: _Worker) -> bool:
        """Wait until something happens; return whether the process lives."""
        ready = self._wait(worker)
        if worker.process.sentinel in ready or worker.connection in ready:  # it says nothing when it has no call
            logger.error("worker %d ended while it had nothing to do; it is replaced", self._number)
            return False
        return True

    def _do(self, worker: _Worker, job: Job) -> bool:
        """Have a job done; return whether the process lives."""
        try:
            send(worker.connection, {"kind": "call", "job": job.id, "call": job.call, "arguments": job.arguments})
        except OSError:
            self._queue.done(self._number)
            return self._lose(job)
        except (TypeError, ValueError) as error:
            self._queue.done(self._number)
            job.fail(error)
            return True
        try:
            return self._follow(worker, job)
        finally:
            self._queue.done(self._number)
            self._changed()

    def _follow(self, worker: _Worker, job: Job) -> bool:
        kill_at: float | None = None
        while True:
            ready = self._wait(worker, None if kill_at is None else max(0.0, kill_at - time.monotonic()))
            if self._stopping:
                job.fail(cancelled_error())
                return False
            if worker.connection in ready:
                try:
                    message = receive(worker.connection)
                except (EOFError, OSError):
                    return self._lose(job)
                if _pass_on(message, job):
                    return True
            elif worker.process.sentinel in ready:
                return self._lose(job)
            if job.cancelled and kill_at is None:
                kill_at = time.monotonic() + GRACE_SECONDS
                with suppress(OSError):
                    send(worker.connection, {"kind": "cancel", "job": job.id})
            elif kill_at is not None and time.monotonic() >= kill_at:
                worker.process.kill()
                job.fail(cancelled_error())
                return False

    def _lose(self, job: Job) -> bool:
        """Note that the process of a job died; what it had not begun is done by its successor."""
        if job.cancelled:
            job.fail(cancelled_error())
        elif job.state == "waiting":
            self._queue.put_back(job)
        else:
            logger.error("worker %d ended in the middle of %s; it is replaced", self._number, job.call)
            job.fail(WorkerLost("the process that did this ended before it was done (out of memory?); try it again"))
        return False

    def _wait(self, worker: _Worker, timeout: float | None = None) -> list[Any]:
        ready = connections.wait([worker.connection, worker.process.sentinel, self._bell], timeout)
        if self._bell in ready:
            self._answer_bell()
        return ready

    def _answer_bell(self) -> None:
        with self._lock:
            self._bell.recv_bytes()
            self._rung = False


def _spawn(number: int, nice: int, warm_up: tuple[str, ...]) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=run_worker, args=(theirs, nice, warm_up), name=f"ghostnote-worker-{number}", daemon=True
    )
    with _ENVIRONMENT:  # a process begins with the environment of this one
        before = {name: os.environ.get(name) for name in ONE_THREAD}
        os.environ.update(ONE_THREAD)
        try:
            process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
    theirs.close()
    return _Worker(process, ours)


def _pass_on(message: Mapping[str, Any], job: Job) -> bool:
    """Tell the job what its process said; return whether that was the last of it."""
    if message["kind"] == "begun":
        job.begin()
        return False
    if message["kind"] == "progress":
        job.report(message["done"], message["total"])
        return False
    if message["kind"] == "done":
        job.finish(message["result"])
        return True
    job.fail(decode_error(message["error"]))
    return True
