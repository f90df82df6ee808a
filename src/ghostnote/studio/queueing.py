"""Which job is next for which worker: urgent ones first, lanes where they are at home, never all held by long work."""

from __future__ import annotations

import threading
from collections import OrderedDict

from ghostnote.studio.jobs import Job

_KEPT_LANES = 512


class Queue:
    """What waits, and what each of `count` workers is doing."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Job] = []
        self._doing: list[Job | None] = [None] * count
        self._homes: OrderedDict[str, int] = OrderedDict()
        self._closed = False

    def put(self, job: Job) -> bool:
        """Let a job wait; return False where nothing is taken any more."""
        with self._lock:
            if self._closed:
                return False
            self._waiting.append(job)
            if job.lane is not None:
                self._home(job.lane)
            return True

    def put_back(self, job: Job) -> None:
        """Let a job that was taken, but not begun, go before all others."""
        with self._lock:
            self._waiting.insert(0, job)

    def remove(self, job: Job) -> bool:
        """Take a job out; return whether it was waiting."""
        with self._lock:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True

    def take(self, worker: int) -> Job | None:
        """Return the job that this worker is to do now, if there is one."""
        with self._lock:
            fitting = (job for job in self._waiting if not self._closed and self._fits(job, worker))
            job = min(fitting, key=lambda job: not job.urgent, default=None)  # of equals, the first
            if job is not None:
                self._waiting.remove(job)
                self._doing[worker] = job
                if job.lane is not None:
                    self._homes[job.lane] = worker
            return job

    def done(self, worker: int) -> None:
        """Note that this worker does nothing."""
        with self._lock:
            self._doing[worker] = None

    def give_up(self, worker: int) -> list[Job]:
        """Take out, and return, what only this worker, which can not be started, could have done."""
        with self._lock:
            lost = [job for job in self._waiting if job.lane is None or self._homes.get(job.lane) == worker]
            self._waiting = [job for job in self._waiting if job not in lost]
            return lost

    def close(self) -> bool:
        """Take nothing any more, and give nothing out; return whether it was open."""
        with self._lock:
            was_open, self._closed = not self._closed, True
            return was_open

    def _fits(self, job: Job, worker: int) -> bool:
        if job.lane is None:
            return job.urgent or self._may_be_held(worker)
        if any(other is not None and other.lane == job.lane for other in self._doing):
            return False
        home = self._homes.get(job.lane, worker)
        return home == worker or (job.urgent and _is_long(self._doing[home]))

    def _may_be_held(self, worker: int) -> bool:
        """Whether long work may begin here: one worker, where there are several, stays free for what is urgent."""
        held = sum(_is_long(job) for other, job in enumerate(self._doing) if other != worker)
        return held < max(1, len(self._doing) - 1)

    def _home(self, lane: str) -> int:
        if lane not in self._homes:
            counts = [0] * len(self._doing)
            for home in self._homes.values():
                counts[home] += 1
            self._homes[lane] = counts.index(min(counts))
            if len(self._homes) > _KEPT_LANES:
                self._homes.popitem(last=False)
        self._homes.move_to_end(lane)
        return self._homes[lane]


def _is_long(job: Job | None) -> bool:
    return job is not None and job.lane is None and not job.urgent
