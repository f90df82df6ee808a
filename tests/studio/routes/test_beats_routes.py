"""Beats through the whole app: what comes in is kept, shown on its grid, and goes out again."""

import io
import os
from typing import Any

import mido
import numpy as np
import pytest
from asgi import KNOWN, Answer, App, ask
from fastapi import FastAPI
from groove_requests import RAW, backbeat, made, post

from ghostnote.demos import demo_path
from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.loops import Loop
from ghostnote.loops.loop import encode_loop
from ghostnote.loops.pattern import pattern_of_text
from ghostnote.midi import drum_map, midi_bytes, read_midi_bytes
from ghostnote.sounds.families import draw_sound
from ghostnote.studio.app import Studio
from hostile import CASES, KICK, Case, midi


def upload(app: App, data: bytes, query: str = "") -> Answer:
    return ask(app, "POST", f"/api/beats?{query}", RAW, data)


def uploaded(app: App, track: DrumTrack) -> dict[str, Any]:
    answer = upload(app, midi_bytes(track), "name=own")
    assert answer.status == 201, answer.body
    beat: dict[str, Any] = answer.json()
    return beat


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}: {case.name}")
def test_hostile_file_gets_a_clear_error_or_a_usable_beat(app: FastAPI, case: Case) -> None:
    answer = upload(app, case.build())
    if case.error is not None:
        assert answer.status == (413 if case.name == "over 5 MiB" else 422)
        assert len(answer.json()["error"]["message"]) > 20
        assert "--" not in answer.json()["error"]["message"]
        return
    beat = answer.json()
    assert answer.status == 201, beat
    assert len(beat["notes"]) == case.notes
    assert any(case.warning in warning for warning in beat["warnings"]) if case.warning else beat["warnings"] == []
    assert ask(app, "GET", f"/api/beats/{beat['id']}").json() == beat
    back = read_midi_bytes(ask(app, "GET", f"/api/beats/{beat['id']}/midi").body, channel=case_channel(case))
    assert len(back.notes) == case.notes


def case_channel(case: Case) -> int | None:
    return 1 if case.name == "drums on channel 1" else None


def test_beats_that_are_asked_for_are_kept(app: FastAPI, studio: Studio) -> None:
    asked, made_again, left = (
        upload(app, demo_path(name).read_bytes()).json()["id"] for name in ("rock", "funk", "tap")
    )
    for id in (asked, made_again, left):
        os.utime(studio.places.beat(id), (0, 0))
    assert ask(app, "GET", f"/api/beats/{asked}").status == 200
    assert upload(app, demo_path("funk").read_bytes()).json()["id"] == made_again
    studio.places.ensure()
    assert [ask(app, "GET", f"/api/beats/{id}").status for id in (asked, made_again, left)] == [200, 200, 404]


@pytest.mark.parametrize("kind", ["drums", "rhythm"])
def test_what_is_uploaded_is_known_by_its_content(app: FastAPI, kind: str) -> None:
    data = demo_path("tap").read_bytes()
    first, again = (upload(app, data, f"as={kind}&name={name}").json() for name in ("one.mid", "two.mid"))
    assert first["id"] == again["id"]
    assert (first["name"], again["name"], first["kind"]) == ("one", "two", kind)
    voices = {note["voice"] for note in first["notes"]}
    assert (voices == {None}) == (kind == "rhythm")
    assert all(isinstance(note["step"], int) for note in first["notes"])


def test_drums_and_a_rhythm_of_one_file_are_two_beats(app: FastAPI) -> None:
    data = demo_path("tap").read_bytes()
    drums, rhythm = (upload(app, data, f"as={kind}").json() for kind in ("drums", "rhythm"))
    assert drums["id"] != rhythm["id"]
    assert [ask(app, "GET", f"/api/beats/{beat['id']}").json()["kind"] for beat in (drums, rhythm)] == [
        "drums",
        "rhythm",
    ]


def test_times_follow_the_tempo_map_and_steps_the_metres(app: FastAPI) -> None:
    track = DrumTrack(
        notes=(Note(0, 36, 100), Note(240, 38, 90), Note(1_920, 36, 80), Note(2_400, 49, 70)),
        ticks_per_beat=480,
        drum_map=drum_map(),
        tempos=(TempoChange(0, 500_000), TempoChange(1_920, 1_000_000)),
        metres=(MetreChange(0, 4, 4), MetreChange(1_920, 6, 8)),
        track_ends=(1_920 + 1_440,),
    )
    beat = uploaded(app, track)
    assert [note["seconds"] for note in beat["notes"]] == [0, 0.25, 2, 3]
    assert [note["step"] for note in beat["notes"]] == [0, 2, 16, 20]
    assert (beat["bars"], beat["metre"], beat["duration_seconds"]) == (2, [4, 4], 5)
    grid = beat["grid"]
    assert len(grid["ticks"]) == len(grid["seconds"]) == len(grid["bars"]) == len(grid["beat"]) == 16 + 12
    assert grid["ticks"][16:18] == [1_920, 2_040]
    assert grid["seconds"][16:18] == [2, 2.25]
    assert grid["bars"] == [0] * 16 + [1] * 12
    assert [i for i, begins in enumerate(grid["beat"]) if begins] == [0, 4, 8, 12, 16, 22]


