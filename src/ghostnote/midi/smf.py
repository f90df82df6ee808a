"""The bytes of a Standard MIDI File become timed messages; nothing is interpreted here, everything is bounded.

Our own lexer, because limits must hold before memory is spent and salvage needs the walk over the bytes anyway; no
library that we measured does both (docs/adr/0004-midi-library.md). All arithmetic is on Python integers, so no number
of long delta times can overflow.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ghostnote.errors import InvalidMidi

MAX_BYTES = 5 * 2**20
MAX_EVENTS = 200_000
MAX_TRACKS = 256

NOTE_OFF, NOTE_ON = 0x80, 0x90
SYSEX, ESCAPE, META = 0xF0, 0xF7, 0xFF
END_OF_TRACK = 0x2F

# Data bytes of the system messages that the standard allows in a file only inside an escape.
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0} | dict.fromkeys(range(0xF8, 0xFF), 0)


@dataclass(frozen=True)
class RawTrack:
    """One track chunk.

    Args:
        messages: `(tick, message)` in file order, without the end of track. A message is its MIDI bytes, status first;
            meta messages are `FF type payload` and system-exclusive ones `F0 payload` or `F7 payload`, without length.
        end: tick of the end of track, never before the last message.
    """

    messages: list[tuple[int, bytes]]
    end: int


@dataclass(frozen=True)
class RawFile:
    """A lexed file.

    Args:
        midi_format: 0, 1 or 2, as the header says.
        division: the header's 16 bits: ticks per beat, or SMPTE frames if the top bit is set; never 0.
        tracks: at least one.
        warnings: what was repaired or skipped.
    """

    midi_format: int
    division: int
    tracks: tuple[RawTrack, ...]
    warnings: tuple[str, ...]


def lex(data: bytes) -> RawFile:
    """Cut the bytes of a Standard MIDI File (or of one wrapped in RIFF) into timed messages.

    Args:
        data: the whole file, at most 5 MiB.

    Raises:
        InvalidMidi: not a MIDI file, damaged beyond salvage, or over a limit.

    Source: Standard MIDI Files 1.0 (RP-001); RIFF wrapping as in RP-029. Departures, each with a warning: running
    status survives meta and system-exclusive messages, and missing ends of track and missing tracks are forgiven.
    """
    if len(data) > MAX_BYTES:
        raise InvalidMidi(f"a MIDI file may hold at most {MAX_BYTES:,} bytes; got more. Is this audio?")
    notices: Counter[str] = Counter()
    data = _unwrap_riff(data)
    if not data.startswith(b"MThd"):
        raise InvalidMidi(f"a MIDI file starts with 'MThd'; got {describe_start(data)}. Is this another kind of file?")
    if len(data) < 14 or (header_length := int.from_bytes(data[4:8])) < 6:
        raise InvalidMidi("the MIDI header must hold 6 bytes; the file ends before that. Was it cut off?")
    midi_format, declared, division = (int.from_bytes(data[i : i + 2]) for i in (8, 10, 12))
    if midi_format > 2:
        raise InvalidMidi(f"the MIDI format must be 0, 1 or 2; got {midi_format}. Is the file damaged?")
    if division == 0:
        raise InvalidMidi("ticks per quarter note must be at least 1; got 0, which leaves the file without time")
    if header_length > 6:
        notices[f"the header holds {header_length - 6:,} bytes more than the standard; they were skipped"] += 1

    tracks: list[RawTrack] = []
    budget = MAX_EVENTS
    pos = 8 + header_length
    while pos + 8 <= len(data):
        kind, length = data[pos : pos + 4], int.from_bytes(data[pos + 4 : pos + 8])
        pos += 8
        if kind == b"MTrk":
            if len(tracks) == MAX_TRACKS:
                raise InvalidMidi(f"a MIDI file may hold at most {MAX_TRACKS} tracks; got more")
            chunk = data[pos : pos + length]
            track = _lex_track(chunk, budget, notices, cut_off=len(chunk) < length, number=len(tracks) + 1)
            tracks.append(track)
            budget -= len(track.messages)
        else:
            notices["a chunk that is neither header nor track was skipped"] += 1
        pos += length
    if pos < len(data):
        notices[f"{len(data) - pos} stray bytes at the end of the file were skipped"] += 1
    if not tracks:
        raise InvalidMidi("a MIDI file must hold a track; got none. Was the file cut off?")
    if len(tracks) != declared:
        notices[f"the header promises {declared:,} tracks and the file holds {len(tracks)}; those were read"] += 1
    return RawFile(midi_format, division, tuple(tracks), render_notices(notices))


def render_notices(notices: Counter[str]) -> tuple[str, ...]:
    """Return one warning for each kind of notice, with its count where it came more than once."""
    return tuple(text if count == 1 else f"{text} ({count:,} times)" for text, count in notices.items())


def describe_start(data: bytes) -> str:
    """Return the first bytes of `data` in words that are safe to print."""
    return repr(data[:8])[1:] if data else "an empty file"


def _unwrap_riff(data: bytes) -> bytes:
    if not data.startswith(b"RIFF") or data[8:12] != b"RMID":
        return data
    pos = 12
    while pos + 8 <= len(data):
        length = int.from_bytes(data[pos + 4 : pos + 8], "little")
        if data[pos : pos + 4] == b"data":
            return data[pos + 8 : pos + 8 + length]
        pos += 8 + length + length % 2  # RIFF pads its chunks to even lengths
    raise InvalidMidi("a RIFF MIDI file must hold a 'data' chunk; got none. Was the file cut off?")


def _lex_track(chunk: bytes, budget: int, notices: Counter[str], *, cut_off: bool, number: int) -> RawTrack:
    """Lex one track chunk, at most `budget` messages of it."""
    messages: list[tuple[int, bytes]] = []
    append = messages.append
    tick = pos = running = 0
    interrupted = False  # a meta or system message came since `running` was set
    stop = len(chunk)
    try:
        while pos < stop:
            delta = chunk[pos]
            pos += 1
            if delta >= 0x80:
                delta, pos = _variable_length(chunk, pos - 1)
            tick += delta
            if len(messages) >= budget and chunk[pos : pos + 2] != b"\xff\x2f":
                raise InvalidMidi(f"a MIDI file may hold at most {MAX_EVENTS:,} events; got more")
            status = chunk[pos]
            if status >= 0x80:
                pos += 1
            elif running:
                status = running
                if interrupted:
                    notices["running status was kept across a meta or system message"] += 1
            else:
                raise InvalidMidi(f"track {number} has data {status} without a status byte. Is the file damaged?")

            if status < 0xF0:
                running, interrupted = status, False
                first = chunk[pos]
                if first > 127:
                    raise InvalidMidi(
                        f"data bytes must lie in 0…127; got {first} in track {number}. Is the file damaged?"
                    )
                if 0xC0 <= status < 0xE0:  # program change and channel pressure hold one data byte
                    append((tick, bytes((status, first))))
                    pos += 1
                    continue
                second = chunk[pos + 1]
                if second > 127:
                    notices["a velocity or value above 127 was clipped to 127"] += 1
                    second = 127
                append((tick, bytes((status, first, second))))
                pos += 2
            elif status in (META, SYSEX, ESCAPE):
                interrupted = True
                kind_end = pos + 1 if status == META else pos
                kind = chunk[pos:kind_end]
                length, pos = _variable_length(chunk, kind_end)
                if pos + length > stop:
                    raise IndexError
                if kind == b"\x2f":
                    if pos + length < stop:
                        notices["bytes after the end of a track were skipped"] += 1
                    if cut_off:
                        notices["a track is shorter than it says, but complete"] += 1
                    return RawTrack(messages, tick)
                append((tick, bytes((status,)) + kind + chunk[pos : pos + length]))
                pos += length
            else:
                data_bytes = _SYSTEM_DATA_BYTES.get(status)
                if data_bytes is None or pos + data_bytes > stop:
                    raise InvalidMidi(f"track {number} has the undefined status {status:#x}. Is the file damaged?")
                interrupted = interrupted or status < 0xF8
                append((tick, bytes((ESCAPE, status)) + chunk[pos : pos + data_bytes]))
                notices["a bare system message was wrapped in an escape, as the standard asks"] += 1
                pos += data_bytes
    except IndexError:
        raise InvalidMidi(f"track {number} ends in the middle of an event. Was the file cut off?") from None
    if cut_off:
        raise InvalidMidi(f"track {number} is shorter than it says and has no end. Was the file cut off?")
    notices["a track has no end-of-track event; it ends with its last event"] += 1
    return RawTrack(messages, tick)


def _variable_length(chunk: bytes, pos: int) -> tuple[int, int]:
    """Return the number at `pos` and the position after it; at most four bytes, so at most 268,435,455."""
    value = 0
    for at in range(pos, pos + 4):
        byte = chunk[at]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + 1
    raise InvalidMidi("a variable-length number may hold at most 4 bytes; got a longer one. Is the file damaged?")
