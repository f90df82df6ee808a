"""Loops and sounds by themselves: described, changed, heard, uploaded, learned from."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from exploring import FEW, Page, as_query, travel
from fastapi import FastAPI

from ghostnote.loops import decode_loop, play_loop, render_rows
from ghostnote.loops.rendering import HIT_GAIN
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.folders import add_sounds
from ghostnote.sounds.sound import decode_sound
from ghostnote.studio.app import Studio

sys.path.insert(0, str(Path(__file__).parents[2]))  # the fixtures of bytes lie there
from audio_bytes import hit, wav


def wave(content: bytes) -> tuple[np.ndarray, int]:
    audio, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return audio, rate


def test_a_loop_is_heard_as_the_critic_hears_it(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        proposal = await page.next()
        loop = decode_loop(proposal["loop"])
        answer = await page.get("/api/loops/audio", loop=as_query(proposal["loop"]), rate=48_000, repeats=2)
        audio, rate = wave(answer.content)
        assert rate == 48_000
        assert np.allclose(audio, play_loop(loop, SoundBank(), 48_000, repeats=2), atol=1e-6)
        described = await page.post("/api/loops/describe", {"loop": proposal["loop"]})
        assert described == {name: proposal[name] for name in ("key", "names", "roles", "gain", "peaks")}
        bar = render_rows(loop, SoundBank()).sum(axis=0) / HIT_GAIN * proposal["gain"]
        assert np.abs(bar).max() == pytest.approx(max(proposal["peaks"]), abs=1e-3)
        sound = proposal["loop"]["sounds"][0]
        heard = await page.get("/api/sounds/audio", sound=as_query(sound), rate=48_000)
        assert np.allclose(wave(heard.content)[0], SoundBank().audio(decode_sound(sound), 48_000))

    travel(app, journey)


def test_what_a_browser_keeps_is_asked_for_again(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        loop = (await page.next())["loop"]
        addresses = (
            ("/api/loops/audio", {"loop": as_query(loop)}),
            ("/api/sounds/audio", {"sound": as_query(loop["sounds"][0])}),
        )
        for path, query in addresses:
            first = await page.get(path, **query)
            assert first.headers["cache-control"] == "private, no-cache"
            known = {"if-none-match": first.headers["etag"]}
            again = await page.ask("GET", path, 304, params=query, headers=known)
            assert again.content == b""
            assert again.headers["cache-control"] == "private, no-cache"
            with monkeypatch.context() as patch:
                patch.setattr("ghostnote.studio.freshness.version_of_sounds", lambda: "newer")
                newer = await page.ask("GET", path, 200, params=query, headers=known)
            assert newer.headers["etag"] == '"newer"'

    travel(app, journey)


def test_one_row_is_changed_by_chance(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        loop = (await page.next())["loop"]
        for change, part in (("swap", "sounds"), ("mutate", "sounds"), ("cells", "rows")):
            body = {"loop": loop, "row": 1, "change": change, "amount": 0.5, "seed": 7}
            changed = await page.post("/api/loops/change", body | {"session": page.sid})
            assert changed["loop"][part][1] != loop[part][1], change
            assert changed["loop"][part][0] == loop[part][0]
            assert changed == await page.post("/api/loops/change", body | {"session": page.sid})
            alone = await page.post("/api/loops/change", body)
            assert alone["loop"][part][1] != loop[part][1]
        for wrong in ({"row": 2}, {"row": -1}, {"change": "other"}, {"amount": 2}, {"seed": -1}):
            await page.post("/api/loops/change", {"loop": loop, "row": 0, "change": "swap"} | wrong, 422)

    travel(app, journey)


@pytest.mark.parametrize("text", ["", "%%%", "bm8", as_query([]), as_query({"kind": "synth"}), "A" * 40_000])
def test_what_is_no_loop_and_no_sound_is_refused(app: FastAPI, text: str) -> None:
    async def journey(page: Page) -> None:
        for path, name in (("/api/loops/audio", "loop"), ("/api/sounds/audio", "sound")):
            assert (await page.get(path, 422, **{name: text}))["error"]["message"]
        await page.get("/api/loops/audio", 422, loop=as_query({}), rate=1)

    travel(app, journey)


def test_one_shots_of_the_user_are_played_and_stay_in_the_session(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        await page.begin()
        taken = await page.send("/api/sounds/samples", wav(hit(3)), name="../My Kick.wav")
        assert taken["sound"]["kind"] == "file"
        assert taken["role"] == "kick"
        again = await page.send("/api/sounds/samples", wav(hit(3)), name="other.wav")
        assert again["sound"]["digest"] == taken["sound"]["digest"]
        listed = (await page.get("/api/sounds"))["samples"]
        assert [entry["sound"]["digest"] for entry in listed] == [taken["sound"]["digest"]]
        heard = await page.get("/api/sounds/audio", sound=as_query(taken["sound"]), rate=44_100)
        assert np.abs(wave(heard.content)[0]).max() > 0.05
        loop = (await page.next())["loop"]
        loop["sounds"][0] = taken["sound"]
        added = await page.post("/api/sessions/SID/loops", {"loop": loop})
        assert added["roles"][0] == "kick"
        await page.rate(added, True)
        for path in studio.places.samples.iterdir():
            path.unlink()
        copy = await page.get("/api/sessions/SID/file")
        back = await page.send("/api/sessions/import", copy.content)
        page.sid = back["id"]
        assert (await page.get("/api/sessions/SID/best"))[0]["loop"]["sounds"][0] == taken["sound"]

    travel(app, journey)


def test_a_session_plays_one_shots_of_the_user(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        taken = await page.send("/api/sounds/samples", wav(hit(3)), name="Mine.wav")
        settings = {"seed": 1, "own_sounds": 0, "candidates": 16, "musical": 0.0}
        page.sid = (await page.post("/api/sessions", {"settings": settings, "sounds": ["samples"]}, 201))["id"]
        played = {sound["digest"] for sound in (await page.next())["loop"]["sounds"]}
        assert played == {taken["sound"]["digest"]}

    travel(app, journey)


def test_unusable_one_shots_are_refused(app: FastAPI, studio: Studio) -> None:
    async def journey(page: Page) -> None:
        for content in (b"", b"nothing", wav(np.zeros(4_000)), wav(hit())[:30], wav(np.full(4_000, np.nan))):
            refused = await page.send("/api/sounds/samples", content, 422, name="x.wav")
            assert refused["error"]["kind"] in ("InvalidAudio", "InvalidInput")
            assert refused["error"]["message"].startswith("x")
            assert str(studio.places.home) not in refused["error"]["message"]
        await page.send("/api/sounds/samples", bytes(20 * 2**20 + 1), 413, name="x.wav")
        assert list(studio.places.samples.iterdir()) == []

    travel(app, journey)


def test_a_session_begins_with_audio_that_is_liked(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        id = (await page.post("/api/warm-starts", status=201))["id"]
        empty = await page.post("/api/sessions", {"settings": FEW, "warm_start": id}, 422)
        assert "must have a file" in empty["error"]["message"]
        bar = np.tile(np.concatenate([hit(), np.zeros(11_025)]), 16)
        good = await page.send(f"/api/warm-starts/{id}/like", wav(bar), name="good.wav")
        assert good["bars"] >= 1
        bad = await page.send(f"/api/warm-starts/{id}/dislike", b"nothing", 422, name="bad.wav")
        assert "bad.wav" in bad["error"]["message"]
        begun = await page.post("/api/sessions", {"settings": FEW, "warm_start": id}, 201)
        assert begun["settings"]["warm"]
        page.sid = begun["id"]
        assert (await page.next())["origin"] != "opener", "it has a taste already"
        await page.send(f"/api/warm-starts/{id}/neither", wav(bar), 422)
        await page.send("/api/warm-starts/0123456789abcdef/like", wav(bar), 404)

    travel(app, journey)


def test_sounds_are_listed(app: FastAPI) -> None:
    async def journey(page: Page) -> None:
        told = await page.get("/api/sounds")
        assert {"kick", "snare"} <= {family["name"] for family in told["families"]}
        assert told["samples"] == []

    travel(app, journey)


def test_a_page_may_choose_added_sounds_and_no_other_folder(
    app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "data"))
    for name in ("mine", "others"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "snare.wav").write_bytes(wav(hit()))
    add_sounds(tmp_path / "mine")

    async def journey(page: Page) -> None:
        for wrong in (str(tmp_path / "others"), f"{tmp_path}/mine/../others", "/nowhere", "hydrogen", "", "~"):
            refused = (await page.post("/api/sessions", {"settings": FEW, "sounds": [wrong]}, 422))["error"]
            assert refused["kind"] == "InvalidParameter"
            told = f"sounds must be ids that GET /api/sounds lists, or samples; got {wrong!r}. A folder is added with"
            assert refused["message"].startswith(told), "whether there is such a folder is not told"
        assert await page.get("/api/sessions") == []
        (mine,) = (await page.get("/api/sounds"))["folders"]
        begun = await page.post("/api/sessions", {"settings": FEW, "sounds": [mine["id"]]}, 201)
        assert begun["settings"]["recordings"] == 1

    travel(app, journey)
