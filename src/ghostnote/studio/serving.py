"""Serving the studio: a socket that is its own, one server, an orderly end."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.studio.app import Studio, create_app
from ghostnote.studio.passwords import Password
from ghostnote.studio.places import Places, read_credential
from ghostnote.studio.security import Access, check_exposure, is_loopback
from ghostnote.studio.workers import ProcessWorkers, Workers

DEFAULT_PORT = 4747
PORTS_TRIED = 11
WARM_UP = ("ghostnote.studio.exploring_calls:warm_up", "ghostnote.studio.calls:warm_up")
_LAST_WORDS_SECONDS = 2
_LONGEST_HEAD_BYTES = 65_536
"""More than the longest address: a loop or a sound is part of one (`ghostnote.studio.routes.loops`)."""


@dataclass(frozen=True)
class Bound:
    """A socket that listens.

    Args:
        socket: to be served from.
        host: as it was asked for.
        port: that it got.
    """

    socket: socket.socket
    host: str
    port: int

    @property
    def address(self) -> str:
        """Address of the page."""
        host = self.host if is_loopback(self.host) else "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


def bind(host: str, port: int) -> Bound:
    """Return a socket on `port`, or on the next free one of the ten after it; port 0 is any free one.

    Raises:
        InvalidParameter: `host` is not an address of this machine, or the port can not be used.
        StorageError: all of the ports are taken.
    """
    if not 0 <= port <= 65_535:
        raise InvalidParameter(f"port must lie in 0…65535; got {port}")
    try:
        family, kind, protocol, _, _ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InvalidParameter(f"host must be an address of this machine; got {host!r} ({error})") from error
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)) if port else (0,):
        listener = socket.socket(family, kind, protocol)
        try:
            if sys.platform != "win32":  # there, it would let two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                continue
            raise InvalidParameter(
                f"host and port must be free to use here; got {host}:{candidate} ({error})"
            ) from error
        return Bound(listener, host, listener.getsockname()[1])
    raise StorageError(f"ports {port} to {port + PORTS_TRIED - 1} are all taken; choose another with --port")


def open_studio(
    home: Path, bound: Bound, *, password: Password | None = None, names: frozenset[str] = frozenset()
) -> Studio:
    """Return the studio of a home, to be served on a socket.

    Raises:
        InvalidParameter: other machines could reach it and there is no password.
        StorageError: the home can not be used.
    """
    check_exposure(bound.host, password)
    Places(home).ensure()
    if not is_loopback(bound.host) and bound.host not in ("0.0.0.0", "::"):
        names |= {f"[{bound.host}]" if ":" in bound.host else bound.host}
    access = Access(read_credential(home), bound.port, names=names, password=password)
    return Studio(home, ProcessWorkers(warm_up=WARM_UP), access)


class _Server(uvicorn.Server):
    """uvicorn's server, which tells when it is ready, and ends streams of events when it is asked to stop."""

    def __init__(self, app: FastAPI, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            h11_max_incomplete_event_size=_LONGEST_HEAD_BYTES,
            timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
        )
        super().__init__(config)
        self._studio_app, self._on_ready = app, on_ready
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a second time, at once."""
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._studio_app.state.stopping.set)


def serve(studio: Studio, bound: Bound, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve until a signal asks for the end; leaves no process behind.

    Args:
        studio: to serve.
        bound: from where.
        on_ready: called once it answers.

    Raises:
        StorageError: it did not start; the log tells why.
    """
    serve_app(create_app(studio), studio.workers, bound, on_ready)


def serve_app(app: FastAPI, workers: Workers, bound: Bound, on_ready: Callable[[], None]) -> None:
    """Serve an app whose state has `stopping`, and which lives by these workers; see `serve`."""
    server = _Server(app, on_ready)
    try:
        server.run(sockets=[bound.socket])
    finally:
        workers.stop()
    if not server.started:
        raise StorageError("the studio did not start; what is printed above tells why")
