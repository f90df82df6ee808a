"""Exploring through the whole app: what is proposed, what is said of it, and that nothing of it is lost or doubled."""

import asyncio
from typing import Any

import pytest
from exploring import FEW, Page, travel
from fastapi import FastAPI

from ghostnote.explore.controls import decode_controls
from ghostnote.explore.session import Session
from ghostnote.loops import encode_loop
from ghostnote.studio.app import Studio
from ghostnote.studio.exploring_models import SettingsBody
from ghostnote.studio.routes.sessions import settings_of


def test_a_session_from_first_to_last(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        begun = await page.begin()
        assert begun["name"] == "Session 1"
        assert begun["settings"]["seed"] == 3
        first = await page.next()
        assert (first["id"], first["liked"], first["skipped"]) == (1, None, False)
        assert first["score"] is first["uncertainty"] is None, "the critic must not sway the person"
        assert len(first["names"]) == len(first["roles"]) == 2
        assert len(first["peaks"]) == 256
        assert max(first["peaks"]) > 0.1
        assert (await page.next())["id"] == 1, "it is not answered yet"
        assert (await page.next(fresh=True))["id"] == 2
        counts = await page.rate(first, True)
        assert counts == {"proposals": 2, "liked": 1, "disliked": 0, "skipped": 0, "unrated": 1}
        skipped = await page.post("/api/sessions/SID/proposals/2/skip", {"key": "s"})
        assert skipped["counts"]["skipped"] == 1
        third = await page.next()
        assert third["id"] == 3
        undone = await page.post("/api/sessions/SID/undo", {"key": "u"})
        assert (undone["proposal"]["id"], undone["proposal"]["skipped"]) == (2, False)
        assert undone["counts"]["unrated"] == 2
        rated = await page.get("/api/sessions/SID/proposals/1")
        assert rated["liked"] is True
        assert 0 <= rated["score"] <= 1
        assert (await page.get("/api/sessions"))[0]["counts"]["proposals"] == 3

    travel(app, journey)


@pytest.mark.parametrize("controls", [None, {"density": 0.2, "target": "surprising", "tempo_bpm": [90, 90]}])
def test_what_is_imagined_ahead_is_what_would_have_been_proposed(
    app: FastAPI, studio: Studio, tmp_path: Any, controls: Any
) -> None:
    plain = Session.open(tmp_path / "plain.ghostnote", settings_of(SettingsBody.model_validate(FEW)))
    known = decode_controls(controls) if controls else None

    async def journey(page: Page) -> None:
        await page.begin()
        for turn in range(10):
            proposal = await page.next(controls=controls)
            wanted = plain.propose(known)
            assert proposal["loop"] == encode_loop(wanted.loop), f"turn {turn}"
            if turn % 4 == 3:
                await page.post(f"/api/sessions/SID/proposals/{proposal['id']}/skip", {"key": f"s{turn}"})
                plain.skip(wanted.id)
            else:
                await page.rate(proposal, turn % 3 == 0)
                plain.rate(wanted.id, liked=turn % 3 == 0)
            await asyncio.sleep(0.05 * (turn % 3))  # now and then it is imagined by then, now and then not
        made = {job.call for job in studio.workers._register._finished.values()}  # type: ignore[attr-defined]
        assert made <= {"ghostnote.studio.exploring_calls:imagine"}
        told = [item["score"] for item in (await page.get("/api/sessions/SID/proposals"))["items"]]
        assert told == [item.proposal.score for item in plain.history()]

    travel(app, journey)


def test_undo_and_another_answer_lead_to_another_proposal(app: FastAPI, studio: Studio, tmp_path: Any) -> None:
    plain = Session.open(tmp_path / "plain.ghostnote", settings_of(SettingsBody.model_validate(FEW)))

    async def journey(page: Page) -> None:
        await page.begin()
        for turn in range(3):
            first = await page.next()
            await page.rate(first, True, f"one-{turn}")
            await page.post("/api/sessions/SID/undo", {"key": f"undo-{turn}"})
            await page.rate(first, False, f"other-{turn}")
            plain.rate(plain.propose().id, liked=False)
        assert (await page.next())["loop"] == encode_loop(plain.propose().loop)

    travel(app, journey)


def test_sending_again_changes_nothing(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        first = await page.next()
        body = {"liked": True, "key": "a"}
        path = "/api/sessions/SID/proposals/1/rating"
        assert await page.post(path, body) == await page.post(path, body)
        refused = await page.post(path, body | {"liked": False}, 409)
        assert refused["error"]["kind"] == "Conflict"
        assert "key must be a new one" in refused["error"]["message"]
        await page.post("/api/sessions/SID/proposals/1/skip", {"key": "a"}, 409)
        once = await page.post("/api/sessions/SID/undo", {"key": "b"})
        assert await page.post("/api/sessions/SID/undo", {"key": "b"}) == once
        await page.post("/api/sessions/SID/undo", {"key": "a"}, 409)
        assert len(Session.open(studio.places.session(page.sid)).log()) == 2
        assert first["id"] == 1

    travel(app, journey)


def test_two_windows_rate_and_ask_at_once(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        other = Page(page.client, page.sid)
        for turn in range(4):
            one, same = await asyncio.gather(page.next(), other.next())
            assert one == same
            await asyncio.gather(page.rate(one, True, f"a{turn}"), other.rate(same, turn % 2 == 0, f"b{turn}"))
        assert len(Session.open(studio.places.session(page.sid)).log()) == 8
        one, fresh = await asyncio.gather(page.next(fresh=True), other.next(fresh=True))
        assert {one["id"], fresh["id"]} == {5, 6}
        assert one["key"] != fresh["key"]

    travel(app, journey)


def test_another_process_may_change_the_session(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        await page.next()
        other = Session.open(studio.places.session(page.sid))
        other.rate(1, liked=False)
        mine = await page.next()
        assert mine["id"] == 2
        wanted = Session.open(studio.places.session(page.sid))
        assert wanted.marks == "-."
        other.rate(2, liked=True)
        assert other.propose().id == 3
        assert (await page.next())["id"] == 3, "the other's proposal waits for an answer"

    travel(app, journey)


def test_an_edited_loop_becomes_a_proposal(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        loop = (await page.next())["loop"]
        loop["rows"][0] = "x" * 8
        loop.pop("velocities", None)
        added = await page.post("/api/sessions/SID/loops", {"loop": loop})
        assert (added["id"], added["origin"], added["score"]) == (2, "edited", None)
        assert (await page.post("/api/sessions/SID/loops", {"loop": loop}))["id"] == 2
        await page.rate(added, True)
        edited = await page.get("/api/sessions/SID/proposals", kind="edited")
        assert [item["id"] for item in edited["items"]] == [2]
        for wrong in ({}, {"format": 1}, loop | {"tempo_bpm": 1e9}, loop | {"sounds": []}):
            assert (await page.post("/api/sessions/SID/loops", {"loop": wrong}, 422))["error"]["message"]

    travel(app, journey)


def test_history_is_listed_in_parts_and_by_kind(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        for turn in range(6):
            proposal = await page.next()
            if turn < 5:
                await page.rate(proposal, turn % 2 == 0)
        whole = await page.get("/api/sessions/SID/proposals")
        assert [item["id"] for item in whole["items"]] == [1, 2, 3, 4, 5, 6]
        part = await page.get("/api/sessions/SID/proposals", after=2, limit=2)
        assert ([item["id"] for item in part["items"]], part["total"]) == ([3, 4], 6)
        for kind, ids in (("liked", [1, 3, 5]), ("disliked", [2, 4]), ("skipped", [])):
            told = await page.get("/api/sessions/SID/proposals", kind=kind)
            assert ([item["id"] for item in told["items"]], told["total"]) == (ids, len(ids))
        assert [item["score"] is None for item in whole["items"]] == [False] * 5 + [True]

    travel(app, journey)


def test_rows_are_locked_by_controls(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        base = (await page.next())["loop"]
        found = await page.next(fresh=True, controls={"base": base, "locked_rows": [1]})
        assert found["loop"]["sounds"][1] == base["sounds"][1]
        assert found["loop"]["rows"][1] == base["rows"][1]
        wrong: tuple[dict[str, Any], ...]
        wrong = ({"locked_rows": [0]}, {"musical": 7}, {"density": "much"}, {"unknown": 1}, {"base": {}})
        for controls in wrong:
            refused = await page.post("/api/sessions/SID/next", {"fresh": True, "controls": controls}, 422)
            assert len(refused["error"]["message"]) > 10

    travel(app, journey)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/sessions/0123456789abcdef/next", {}, 404),
        ("POST", "/api/sessions/..%5Cx/next", {}, 404),
        ("POST", "/api/sessions/SID/proposals/9/rating", {"liked": True, "key": "k"}, 404),
        ("POST", "/api/sessions/SID/proposals/0/skip", {"key": "k"}, 404),
        ("GET", "/api/sessions/SID/proposals/99999999999999999999", None, 404),
        ("POST", "/api/sessions/SID/undo", {"key": "k"}, 422),
        ("POST", "/api/sessions/SID/undo", {"key": ""}, 422),
        ("POST", "/api/sessions/SID/undo", {"key": "a\x00b"}, 422),
        ("GET", "/api/sessions/SID/proposals?limit=0", None, 422),
        ("GET", "/api/sessions/SID/proposals?kind=other", None, 422),
    ],
)
def test_what_is_not_there_or_makes_no_sense(app: FastAPI, method: str, path: str, body: Any, status: int) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        refused = await page.ask(method, path, status, json=body)
        assert len(refused["error"]["message"]) > 10

    travel(app, journey)
