"""The lexer: bytes in, timed messages out."""

import pytest

from ghostnote.errors import InvalidMidi
from ghostnote.midi.smf import MAX_TRACKS, lex
from hostile import BEAT, KICK, header, midi, riff, track


def messages(*hexes: str) -> list[tuple[int, bytes]]:
    return lex(midi(*hexes)).tracks[0].messages


def test_every_kind_of_message_comes_out_verbatim() -> None:
    assert messages(
        "00 99 24 64",  # note-on
        "0A 89 24 40",  # note-off
        "00 A9 24 10",  # key pressure
        "00 B9 04 5A",  # hi-hat pedal
        "00 C9 08",  # program
        "00 D9 33",  # channel pressure
        "00 E9 00 40",  # pitch bend
        "05 F0 03 7E 09 F7",  # system-exclusive
        "00 F7 02 F3 01",  # escape
        "00 FF 01 02 48 69",  # text
    ) == [
        (0, b"\x99\x24\x64"),
        (10, b"\x89\x24\x40"),
        (10, b"\xa9\x24\x10"),
        (10, b"\xb9\x04\x5a"),
        (10, b"\xc9\x08"),
        (10, b"\xd9\x33"),
        (10, b"\xe9\x00\x40"),
        (15, b"\xf0\x7e\x09\xf7"),
        (15, b"\xf7\xf3\x01"),
        (15, b"\xff\x01Hi"),
    ]


@pytest.mark.parametrize(
    ("written", "ticks"),
    [("00", 0), ("7F", 127), ("81 00", 128), ("FF 7F", 16383), ("81 80 00", 16384), ("FF FF FF 7F", 2**28 - 1)],
)
def test_delta_times_at_the_borders_of_their_lengths(written: str, ticks: int) -> None:
    assert messages(f"{written} 99 24 64")[0][0] == ticks


def test_running_status_carries_over_one_and_two_data_bytes() -> None:
    assert messages("00 99 24 64", "01 26 50", "00 C9 01", "01 02") == [
        (0, b"\x99\x24\x64"),
        (1, b"\x99\x26\x50"),
        (1, b"\xc9\x01"),
        (2, b"\xc9\x02"),
    ]


def test_warning_of_running_status_counts_only_what_crosses_a_meta_event() -> None:
    raw = lex(midi(KICK, "00 FF 01 00", "01 24 00", "01 99 24 64", "01 24 00"))
    assert raw.warnings == ("running status was kept across a meta or system message",)


def test_bare_system_messages_become_escapes_and_real_time_keeps_running_status() -> None:
    raw = lex(midi(KICK, "01 F8", "01 26 50", "00 F2 01 02"))
    assert raw.tracks[0].messages == [
        (0, b"\x99\x24\x64"),
        (1, b"\xf7\xf8"),
        (2, b"\x99\x26\x50"),
        (2, b"\xf7\xf2\x01\x02"),
    ]
    assert raw.warnings == ("a bare system message was wrapped in an escape, as the standard asks (2 times)",)


def test_header_and_ends_of_tracks_are_kept() -> None:
    raw = lex(header(1, 2, 96) + track(KICK, end="60 FF 2F 00") + track(end="05 FF 2F 00"))
    assert (raw.midi_format, raw.division, raw.warnings) == (1, 96, ())
    assert [part.end for part in raw.tracks] == [96, 5]


def test_track_without_end_ends_with_its_last_event() -> None:
    assert lex(header() + track(*BEAT, end="")).tracks[0].end == 480


def test_riff_holds_the_same_song_whatever_its_padding() -> None:
    for more in ((), ("00 FF 01 01 41",)):
        assert lex(riff(midi(*BEAT, *more))) == lex(midi(*BEAT, *more))


def test_256_tracks_are_allowed() -> None:
    assert len(lex(header(1, MAX_TRACKS) + track() * MAX_TRACKS).tracks) == MAX_TRACKS
    with pytest.raises(InvalidMidi, match="at most 256 tracks"):
        lex(header(1, MAX_TRACKS + 1) + track() * (MAX_TRACKS + 1))


def test_equal_notices_are_counted_not_repeated() -> None:
    raw = lex(header() + track("00 99 24 80" * 3) + b"XFIH\0\0\0\0" * 2)
    assert raw.warnings == (
        "a velocity or value above 127 was clipped to 127 (3 times)",
        "a chunk that is neither header nor track was skipped (2 times)",
    )


def test_error_shows_the_start_of_a_foreign_file_in_printable_characters() -> None:
    with pytest.raises(InvalidMidi, match=r"'\\x1b\[2J\\x00\\xff'"):
        lex(b"\x1b[2J\x00\xff")
