"""A drum track becomes a MIDI file that every reader we know of reads back note for note."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from operator import itemgetter
from typing import BinaryIO

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange
from ghostnote.midi.messages import METRE, TEMPO
from ghostnote.midi.smf import END_OF_TRACK, ESCAPE, MAX_TRACKS, META, NOTE_OFF, NOTE_ON, SYSEX
from ghostnote.storage import writing

MAX_DELTA = 2**28 - 1  # four bytes of seven bits

_DEFAULTS_PER_BEAT = 8  # a note without a duration lasts a 32nd


def write_midi(track: DrumTrack, target: str | os.PathLike[str] | BinaryIO, *, overwrite: bool = True) -> None:
    """Write `track` as a Standard MIDI File; a file on disk is either complete or not touched.

    Args:
        track: what to write.
        target: a path, or a binary stream.
        overwrite: whether a file at that path may be replaced.

    Raises:
        InvalidParameter: the track can not be a MIDI file; see `midi_bytes`.
        StorageError: writing failed, or the file exists and `overwrite` is false.
        BrokenPipeError: nobody reads the stream any more.
    """
    data = midi_bytes(track)
    try:
        if isinstance(target, str | os.PathLike):
            with writing(target, overwrite=overwrite) as stream:
                stream.write(data)
        else:
            target.write(data)
    except OSError as error:
        if isinstance(error, StorageError | BrokenPipeError):  # who reads a pipe may stop when it has enough
            raise
        raise StorageError(f"the MIDI file can not be written to {target}: {error.strerror}") from error


def midi_bytes(track: DrumTrack) -> bytes:
    """Return `track` as the bytes of a Standard MIDI File of its own format, 0 or 1.

    Each note ends at the latest where the next note of its pitch begins, on whatever track, and lasts at least a tick:
    some readers lose a note that lasts into the next one, or no time. A note without a duration gets a 32nd, or that of
    the note it doubles.
    Events of one tick stand in their `order`, note-offs before them. A track grows when its last event lies behind its
    end.

    Raises:
        InvalidParameter: a track number, channel, tempo, metre or message has no place in a MIDI file.
    """
    tracks = len(track.track_ends)
    if not 1 <= tracks <= MAX_TRACKS or track.midi_format not in (0, 1) or (track.midi_format == 0 and tracks > 1):
        raise InvalidParameter(
            f"a MIDI file must be of format 0 with one track or of format 1 with up to {MAX_TRACKS}; "
            f"got format {track.midi_format} with {tracks}"
        )
    # (tick, after note-offs?, order, message); Python's sort keeps what is equal in the order of insertion.
    messages: list[list[tuple[int, bool, int, bytes]]] = [[] for _ in range(tracks)]
    items: tuple[Note | TempoChange | MetreChange | Event, ...]
    items = (*track.others, *track.tempos, *track.metres, *track.notes)
    for item in items:
        if not 0 <= item.track < tracks:
            raise InvalidParameter(f"track must lie in 0…{tracks - 1}, as track_ends has {tracks}; got {item.track}")
        if item.tick < 0:
            raise InvalidParameter(f"tick must be at least 0; got {item.tick}")
        messages[item.track].append((item.tick, True, item.order, _message(item)))
    for number, (note, end) in enumerate(zip(track.notes, _note_ends(track), strict=True)):
        message = bytes((NOTE_OFF | note.channel, note.pitch, note.release_velocity))
        messages[note.track].append((end, False, number, message))

    chunks = [_chunk(b"MThd", b"".join(v.to_bytes(2) for v in (track.midi_format, tracks, track.ticks_per_beat)))]
    for listed, end in zip(messages, track.track_ends, strict=True):
        listed.sort(key=itemgetter(0, 1, 2))
        chunks.append(_chunk(b"MTrk", b"".join(_encode(listed, end))))
    return b"".join(chunks)


def _note_ends(track: DrumTrack) -> list[int]:
    """Return the tick at which each note is ended, in the order of `track.notes`."""
    durations = _durations(track)
    ends = [0] * len(track.notes)
    following: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch) → its next onset and the one after that
    never = sys.maxsize
    for number in range(len(track.notes) - 1, -1, -1):
        note = track.notes[number]
        key = note.channel, note.pitch
        here, then = following.get(key, (never, never))
        if here != note.tick:
            here, then = note.tick, here
            following[key] = here, then
        ends[number] = min(note.tick + durations[number], then)
    return ends


def _durations(track: DrumTrack) -> list[int]:
    """Return the durations of `track.notes`, with one for those that have none.

    Such a note ends with its twin, if another of its pitch begins on the same tick: readers pair note-offs first in,
    first out, so that an earlier end would be taken for the twin's.
    """
    default = max(1, track.ticks_per_beat // _DEFAULTS_PER_BEAT)
    of_twin: dict[tuple[int, int, int, int], int] = {}
    for note in track.notes:
        key = note.tick, note.pitch, note.channel, note.track
        of_twin[key] = max(of_twin.get(key, 0), note.duration_ticks)
    return [
        note.duration_ticks
        or of_twin[note.tick, note.pitch, note.channel, note.track]
        or min(default, max(1, track.track_ends[note.track] - note.tick))
        for note in track.notes
    ]


def _message(item: Note | TempoChange | MetreChange | Event) -> bytes:
    match item:
        case Note():
            if not 0 <= item.channel <= 15 or not 0 <= item.release_velocity <= 127:
                raise InvalidParameter(
                    "channel must lie in 0…15 and release_velocity in 0…127; "
                    f"got {item.channel} and {item.release_velocity}"
                )
            return bytes((NOTE_ON | item.channel, item.pitch, item.velocity))
        case TempoChange():
            if not 1 <= item.microseconds_per_beat < 2**24:
                raise InvalidParameter(
                    f"microseconds_per_beat must lie in 1…16,777,215; got {item.microseconds_per_beat}. Is this bpm?"
                )
            return bytes((META, TEMPO)) + item.microseconds_per_beat.to_bytes(3)
        case MetreChange():
            power = item.denominator.bit_length() - 1
            rest = item.clocks_per_click, item.thirty_seconds_per_beat
            if not 1 <= item.numerator <= 255 or not 0 <= power <= 6 or item.denominator != 1 << power:
                raise InvalidParameter(
                    "a metre must have a numerator of 1…255 and a denominator out of 1, 2, 4 … 64; "
                    f"got {item.numerator}/{item.denominator}"
                )
            if not all(0 <= value <= 255 for value in rest):
                raise InvalidParameter(f"clocks_per_click and thirty_seconds_per_beat must lie in 0…255; got {rest}")
            return bytes((META, METRE, item.numerator, power, *rest))
        case Event():
            if not _is_message(item.data):
                raise InvalidParameter(
                    f"data must be one whole MIDI message, status first; got {item.data[:8].hex(' ')}"
                )
            return item.data


def _is_message(data: bytes) -> bool:
    status = data[0] if data else 0
    if status == META:
        return len(data) >= 2 and data[1] != END_OF_TRACK
    if status in (SYSEX, ESCAPE):
        return True
    return 0x80 <= status < 0xF0 and len(data) == (2 if 0xC0 <= status < 0xE0 else 3) and max(data[1:]) < 128


def _encode(messages: list[tuple[int, bool, int, bytes]], end: int) -> Iterator[bytes]:
    """Yield the parts of a track chunk: each message behind its delta time, then the end of track."""
    now = 0
    for tick, _, _, message in messages:
        yield _variable_length(tick - now)
        now = tick
        status = message[0]
        if status < SYSEX:
            yield message
        else:
            split = 2 if status == META else 1
            yield message[:split]
            yield _variable_length(len(message) - split)
            yield message[split:]
    yield _variable_length(max(end - now, 0))
    yield bytes((META, END_OF_TRACK, 0))


def _variable_length(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    if value > MAX_DELTA:
        raise InvalidParameter(f"two events of a track may lie at most {MAX_DELTA:,} ticks apart; got {value:,}")
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4) + data
