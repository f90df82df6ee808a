"""Broken and hostile MIDI files, built from bytes, each with the result that it must get.

One case for each thing that a row of the project's table of hostile inputs names. `bench/midi_libraries.py` puts the
same bytes before other libraries. Bytes are written as hex, each string one event: delta time, status, data.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

KICK = "00 99 24 64"  # at once, note-on on channel 10, pitch 36, velocity 100
KICK_OFF = "83 60 89 24 40"  # 480 ticks later, its note-off
BEAT = (KICK, KICK_OFF)
FAR = "FF FF FF 7F"  # the largest delta time, 2^28 - 1 ticks


@dataclass(frozen=True)
class Case:
    """A file and what reading it must give: an error whose message holds `error`, or `notes` notes.

    Args:
        row: of the table.
        name: of this case.
        build: makes the bytes.
        error: part of the message of `InvalidMidi`, where reading must fail.
        warning: part of one of the warnings, where reading must succeed with one; "" where there must be none.
        notes: number of drum notes, where reading must succeed.
    """

    row: str
    name: str
    build: Callable[[], bytes]
    error: str | None = None
    warning: str = ""
    notes: int = 1


def events(*hexes: str) -> bytes:
    return b"".join(bytes.fromhex(text) for text in hexes)


def chunk(kind: bytes, data: bytes, length: int | None = None) -> bytes:
    return kind + struct.pack(">I", len(data) if length is None else length) + data


def track(*hexes: str, end: str = "00 FF 2F 00") -> bytes:
    return chunk(b"MTrk", events(*hexes, end))


def header(midi_format: int = 1, tracks: int = 1, division: int = 480, more: bytes = b"") -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", midi_format, tracks, division) + more)


def midi(*hexes: str, midi_format: int = 0, division: int = 480) -> bytes:
    """Return a file of one track."""
    return header(midi_format, 1, division) + track(*hexes)


def riff(smf: bytes) -> bytes:
    padded = smf + b"\0" * (len(smf) % 2)
    inner = b"RMID" + b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"data" + struct.pack("<I", len(smf)) + padded
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def text(payload: bytes) -> str:
    """Return a track name event that holds `payload`."""
    return f"00 FF 03 {len(payload):02X} {payload.hex()}"


CASES = (
    # empty, truncated, not MIDI, alien chunk, RIFF-wrapped
    Case("not MIDI", "no bytes", lambda: b"", error="an empty file"),
    Case("not MIDI", "a WAV file", lambda: b"RIFF\x24\0\0\0WAVEfmt ", error="starts with 'MThd'"),
    Case("not MIDI", "text", lambda: b"<html><script>", error="<html><s"),
    Case("truncated", "in the header", lambda: midi(*BEAT)[:11], error="cut off"),
    Case("truncated", "after the header", lambda: header(), error="must hold a track"),
    Case("truncated", "between two events", lambda: midi(*BEAT)[:26], error="cut off"),
    Case("truncated", "inside an event", lambda: midi(*BEAT)[:24], error="middle of an event"),
    Case("truncated", "only its length is wrong", lambda: header() + chunk(b"MTrk", events(*BEAT, "00 FF 2F 00"), 999),
         warning="shorter than it says"),
    Case("truncated", "without end of track", lambda: header() + track(*BEAT, end=""), warning="no end-of-track"),
    Case("truncated", "bytes after end of track", lambda: midi(*BEAT, "00 FF 2F 00", KICK), warning="after the end"),
    Case("alien chunk", "before a track", lambda: header() + chunk(b"XFIH", b"12345") + track(*BEAT),
         warning="skipped"),
    Case("alien chunk", "claims gigabytes", lambda: header() + track(*BEAT) + chunk(b"XFIH", b"", 2**32 - 1),
         warning="skipped"),
    Case("alien chunk", "stray bytes", lambda: midi(*BEAT) + b"abc", warning="3 stray bytes"),
    Case("RMID", "a song in RIFF", lambda: riff(midi(*BEAT))),
    Case("RMID", "RIFF without data", lambda: b"RIFF\x0c\0\0\0RMIDLIST\0\0\0\0", error="'data' chunk"),
    # time base
    Case("zero ticks", "ticks per quarter = 0", lambda: midi(*BEAT, division=0), error="at least 1; got 0"),
    Case("SMPTE", "25 frames × 40 ticks", lambda: midi(*BEAT, *BEAT, division=0xE728), warning="SMPTE time (25 frames",
         notes=2),
    Case("SMPTE", "29.97 frames, drop frame", lambda: midi(*BEAT, *BEAT, division=0xE350),
         warning="SMPTE time (29 frames", notes=2),
    Case("SMPTE", "an odd number of ticks a second", lambda: midi(*BEAT, *BEAT, division=0xE701), warning="SMPTE time",
         notes=2),
    Case("SMPTE", "3 frames a second", lambda: midi(*BEAT, division=0xFD28), error="24, 25, 29 or 30"),
    Case("SMPTE", "0 ticks a frame", lambda: midi(*BEAT, division=0xE700), error="at least 1 tick a frame"),
    # header
    Case("format", "type 2", lambda: header(2, 2) + track(*BEAT) + track(*BEAT, *BEAT),
         warning="only pattern 1 was read, 2 notes in the others were left out"),
    Case("format", "type 7", lambda: midi(*BEAT, midi_format=7), error="0, 1 or 2; got 7"),
    Case("format", "type 0 with two tracks", lambda: header(0, 2) + track(*BEAT) + track(*BEAT), warning="one track",
         notes=2),
    Case("format", "header of 10 bytes", lambda: header(more=b"more") + track(*BEAT), warning="4 bytes more"),
    Case("format", "header of 4 GiB", lambda: b"MThd\xff\xff\xff\xff\0\0\0\1\1\xe0" + track(*BEAT),
         error="must hold a track"),
    Case("track count", "3 promised, 1 there", lambda: header(1, 3) + track(*BEAT), warning="promises 3 tracks"),
    Case("track count", "1 promised, 2 there", lambda: header(1, 1) + track(*BEAT) + track(*BEAT),
         warning="promises 1 tracks", notes=2),
    Case("track count", "65,535 promised", lambda: header(1, 65535) + track(*BEAT), warning="promises 65,535"),
    Case("track count", "65,535 there", lambda: header(1, 65535) + track() * 65535, error="at most 256 tracks"),
    # events
    Case("running status", "after a meta event", lambda: midi(KICK, "00 FF 01 00", "60 24 50", "60 24 00", "00 24 00"),
         warning="running status", notes=2),
    Case("running status", "after a sysex", lambda: midi(KICK, "00 F0 02 7E F7", "60 24 50", "60 24 00", "00 24 00"),
         warning="running status", notes=2),
    Case("running status", "before any status", lambda: midi("00 24 64"), error="without a status byte"),
    Case("data byte > 127", "velocity 200", lambda: midi("00 99 24 C8", KICK_OFF), warning="clipped to 127"),
    Case("data byte > 127", "pitch 200", lambda: midi("00 99 C8 64"), error="0…127; got 200"),
    Case("system message", "a bare start (FA)", lambda: midi("00 FA", *BEAT), warning="wrapped in an escape"),
    Case("system message", "undefined F4", lambda: midi("00 F4", *BEAT), error="undefined status 0xf4"),
    Case("lengths", "meta of 256 MiB", lambda: midi(*BEAT, f"00 FF 01 {FAR}"), error="middle of an event"),
    Case("lengths", "sysex of 256 MiB", lambda: midi(*BEAT, f"00 F0 {FAR}"), error="middle of an event"),
    Case("lengths", "delta time of 5 bytes", lambda: midi("81 80 80 80 00 99 24 64"), error="at most 4 bytes"),
    Case("lengths", "endless delta time", lambda: midi("FF" * 10_000), error="at most 4 bytes"),
    Case("lengths", "endless meta length", lambda: midi("00 FF 01" + "80" * 10_000), error="at most 4 bytes"),
    Case("lengths", "track of 4 GiB", lambda: header() + chunk(b"MTrk", events(*BEAT), 2**32 - 1), error="cut off"),
    Case("too long", "a hundred times 2^28 ticks", lambda: midi(*[f"{FAR} 99 24 64", "60 89 24 40"] * 100),
         error="at most 1 hour"),
    Case("too long", "end of track after 16 hours",
         lambda: header() + track(*BEAT, end=f"{FAR} FF 2F 00"), error="at most 1 hour"),
    # tempo, metre and key
    Case("tempo", "0 microseconds", lambda: midi("00 FF 51 03 00 00 00", *BEAT), warning="a tempo"),
    Case("tempo", "of 0 bytes", lambda: midi("00 FF 51 00", *BEAT), warning="a tempo"),
    Case("tempo", "of 2 bytes", lambda: midi("00 FF 51 02 07 A1", *BEAT), warning="a tempo"),
    Case("metre", "0/4", lambda: midi("00 FF 58 04 00 02 18 08", *BEAT), warning="time signature"),
    Case("metre", "4/2^255", lambda: midi("00 FF 58 04 04 FF 18 08", *BEAT), warning="time signature"),
    Case("metre", "4/128, too fine", lambda: midi("00 FF 58 04 04 07 18 08", *BEAT), warning="time signature"),
    Case("metre", "of 1 byte", lambda: midi("00 FF 58 01 04", *BEAT), warning="time signature"),
    Case("key", "9 sharps", lambda: midi("00 FF 59 02 09 00", *BEAT), warning="key signature"),
    Case("key", "of 0 bytes", lambda: midi("00 FF 59 00", *BEAT), warning="key signature"),
    Case("other metas", "SMPTE offset of 0 bytes", lambda: midi("00 FF 54 00", *BEAT), warning="SMPTE offset"),
    Case("other metas", "SMPTE offset of an unknown rate", lambda: midi("00 FF 54 05 80 00 00 00 00", *BEAT),
         warning="SMPTE offset"),
    Case("other metas", "channel prefix of 0 bytes", lambda: midi("00 FF 20 00", *BEAT), warning="channel prefix"),
    Case("other metas", "unknown meta 7E", lambda: midi("00 FF 7E 02 FF FF", *BEAT)),
    # notes
    Case("note ends", "note-on without note-off", lambda: midi(KICK, "60 99 26 64"), warning="(2 times)", notes=2),
    Case("note ends", "zero-length note", lambda: midi(KICK, "00 89 24 40")),
    Case("note ends", "note-off without note", lambda: midi("00 89 24 40", *BEAT), warning="note-off without"),
    Case("note ends", "next note-on before the note-off", lambda: midi(KICK, "60 99 24 64", "00 89 24 40", KICK_OFF),
         notes=2),
    Case("note ends", "same hit twice", lambda: midi(KICK, KICK, KICK_OFF, "00 89 24 40"), notes=2),
    Case("too many", "1,000,000 events in 3 MB", lambda: midi(KICK, "00 24 64" * 999_999),
         error="at most 200,000 events"),
    Case("too many", "over 5 MiB", lambda: midi(*BEAT) + bytes(5 * 2**20), error="at most 5,242,880 bytes"),
    Case("too many", "150,000 notes that never end", lambda: midi(KICK, "00 24 64" * 149_999), error="once each note"),
    Case("channel", "drums on channel 1", lambda: midi("00 90 24 64", "00 90 2A 64", "60 90 26 64", "00 90 00 64",
         "60 80 24 40", "00 80 2A 40", "00 80 26 40", "00 80 00 40"), warning="channel 1 was taken", notes=4),
    Case("channel", "only a melody", lambda: midi("00 90 48 64", "60 80 48 40", "00 90 4C 64", "60 80 4C 40"),
         error="no channel looks like drums"),
    Case("pitches", "0, 20 and 127", lambda: midi("00 99 00 64", "00 99 14 64", "00 99 7F 64", "60 89 00 40",
         "00 89 14 40", "00 89 7F 40"), warning="pitches 0, 20, 127", notes=3),
    Case("text", "markup in a track name", lambda: midi(text(b"<img src=x onerror=alert(1)>"), *BEAT)),
    Case("text", "control characters in a name", lambda: midi(text(b"\x1b[2J\0\xff\n"), *BEAT)),
    Case("structure", "two tempos, 7/8 and 5/4, a pickup", lambda: midi(
        "00 FF 58 04 01 03 18 08", "00 FF 51 03 07 A1 20", KICK,  # a bar of 1/8, 120 bpm
        "81 70 FF 58 04 07 03 18 08", "00 FF 51 03 06 1A 80", KICK,  # 7/8, 150 bpm
        "8D 10 FF 58 04 05 02 18 08", KICK,  # 5/4
        "60 89 24 40", "00 89 24 40", "00 89 24 40"), notes=3),
    Case("structure", "no notes", lambda: midi("00 FF 01 01 41"), warning="no notes", notes=0),
)  # fmt: skip
