"""Laws: no note is lost or made, nothing else changes its meaning, and other readers find what we wrote.

They are tried on generated files and on every file of the Groove MIDI Dataset, where its archive is there.
"""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange
from ghostnote.midi import drum_map, midi_bytes, read_midi_bytes
from hostile import chunk, header

ARCHIVE = Path(
    os.environ.get(
        "GHOSTNOTE_GMD_ARCHIVE", Path(__file__).parents[2].parent / "shared" / "data" / "groove-v1.0.0-midionly.zip"
    )
)
needs_archive = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"needs the Groove MIDI Dataset at {ARCHIVE}")
FILES, NOTES = 1150, 446_312  # of the dataset

Message = tuple[int, bytes]  # delta time; status first, without length


def gmd_files(step: int = 1) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = [name for name in archive.namelist() if name.endswith((".mid", ".midi"))]
        return [(name, archive.read(name)) for name in names[::step]]


# Generated files, encoded by a few lines of their own: the writer under test takes no part in making them.

few = st.sampled_from([36, 38, 42])  # so few pitches that notes overlap
sevens = st.integers(0, 127)
channels = st.integers(0, 15)
deltas = st.sampled_from([0, 0, 0, 1, 5, 120, 127, 128, 5000])
texts = st.binary(max_size=140)
messages = st.one_of(
    st.builds(lambda p, v: bytes((0x99, p, v)), few, sevens),
    st.builds(lambda p, v: bytes((0x89, p, v)), few, sevens),
    st.builds(lambda s, c, a, b: bytes((s | c, a, b)), st.sampled_from([0xA0, 0xB0, 0xE0]), channels, sevens, sevens),
    st.builds(lambda s, c, a: bytes((s | c, a)), st.sampled_from([0xC0, 0xD0]), channels, sevens),
    st.builds(lambda s, c, p, v: bytes((s | c, p, v)), st.sampled_from([0x80, 0x90]), st.integers(0, 8), few, sevens),
    st.builds(lambda kind, data: bytes((0xFF, kind)) + data, st.sampled_from([1, 3, 5, 6, 0x7F, 0x60]), texts),
    st.builds(lambda status, data: bytes((status,)) + data, st.sampled_from([0xF0, 0xF7]), texts),
    st.builds(lambda beat: b"\xff\x51" + beat.to_bytes(3, "big"), st.integers(1, 2**20)),
    st.builds(lambda n, d: bytes((0xFF, 0x58, n, d, 24, 8)), st.integers(1, 255), st.integers(0, 6)),
)  # fmt: skip
tracks = st.lists(st.tuples(deltas, messages), max_size=40)
first_track = tracks.map(lambda track: [*track, (3, b"\x99\x24\x40")])  # there is a drum note, so the channel is plain


def number(value: int) -> bytes:
    digits = [value & 127]
    while value := value >> 7:
        digits.insert(0, value & 127 | 128)
    return bytes(digits)


def encode(track: list[Message]) -> bytes:
    data = b""
    for delta, message in track:
        split = {0xFF: 2, 0xF0: 1, 0xF7: 1}.get(message[0], len(message))
        payload = message[split:]
        data += number(delta) + message[:split] + (number(len(payload)) + payload if message[0] >= 0xF0 else b"")
    return chunk(b"MTrk", data + b"\x07\xff\x2f\x00")


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[list[Message]]]:
    content = [draw(first_track), *draw(st.lists(tracks, max_size=2))]
    midi_format = 1 if len(content) > 1 else draw(st.sampled_from([0, 1]))
    division = draw(st.sampled_from([96, 120, 480, 960, 32767]))
    return header(midi_format, len(content), division) + b"".join(map(encode, content)), content


def without_ends(note: Note) -> Note:
    return replace(note, duration_ticks=0, release_velocity=64)


def assert_same(before: DrumTrack, after: DrumTrack) -> None:
    """Assert that a track came through a file; durations may change only as `midi_bytes` says."""
    assert [*map(without_ends, before.notes)] == [*map(without_ends, after.notes)]
    assert replace(before, notes=()) == replace(after, notes=())
    onsets: dict[tuple[int, int], list[int]] = {}
    for note in before.notes:
        onsets.setdefault((note.channel, note.pitch), []).append(note.tick)
    following = {key: dict(pairwise(sorted(set(ticks)))) for key, ticks in onsets.items()}
    for old, new in zip(before.notes, after.notes, strict=True):
        key = old.channel, old.pitch
        if not old.duration_ticks:
            assert new.duration_ticks > 0
            continue
        room = following[key].get(old.tick, old.tick + old.duration_ticks) - old.tick
        assert new.duration_ticks == min(old.duration_ticks, room)
        assert new.release_velocity == old.release_velocity


