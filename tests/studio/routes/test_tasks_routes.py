"""Tasks through the whole app: each makes what its public function makes, and nothing of the input is lost."""

from typing import Any

import pytest
from asgi import ask
from fastapi import FastAPI
from groove_requests import backbeat, done, made, post, takes

import ghostnote as gn
from ghostnote.studio.app import Studio
from ghostnote.studio.beats import BeatStore
from ghostnote.studio.pairing import pair_notes


def onsets(beat: dict[str, Any]) -> list[tuple[float, int, int]]:
    return [(note["tick"] / beat["ticks_per_beat"], note["pitch"], note["velocity"]) for note in beat["notes"]]


def sorted_onsets(track: gn.DrumTrack) -> list[tuple[float, int, int]]:
    return sorted((note.tick / track.ticks_per_beat, note.pitch, note.velocity) for note in track.notes)


def track_of(studio: Studio, beat: dict[str, Any]) -> gn.DrumTrack:
    return BeatStore(studio.places).find(beat["id"]).track


def test_humanize_gives_a_take_for_each_seed_as_the_function_does(app: FastAPI, studio: Studio) -> None:
    beat = backbeat(app)
    body = {
        "beat": beat["id"], "style": "funk", "timing": 0.8, "velocity": 1.0, "lock": ["kick"], "bars": [1, 1],
        "voices": {"snare": {"timing": 0.5, "velocity": None}}, "push_ms": 5, "keep_accents": None,
        "temperature": 1.0, "seeds": [3, 4],
    }  # fmt: skip
    found = takes(studio, app, "humanize", body)
    assert [take["seed"] for take in found] == [3, 4]
    assert found[0]["notes"] != found[1]["notes"]
    snare, kick = gn.Voice.SNARE, gn.Voice.KICK
    expected = gn.humanize(
        track_of(studio, beat), style="funk", timing=0.8, voices={snare: gn.Amounts(timing=0.5)}, lock=[kick],
        bars=(1, 1), push_ms=5, seed=3,
    )  # fmt: skip
    assert sorted(onsets(found[0])) == sorted_onsets(expected)
    assert found[0]["source"] == beat["id"]
    assert found[0]["account"]["notes_in"] == found[0]["account"]["notes_out"] == len(beat["notes"])


def test_humanize_lists_notes_in_the_order_of_the_source(app: FastAPI, studio: Studio) -> None:
    beat = backbeat(app, 2)
    pitches = [note["pitch"] for note in beat["notes"]]
    (first,) = takes(studio, app, "humanize", {"beat": beat["id"], "seeds": [1]})
    (second,) = takes(studio, app, "humanize", {"beat": first["id"], "seeds": [2], "timing": 1.5})
    for human in (first, second):
        assert [note["pitch"] for note in human["notes"]] == pitches
        assert ask(app, "GET", f"/api/beats/{human['id']}").json() == human
        assert ask(app, "GET", f"/api/beats/{human['id']}?like={beat['id']}").json()["notes"] == human["notes"]
    assert any(a["tick"] > b["tick"] for a, b in zip(first["notes"], first["notes"][1:], strict=False))
    steps = [note["step"] for note in beat["notes"]]
    assert sum(a == b["step"] for a, b in zip(steps, first["notes"], strict=True)) > 0.9 * len(steps)


def test_transfer_keeps_the_notes_of_the_score(app: FastAPI, studio: Studio) -> None:
    beat, pocket = backbeat(app), made(app, "/api/demos/pocket", None)
    (played,) = takes(studio, app, "transfer", {"score": beat["id"], "groove": pocket["id"], "seeds": [1]})
    assert [note["pitch"] for note in played["notes"]] == [note["pitch"] for note in beat["notes"]]
    expected = gn.transfer(track_of(studio, beat), track_of(studio, pocket), seed=1)
    assert sorted(onsets(played)) == sorted_onsets(expected)


