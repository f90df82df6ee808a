"""The app of a study that is served: pages for participants, a page for its operator, and the guard around both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from ghostnote import __version__
from ghostnote.studio.answers import error_answer, install_handlers
from ghostnote.studio.security import Access
from ghostnote.studio.study_guard import KnownIds, StudyGuard
from ghostnote.studio.study_site import Site
from ghostnote.studio.uploads import BoundedBodies
from ghostnote.studio.workers import Workers
from ghostnote.study.running import Study
from ghostnote.study.store import AnswerConflict, UnknownParticipant


def create_study_app(study: Study, workers: Workers, access: Access) -> FastAPI:
    """Return the app of a study. Its workers start and stop with it.

    Args:
        study: that is served.
        workers: who proposes loops.
        access: the operator's credential and token, the port, and the names under which it may be asked for.
    """
    from ghostnote.studio.routes import study_operator, study_pages, study_participant

    site = Site(study, workers, access)
    app = FastAPI(
        title="Ghostnote study",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.site = site
    app.state.stopping = asyncio.Event()
    install_handlers(app)
    app.add_exception_handler(AnswerConflict, _on_conflict)
    app.add_exception_handler(UnknownParticipant, _on_unknown)
    for part in (study_participant, study_operator, study_pages):  # pages last: static files are among them
        app.include_router(part.router)
    app.add_middleware(BoundedBodies)
    app.add_middleware(StudyGuard, access=access, ids=KnownIds(site.is_participant))  # the outermost
    return app


async def _on_conflict(request: Request, error: Exception) -> JSONResponse:
    del request
    return error_answer(409, "Conflict", str(error))


async def _on_unknown(request: Request, error: Exception) -> JSONResponse:
    del request
    return error_answer(404, "NotFound", str(error))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    site: Site = app.state.site
    site.workers.start()
    try:
        yield
    finally:
        app.state.stopping.set()
        await anyio.to_thread.run_sync(site.workers.stop)
        await anyio.to_thread.run_sync(site.study.close)