def test_offsets_are_late_when_positive_and_ornaments_share_a_step(app: FastAPI) -> None:
    notes = (Note(0, 36, 100), Note(460, 38, 40), Note(500, 38, 110), Note(960, 42, 90))
    beat = uploaded(app, DrumTrack(notes, 480, drum_map(), track_ends=(1_920,)))
    assert [(note["step"], note["offset"]) for note in beat["notes"]] == [
        (0, 0),
        (4, pytest.approx(-1 / 6, abs=1e-6)),
        (4, pytest.approx(1 / 6, abs=1e-6)),
        (8, 0),
    ]


def test_triplets_are_seen_as_the_tasks_see_them(app: FastAPI) -> None:
    notes = tuple(Note(160 * i, 42, 90) for i in range(12))
    beat = uploaded(app, DrumTrack(notes, 480, drum_map(), track_ends=(1_920,)))
    assert len(beat["grid"]["ticks"]) == 12
    assert [note["step"] for note in beat["notes"]] == list(range(12))


def test_silent_bars_at_the_end_belong_to_the_beat(app: FastAPI) -> None:
    beat = uploaded(app, DrumTrack((Note(0, 36, 100),), 480, drum_map(), track_ends=(2 * 1_920 + 3,)))
    assert (beat["bars"], beat["duration_seconds"]) == (2, 4)


def test_a_hit_just_ahead_of_the_end_has_a_step_of_its_own(app: FastAPI) -> None:
    beat = uploaded(app, DrumTrack((Note(0, 36, 100), Note(1_900, 36, 90)), 480, drum_map(), track_ends=(1_920,)))
    assert beat["bars"] == 1
    assert beat["grid"]["bars"] == [0] * 16 + [1]
    assert beat["notes"][1]["step"] == 16
    assert beat["notes"][1]["offset"] == pytest.approx(-1 / 6, abs=1e-6)


def test_export_is_type_1_with_named_tracks_and_the_map_that_was_chosen(app: FastAPI) -> None:
    side_stick, unknown = Note(480, 37, 90), Note(960, 2, 80)
    notes = (Note(0, 35, 100), side_stick, unknown)
    beat = uploaded(app, DrumTrack(notes, 480, drum_map(), track_ends=(1_920,), midi_format=0))
    answer = ask(app, "GET", f"/api/beats/{beat['id']}/midi?map=general_midi&name=..%2Fmy%20be%C3%A4t%3F")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''my%20be%C3%A4t.mid"
    file = mido.MidiFile(file=io.BytesIO(answer.body))
    assert file.type == 1
    assert [track.name for track in file.tracks][1] == "Drums"
    ons = [message for track in file.tracks for message in track if message.type == "note_on"]
    assert [(message.note, message.channel) for message in ons] == [(35, 9), (37, 9), (2, 9)]
    assert ask(app, "GET", f"/api/beats/{beat['id']}/midi?map=%2Fetc%2Fpasswd.toml").status == 404


def test_a_map_writes_its_own_pitch_where_it_reads_another_voice(app: FastAPI) -> None:
    general, roland = drum_map(), drum_map("roland_td11")
    pitch = next(p for p, voice in general.voices.items() if roland.voice_of(p) not in (None, voice))
    beat = uploaded(app, DrumTrack((Note(0, pitch, 100), Note(480, 36, 90)), 480, general, track_ends=(1_920,)))
    data = ask(app, "GET", f"/api/beats/{beat['id']}/midi?map=roland_td11").body
    assert [str(roland.voice_of(note.pitch)) for note in read_midi_bytes(data).notes] == [
        note["voice"] for note in beat["notes"]
    ]


