"""From a file to a drum track."""

import io
from pathlib import Path

import pytest

from ghostnote.errors import InvalidMidi, InvalidParameter, StorageError
from ghostnote.groove import Clock, Event, MetreChange, Note, TempoChange
from ghostnote.midi import drum_map, read_midi, read_midi_bytes
from ghostnote.midi.smf import MAX_BYTES
from hostile import BEAT, CASES, KICK, KICK_OFF, header, midi, text, track


def case(name: str) -> bytes:
    return next(found for found in CASES if found.name == name).build()


def seconds(data: bytes) -> list[float]:
    result = read_midi_bytes(data)
    return list(Clock.of(result).tick_to_seconds([note.tick for note in result.notes]))


# Notes


def test_note_has_everything_that_the_file_says() -> None:
    data = header(1, 2) + track("00 FF 01 01 41") + track("00 FF 01 01 41", "60 99 26 50", "60 89 26 21")
    assert read_midi_bytes(data).notes == (
        Note(96, pitch=38, velocity=80, duration_ticks=96, channel=9, track=1, order=1, release_velocity=33),
    )


def test_notes_of_one_pitch_are_paired_first_in_first_out() -> None:
    notes = read_midi_bytes(midi("00 99 24 01", "0A 99 24 02", "0A 89 24 11", "0A 89 24 12")).notes
    assert [(n.velocity, n.duration_ticks, n.release_velocity) for n in notes] == [(1, 20, 17), (2, 20, 18)]


def test_note_on_of_velocity_0_ends_a_note_with_the_standard_release() -> None:
    (note,) = read_midi_bytes(midi(KICK, "60 99 24 00")).notes
    assert (note.duration_ticks, note.release_velocity) == (96, 64)


def test_note_without_end_and_note_of_no_length_are_kept_with_duration_0() -> None:
    notes = read_midi_bytes(midi(KICK, "00 89 24 40", "60 99 26 64")).notes
    assert [(n.tick, n.pitch, n.duration_ticks) for n in notes] == [(0, 36, 0), (96, 38, 0)]


def test_pairing_keeps_to_the_track() -> None:
    result = read_midi_bytes(header(1, 2) + track(KICK) + track("60 89 24 40"))
    assert result.notes[0].duration_ticks == 0
    assert any("note-off without a note" in warning for warning in result.warnings)


def test_order_counts_what_is_kept_so_note_offs_do_not_matter() -> None:
    result = read_midi_bytes(midi(KICK, "60 B9 04 10", "00 89 24 40", "00 99 26 64", "00 FF 01 00", "60 89 26 40"))
    assert [note.order for note in result.notes] == [0, 2]
    assert [event.order for event in result.others] == [1, 3]


def test_track_that_ends_on_its_last_hit_gets_a_tick_for_it() -> None:
    assert read_midi_bytes(midi("60 99 24 64")).track_ends == (97,)


def test_unmapped_pitches_stay_as_notes_and_are_reported() -> None:
    result = read_midi_bytes(case("0, 20 and 127"))
    assert [(note.pitch, result.voice_of(note)) for note in result.notes] == [(0, None), (20, None), (127, None)]
    assert result.warnings == (
        "notes that drum map 'general_midi' does not know pass through unchanged: 3, on pitches 0, 20, 127",
    )


def test_another_drum_map_changes_voices_and_nothing_else() -> None:
    data = midi("00 99 3A 64", "60 89 3A 40")  # pitch 58: vibraslap, or a TD-11's third tom
    general, roland = read_midi_bytes(data), read_midi_bytes(data, drum_map=drum_map("roland_td11"))
    assert general.notes == roland.notes
    assert (general.voice_of(general.notes[0]), roland.voice_of(roland.notes[0])) == ("crash", "low_tom")


# Time