def test_drumify_follows_a_rhythm_and_tells_how_far(app: FastAPI, studio: Studio) -> None:
    rhythm = made(app, "/api/demos/tap", None)
    (drums,) = takes(studio, app, "drumify", {"beat": rhythm["id"], "fill": True, "style": "rock", "seeds": [7]})
    assert drums["kind"] == "drums"
    assert drums["account"]["onsets_in"] == len(rhythm["notes"])
    told = gn.drumify(track_of(studio, rhythm), fill=True, style="rock", seed=7)
    assert sorted(onsets(drums)) == sorted_onsets(told)
    lost = [warning for warning in told.warnings if "share a step" in warning]
    assert [warning for warning in drums["warnings"] if "share a step" in warning] == lost


def test_infill_vary_and_continue_account_for_every_note(app: FastAPI, studio: Studio) -> None:
    beat = backbeat(app, 2)
    for task, body in (
        ("infill", {"voices": ["closed_hihat"], "bars": [2, 2]}),
        ("vary", {"amount": 0.5, "lock": ["kick"]}),
        ("continue", {"bars": 1, "style": "rock"}),
    ):
        (take,) = takes(studio, app, task, {"beat": beat["id"], "seeds": [5], **body})
        told = take["account"]
        assert told["notes_in"] == len(beat["notes"]) == sum(told[f"notes_{x}"] for x in ("kept", "changed", "removed"))
        assert told["notes_out"] == len(take["notes"]) == sum(told[f"notes_{x}"] for x in ("kept", "changed", "added"))
        if task == "continue":
            assert take["bars"] == 3
        if task == "vary":
            assert [n for n in onsets(take) if n[1] == 36] == [n for n in onsets(beat) if n[1] == 36]


def test_generate_makes_beats_in_the_metre_that_was_asked_for(app: FastAPI, studio: Studio) -> None:
    body = {"bars": 2, "style": "jazz", "tempo_bpm": 140, "metre": [3, 4], "density": None, "seeds": [1, 2]}
    first, second = takes(studio, app, "generate", body)
    assert (first["metre"], first["tempo_bpm"], first["bars"]) == ([3, 4], 140, 2)
    assert first["id"] != second["id"]


def test_interpolate_makes_a_path_between_two(app: FastAPI, studio: Studio) -> None:
    ends = [backbeat(app), made(app, "/api/demos/pocket", None)]
    path = takes(studio, app, "interpolate", {"beats": [beat["id"] for beat in ends], "steps": 4})
    assert len(path) == 4
    assert path[-1]["id"] == ends[1]["id"]
    assert [onset for onset in onsets(path[0]) if onset[0] < 4] == onsets(ends[0])
    assert all(beat["bars"] == 2 for beat in path)


def test_interpolate_makes_a_pad_whose_corners_are_the_beats(app: FastAPI, studio: Studio) -> None:
    generated = {"bars": 1, "tempo_bpm": 100, "seeds": [1, 2, 3, 4]}
    ends = takes(studio, app, "generate", generated)
    answer = post(app, "/api/tasks/interpolate", {"beats": [beat["id"] for beat in ends], "steps": 3})
    pad = done(studio, answer)["beats"]
    assert len(pad) == 9
    assert [pad[place]["id"] for place in (0, 2, 6, 8)] == [beat["id"] for beat in ends]
    three = takes(studio, app, "interpolate", {"beats": [beat["id"] for beat in ends[:3]], "steps": 3})
    assert [three[place]["id"] for place in (0, 2, 6, 8)] == [ends[i]["id"] for i in (0, 1, 2, 2)]
    tells = ask(app, "GET", f"/api/jobs/{answer.json()['job']}").json()
    assert (tells["state"], tells["done"], tells["total"]) == ("done", 1, 1)