def test_a_pattern_becomes_a_beat_with_its_velocities_and_swing(app: FastAPI) -> None:
    rows = [
        {"voice": "kick", "hits": "xx------", "velocities": [1.0, 0.5]},
        {"voice": "snare", "hits": "x-------", "velocities": [0.25, *[0] * 7]},
        {"voice": "snare", "hits": "--x-----"},
    ]
    body = {"tempo_bpm": 100, "steps_per_bar": 8, "bars": 1, "swing": 0.25, "rows": rows}
    beat = made(app, "/api/beats/pattern", body)
    assert (beat["tempo_bpm"], beat["metre"], beat["bars"]) == (100, [2, 4], 1)
    assert [(n["tick"], n["pitch"], n["velocity"], n["voice"]) for n in beat["notes"]] == [
        (0, 36, 127, "kick"),
        (0, 38, 32, "snare"),
        (300, 36, 64, "kick"),
        (480, 40, 100, "snare"),
    ]
    assert beat["notes"][2]["offset"] == 0.25
    assert "drawn" not in beat["name"]
    wrong = post(app, "/api/beats/pattern", body | {"bars": 2})
    assert (wrong.status, wrong.kind) == (422, "InvalidParameter")
    assert "16 letters" in wrong.json()["error"]["message"]


def test_taps_keep_their_times_in_a_rhythm(app: FastAPI) -> None:
    taps = [{"seconds": at, "velocity": 0.5} for at in (0.51, 0.004, 1.0)]
    beat = made(app, "/api/beats/taps", {"taps": taps, "tempo_bpm": 120, "metre": [4, 4], "bars": 2})
    assert (beat["kind"], beat["bars"], beat["tempo_bpm"], beat["duration_seconds"]) == ("rhythm", 2, 120, 4)
    assert [note["seconds"] for note in beat["notes"]] == pytest.approx([0.004, 0.51, 1.0], abs=5e-4)
    assert [note["velocity"] for note in beat["notes"]] == [64, 64, 64]
    assert beat["warnings"] == []


def test_an_early_first_tap_is_held_and_a_pickup_gets_a_bar(app: FastAPI) -> None:
    def tapped(*at: float) -> Answer:
        taps = [{"seconds": seconds, "velocity": 1} for seconds in at]
        return post(app, "/api/beats/taps", {"taps": taps, "tempo_bpm": 120, "metre": [4, 4], "bars": 1})

    early = tapped(-0.03, 0.5).json()
    assert [note["seconds"] for note in early["notes"]] == [0, 0.5]
    assert "30 ms early" in early["warnings"][0]
    pickup = tapped(-0.5, 0.0).json()
    assert (pickup["bars"], [note["seconds"] for note in pickup["notes"]]) == (2, [1.5, 2])
    assert "in front" in pickup["warnings"][0]
    assert tapped(-3.0).status == 422


def test_a_loop_becomes_a_beat_with_its_offsets(app: FastAPI) -> None:
    pattern = pattern_of_text("x---x---x---x---", "----x-------x---")
    sounds = [draw_sound(np.random.default_rng(0), family) for family in ("kick", "snare")]
    loop = Loop(pattern, tuple(sounds), tempo_bpm=110.0, swing=0.0)
    beat = made(app, "/api/beats/loop", {"loop": encode_loop(loop), "repeats": 2, "name": "liked"})
    assert (beat["bars"], beat["tempo_bpm"], beat["name"]) == (2, 110, "liked")
    assert [note["voice"] for note in beat["notes"]].count("snare") == 4
    wrong = post(app, "/api/beats/loop", {"loop": {"format": 9}})
    assert (wrong.status, wrong.kind) == (422, "InvalidInput")


def test_every_demo_is_listed_and_opens(app: FastAPI) -> None:
    for demo in ask(app, "GET", "/api/demos").json():
        beat = made(app, f"/api/demos/{demo['name']}", None)
        assert (beat["name"], beat["kind"]) == (demo["name"], demo["kind"])
    assert post(app, "/api/demos/nothing", None).status == 404


def test_ids_that_are_none_are_not_found(app: FastAPI) -> None:
    for id in ("0" * 32, "..%2F..%2Fcredential", "short"):
        assert ask(app, "GET", f"/api/beats/{id}").status == 404


def test_names_are_cut_and_made_printable(app: FastAPI) -> None:
    beat = upload(app, midi(KICK, "60 89 24 40"), "name=%1B%5B2J<b>" + "x" * 190).json()
    assert beat["name"].startswith("[2J<b>x")
    assert len(beat["name"]) <= 100
    assert ask(app, "GET", f"/api/beats/{beat['id']}/midi").headers["content-disposition"].endswith(".mid")


def test_marks_in_uploads_mean_nothing(app: FastAPI) -> None:
    mark = b"ghostnote beat: rhythm"
    beat = upload(app, midi(f"00 FF 01 {len(mark):02X} {mark.hex()}", KICK, "60 89 24 40")).json()
    assert beat["kind"] == "drums"


def test_a_beat_whose_name_is_lost_is_still_there(app: FastAPI, studio: Any) -> None:
    beat = backbeat(app)
    studio.places.beat(beat["id"]).with_suffix(".json").unlink()
    again = ask(app, "GET", f"/api/beats/{beat['id']}", KNOWN).json()
    assert again["notes"] == beat["notes"]