def test_tempos_and_metres_are_read_and_hits_fall_where_they_are_heard() -> None:
    result = read_midi_bytes(case("two tempos, 7/8 and 5/4, a pickup"))
    assert result.tempos == (TempoChange(0, 500_000, order=1), TempoChange(240, 400_000, order=4))
    assert result.metres == (
        MetreChange(0, 1, 8, 24, 8, order=0),
        MetreChange(240, 7, 8, 24, 8, order=3),
        MetreChange(1920, 5, 4, 24, 8, order=6),
    )
    assert seconds(case("two tempos, 7/8 and 5/4, a pickup")) == pytest.approx([0, 0.25, 0.25 + 3.5 * 0.4])


@pytest.mark.parametrize(
    ("division", "ticks_per_second"),
    [(0xE728, 1000), (0xE828, 960), (0xE250, 2400), (0xE350, 2400 * 1000 / 1001), (0xE701, 25)],
)
def test_smpte_time_becomes_beats_without_a_change_of_speed(division: int, ticks_per_second: float) -> None:
    far = "CE 10 99 24 64"  # 10,000 ticks
    assert seconds(midi(KICK, far, division=division)) == pytest.approx([0, 10_000 / ticks_per_second], rel=1e-12)


def test_tempos_mean_nothing_in_smpte_time() -> None:
    data = midi("00 FF 51 03 01 00 00", "87 68 99 24 64", division=0xE728)
    assert seconds(data) == [1.0]
    assert read_midi_bytes(data).tempos == ()


# Everything else


def test_what_is_no_drum_note_is_kept_verbatim() -> None:
    name = b"<img src=x onerror=alert(1)>"
    others = [
        text(name),
        "00 FF 59 02 FD 01",  # C minor
        "00 FF 06 05 56 65 72 73 65",  # marker
        "00 FF 54 05 60 00 00 00 00",  # SMPTE offset
        "00 FF 7F 03 00 20 33",  # sequencer's own
        "00 F0 05 7E 7F 09 01 F7",  # General MIDI on
        "00 90 3C 64",  # somebody else's note
        "60 80 3C 40",
        "00 B9 04 5A",  # hi-hat pedal
        "00 A9 2A 7F",  # choke
    ]
    result = read_midi_bytes(midi(*others, *BEAT))
    expected = [bytes.fromhex(event)[1:] for event in others]
    without_length = [e[:2] + e[3:] if e[0] == 0xFF else e[:1] + e[2:] if e[0] == 0xF0 else e for e in expected]
    assert [event.data for event in result.others] == without_length
    assert result.others[0] == Event(0, b"\xff\x03" + name, 0, 0)
    assert result.warnings == ()


def test_format_2_reads_the_first_pattern_that_holds_notes() -> None:
    result = read_midi_bytes(header(2, 3) + track("00 FF 01 00") + track(*BEAT) + track(*BEAT, *BEAT))
    assert (len(result.notes), result.midi_format, len(result.track_ends)) == (1, 0, 1)
    assert result.warnings == (
        "the file holds 3 patterns (format 2); only pattern 2 was read, 2 notes in the others were left out",
    )


def test_file_without_notes_is_an_empty_track() -> None:
    result = read_midi_bytes(midi("00 FF 01 01 41"))
    assert (result.notes, len(result.others)) == ((), 1)


# Channels


def melody(channel: int, *pitches: int) -> list[str]:
    return [f"0A {0x90 | channel:02X} {pitch:02X} 64" for pitch in pitches]


DRUMS = (36, 42, 38, 42, 36, 42, 38, 46)
TOM_LIKE_BASS = (41, 43, 45, 48, 43, 41)
BASS = (28, 31, 33, 28, 40, 38, 36, 35)
PIANO = (60, 64, 67, 72, 59, 62, 65, 71)


def test_channel_10_wins_and_the_others_stay_events() -> None:
    result = read_midi_bytes(midi(*melody(0, *DRUMS), *melody(9, 36)))
    assert [note.channel for note in result.notes] == [9]
    assert len(result.others) == len(DRUMS)


def test_channel_asked_for_is_taken() -> None:
    data = midi(*melody(0, *PIANO), *melody(9, *DRUMS))
    assert [note.pitch for note in read_midi_bytes(data, channel=1).notes] == [*PIANO]


