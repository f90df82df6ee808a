"""Any part of a file as onsets."""

import io
from dataclasses import replace

import pytest

from ghostnote.errors import InvalidInput, InvalidMidi, InvalidParameter, StorageError
from ghostnote.groove import VOICES, DrumTrack, Note, TempoChange
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import lay_grid
from ghostnote.midi import merge_strums, midi_bytes, onset_map, read_midi_bytes, read_rhythm, read_rhythm_bytes
from hostile import BEAT, CASES, KICK, header, midi, text, track

PIANO, BASS, GUITAR = (60, 64, 67, 72, 59), (28, 31, 33), (40, 45, 50, 55, 59, 64)


def playing(channel: int, *pitches: int) -> list[str]:
    """A note on every 16th, of no length."""
    events = [f"78 {0x90 | channel:02X} {pitch:02X} 64" for pitch in pitches]
    return [e for on in events for e in (on, "00" + on[2:-2] + "00")]


def pitches(rhythm: DrumTrack) -> list[int]:
    return [note.pitch for note in rhythm.notes]


def chord(*notes: tuple[int, int, int], tempo_bpm: float = 125.0) -> DrumTrack:
    """A track of (tick, pitch, velocity); at 125 bpm a tick is a millisecond."""
    listed = tuple(Note(tick, pitch, velocity, channel=0) for tick, pitch, velocity in notes)
    return DrumTrack(listed, 480, onset_map(), (TempoChange(0, round(60e6 / tempo_bpm)),))


# What counts as an onset


def test_every_pitch_is_an_onset_of_one_voice() -> None:
    rhythm = read_rhythm_bytes(midi(*playing(2, 0, 20, 60, 127)))
    assert {rhythm.voice_of(note) for note in rhythm.notes} == {VOICES[0]}
    encoding = encode(rhythm, lay_grid(rhythm))
    assert encoding.groove.hits[:, 0].sum() == 4
    assert (encoding.steps >= 0).all()


def test_rhythm_of_drums_is_of_all_drums() -> None:
    data = midi(*playing(9, 36, 42, 76))
    assert pitches(read_rhythm_bytes(data)) == [36, 42, 76]
    assert read_midi_bytes(data).notes == read_rhythm_bytes(data).notes


def test_notes_keep_what_the_file_says_of_them() -> None:
    data = midi("00 FF 51 03 0F 42 40", "60 93 3C 50", "60 83 3C 21")
    rhythm = read_rhythm_bytes(data)
    assert rhythm.notes == (Note(96, 60, 80, duration_ticks=96, channel=3, order=1, release_velocity=33),)
    assert rhythm.tempos == (TempoChange(0, 1_000_000),)


def test_notes_of_one_pitch_on_two_channels_end_apart() -> None:
    ons, offs = ("00 90 3C 64", "60 91 3C 50"), ("60 80 3C 00", "60 81 3C 00")
    rhythm = read_rhythm_bytes(midi(*ons, *offs), track=1)
    assert [(note.channel, note.duration_ticks) for note in rhythm.notes] == [(0, 192), (1, 192)]


def test_path_and_stream_give_the_same(tmp_path) -> None:
    data = midi(*playing(1, *BASS))
    path = tmp_path / "bass.mid"
    path.write_bytes(data)
    assert read_rhythm(path) == read_rhythm(io.BytesIO(data)) == read_rhythm_bytes(data)
    with pytest.raises(StorageError, match="can not be read"):
        read_rhythm(tmp_path / "none.mid")


# Chords and strums


def test_chord_is_one_tap_as_loud_and_late_as_its_loudest_note() -> None:
    merged = merge_strums(chord((0, 48, 60), (7, 52, 90), (14, 55, 80), (200, 48, 70)))
    assert [(n.tick, n.pitch, n.velocity) for n in merged.notes] == [(7, 52, 90), (200, 48, 70)]


def test_of_equally_loud_notes_the_earliest_is_the_tap() -> None:
    assert [n.tick for n in merge_strums(chord((3, 48, 90), (9, 52, 90))).notes] == [3]


@pytest.mark.parametrize(("apart_ms", "taps"), [(30, 1), (31, 2)])
def test_window_is_closed_and_counts_from_the_first_note(apart_ms: int, taps: int) -> None:
    assert len(merge_strums(chord((0, 48, 90), (apart_ms, 52, 90))).notes) == taps
    assert len(merge_strums(chord((0, 48, 90), (20, 50, 90), (apart_ms, 52, 90))).notes) == taps


