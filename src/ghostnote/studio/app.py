"""The studio's app: its routes, what they share, and the guard around them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request

from ghostnote import __version__
from ghostnote.studio.answers import install_handlers
from ghostnote.studio.places import Places
from ghostnote.studio.security import Access, Guard, OneTimeToken
from ghostnote.studio.uploads import BoundedBodies
from ghostnote.studio.workers import Workers

T = TypeVar("T")


@dataclass(frozen=True)
class Studio:
    """What all routes share.

    Args:
        home: folder of everything that lasts.
        workers: who does long work.
        credential: what the cookie of a page must hold.
        port: on which the server listens.
        token: that is exchanged for the cookie, once.
        names: hosts besides loopback's under which it may be asked for.
        password: where other machines may reach it.
    """

    home: Path
    workers: Workers
    access: Access
    _parts: dict[type[Any], Any] = field(default_factory=dict, repr=False, compare=False)
    _making: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    @property
    def places(self) -> Places:
        """Paths below the home."""
        return Places(self.home)

    @property
    def credential(self) -> str:
        """What the cookie of a page must hold."""
        return self.access.credential

    @property
    def token(self) -> OneTimeToken:
        """What is exchanged for the cookie, once."""
        return self.access.token

    def part(self, kind: type[T], make: Callable[[], T]) -> T:
        """Return what routes keep in memory, of this type; made when it is asked for first, closed when the app ends.

        A part with a method `close()` has it called when the app ends.
        """
        with self._making:
            if kind not in self._parts:
                self._parts[kind] = make()
            part: T = self._parts[kind]
            return part

    def close(self) -> None:
        """Close the parts, the latest first."""
        with self._making:
            while self._parts:
                _, part = self._parts.popitem()
                if close := getattr(part, "close", None):
                    close()


def studio_of(request: Request) -> Studio:
    """Return the studio of the app; for `Depends`."""
    studio: Studio = request.app.state.studio
    return studio


def create_app(studio: Studio) -> FastAPI:
    """Return the app of a studio. Its workers start and stop with it."""
    app = FastAPI(
        title="Ghostnote studio",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page takes script from a CDN
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.studio = studio
    app.state.stopping = asyncio.Event()
    install_handlers(app)
    for router in _routers():
        app.include_router(router)
    app.add_middleware(BoundedBodies)
    app.add_middleware(Guard, access=studio.access)  # added last, so it is the outermost
    return app


def _routers() -> tuple[APIRouter, ...]:
    """Return the routers; static files come last, since they answer to any path."""
    from ghostnote.studio.routes import (  # here, since they import this module
        beats,
        downloads,
        explore,
        jobs,
        kits,
        meta,
        sounds,
        static,
        tasks,
    )

    parts = (explore, sounds, beats, tasks, kits, jobs, downloads, meta, static)
    return tuple(part.router for part in parts)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    studio: Studio = app.state.studio
    studio.places.ensure()
    studio.workers.start()
    try:
        yield
    finally:
        app.state.stopping.set()
        await anyio.to_thread.run_sync(studio.workers.stop)
        await anyio.to_thread.run_sync(studio.close)
