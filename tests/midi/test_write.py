"""From a drum track to a file."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange
from ghostnote.midi import drum_map, midi_bytes, read_midi, read_midi_bytes, write_midi
from hostile import KICK, header, midi, track

EMPTY = DrumTrack((), 480, drum_map("general_midi"))


def spans(*notes: Note, **fields: object) -> list[tuple[int, int]]:
    """Return onset and end of each note in the file that holds `notes`."""
    written = read_midi_bytes(midi_bytes(replace(EMPTY, notes=notes, **fields)))  # type: ignore[arg-type]
    return [(note.tick, note.tick + note.duration_ticks) for note in written.notes]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Bytes


def test_bytes_of_a_small_file() -> None:
    song = DrumTrack(
        notes=(Note(240, 38, 100, 60, track=1, order=1, release_velocity=1), Note(480, 38, 90, 30, track=1)),
        ticks_per_beat=480,
        drum_map=drum_map("general_midi"),
        tempos=(TempoChange(0, 500_000),),
        metres=(MetreChange(0, 7, 8, order=1),),
        others=(
            Event(0, b"\xff\x03Beat", 0, 2),
            Event(240, b"\xb9\x04\x5a", 1, 0),
            Event(240, b"\xf0\x7e\xf7", 1, 2),
        ),
        track_ends=(0, 1920),
    )
    assert midi_bytes(song) == (
        header(1, 2)
        + track(
            "00 FF 51 03 07 A1 20",  # 120 bpm
            "00 FF 58 04 07 03 18 08",  # 7/8
            "00 FF 03 04 42 65 61 74",  # name
        )
        + track(
            "81 70 B9 04 5A",  # 240: hi-hat pedal
            "00 99 26 64",  # snare
            "00 F0 02 7E F7",  # system-exclusive
            "3C 89 26 01",  # 300: its end
            "81 34 99 26 5A",  # 480: snare
            "1E 89 26 40",
            end="8B 02 FF 2F 00",  # 1920
        )
    )


def test_format_0_stays_format_0() -> None:
    data = midi("00 FF 51 03 07 A1 20", KICK, "60 89 24 40")
    assert midi_bytes(read_midi_bytes(data)) == data


# Notes


def test_note_ends_where_the_next_of_its_pitch_begins() -> None:
    assert spans(Note(0, 36, 90, 500), Note(100, 36, 90, 500), Note(200, 38, 90, 500)) == [
        (0, 100),
        (100, 600),
        (200, 700),
    ]


def test_note_ends_for_a_note_on_another_track_too() -> None:
    notes = Note(0, 36, 90, 500), Note(100, 36, 90, 50, track=1)
    assert spans(*notes, track_ends=(0, 0)) == [(0, 100), (100, 150)]


def test_note_off_stands_before_the_note_on_of_its_tick() -> None:
    data = midi_bytes(replace(EMPTY, notes=(Note(0, 36, 90, 96), Note(96, 36, 80, 96))))
    assert data.endswith(track("00 99 24 5A", "60 89 24 40", "00 99 24 50", "60 89 24 40"))


def test_notes_of_one_pitch_and_tick_are_all_written_and_end_before_the_next() -> None:
    assert spans(Note(0, 36, 90, 500), Note(0, 36, 80, 500), Note(96, 36, 70, 10)) == [(0, 96), (0, 96), (96, 106)]


def test_note_without_duration_gets_a_32nd_or_what_there_is_room_for() -> None:
    assert spans(Note(0, 36, 90), Note(480, 36, 90), Note(500, 36, 90), Note(501, 36, 90), track_ends=(510,)) == [
        (0, 60),
        (480, 500),
        (500, 501),
        (501, 510),
    ]


def test_note_without_duration_ends_with_the_note_it_doubles() -> None:
    assert spans(Note(0, 36, 90, 200), Note(0, 36, 80), Note(0, 38, 80), track_ends=(480,)) == [
        (0, 200),
        (0, 200),
        (0, 60),
    ]


def test_shortest_note_lasts_a_tick_even_behind_the_end_of_its_track() -> None:
    written = read_midi_bytes(midi_bytes(replace(EMPTY, notes=(Note(700, 36, 90),), track_ends=(480,))))
    assert (written.notes[0].duration_ticks, written.track_ends) == (1, (701,))


def test_track_ends_are_kept_but_never_before_the_last_event() -> None:
    song = replace(EMPTY, others=(Event(50, b"\xff\x01a"),))
    assert read_midi_bytes(midi_bytes(replace(song, track_ends=(900,)))).track_ends == (900,)
    assert read_midi_bytes(midi_bytes(replace(song, track_ends=(0,)))).track_ends == (50,)


def test_moved_note_keeps_its_place_among_the_events_of_its_new_tick() -> None:
    song = read_midi_bytes(midi("00 C9 08", "05 99 24 64", "05 89 24 40", "00 FF 01 00"))
    moved = song.with_notes([replace(song.notes[0], tick=0)])
    assert midi_bytes(moved) == midi("00 C9 08", "00 99 24 64", "05 89 24 40", "05 FF 01 00")


# What has no place in a file


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"notes": (Note(0, 36, 90, track=1),)}, "track must lie in 0…0"),
        ({"notes": (Note(0, 36, 90, channel=16),)}, "channel must lie in 0…15"),
        ({"notes": (Note(0, 36, 90, release_velocity=128),)}, "release_velocity in 0…127"),
        ({"tempos": (TempoChange(0, 2**24),)}, "1…16,777,215; got 16777216"),
        ({"tempos": (TempoChange(0, 0),)}, "1…16,777,215; got 0"),
        ({"metres": (MetreChange(0, 4, 3),)}, "got 4/3"),
        ({"metres": (MetreChange(0, 0, 4),)}, "got 0/4"),
        ({"metres": (MetreChange(0, 4, 4, clocks_per_click=300),)}, "0…255"),
        ({"others": (Event(0, b""),)}, "one whole MIDI message"),
        ({"others": (Event(0, b"\x99\x24"),)}, "got 99 24"),
        ({"others": (Event(0, b"\xb9\x80\x00"),)}, "got b9 80 00"),
        ({"others": (Event(0, b"\xff\x2f"),)}, "got ff 2f"),
        ({"others": (Event(-1, b"\xff\x01"),)}, "tick must be at least 0; got -1"),
        ({"others": (Event(2**28, b"\xff\x01"),)}, "at most 268,435,455 ticks apart"),
        ({"track_ends": ()}, "got format 1 with 0"),
        ({"track_ends": (0, 0), "midi_format": 0}, "got format 0 with 2"),
        ({"midi_format": 2}, "got format 2 with 1"),
    ],
)
def test_what_has_no_place_in_a_file_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        midi_bytes(replace(EMPTY, **fields))  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize("ticks", [0, 127, 128, 16383, 16384, 2097151, 2097152, 2**28 - 1])
def test_delta_times_at_the_borders_of_their_lengths_are_read_back(ticks: int) -> None:
    fast = replace(EMPTY, tempos=(TempoChange(0, 1),), others=(Event(ticks, b"\xff\x01a", order=1),))
    assert read_midi_bytes(midi_bytes(fast)).others == fast.others


@pytest.mark.parametrize("length", [0, 127, 128, 20_000])
def test_long_texts_are_read_back(length: int) -> None:
    song = replace(EMPTY, others=(Event(0, b"\xff\x01" + b"a" * length),))
    assert read_midi_bytes(midi_bytes(song)).others == song.others


# Files


def test_path_and_stream_get_the_same_bytes(tmp_path: Path) -> None:
    song = read_midi_bytes(midi(KICK, "60 89 24 40"))
    stream = io.BytesIO()
    write_midi(song, stream)
    write_midi(song, tmp_path / "a.mid")
    write_midi(song, str(tmp_path / "b.mid"))
    assert stream.getvalue() == (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    assert read_midi(tmp_path / "a.mid") == song
    assert names(tmp_path) == ["a.mid", "b.mid"]


def test_existing_file_is_replaced_only_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match="exists"):
        write_midi(EMPTY, path, overwrite=False)
    assert path.read_bytes() == b"mine"
    write_midi(EMPTY, path)
    assert path.read_bytes() == midi_bytes(EMPTY)
    write_midi(EMPTY, tmp_path / "new.mid", overwrite=False)
    assert names(tmp_path) == ["a.mid", "new.mid"]


def test_file_that_appears_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mid"
    sync = os.fsync

    def appear(descriptor: int) -> None:
        sync(descriptor)
        path.write_bytes(b"mine")

    monkeypatch.setattr(os, "fsync", appear)
    with pytest.raises(StorageError, match="came into being"):
        write_midi(EMPTY, path, overwrite=False)
    assert path.read_bytes() == b"mine"
    assert names(tmp_path) == ["a.mid"]


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(b"mine")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_midi(EMPTY, path)
    assert path.read_bytes() == b"mine"
    assert names(tmp_path) == ["a.mid"]


def test_invalid_track_does_not_touch_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter):
        write_midi(replace(EMPTY, track_ends=()), tmp_path / "a.mid")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions, links and devices of POSIX")
def test_permissions_links_and_devices_are_respected(tmp_path: Path) -> None:
    real, link = tmp_path / "real.mid", tmp_path / "link.mid"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_midi(EMPTY, link)
    assert link.is_symlink()
    assert real.read_bytes() == midi_bytes(EMPTY)
    assert real.stat().st_mode & 0o777 == 0o640
    write_midi(EMPTY, os.devnull)
    assert Path(os.devnull).is_char_device()


def test_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"can not be written to .*No such file"):
        write_midi(EMPTY, tmp_path / "none" / "a.mid")
    with pytest.raises(StorageError, match="can not be written"):
        write_midi(EMPTY, tmp_path)
