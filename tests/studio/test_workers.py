"""Worker processes: calls, progress, errors, death, cancelling, lanes, order, and an end that leaves nothing."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgi import collect

from ghostnote.errors import InvalidMidi
from ghostnote.studio.errors import Cancelled, Internal, NotFound, WorkerLost
from ghostnote.studio.jobs import Job
from ghostnote.studio.workers import ProcessWorkers, ThreadWorkers, Workers

SECONDS = 30.0  # far more than anything here takes: only what hangs runs into it


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessWorkers]:
    workers = ProcessWorkers(2, warm_up=("worker_calls:nothing_there",))
    workers.start()
    yield workers
    workers.stop()


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadWorkers]:
    workers = ThreadWorkers(2)
    yield workers
    workers.stop()


@pytest.fixture(params=["processes", "threads"])
def workers(request: pytest.FixtureRequest) -> Workers:
    workers: Workers = request.getfixturevalue(request.param)
    return workers


def begun(job: Job) -> None:
    """Return once the call has reported."""

    async def first() -> None:
        async for _ in job.events():
            return

    asyncio.run(asyncio.wait_for(first(), SECONDS))


def test_results_come_back_with_bytes_at_any_place(workers: Workers) -> None:
    arguments = {"midi": b"MThd\0", "rows": [{"sound": b"", "name": "snare"}, 1, 2.5, None, True]}
    assert workers.submit("ghostnote.studio.worker_process:echo", arguments).wait(SECONDS) == arguments


def test_events_end_with_the_result(workers: Workers) -> None:
    job = workers.submit("worker_calls:steps", {"steps": 3})
    *progress, last = asyncio.run(asyncio.wait_for(collect(job.events()), SECONDS))
    assert last == {"kind": "done", "result": asyncio.run(job.result())}
    assert progress[-1] == {"kind": "progress", "done": 3, "total": 3}
    assert asyncio.run(collect(job.events()))[-1] == last, "whoever comes later hears how it ended"
    assert workers.job(job.id) is job
    assert job.describe() == {"id": job.id, "state": "done", "done": 3, "total": 3, "result": last["result"]}


@pytest.mark.parametrize(("how", "kind"), [("midi", InvalidMidi), ("own", NotFound)])
def test_errors_come_back_typed(workers: Workers, how: str, kind: type[Exception]) -> None:
    job = workers.submit("worker_calls:fail", {"how": how, "message": "tempo must be positive; got -1"})
    with pytest.raises(kind, match="tempo must be positive; got -1") as caught:
        job.wait(SECONDS)
    assert type(caught.value) is kind
    assert job.describe()["error"] == {"kind": kind.__name__, "message": "tempo must be positive; got -1"}


@pytest.mark.parametrize("call", ["worker_calls:fail", "worker_calls:no_message", "worker_calls:no_such", "no_such:x"])
def test_unforeseen_errors_tell_no_internals_and_leave_the_worker_alive(workers: Workers, call: str) -> None:
    job = workers.submit(call, {"how": "bug", "message": "/home/someone/secret"})
    with pytest.raises(Internal) as caught:
        job.wait(SECONDS)
    assert "secret" not in str(caught.value)
    assert workers.submit("ghostnote.studio.worker_process:echo", {"a": 1}).wait(SECONDS) == {"a": 1}


def test_arguments_that_are_no_message_are_refused(workers: Workers) -> None:
    with pytest.raises(TypeError, match="JSON or bytes"):
        workers.submit("ghostnote.studio.worker_process:echo", {"a": object()}).wait(SECONDS)


def test_cancelled_while_it_runs_and_the_worker_stays(workers: Workers, tmp_path: Path) -> None:
    job = workers.submit("worker_calls:wait_for", {"path": str(tmp_path / "never")})
    begun(job)
    before = getattr(workers, "process_ids", None)
    job.cancel()
    with pytest.raises(Cancelled):
        job.wait(SECONDS)
    assert job.describe()["error"]["kind"] == "Cancelled"
    assert getattr(workers, "process_ids", None) == before


def test_cancelled_before_it_begins(workers: Workers, tmp_path: Path) -> None:
    path = tmp_path / "go"
    lane = f"{tmp_path}"
    first = workers.submit("worker_calls:wait_for", {"path": str(path)}, lane=lane)
    others = [workers.submit("worker_calls:wait_for", {"path": str(path)}) for _ in range(2)]
    begun(first)
    second = workers.submit("worker_calls:touch", {"path": str(tmp_path / "touched")}, lane=lane)
    second.cancel()
    with pytest.raises(Cancelled):
        second.wait(SECONDS)
    path.touch()
    assert first.wait(SECONDS)
    assert all(job.wait(SECONDS) for job in others)
    assert not (tmp_path / "touched").exists()
    first.cancel()
    assert first.state == "done", "cancelling what is done changes nothing"


def test_a_call_that_does_not_yield_is_killed_and_its_worker_replaced(processes: ProcessWorkers) -> None:
    job = processes.submit("worker_calls:never_yield", {}, lane="stubborn")
    begun(job)
    job.cancel()
    with pytest.raises(Cancelled):
        job.wait(SECONDS)
    assert processes.submit("worker_calls:count", {"name": "after"}, lane="stubborn").wait(SECONDS)[1] == 1


def test_a_worker_that_dies_fails_its_job_and_is_replaced(processes: ProcessWorkers) -> None:
    job = processes.submit("worker_calls:die", {}, lane="doomed")
    with pytest.raises(WorkerLost, match="try it again"):
        job.wait(SECONDS)
    assert processes.submit("worker_calls:count", {"name": "b"}, lane="doomed").wait(SECONDS)[1] == 1


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_from_outside_while_idle_or_just_before_a_call(processes: ProcessWorkers) -> None:
    for _ in range(3):
        pid, _ = processes.submit("worker_calls:count", {"name": "c"}, lane="idle").wait(SECONDS)
        os.kill(pid, signal.SIGKILL)
        after, times = processes.submit("worker_calls:count", {"name": "c"}, lane="idle").wait(SECONDS)
        assert (after != pid, times) == (True, 1), "a call that had not begun is made by the successor"


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_from_outside_in_the_middle(processes: ProcessWorkers, tmp_path: Path) -> None:
    job = processes.submit("worker_calls:wait_for", {"path": str(tmp_path / "never")}, lane="middle")
    begun(job)
    pid = next(pid for pid in processes.process_ids if pid is not None and _waits_in(pid, job, processes))
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        job.wait(SECONDS)


def _waits_in(pid: int, job: Job, processes: ProcessWorkers) -> bool:
    """Whether `pid` is the process whose other twin is free."""
    free, _ = processes.submit("worker_calls:count", {"name": "free"}, urgent=True).wait(SECONDS)
    return pid != free and job.state == "running"


def test_a_lane_stays_in_its_process(processes: ProcessWorkers) -> None:
    def rounds(lane: str) -> list[Any]:
        return [processes.submit("worker_calls:count", {"name": lane}, lane=lane).wait(SECONDS) for _ in range(4)]

    found = {lane: rounds(lane) for lane in ("lane one", "lane two")}
    for answers in found.values():
        assert [times for _, times in answers] == [1, 2, 3, 4]
    assert found["lane one"][0][0] != found["lane two"][0][0], "two lanes share two processes evenly"


def test_calls_of_a_lane_do_not_overlap(processes: ProcessWorkers, tmp_path: Path) -> None:
    first = processes.submit("worker_calls:wait_for", {"path": str(tmp_path / "go")}, lane="one by one")
    begun(first)
    second = processes.submit("worker_calls:touch", {"path": str(tmp_path / "touched")}, lane="one by one", urgent=True)
    processes.submit("ghostnote.studio.worker_process:echo", {}, urgent=True).wait(SECONDS)
    assert second.state == "waiting"
    (tmp_path / "go").touch()
    assert second.wait(SECONDS) == "touched"


def test_long_work_leaves_a_worker_for_what_is_urgent(processes: ProcessWorkers, tmp_path: Path) -> None:
    path = tmp_path / "go"
    long = [processes.submit("worker_calls:wait_for", {"path": str(path)}) for _ in range(3)]
    for lane in ("d", "e", "f"):
        assert processes.submit("worker_calls:count", {"name": lane}, lane=lane, urgent=True).wait(SECONDS)
    assert sorted(job.state for job in long) == ["running", "waiting", "waiting"]
    path.touch()
    assert len({job.wait(SECONDS) for job in long}) >= 1


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness here")
def test_workers_are_polite(processes: ProcessWorkers) -> None:
    found = processes.submit("worker_calls:environment", {}).wait(SECONDS)
    assert found["nice"] >= min(os.nice(0) + 10, 19)
    assert found["one_thread"] == ["1", "1", "1"]
    # The call's own thread and the one that watches over the parent: BLAS has made none.
    assert found["os_threads"] in (None, 2)
    assert "OPENBLAS_NUM_THREADS" not in os.environ or os.environ["OPENBLAS_NUM_THREADS"]


def test_stopping_leaves_no_process_and_fails_what_was_not_done(tmp_path: Path) -> None:
    workers = ProcessWorkers(2)
    workers.start()
    running = workers.submit("worker_calls:never_yield", {}, lane="a")
    waiting = workers.submit("worker_calls:touch", {"path": str(tmp_path / "x")}, lane="a")
    begun(running)
    pids = workers.process_ids
    workers.stop()
    workers.stop()
    for job in (running, waiting, workers.submit("worker_calls:touch", {"path": str(tmp_path / "y")})):
        with pytest.raises(Cancelled):
            job.wait(SECONDS)
    assert not list(tmp_path.iterdir())
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_stopping_before_anything_has_started() -> None:
    never, at_once = ProcessWorkers(1), ProcessWorkers(1)
    never.stop()
    at_once.start()
    at_once.stop()
    assert at_once.process_ids == (None,)


def test_workers_that_can_not_start_fail_their_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ghostnote.studio.slots._spawn", _no_process)
    workers = ProcessWorkers(1)
    workers.start()
    with pytest.raises(WorkerLost, match="do not start"):
        workers.submit("ghostnote.studio.worker_process:echo", {}).wait(SECONDS)
    workers.stop()


def _no_process(*_: Any) -> None:
    raise OSError("no memory")


def test_unknown_jobs_are_not_found(workers: Workers) -> None:
    with pytest.raises(NotFound):
        workers.job("0123456789abcdef")


def test_results_that_are_bytes_are_not_kept(workers: Workers) -> None:
    job = workers.submit("ghostnote.studio.worker_process:echo", {"wav": b"RIFF"})
    retired = threading.Event()
    job.on_end(lambda _: retired.set())
    job.wait(SECONDS)
    assert retired.wait(SECONDS)
    with pytest.raises(NotFound):
        workers.job(job.id)


def test_a_request_that_goes_away_does_not_cancel_the_work(workers: Workers, tmp_path: Path) -> None:
    job = workers.submit("worker_calls:wait_for", {"path": str(tmp_path / "go")})

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(job.result(), 0.01)

    asyncio.run(impatient())
    (tmp_path / "go").touch()
    assert isinstance(job.wait(SECONDS), int)


def test_listeners_of_a_loop_that_is_closed_do_no_harm(workers: Workers, tmp_path: Path) -> None:
    job = workers.submit("worker_calls:wait_for", {"path": str(tmp_path / "go")})
    loop = asyncio.new_event_loop()
    events = job.events()
    loop.run_until_complete(anext(events))
    loop.close()
    (tmp_path / "go").touch()
    assert job.wait(SECONDS)
