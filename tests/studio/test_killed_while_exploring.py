"""The studio is killed between a rating and the next proposal, again and again: nothing is lost, nothing doubled."""

from pathlib import Path

import httpx
from exploring import FEW
from studio_process import StudioProcess

from ghostnote.explore.session import Session

COLD = ("-c", "from ghostnote.studio import serving; serving.WARM_UP = (); from ghostnote.cli import main; main()")
"""Starts a studio that makes nothing ahead: this one is started often, and proposes little."""


def test_a_killed_studio_lost_nothing(tmp_path: Path) -> None:
    studio = StudioProcess(tmp_path / "home", program=COLD)
    studio.start()
    try:
        sid = ask(studio, "/api/sessions", {"settings": FEW})["id"]
        for turn in range(2):
            proposal = ask(studio, f"/api/sessions/{sid}/next", {})
            assert proposal["id"] == turn + 1
            rating = {"liked": turn % 2 == 0, "key": f"k{turn}"}
            path = f"/api/sessions/{sid}/proposals/{proposal['id']}/rating"
            first = ask(studio, path, rating)
            studio.kill()
            studio.start()
            assert ask(studio, path, rating) == first, "the page, which can not know, sends it again"
        kept = Session.open(studio.home / "sessions" / f"{sid}.ghostnote")
        assert kept.marks == "+-"
        assert len(kept.log()) == 2
        third = ask(studio, f"/api/sessions/{sid}/next", {})
        studio.kill()
        studio.start()
        assert ask(studio, f"/api/sessions/{sid}/next", {}) == third, "it still waits for its answer"
    finally:
        studio.kill()


def ask(studio: StudioProcess, path: str, body: object) -> dict[str, object]:
    cookies = {studio.cookie["name"]: studio.cookie["value"]}
    answer = httpx.post(studio.address.rstrip("/") + path, json=body, cookies=cookies, timeout=120)
    assert answer.is_success, answer.text
    told: dict[str, object] = answer.json()
    return told