@pytest.mark.parametrize(
    ("task", "body", "told"),
    [
        ("humanize", {"beat": "BEAT", "timing": 80}, "timing"),
        ("humanize", {"beat": "BEAT", "seeds": []}, "seeds"),
        ("humanize", {"beat": "BEAT", "seeds": [-1]}, "seeds"),
        ("humanize", {"beat": "BEAT", "bars": [2, 1]}, "first <= last"),
        ("humanize", {"beat": "BEAT", "lock": ["cowbell"]}, "lock"),
        ("humanize", {"beat": "BEAT", "amonut": 1}, "amonut"),
        ("infill", {"beat": "BEAT"}, "voices or bars"),
        ("interpolate", {"beats": ["BEAT"] * 4, "steps": 12}, "3…9"),
        ("interpolate", {"beats": ["BEAT"]}, "beats"),
        ("generate", {"tempo_bpm": 5}, "tempo_bpm"),
        ("generate", {"metre": [4, 3]}, "metre"),
        ("continue", {"beat": "BEAT", "bars": 0}, "bars"),
    ],
)
def test_numbers_out_of_bounds_are_refused_by_name(app: FastAPI, task: str, body: dict[str, Any], told: str) -> None:
    beat = backbeat(app)["id"]
    filled = {key: beat if value == "BEAT" else [beat] * len(value) if key == "beats" else value
              for key, value in body.items()}  # fmt: skip
    answer = post(app, f"/api/tasks/{task}", filled)
    assert (answer.status, answer.kind) == (422, "InvalidParameter")
    assert told in answer.json()["error"]["message"]


def test_beats_that_are_none_or_of_the_wrong_kind_are_refused_at_once(app: FastAPI) -> None:
    assert post(app, "/api/tasks/vary", {"beat": "0" * 32}).status == 404
    answer = post(app, "/api/tasks/humanize", {"beat": made(app, "/api/demos/tap", None)["id"]})
    assert (answer.status, answer.kind) == (422, "InvalidParameter")
    assert "Drumify" in answer.json()["error"]["message"]


def test_an_unknown_style_fails_the_job_with_its_reason(app: FastAPI, studio: Studio) -> None:
    with pytest.raises(gn.GhostnoteError, match="style"):
        takes(studio, app, "humanize", {"beat": backbeat(app)["id"], "style": "polka-core"})


@pytest.mark.parametrize(("timing", "velocity"), [(0.0, 1.0), (0.4, 0.7), (1.0, 0.0), (1.3, 1.2)])
def test_a_blend_is_what_humanize_makes_of_these_amounts(
    app: FastAPI, studio: Studio, timing: float, velocity: float
) -> None:
    beat = made(app, "/api/demos/funk", None)
    (human,) = takes(studio, app, "humanize", {"beat": beat["id"], "style": "funk", "seeds": [2]})
    body = {"from": beat["id"], "to": human["id"], "timing": timing, "velocity": velocity}
    blend = made(app, "/api/beats/blend", body | {"voices": {"snare": {"timing": 0.5, "velocity": None}}})
    snare = {gn.Voice.SNARE: gn.Amounts(timing=0.5)}
    whole, expected = (
        gn.humanize(track_of(studio, beat), style="funk", timing=t, velocity=v, voices=voices, seed=2)
        for t, v, voices in ((1.0, 1.0, {}), (timing, velocity, snare))
    )
    assert blend["ticks_per_beat"] == whole.ticks_per_beat
    scale = expected.ticks_per_beat / whole.ticks_per_beat
    pairs = pair_notes(track_of(studio, beat), expected)
    linear = 0
    for note, index, full in zip(blend["notes"], pairs, human["notes"], strict=True):
        other = expected.notes[index]
        if full["tick"] > 0:  # else it may have been held there
            assert abs(note["tick"] - other.tick / scale) <= 1
        if 1 < full["velocity"] < 127:  # else it may have been clipped
            linear += 1
            assert abs(note["velocity"] - other.velocity) <= 1
    assert linear > 0.6 * len(beat["notes"])


def test_a_blend_at_either_end_is_that_beat(app: FastAPI, studio: Studio) -> None:
    beat = backbeat(app)
    (human,) = takes(studio, app, "humanize", {"beat": beat["id"], "seeds": [2]})
    at = {
        amount: made(app, "/api/beats/blend", {"from": beat["id"], "to": human["id"], "timing": amount,
                                               "velocity": amount})
        for amount in (0, 1)
    }  # fmt: skip
    assert at[1]["id"] == human["id"]
    assert onsets(at[0]) == onsets(beat)
    other = backbeat(app, 2)
    wrong = post(app, "/api/beats/blend", {"from": beat["id"], "to": other["id"]})
    assert (wrong.status, wrong.kind) == (422, "InvalidParameter")
    assert "same notes" in wrong.json()["error"]["message"]
