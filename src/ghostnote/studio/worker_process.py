"""What runs in a worker process: one call after the other, politely, with progress and an ear for cancelling."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import connection as connections
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

from ghostnote.errors import GhostnoteError
from ghostnote.studio.errors import Cancelled, encode_error
from ghostnote.studio.frames import encode, receive, send, send_frames

logger = logging.getLogger("ghostnote.studio")

Report = Callable[[int, int], None]
Function = Callable[[dict[str, Any], Report], Any]

_REPORT_EVERY_SECONDS = 0.05


def run_worker(connection: Connection[Any, Any], nice: int, warm_up: Sequence[str]) -> None:
    """Serve calls that come over `connection` until it closes. The target of a worker process.

    Args:
        connection: to the studio.
        nice: by how much to lower the priority.
        warm_up: calls to make, with no arguments, while nothing else is asked for; what they load stays loaded.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the studio ends us in order
    if hasattr(os, "nice"):
        os.nice(nice)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    to_warm = list(warm_up)
    try:
        send(connection, {"kind": "ready"})
        while True:
            while to_warm and not connection.poll():  # a call that has come goes before what is not warm yet
                _warm(to_warm.pop(0))
            message = receive(connection)
            if message["kind"] == "stop":
                return
            if message["kind"] == "call":  # a cancel that came too late is passed over
                _answer(connection, message)
    except (EOFError, OSError):
        return


def find_function(call: str) -> Function:
    """Return the function that `module:name` names. It comes from our own code, never from a request.

    >>> find_function("ghostnote.studio.worker_process:echo")({"a": 1}, print)
    {'a': 1}
    """
    module, _, name = call.partition(":")
    if not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"call must be 'MODULE:FUNCTION'; got {call!r}")
    function: Function = getattr(import_module(module), name)
    return function


def echo(arguments: dict[str, Any], report: Report) -> Any:
    """Return `arguments`: the least call there is."""
    del report
    return arguments


def perform(call: str, arguments: Mapping[str, Any], report: Report) -> list[bytes]:
    """Make a call; return the frames of the message that tells how it ended."""
    try:
        return encode({"kind": "done", "result": find_function(call)(dict(arguments), report)})
    except GhostnoteError as error:
        return encode({"kind": "failed", "error": encode_error(error)})
    except Exception as error:
        logger.exception("unforeseen, in %s", call)  # the process lives on
        return encode({"kind": "failed", "error": encode_error(error)})


@dataclass
class _Reporter:
    """Tells progress, not too often, and raises `Cancelled` once that was asked for."""

    connection: Connection[Any, Any]
    job: str
    told_at: float = field(default=-1.0)

    def __call__(self, done: int, total: int) -> None:
        while self.connection.poll():
            message = receive(self.connection)
            if message["kind"] == "stop" or message.get("job") == self.job:
                raise Cancelled("cancelled before it was done")
        now = time.monotonic()
        if done >= total or now - self.told_at >= _REPORT_EVERY_SECONDS:
            self.told_at = now
            send(self.connection, {"kind": "progress", "done": int(done), "total": int(total)})


def _answer(connection: Connection[Any, Any], message: Mapping[str, Any]) -> None:
    send(connection, {"kind": "begun"})
    frames = perform(message["call"], message["arguments"], _Reporter(connection, message["job"]))
    send_frames(connection, frames)


def _warm(call: str) -> None:
    try:
        find_function(call)({}, lambda done, total: None)
    except Exception:
        # The first real call will raise it to somebody who can tell the user.
        logger.exception("warm-up %s failed", call)


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connections.wait([parent.sentinel])
        os._exit(1)
