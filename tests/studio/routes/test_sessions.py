"""Sessions as files: begun, named, copied, brought in, and followed."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from exploring import FEW, Page, travel
from fastapi import FastAPI

from ghostnote.critic.encoder import load_encoder
from ghostnote.explore.session import Session
from ghostnote.loops import encode_loop
from ghostnote.loops.pattern import row_text
from ghostnote.studio.app import Studio
from ghostnote.studio.routes.sessions import _changes
from ghostnote.studio.shelf import Shelf

sys.path.insert(0, str(Path(__file__).parents[2] / "explore"))  # the engine that is none lies there
from fake_engine import random_loop


def test_sessions_are_named_and_listed(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        first = await page.begin()
        second = await page.post("/api/sessions", {"name": "Dub", "settings": FEW}, 201)
        assert [entry["name"] for entry in await page.get("/api/sessions")] == ["Dub", "Session 1"]
        renamed = await page.ask("PATCH", f"/api/sessions/{first['id']}", json={"name": "<b>Friday</b>"})
        assert renamed["name"] == "<b>Friday</b>"
        await page.ask("PATCH", f"/api/sessions/{first['id']}", 422, json={"name": ""})
        assert (await page.get(f"/api/sessions/{second['id']}"))["settings"]["own_sounds"] == 12
        broken = studio.places.session("0123456789abcdef")
        broken.write_bytes(b"nothing")
        listed = {entry["id"]: entry for entry in await page.get("/api/sessions")}
        assert listed[broken.stem]["problem"]
        assert len(listed) == 3
        await page.get(f"/api/sessions/{broken.stem}", 422)

    travel(app, journey)


def test_sessions_without_a_seed_differ_but_share_their_sounds(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        settings = {name: value for name, value in FEW.items() if name != "seed"}
        told = [await page.post("/api/sessions", {"settings": settings}, 201) for _ in range(2)]
        kept = [Session.open(studio.places.session(entry["id"])).settings for entry in told]
        assert kept[0].seed != kept[1].seed
        assert kept[0].seed_of_pool == kept[1].seed_of_pool == 0

    travel(app, journey)


def test_bars_of_dropped_beats_are_drawn_from(app: FastAPI, studio: Studio) -> None:
    odd = {"voice": "kick", "hits": "x--------------x" * 2}

    async def journey(page: Page) -> None:
        pattern = {"tempo_bpm": 100, "steps_per_bar": 16, "bars": 2, "rows": [odd], "name": "odd"}
        beat = await page.post("/api/beats/pattern", pattern, 201)
        settings = FEW | {"steps": 16, "musical": 1.0}
        told = await page.post("/api/sessions", {"settings": settings, "beats": [beat["id"]]}, 201)
        engine = Session.open(studio.places.session(told["id"])).engine
        drawn = [engine.generator.draw(np.random.default_rng(seed)) for seed in range(40)]
        kicks = [row_text(loop.pattern.hits[:, 0]) for loop in drawn]
        assert 8 <= kicks.count("x--------------x") <= 32, "half of what is musical"
        gone = await page.post("/api/sessions", {"settings": settings, "beats": ["0" * 32]}, 404)
        assert "beat must be" in gone["error"]["message"]
        short = await page.post("/api/sessions", {"settings": FEW | {"steps": 12}, "beats": [beat["id"]]}, 422)
        assert "a bar of 12 steps" in short["error"]["message"]

    travel(app, journey)


@pytest.mark.parametrize("settings", [{"musical": 2}, {"steps": 7}, {"tempo_bpm": [300, 400]}, {"own_sounds": -1}])
def test_settings_that_make_no_sense_are_refused(app: FastAPI, settings: dict[str, object]) -> None:
    async def journey(page: Page) -> None:
        await page.post("/api/sessions", {"settings": settings}, 422)
        assert await page.get("/api/sessions") == []

    travel(app, journey)


def test_a_session_is_taken_away_and_brought_back(app: FastAPI, studio: Studio, tmp_path: Path) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        await page.rate(await page.next(), True)
        await page.ask("PATCH", "/api/sessions/SID", json={"name": "Mine"})
        answer = await page.get("/api/sessions/SID/file")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "Mine.ghostnote" in answer.headers["content-disposition"]
        copy = tmp_path / "copy.ghostnote"
        copy.write_bytes(answer.content)
        assert Session.open(copy).marks == "+"
        taken = await page.send("/api/sessions/import", answer.content, name="other.ghostnote")
        assert taken["id"] != page.sid
        assert (taken["name"], taken["counts"]["liked"]) == ("Mine", 1)
        assert (await page.post(f"/api/sessions/{taken['id']}/next"))["id"] == 2
        assert list(studio.places.uploads.iterdir()) == []

    travel(app, journey)


def altered(change: Callable[[sqlite3.Connection], object]) -> Callable[[Path], None]:
    def alter(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            change(connection)

    return alter


def with_proposal(**wrong: object) -> Callable[[Path], None]:
    """Return what adds a proposal that is one of ours, but for what is given."""
    loop = random_loop(np.random.default_rng(0))
    ours = {
        "loop_key": loop.key, "loop": json.dumps(encode_loop(loop)), "origin": "random", "score": 0.5,
        "uncertainty": 0.1, "embedding": bytes(12), "encoder": "e" * 64, "made_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    values = ours | wrong
    names = ", ".join(values)
    query = f"INSERT INTO proposal ({names}) VALUES ({', '.join('?' * len(values))})"
    return altered(lambda connection: connection.execute(query, tuple(values.values())))


HOSTILE: dict[str, Callable[[Path], object]] = {
    "not SQLite": lambda path: path.write_bytes(b"MThd" * 100),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:9_000]),
    "damaged": lambda path: path.write_bytes(path.read_bytes()[:5_000] + b"\xff" * 30_000),
    "another program's": altered(lambda c: c.execute("PRAGMA application_id = 7")),
    "newer": altered(lambda c: c.execute("PRAGMA user_version = 9")),
    "older than the first": altered(lambda c: c.execute("PRAGMA user_version = 0")),
    "with a trigger of its own": altered(
        lambda c: c.execute("CREATE TRIGGER t AFTER INSERT ON judgement BEGIN UPDATE session SET made_at = 'x'; END")
    ),
    "with a view in the place of a table": altered(
        lambda c: c.executescript("DROP TABLE recording; CREATE VIEW recording AS SELECT 1 AS digest")
    ),
    "without its triggers": altered(lambda c: c.execute("DROP TRIGGER judgement_kept_on_delete")),
    "with settings that are none": altered(lambda c: c.execute("UPDATE session SET settings = '{\"steps\": 1e9}'")),
    "with bars that are none": altered(
        lambda c: c.execute("UPDATE session SET settings = json_set(settings, '$.bars', 'x')")
    ),
    "with a recording that is none": altered(
        lambda c: c.execute("INSERT INTO recording VALUES ('../../x', 'x', 1.0, x'00')")
    ),
    "with a recording that is damaged": altered(
        lambda c: c.execute(f"INSERT INTO recording VALUES ('{'a' * 32}', 'x', 1.0, x'664c6143')")
    ),
    "with a loop that is none": altered(
        lambda c: c.execute(
            "INSERT INTO proposal (loop_key, loop, origin, score, uncertainty, embedding, encoder, made_at) "
            "VALUES ('k', '{}', 'o', 0, 0, x'00', 'e', 't')"
        )
    ),
    "with an embedding that is not finite": with_proposal(embedding=np.full(3, np.nan, "<f4").tobytes()),
    "with an embedding that overflows": with_proposal(embedding=np.full(3, 3e38, "<f4").tobytes()),
    "with an embedding that is empty": with_proposal(embedding=b""),
    "with an embedding that is a text": with_proposal(embedding="xxxx"),
    "with an embedding of our encoder but not of its length": with_proposal(encoder=load_encoder().sha256),
    "with embeddings of one encoder but of two lengths": lambda path: (
        with_proposal()(path),
        with_proposal(embedding=bytes(16))(path),
    ),
    "with a score that is a text": with_proposal(score="likely"),
    "with a score that is infinite": with_proposal(score=float("inf")),
    "with a score beyond 1": with_proposal(score=1.5),
    "with an uncertainty below 0": with_proposal(uncertainty=-0.5),
    "with an origin that is no text": with_proposal(origin=b"\x00\xff"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused(app: FastAPI, studio: Studio, tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.ghostnote"
    Session.open(path)
    HOSTILE[case](path)

    async def journey(page: Page) -> None:
        refused = await page.send("/api/sessions/import", path.read_bytes(), 422)
        assert refused["error"]["kind"] in ("InvalidInput", "InvalidAudio")
        assert str(tmp_path) not in refused["error"]["message"]
        assert await page.get("/api/sessions") == []
        assert list(studio.places.uploads.iterdir()) == []

    travel(app, journey)


def test_a_proposal_of_another_encoder_is_taken(app: FastAPI, tmp_path: Path) -> None:
    path = tmp_path / "a.ghostnote"
    Session.open(path)
    with_proposal()(path)

    async def journey(page: Page) -> None:
        taken = await page.send("/api/sessions/import", path.read_bytes())
        assert taken["counts"]["proposals"] == 1
        assert (await page.get(f"/api/sessions/{taken['id']}/map"))["loops"]

    travel(app, journey)


def test_folders_of_a_stranger_are_not_looked_into(app: FastAPI, studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "a.ghostnote"
    Session.open(path)

    def point(connection: sqlite3.Connection) -> None:
        (text,) = connection.execute("SELECT settings FROM session").fetchone()
        connection.execute("UPDATE session SET settings = ?", (json.dumps(json.loads(text) | {"folders": ["/etc"]}),))

    altered(point)(path)

    async def journey(page: Page) -> None:
        taken = await page.send("/api/sessions/import", path.read_bytes())
        assert Session.open(studio.places.session(taken["id"])).settings.folders == ()

    travel(app, journey)


def test_changes_by_this_window_and_by_other_programs_are_told(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        shelf = studio.part(Shelf, lambda: Shelf(studio.places))
        events = _changes(page.sid, shelf)
        assert (await anext(events))["last"] is None
        coming = asyncio.ensure_future(anext(events))
        await page.next()
        assert (await asyncio.wait_for(coming, 5))["last"] == 1
        coming = asyncio.ensure_future(anext(events))
        await asyncio.to_thread(lambda: Session.open(studio.places.session(page.sid)).rate(1, liked=True))
        told = await asyncio.wait_for(coming, 5)
        assert told["kind"] == "changed"
        assert told["counts"]["liked"] == 1
        await events.aclose()
        assert shelf._listeners == {}

    travel(app, journey)