@given(files())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_generated_file_is_conserved(given_file: tuple[bytes, list[list[Message]]]) -> None:
    data, content = given_file
    track = read_midi_bytes(data)

    flat = [message for part in content for _, message in part]
    assert len(track.notes) == sum(m[0] == 0x99 and m[2] > 0 for m in flat)
    assert len(track.tempos) == sum(m[:2] == b"\xff\x51" for m in flat)
    assert len(track.metres) == sum(m[:2] == b"\xff\x58" for m in flat)
    rest = Counter(m for m in flat if m[0] not in (0x99, 0x89) and m[:2] not in (b"\xff\x51", b"\xff\x58"))
    assert Counter(event.data for event in track.others) == rest
    assert track.track_ends == tuple(7 + sum(delta for delta, _ in part) for part in content)

    written = midi_bytes(track)
    again = read_midi_bytes(written)
    assert_same(track, again)
    assert midi_bytes(again) == written


@needs_archive
@pytest.mark.slow
def test_every_file_of_the_dataset_is_conserved() -> None:
    roland, total, paired_badly = drum_map("roland_td11"), 0, []
    found = gmd_files()
    for name, data in found:
        track = read_midi_bytes(data, drum_map=roland)
        again = read_midi_bytes(midi_bytes(track), drum_map=roland)
        assert_same(track, again)
        assert again.warnings == (), name
        total += len(track.notes)
        if track.warnings:
            paired_badly.append(name)
    assert (len(found), total) == (FILES, NOTES)
    assert len(paired_badly) == 1  # one file has a note-off before its note-on


# Other readers

performances = st.lists(
    st.builds(
        Note,
        tick=st.integers(0, 2000),
        pitch=few,
        velocity=st.integers(1, 127),
        duration_ticks=st.sampled_from([0, 0, 1, 60, 5000]),
        track=st.integers(0, 1),
    ),
    min_size=1,
    max_size=40,
)


def onsets_of(track: DrumTrack) -> Counter[tuple[int, int, int]]:
    return Counter((note.tick, note.pitch, note.velocity) for note in track.notes)


def onsets_in_mido(data: bytes) -> Counter[tuple[int, int, int]]:
    import mido

    found: Counter[tuple[int, int, int]] = Counter()
    for part in mido.MidiFile(file=io.BytesIO(data)).tracks:
        now = 0
        for message in part:
            now += message.time
            if message.type == "note_on" and message.velocity and message.channel == 9:
                found[now, message.note, message.velocity] += 1
    return found


def onsets_in_symusic(data: bytes) -> Counter[tuple[int, int, int]]:
    import symusic

    parts = symusic.Score.from_midi(data).tracks
    return Counter((note.time, note.pitch, note.velocity) for part in parts if part.is_drum for note in part.notes)


def onsets_in_pretty_midi(data: bytes) -> Counter[tuple[int, int, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of pkg_resources, and of tempos on other tracks than the first
        import pretty_midi

        song = pretty_midi.PrettyMIDI(io.BytesIO(data))
    parts = [part for part in song.instruments if part.is_drum]
    return Counter((song.time_to_tick(n.start), n.pitch, n.velocity) for part in parts for n in part.notes)


READERS = (onsets_in_mido, onsets_in_symusic, onsets_in_pretty_midi)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__.removeprefix("onsets_in_"))
@given(notes=performances)
@settings(max_examples=100, deadline=None)
def test_other_readers_find_every_note_that_we_write(reader: object, notes: list[Note]) -> None:
    song = DrumTrack(
        (),
        480,
        drum_map("general_midi"),
        (TempoChange(0, 600_000),),
        (MetreChange(0, 7, 8, order=1),),
        (Event(0, b"\xff\x03kit", 0, 2), Event(100, b"\xb9\x04\x5a", 1), Event(100, b"\xf0\x7e\x09\xf7", 1)),
        (0, 0),
    ).with_notes(notes)
    assert reader(midi_bytes(song)) == onsets_of(song)  # type: ignore[operator]


@needs_archive
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__.removeprefix("onsets_in_"))
def test_other_readers_find_every_note_of_the_dataset(reader: object) -> None:
    for name, data in gmd_files(step=1 if reader is onsets_in_symusic else 50):
        track = read_midi_bytes(data)
        assert reader(midi_bytes(track)) == onsets_of(track), name  # type: ignore[operator]
