"""The summary that `ghostnote info` shows."""

import json
from dataclasses import asdict, replace

import pytest

from ghostnote.groove import DrumTrack, MetreChange, Note
from ghostnote.midi import describe, drum_map, read_midi_bytes
from ghostnote.midi.info import MetreInfo, PitchInfo, TempoInfo, TrackPart, VoiceInfo, readable
from hostile import CASES, header, midi, text, track

EMPTY = DrumTrack((), 480, drum_map("general_midi"))


def playing(*ticks: int, velocity: int = 90, ticks_per_beat: int = 480) -> DrumTrack:
    notes = tuple(Note(tick, 36, velocity) for tick in ticks)
    return replace(EMPTY, notes=notes, ticks_per_beat=ticks_per_beat)


def test_whole_summary_of_a_song() -> None:
    song = read_midi_bytes(
        header(1, 3, 96)
        + track("00 FF 51 03 0F 42 40", "00 FF 58 04 03 02 18 08", "82 20 FF 51 03 07 A1 20")  # 60 bpm, 3/4; 120 bpm
        + track(text(b"Bass"), "00 90 1E 64", "60 80 1E 40")
        + track(text(b"Drums"), "00 99 24 64", "60 99 2A 32", "00 99 2C 32", "60 99 0A 32", "82 20 89 24 40")
    )
    info = describe(replace(song, warnings=("careful",)))
    assert info.tracks == (
        TrackPart(1, "", 0, 0, ()),
        TrackPart(2, "Bass", 0, 1, (1,)),
        TrackPart(3, "Drums", 4, 0, (10,)),
    )
    assert (info.midi_format, info.ticks_per_beat, info.seconds, info.bars) == (1, 96, 3 + 2 * 0.5, 1)
    assert info.tempos == (TempoInfo(0.0, 60.0), TempoInfo(3.0, 120.0))
    assert info.metres == (MetreInfo(0.0, "3/4"),)
    assert (info.drum_channel, info.drum_notes, info.drum_map) == (10, 4, "general_midi")
    assert info.voices == (VoiceInfo("kick", 1, (36,)), VoiceInfo("closed_hihat", 2, (42, 44)))
    assert info.unmapped == (PitchInfo(10, 1),)
    assert (info.lowest_velocity, info.highest_velocity, info.flat_velocities) == (50, 100, False)
    assert (info.on_16ths, info.on_triplets, info.quantised) == (1.0, 1.0, "16ths")
    assert info.warnings == ("careful",)


def test_empty_track_has_a_summary() -> None:
    info = describe(EMPTY)
    assert (info.bars, info.drum_channel, info.drum_notes, info.voices) == (0, None, 0, ())
    assert (info.lowest_velocity, info.on_16ths, info.on_triplets, info.quantised) == (None, None, None, "no")
    assert (info.tempos, info.metres) == ((TempoInfo(0.0, 120.0),), (MetreInfo(0.0, "4/4"),))
    assert not info.flat_velocities


@pytest.mark.parametrize(("last", "bars"), [(0, 1), (1919, 1), (1920, 2), (1920 * 119, 120)])
def test_bars_reach_to_that_of_the_last_note(last: int, bars: int) -> None:
    assert describe(playing(0, last)).bars == bars


def test_more_bars_than_can_be_counted_are_not() -> None:
    track = replace(playing(0, 10**9), ticks_per_beat=1, metres=(MetreChange(0, 1, 64),))
    assert describe(track).bars is None


@pytest.mark.parametrize(
    ("ticks", "on_16ths", "on_triplets", "name"),
    [
        ((0, 120, 240, 360), 1.0, 0.5, "16ths"),
        ((0, 160, 320, 400), 0.25, 1.0, "triplets"),
        ((0, 120, 160, 320), 0.5, 0.75, "16ths and triplets"),
        ((3, 118, 247, 361), 0.0, 0.0, "no"),
        ((0, 121, 240, 360), 0.75, 0.5, "no"),
    ],
)
def test_grid_is_named_by_where_the_notes_lie(
    ticks: tuple[int, ...], on_16ths: float, on_triplets: float, name: str
) -> None:
    info = describe(playing(*ticks))
    assert (info.on_16ths, info.on_triplets, info.quantised) == (on_16ths, on_triplets, name)


def test_grid_that_the_resolution_can_not_hit_is_met_by_rounding() -> None:
    assert describe(playing(0, 33, 67, 100, ticks_per_beat=100)).on_triplets == 1.0


def test_velocities_are_flat_if_nearly_all_are_one() -> None:
    accent = Note(9999, 36, 127)
    for count, flat in ((18, False), (19, True)):
        track = playing(*range(count))
        assert describe(track.with_notes([*track.notes, accent])).flat_velocities is flat


def test_names_have_no_control_characters_and_keep_markup_as_text() -> None:
    names = {name: read_midi_bytes(next(c for c in CASES if c.name == name).build()) for name in CONTROLS}
    assert {name: describe(song).tracks[0].name for name, song in names.items()} == CONTROLS


CONTROLS = {
    "markup in a track name": "<img src=x onerror=alert(1)>",
    "control characters in a name": r"\x1b[2J\x00ÿ\n",
}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Trommeln für Jürgen".encode(), "Trommeln für Jürgen"),
        ("für".encode("latin-1"), "für"),
        ("a\u202eb".encode(), r"a\u202eb"),  # turns the direction of writing
        (b"a" * 201, "a" * 199 + "…"),
    ],
)
def test_text_is_readable_in_any_encoding(given: bytes, shown: str) -> None:
    assert readable(given) == shown


def test_first_name_of_a_track_counts() -> None:
    assert describe(read_midi_bytes(midi(text(b"one"), text(b"two")))).tracks[0].name == "one"


@pytest.mark.parametrize("case", [c for c in CASES if c.error is None], ids=lambda c: f"{c.row}: {c.name}")
def test_every_readable_file_has_a_summary_in_json(case: object) -> None:
    info = describe(read_midi_bytes(case.build()))  # type: ignore[attr-defined]
    assert json.loads(json.dumps(asdict(info)))["drum_notes"] == case.notes  # type: ignore[attr-defined]
