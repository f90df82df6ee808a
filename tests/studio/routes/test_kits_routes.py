"""Kits through the whole app: shots by the told rules are what the renderer plays; kits and renders are kept."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from asgi import KNOWN, Answer, App, ask
from fastapi import FastAPI
from groove_requests import JSON, RAW, backbeat, done, made, post
from numpy.typing import NDArray

from ghostnote.audio import Shape, load_kit, render, write_audio
from ghostnote.groove import Voice
from ghostnote.studio.app import Studio
from ghostnote.studio.beats import BeatStore

RATE = 22_050


def heard(answer: Answer) -> NDArray[np.float64]:
    assert answer.status == 200, answer.body
    audio, rate = soundfile.read(io.BytesIO(answer.body))
    assert rate == RATE
    return np.asarray(audio)


def shot(app: App, kit: str, **query: object) -> NDArray[np.float64]:
    text = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    return heard(ask(app, "GET", f"/api/kits/{kit}/shot?rate={RATE}&{text}"))


def kit_named(app: App, name: str) -> dict[str, Any]:
    return next(kit for kit in ask(app, "GET", "/api/kits").json() if kit["name"] == name)


def own_sample(app: App, folder: Path) -> dict[str, Any]:
    """Return a one-shot that was uploaded."""
    t = np.arange(RATE // 2) / RATE
    path = folder / "my kick.wav"
    write_audio(path, (0.5 * np.sin(2 * np.pi * 300 * t) * np.exp(-8 * t)).astype(np.float32), RATE)
    answer = ask(app, "POST", "/api/sounds/samples?name=my%20kick.wav", RAW, path.read_bytes())
    assert answer.status == 201, answer.body
    sound: dict[str, Any] = answer.json()["sound"]
    return sound


def base64url(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_page_that_follows_the_rules_sounds_as_the_renderer_does(app: FastAPI, studio: Studio) -> None:
    rows = [
        {"voice": "kick", "hits": "x-x-----", "velocities": [0.2, 0.35]},
        {"voice": "open_hihat", "hits": "x---x---", "velocities": [0.5, 0.3]},
        {"voice": "closed_hihat", "hits": "--x-xx--", "velocities": [0.3, 0.3, 0.4]},
        {"voice": "snare", "hits": "----x---", "velocities": [0.5]},
    ]
    beat = made(app, "/api/beats/pattern", {"steps_per_bar": 8, "rows": rows, "tempo_bpm": 100})
    settings = {"kick": {"level_db": -3.0, "pan": -0.5}, "snare": {"tune": 2, "decay": 0.5}}
    kit = kit_named(app, "punchy_analogue")

    mix = np.zeros((10 * RATE, 2))
    count: dict[str, int] = {}
    closings = sorted(n["seconds"] for n in beat["notes"] if n["voice"] == kit["choke"]["closing"])
    for note in sorted(beat["notes"], key=lambda n: n["tick"]):
        voice, velocity = note["voice"], note["velocity"]
        own = next(v for v in kit["voices"] if v["voice"] == voice)
        shaped = {"tune": 0.0, "decay": 1.0, "level_db": 0.0, "pan": 0.0} | settings.get(voice, {})
        sound = shot(
            app,
            kit["name"],
            voice=voice,
            layer=max(i for i, lowest in enumerate(kit["layer_from"]) if lowest <= velocity),
            take=kit["take_order"][voice][count.get(voice, 0)],
            tune=shaped["tune"],
            decay=shaped["decay"],
        )
        count[voice] = count.get(voice, 0) + 1
        gain = (velocity / 127) ** own["dynamics"] * 10 ** (shaped["level_db"] / 20) / kit["shot_gain"]
        played = sound * gain * [min(1, 1 - shaped["pan"]), min(1, 1 + shaped["pan"])]
        start = round(note["seconds"] * RATE)
        after = [at for at in closings if at > note["seconds"] + kit["choke"]["same_stroke_seconds"]]
        if voice == kit["choke"]["choked"] and after:
            at, fade = round(after[0] * RATE) - start, round(kit["choke"]["seconds"] * RATE)
            closing = 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fade))
            played = played[: at + fade]
            played[at:] *= closing[: len(played) - at, None]
        mix[start : start + len(played)] += played

    shapes = {
        Voice.KICK: Shape(level_db=-3.0, pan=-0.5),
        Voice.SNARE: Shape(tune_semitones=2, decay=0.5),
    }
    track = BeatStore(studio.places).find(beat["id"]).track
    made_audio = render(track, load_kit(kit["name"]).shaped(shapes), sample_rate_hz=RATE, loudness_lufs=None)
    assert made_audio.limited_db == 0.0
    assert float(np.abs(mix[: len(made_audio.audio)] - made_audio.audio).max()) < 2e-3
    assert float(np.abs(made_audio.audio).max()) > 0.05


def test_shots_are_kept_until_their_code_changes(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/kits/deep_analogue/shot?voice=snare&rate={RATE}"
    first = ask(app, "GET", path)
    assert first.headers["cache-control"] == "private, no-cache", "a browser asks before it uses it again"
    known = KNOWN | {"if-none-match": f'"other", W/{first.headers["etag"]}'}
    with monkeypatch.context() as patch:
        patch.setattr("ghostnote.studio.routes.kits._shot", None)  # what is there already is not made again
        again = ask(app, "GET", path, known)
    assert (again.status, again.body) == (304, b"")
    assert [again.headers[name] for name in ("etag", "cache-control")] == [first.headers["etag"], "private, no-cache"]
    monkeypatch.setattr("ghostnote.studio.freshness.version_of_sounds", lambda: "newer")
    newer = ask(app, "GET", path, known)
    assert (newer.status, newer.headers["etag"]) == (200, '"newer"')
    assert "etag" not in ask(app, "GET", path + "&layer=9").headers


def test_shots_are_asked_for_in_bounds(app: FastAPI) -> None:
    answer = ask(app, "GET", f"/api/kits/deep_analogue/shot?voice=snare&pitch=37&layer=5&take=2&rate={RATE}")
    assert answer.headers["content-type"] == "audio/wav"
    assert heard(answer).shape[1] == 2
    plain = shot(app, "deep_analogue", voice="snare", layer=5, take=2)
    assert plain.shape != heard(answer).shape
    for query, status in (
        ("voice=cowbell", 422), ("voice=snare&layer=6", 422), ("voice=snare&take=3", 422), ("voice=snare&decay=9", 422),
        ("voice=snare&sample=%21", 422), ("voice=snare&rate=1", 422), ("voice=snare&tune=nan", 422),
        (f"voice=snare&sample={base64url({'kind': 'file', 'digest': 'f' * 32, 'name': 'gone'})}", 422),
        (f"voice=snare&sample={base64url([1])}", 422),
    ):  # fmt: skip
        assert ask(app, "GET", f"/api/kits/deep_analogue/shot?{query}").status == status, query
    assert ask(app, "GET", "/api/kits/nothing/shot?voice=snare").status == 404


def test_an_own_sample_and_a_mutation_replace_the_sound(app: FastAPI, tmp_path: Path) -> None:
    plain = shot(app, "dry_acoustic", voice="kick", layer=5)
    sample = base64url(own_sample(app, tmp_path))
    own = shot(app, "dry_acoustic", voice="kick", layer=5, sample=sample)
    spectrum = np.abs(np.fft.rfft(own.sum(axis=1), 1 << 16))
    assert spectrum.argmax() * RATE / (1 << 16) == pytest.approx(300, abs=10)
    mutated = shot(app, "dry_acoustic", voice="kick", layer=5, mutation=4)
    assert mutated.shape != plain.shape or not np.array_equal(mutated, plain)


def test_kits_are_kept_listed_and_dropped(app: FastAPI) -> None:
    id = "abcdef0123456789"
    settings = {"name": "deep_analogue", "voices": {"kick": {"tune": -3.0, "pan": 0.25}}}
    answer = ask(app, "PUT", f"/api/kits/own/{id}", JSON, json.dumps(settings | {"title": "Deep"}).encode())
    assert answer.status == 200
    kept = ask(app, "GET", f"/api/kits/own/{id}").json()
    assert kept == answer.json()
    assert (kept["id"], kept["title"], kept["name"]) == (id, "Deep", "deep_analogue")
    assert kept["voices"]["kick"] == {
        "tune": -3.0, "decay": 1.0, "level_db": 0.0, "pan": 0.25, "sample": None, "mutation": None,
    }  # fmt: skip
    assert ask(app, "GET", "/api/kits/own").json() == [kept]
    assert ask(app, "DELETE", f"/api/kits/own/{id}").status == 204
    assert ask(app, "GET", f"/api/kits/own/{id}").status == 404
    for wrong in ({"name": "none"}, settings | {"voices": {"kick": {"tune": 40}}}, settings | {"more": 1}):
        assert ask(app, "PUT", f"/api/kits/own/{id}", JSON, json.dumps(wrong).encode()).status == 422
    assert ask(app, "PUT", "/api/kits/own/..%2Fx", JSON, json.dumps(settings).encode()).status in (404, 405)


def test_all_kits_that_are_kept_are_listed_and_more_are_refused(
    app: FastAPI, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ghostnote.studio.routes.kits._MOST_KITS", 2)
    body = json.dumps({"name": "deep_analogue"}).encode()

    def keep(letter: str) -> Answer:
        return ask(app, "PUT", f"/api/kits/own/{letter * 16}", JSON, body)

    assert [keep(letter).status for letter in "cb"] == [200, 200]
    refused = keep("a")
    assert (refused.status, refused.kind) == (422, "InvalidParameter")
    assert "at most 2" in refused.json()["error"]["message"]
    assert keep("c").status == 200, "one that is there can be changed"
    assert {kit["id"] for kit in ask(app, "GET", "/api/kits/own").json()} == {"c" * 16, "b" * 16}
    (studio.places.kits / f"{'d' * 16}.json").write_bytes(body)
    assert len(ask(app, "GET", "/api/kits/own").json()) == 3, "of an older version that kept more"
    assert ask(app, "DELETE", f"/api/kits/own/{'c' * 16}").status == 204
    assert ask(app, "DELETE", f"/api/kits/own/{'d' * 16}").status == 204
    assert keep("a").status == 200


def test_a_damaged_kit_hides_no_other(app: FastAPI, studio: Studio) -> None:
    (studio.places.kits / "aaaaaaaaaaaaaaaa.json").write_text("{")
    (studio.places.kits / "README.json").write_text("{}")
    assert ask(app, "GET", "/api/kits/own").json() == []
    assert ask(app, "GET", "/api/kits/own/aaaaaaaaaaaaaaaa").status == 422


def downloaded(app: App, studio: Studio, beat: str, body: object) -> tuple[str, bytes]:
    url: str = done(studio, post(app, f"/api/beats/{beat}/render", body))["download"]
    answer = ask(app, "GET", url, KNOWN)
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    return url, answer.body


def test_a_beat_is_rendered_as_the_function_does(app: FastAPI, studio: Studio) -> None:
    beat = backbeat(app, name="my: beat/1")
    body = {"kit": {"name": "deep_analogue", "voices": {"snare": {"level_db": -6}}}, "sample_rate_hz": RATE}
    url, data = downloaded(app, studio, beat["id"], body)
    assert url.endswith("/my%20beat%201.wav")
    audio, rate = soundfile.read(io.BytesIO(data))
    kit = load_kit("deep_analogue").shaped({Voice.SNARE: Shape(level_db=-6)})
    expected = render(BeatStore(studio.places).find(beat["id"]).track, kit, sample_rate_hz=RATE).audio
    assert rate == RATE
    np.testing.assert_allclose(audio[: len(expected)], expected, atol=1e-6)
    assert len(audio) == max(len(expected), 2 * RATE)
    assert not audio[len(expected) :].any()


def test_a_rhythm_is_rendered_as_side_sticks(app: FastAPI, studio: Studio) -> None:
    rhythm = made(app, "/api/beats/taps", {"taps": [{"seconds": 0.5, "velocity": 1}], "tempo_bpm": 120, "bars": 1})
    url, data = downloaded(app, studio, rhythm["id"], {"sample_rate_hz": RATE, "stems": True})
    assert [name.split("/")[-1] for name in zipfile.ZipFile(io.BytesIO(data)).namelist()] == ["tapped.wav", "snare.wav"]
    assert url.endswith("tapped.zip")


def test_stems_come_in_a_zip_and_add_up_to_the_mix(app: FastAPI, studio: Studio, tmp_path: Path) -> None:
    beat = backbeat(app)
    sample = own_sample(app, tmp_path)
    body = {
        "kit": {"name": "punchy_analogue", "voices": {"kick": {"sample": sample, "decay": 0.5}}},
        "format": "flac", "stems": True, "sample_rate_hz": RATE, "repeats": 2,
    }  # fmt: skip
    url, data = downloaded(app, studio, beat["id"], body)
    assert url.endswith("/pattern.zip")
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = archive.namelist()
    assert names == ["pattern/pattern.flac", *(f"pattern/stems/{v}.flac" for v in ("kick", "snare", "closed_hihat"))]
    mix, *stems = (soundfile.read(io.BytesIO(archive.read(name)))[0] for name in names)
    np.testing.assert_allclose(sum(stems), mix, atol=1e-4)
    assert len(mix) >= 4 * RATE  # two bars of two seconds
    assert [path.name for path in studio.places.downloads.rglob("*") if path.is_dir()] == [url.split("/")[-2]]


def test_renders_are_asked_for_in_bounds(app: FastAPI) -> None:
    beat = backbeat(app)["id"]
    for body in (
        {"format": "mp3"},
        {"repeats": 0},
        {"sample_rate_hz": 1},
        {"kit": {"name": "x", "voices": {"cow": {}}}},
    ):
        answer = post(app, f"/api/beats/{beat}/render", body)
        assert (answer.status, answer.kind) == (422, "InvalidParameter")
    assert post(app, f"/api/beats/{'0' * 32}/render", {}).status == 404