def test_window_is_as_wide_wherever_it_begins() -> None:
    assert {len(merge_strums(chord((at, 48, 90), (at + 30, 52, 90))).notes) for at in range(1000)} == {1}


def test_window_is_in_milliseconds_whatever_the_tempo() -> None:
    notes = ((0, 48, 90), (40, 52, 90))  # 40 ms at 125 bpm, 20 ms at 250
    assert len(merge_strums(chord(*notes)).notes) == 2
    assert len(merge_strums(chord(*notes, tempo_bpm=250.0)).notes) == 1


def test_window_of_0_merges_exact_chords_alone() -> None:
    merged = merge_strums(chord((0, 48, 90), (0, 52, 91), (1, 55, 90)), window_ms=0.0)
    assert [n.pitch for n in merged.notes] == [52, 55]


def test_merged_notes_are_reported_and_single_ones_are_not() -> None:
    strummed = replace(chord((0, 48, 60), (7, 52, 90), (14, 55, 80), (200, 48, 70)), warnings=("careful",))
    assert merge_strums(strummed).warnings == (
        "careful",
        "notes that begin together, as in chords and strums, count as one tap: 2 were left out",
    )
    single = chord((0, 48, 60), (200, 52, 90))
    assert merge_strums(single) == single
    assert merge_strums(single).warnings == ()


@pytest.mark.parametrize("window_ms", [-1.0, 101.0, float("nan"), float("inf")])
def test_impossible_window_is_refused(window_ms: float) -> None:
    with pytest.raises(InvalidParameter, match=r"window_ms must lie in 0…100; got"):
        merge_strums(chord((0, 48, 90)), window_ms)


def test_reading_merges_strums() -> None:
    strum = [f"0A 90 {pitch:02X} {60 + pitch - 40:02X}" for pitch in GUITAR[:4]]  # 10 ticks = 10.4 ms apart
    ends = [f"{delta} 80 {pitch:02X} 00" for delta, pitch in zip(("60", "00", "00", "00"), GUITAR, strict=False)]
    rhythm = read_rhythm_bytes(midi(*strum, *ends))
    assert [(n.tick, n.pitch) for n in rhythm.notes] == [(30, 50), (40, 55)]  # the fourth string comes 31 ms late
    assert rhythm.warnings[-1].endswith("count as one tap: 2 were left out")


# Which part

SONG = (
    header(1, 4)
    + track("00 FF 51 03 07 A1 20")
    + track(text(b"Piano"), *playing(0, *PIANO))
    + track(text(b"Bass"), *playing(0, *BASS))  # many programs write every track on channel 1
    + track(text(b"Lead"), *playing(4, 70, 71))
)
LISTED = (
    "track 2 'Piano', channel 1 (5 notes); track 3 'Bass', channel 1 (3 notes); track 4 'Lead', channel 5 (2 notes)"
)


def test_only_part_is_taken_without_a_word() -> None:
    rhythm = read_rhythm_bytes(header(1, 2) + track("00 FF 01 00") + track(*playing(6, *BASS)))
    assert pitches(rhythm) == [*BASS]
    assert rhythm.warnings == ()


def test_of_several_parts_that_with_the_most_notes_is_taken_and_said() -> None:
    rhythm = read_rhythm_bytes(SONG)
    assert pitches(rhythm) == [*PIANO]
    assert rhythm.warnings == (
        f"the file's notes are on {LISTED}; the part with the most notes, track 2 'Piano', channel 1 (5 notes), "
        "was taken. Name another with --track or --channel.",
    )


def test_drums_are_taken_before_all_others_from_every_track_and_said() -> None:
    data = SONG[:10] + b"\0\6" + SONG[12:] + track(*playing(9, 36)) + track("30 FF 01 00", *playing(9, 38))
    rhythm = read_rhythm_bytes(data)
    assert pitches(rhythm) == [36, 38]
    assert "channel 10, the drums, was taken" in rhythm.warnings[0]


