"""Calls that workers make in tests: well-behaved ones and others."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ghostnote.errors import InvalidMidi
from ghostnote.studio.errors import NotFound

Report = Callable[[int, int], None]
_counts: dict[str, int] = {}


class OwnError(NotFound):
    """An error that only this module knows."""


def touch(arguments: dict[str, Any], report: Report) -> str:
    Path(arguments["path"]).write_text(str(os.getpid()))
    return "touched"


def count(arguments: dict[str, Any], report: Report) -> list[int]:
    """Return the process, and how often this was called in it with this name."""
    _counts[arguments["name"]] = _counts.get(arguments["name"], 0) + 1
    return [os.getpid(), _counts[arguments["name"]]]


def wait_for(arguments: dict[str, Any], report: Report) -> int:
    """Tell that it began, and go on until a file is there."""
    report(0, 2)
    while not Path(arguments["path"]).exists():
        report(1, 2)
        time.sleep(0.005)
    report(2, 2)
    return os.getpid()


def never_yield(arguments: dict[str, Any], report: Report) -> None:
    report(0, 1)
    while True:
        time.sleep(60)


def steps(arguments: dict[str, Any], report: Report) -> int:
    for done in range(arguments["steps"] + 1):
        report(done, arguments["steps"])
    return os.getpid()


def die(arguments: dict[str, Any], report: Report) -> None:
    report(0, 1)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(arguments: dict[str, Any], report: Report) -> None:
    raise {"midi": InvalidMidi, "own": OwnError, "bug": KeyError}[arguments["how"]](arguments["message"])


def no_message(arguments: dict[str, Any], report: Report) -> object:
    return object()


def environment(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    import numpy  # noqa: F401 - its threads are counted

    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    threads = [thread.name for thread in threading.enumerate()]
    return {
        "nice": os.nice(0),
        "one_thread": [os.environ.get(name) for name in names],
        "os_threads": len(list(Path("/proc/self/task").iterdir())) if Path("/proc/self/task").exists() else None,
        "threads": len(threads),
    }