@pytest.mark.parametrize("channel", [0, 17, -1])
def test_channel_is_counted_from_1_to_16(channel: int) -> None:
    with pytest.raises(InvalidParameter, match=f"1…16, as musicians count; got {channel}"):
        read_midi_bytes(midi(*BEAT), channel=channel)


def test_channel_without_notes_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(InvalidMidi, match=r"channel 5 holds no notes; .* channels 1 \(8 notes\), 10 \(1 notes\)"):
        read_midi_bytes(midi(*melody(0, *PIANO), *melody(9, 36)), channel=5)


def test_only_channel_is_taken_if_it_may_be_drums() -> None:
    result = read_midi_bytes(midi(*melody(3, 36, 36, 38)))
    assert [note.channel for note in result.notes] == [3, 3, 3]
    assert "channel 10 holds no notes; channel 4 was taken for the drums" in result.warnings


def test_channel_whose_pitches_are_a_kit_is_taken_among_several() -> None:
    assert read_midi_bytes(midi(*melody(0, *PIANO), *melody(1, *BASS), *melody(4, *DRUMS))).notes[0].channel == 4


def test_part_in_the_range_of_a_kit_needs_more_than_toms_to_be_taken() -> None:
    assert read_midi_bytes(midi(*melody(0, *TOM_LIKE_BASS), *melody(4, *DRUMS))).notes[0].channel == 4


def test_name_of_a_track_tells_its_channel() -> None:
    parts = [track(text(b"Piano"), *melody(0, *DRUMS)), track(text(b"My Drums"), *melody(1, *DRUMS))]
    assert read_midi_bytes(header(1, 2) + b"".join(parts)).notes[0].channel == 1


def test_several_plausible_channels_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidMidi, match=r"several .* 1 \(8 notes\), 2 \(8 notes\)\. Name one with --channel"):
        read_midi_bytes(midi(*melody(0, *DRUMS), *melody(1, *DRUMS)))


def test_melodies_are_refused() -> None:
    with pytest.raises(InvalidMidi, match="no channel looks like drums"):
        read_midi_bytes(midi(*melody(0, *PIANO), *melody(1, *BASS)))
    with pytest.raises(InvalidMidi, match="no channel looks like drums"):
        read_midi_bytes(midi(*melody(0, *PIANO)))


# Sources


def test_paths_and_streams_give_the_same(tmp_path: Path) -> None:
    data = midi(*BEAT)
    path = tmp_path / "beat.mid"
    path.write_bytes(data)
    expected = read_midi_bytes(data)
    assert read_midi(path) == read_midi(str(path)) == read_midi(io.BytesIO(data)) == expected


class Dripping(io.RawIOBase):
    """A pipe that gives few bytes at a time, without end."""

    given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.given += min(size, 100_000)
        return bytes(min(size, 100_000))


def test_endless_stream_is_read_to_the_limit_only() -> None:
    stream = Dripping()
    with pytest.raises(InvalidMidi, match="at most 5,242,880 bytes"):
        read_midi(stream)  # type: ignore[arg-type]
    assert stream.given == MAX_BYTES + 1


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.mid"
    with path.open("wb") as stream:
        stream.truncate(2**33)  # sparse: takes no space
    with pytest.raises(InvalidMidi, match="holds 8,589,934,592"):
        read_midi(path)


def test_text_stream_is_refused_with_the_fix() -> None:
    with pytest.raises(InvalidParameter, match="mode 'rb'"):
        read_midi(io.StringIO("MThd"))  # type: ignore[arg-type]


def test_missing_file_and_folder_are_storage_errors(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.mid can not be read: No such file"):
        read_midi(tmp_path / "none.mid")
    with pytest.raises(StorageError, match="can not be read: Is a directory"):
        read_midi(tmp_path)


def test_long_note_keeps_its_duration() -> None:
    assert read_midi_bytes(midi(KICK, KICK_OFF)).notes[0].duration_ticks == 480
