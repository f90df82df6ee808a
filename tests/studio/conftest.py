from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi import CREDENTIAL, PORT
from fastapi import FastAPI

from ghostnote.studio.app import Studio, create_app
from ghostnote.studio.security import Access
from ghostnote.studio.workers import ThreadWorkers


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A studio on an empty home, whose workers are threads."""
    studio = Studio(tmp_path / "home", ThreadWorkers(), Access(CREDENTIAL, PORT))
    studio.places.ensure()
    yield studio
    studio.workers.stop()
    studio.close()


@pytest.fixture
def app(studio: Studio) -> FastAPI:
    """The whole app, guard included."""
    return create_app(studio)
