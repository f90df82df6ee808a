"""Many people at once: each has a smaller search, so that nobody waits."""

from pathlib import Path
from typing import Any

import pytest
from exploring import FEW, Page, travel
from fastapi import FastAPI

from ghostnote.explore.controls import Controls
from ghostnote.explore.session import Session
from ghostnote.loops import encode_loop
from ghostnote.studio.app import Studio
from ghostnote.studio.exploring_calls import imagine
from ghostnote.studio.exploring_models import SettingsBody
from ghostnote.studio.routes.sessions import settings_of


def test_a_few_have_whole_searches_and_more_share_them(app: FastAPI, studio: Studio) -> None:
    shares: list[float] = []
    submit = studio.workers.submit

    def watched(call: str, arguments: Any, **options: Any) -> Any:
        shares.append(arguments["share"])
        return submit(call, arguments, **options)

    studio.workers.submit = watched  # type: ignore[method-assign]

    async def journey(page: Page) -> None:
        for here in range(1, 9):
            await page.begin()
            await page.next()
            assert min(shares) == pytest.approx(min(1.0, 4 / here)), f"{here} people"

    travel(app, journey)


@pytest.mark.parametrize(
    ("wished", "share", "left"), [(500, 0.5, 250), (500, 0.1, 200), (100, 0.1, 100), (500, 1, 500)]
)
def test_a_share_of_a_search_has_fewer_candidates(tmp_path: Path, wished: int, share: float, left: int) -> None:
    path = tmp_path / "one.ghostnote"
    session = Session.open(path, settings_of(SettingsBody.model_validate(FEW | {"candidates": wished})))
    arguments = {"path": str(path), "samples": str(tmp_path), "marks": "", "share": share}
    found = imagine(arguments, lambda done, total: None)
    assert found is not None
    assert found["imagined"]["loop"] == encode_loop(session.imagine(controls=Controls(candidates=left)).candidate.loop)