def test_drums_on_several_tracks_are_one_part() -> None:
    rhythm = read_rhythm_bytes(header(1, 2) + track(*playing(9, 36, 36)) + track("30 FF 01 00", *playing(9, 38)))
    assert pitches(rhythm) == [36, 38, 36]
    assert rhythm.warnings == ()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"track": 3}, [*BASS]),
        ({"channel": 5}, [70, 71]),
        ({"track": 2, "channel": 1}, [*PIANO]),
        ({"channel": 1}, [60, 64, 67, 72, 59]),  # the bass plays with the piano: one tap each
    ],
)
def test_part_asked_for_is_taken_without_a_word_about_others(asked: dict[str, int], expected: list[int]) -> None:
    rhythm = read_rhythm_bytes(SONG, **asked)
    assert pitches(rhythm) == expected
    assert not any("Name another" in warning for warning in rhythm.warnings)


def test_file_of_one_track_has_a_part_on_each_channel() -> None:
    data = midi(*playing(0, *PIANO), *playing(1, *BASS))
    assert pitches(read_rhythm_bytes(data)) == [*PIANO]
    assert pitches(read_rhythm_bytes(data, channel=2)) == [*BASS]
    assert pitches(read_rhythm_bytes(data, track=1)) == [*PIANO, *BASS]


def test_guitar_with_a_channel_for_each_string_is_one_part() -> None:
    strings = [event for string, pitch in enumerate(GUITAR) for event in playing(string, pitch)]
    rhythm = read_rhythm_bytes(header(1, 2) + track("00 FF 01 00") + track(*strings))
    assert pitches(rhythm) == [*GUITAR]
    assert rhythm.warnings == ()


def test_other_parts_stay_as_events() -> None:
    rhythm = read_rhythm_bytes(SONG, track=3)
    assert sum(event.data[0] & 0xF0 == 0x90 and event.data[2] > 0 for event in rhythm.others) == 5 + 2
    again = read_rhythm_bytes(midi_bytes(rhythm), track=3)
    assert (pitches(again), again.others) == ([*BASS], rhythm.others)


# Nothing to take


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"channel": 9}, "channel 9"),
        ({"track": 1}, "track 1"),
        ({"track": 7}, "track 7"),
        ({"track": 3, "channel": 5}, "track 3, channel 5"),
    ],
)
def test_part_without_notes_is_refused_with_those_that_have_some(asked: dict[str, int], named: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_rhythm_bytes(SONG, **asked)
    assert str(error.value) == f"{named} holds no notes; the file's notes are on {LISTED}"


def test_file_without_notes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="needs at least one note; the file holds none"):
        read_rhythm_bytes(midi("00 FF 01 01 41", "00 90 3C 00"))


def test_long_list_of_parts_is_cut() -> None:
    many = header(1, 20) + track(*playing(0, 60)) * 20
    with pytest.raises(InvalidInput, match=r"track 16, channel 1 \(1 notes\); and 4 more$"):
        read_rhythm_bytes(many, channel=3)


def test_names_are_safe_to_print() -> None:
    named = track(text(b"\x1b[2J\n"), *playing(0, *PIANO)) + track(*playing(1, 60))
    (warning, *_) = read_rhythm_bytes(header(1, 2) + named).warnings
    assert r"track 1 '\x1b[2J\n', channel 1" in warning


@pytest.mark.parametrize("asked", [{"channel": 0}, {"channel": 17}, {"track": 0}, {"track": -1}])
def test_numbers_begin_at_1(asked: dict[str, int]) -> None:
    (name,) = asked
    with pytest.raises(InvalidParameter, match=f"{name} must"):
        read_rhythm(io.BytesIO(b"not even read"), **asked)


# Broken files


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}: {case.name}")
def test_hostile_files_get_a_rhythm_or_a_typed_error(case) -> None:
    data = case.build()
    if case.notes == 0:
        with pytest.raises(InvalidInput, match="needs at least one note"):
            read_rhythm_bytes(data)
    elif case.error and case.error != "no channel looks like drums":
        with pytest.raises(InvalidMidi):
            read_rhythm_bytes(data)
    else:
        rhythm = read_rhythm_bytes(data)
        reported = [int(w.split()[-4].replace(",", "")) for w in rhythm.warnings if "count as one tap" in w]
        assert len(rhythm.notes) + sum(reported) == (2 if case.error else case.notes)


def test_smpte_time_and_patterns_are_read_as_for_drums() -> None:
    assert read_rhythm_bytes(midi(*BEAT, division=0xE728)).ticks_per_beat == 500
    rhythm = read_rhythm_bytes(header(2, 2) + track(KICK) + track(*playing(0, *PIANO)))
    assert pitches(rhythm) == [36]
    assert any("format 2" in warning for warning in rhythm.warnings)
