"""What a session found: best, map, learning curve, export."""

import io
import json
import zipfile

import numpy as np
import pytest
from exploring import Page, travel
from fastapi import FastAPI

from ghostnote.studio.learning import flat, learning_curve


def test_findings_of_a_session(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        for path in ("best", "map", "learning"):
            empty = await page.get(f"/api/sessions/SID/{path}")
            assert empty in ([], {"loops": [], "sounds": []}, {"points": []})
        for turn in range(6):
            await page.rate(await page.next(), turn % 2 == 0)
        best = await page.get("/api/sessions/SID/best", count=2)
        scores = [entry["score"] for entry in best]
        assert len(best) == 2
        assert scores == sorted(scores, reverse=True)
        assert all(entry["liked"] for entry in best)
        learned = (await page.get("/api/sessions/SID/learning"))["points"]
        assert [point["theta"] for point in learned] == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2, 3 / 5, 1 / 2])
        drawn = await page.get("/api/sessions/SID/map")
        assert drawn == await page.get("/api/sessions/SID/map")
        assert [entry["id"] for entry in drawn["loops"]] == [1, 2, 3, 4, 5, 6]
        spots = [(entry["x"], entry["y"]) for entry in (*drawn["loops"], *drawn["sounds"])]
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in spots)
        assert {entry["liked"] for entry in drawn["sounds"]} <= {0.0, 1.0, 0.5} | {1 / 3, 2 / 3, 0.25, 0.75, 0.4, 0.6}

    travel(app, journey)


def test_loops_are_exported_as_a_zip(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        for _ in range(2):
            await page.rate(await page.next(), True)
        await page.ask("PATCH", "/api/sessions/SID", json={"name": "../Dub/1"})
        body = {"ids": [2, 1], "stems": True, "repeats": 2, "drum_map": "gm"}
        maps = (await page.get("/api/meta"))["drum_maps"]
        started = await page.post("/api/sessions/SID/export", body | {"drum_map": maps[0]}, 202)
        state = await page.done(started["job"])
        answer = await page.get(state["result"]["download"])
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names = archive.namelist()
            listing = next(name for name in names if name.endswith("loops.json"))
            told = json.loads(archive.read(listing))
        assert [loop["id"] for loop in told["loops"]] == [2, 1]
        assert all(".." not in name and not name.startswith("/") for name in names)
        assert any("/stems/" in name for name in names)
        refused = await page.post("/api/sessions/SID/export", {"drum_map": "none"}, 422)
        assert "drum_map must be one of" in refused["error"]["message"]
        await page.post("/api/sessions/SID/export", {"ids": [9]}, 422)

    travel(app, journey)


def test_nothing_liked_is_nothing_to_export(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        started = await page.post("/api/sessions/SID/export", {}, 202)
        state = await page.done(started["job"])
        assert state["error"]["kind"] == "InvalidParameter"
        assert "Like one first" in state["error"]["message"]

    travel(app, journey)


def test_the_learning_curve_looks_at_the_last_ten() -> None:
    curve = learning_curve([(True, 0.9)] * 10 + [(False, 0.2)] * 10)
    assert [curve.points[index].theta for index in (0, 9, 14, 19)] == [1.0, 1.0, 0.5, 0.0]
    assert curve.points[19].expected == pytest.approx(0.2)


def test_the_map_is_always_the_same_way_round() -> None:
    rng = np.random.default_rng(1)
    points = list((rng.standard_normal((30, 8)) * np.arange(8, 0, -1)).astype(np.float32))
    drawn = flat(points)
    assert drawn.min() == 0.0
    assert drawn.max() == 1.0
    assert np.allclose(drawn, flat(points))
    assert np.allclose(flat(points[:1]), 0.5), "one loop is in the middle"
    assert np.allclose(flat([points[0]] * 3), 0.5)
