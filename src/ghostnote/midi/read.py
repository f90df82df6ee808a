"""A MIDI file becomes a drum track: every hit a note, everything else of the file kept verbatim beside them."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ghostnote.errors import InvalidMidi, InvalidParameter, StorageError
from ghostnote.groove import Clock, DrumMap, DrumTrack
from ghostnote.midi.channels import choose_drum_channel, count_notes
from ghostnote.midi.maps import DEFAULT_MAP, shipped_map
from ghostnote.midi.messages import TEMPO, interpret, place
from ghostnote.midi.smf import MAX_BYTES, MAX_EVENTS, META, RawFile, RawTrack, lex, render_notices

MAX_SECONDS = 3600.0

_FRAME_RATES = (24, 25, 29, 30)
_DROP_FRAME_BEAT = 500_500  # microseconds of 15 frames at 30000/1001 frames a second


def read_midi(
    source: str | os.PathLike[str] | BinaryIO, *, channel: int | None = None, drum_map: DrumMap | None = None
) -> DrumTrack:
    """Read the drum part of a MIDI file, and the file around it.

    Args:
        source: a path, or a binary stream; no more than the limit of 5 MiB is read.
        channel: of the drums, 1…16 as musicians count; by default channel 10, or else the one that is plainly drums.
        drum_map: by default General MIDI.

    Raises:
        InvalidMidi: not a usable MIDI file, over a limit, or it is not plain which channel holds drums.
        InvalidParameter: `channel` is out of range, or the stream is not binary.
        StorageError: reading failed.
    """
    check_channel(channel)
    return read_midi_bytes(read_bounded(source), channel=channel, drum_map=drum_map)


def read_midi_bytes(data: bytes, *, channel: int | None = None, drum_map: DrumMap | None = None) -> DrumTrack:
    """Read a drum track from the bytes of a MIDI file; arguments and errors as in `read_midi`.

    Every note-on of the drum channel that has a velocity becomes a note, ended or not; note-offs are paired with them
    first in, first out. Reading what `midi_bytes` wrote gives the same track again, but for durations: a note that
    lasted into the next one of its pitch is cut there, and one without a duration has got a short one.
    """
    check_channel(channel)
    drum_map = shipped_map(DEFAULT_MAP) if drum_map is None else drum_map
    raw = lex_song(data)
    notices: Counter[str] = Counter()
    drums = choose_drum_channel(raw.tracks, drum_map, None if channel is None else channel - 1, notices)
    return assemble(raw, [(drums,)] * len(raw.tracks), drum_map, notices)


def lex_song(data: bytes) -> RawFile:
    """Return the bytes of a MIDI file as timed messages of one song (format 0 or 1), in beats; errors as in `lex`."""
    raw = lex(data)
    notices: Counter[str] = Counter()
    raw = _as_metrical_time(_as_one_song(raw, notices), notices)
    return replace(raw, warnings=(*raw.warnings, *render_notices(notices)))


def assemble(raw: RawFile, channels: Sequence[Collection[int]], drum_map: DrumMap, notices: Counter[str]) -> DrumTrack:
    """Return the song `raw` as a drum track.

    Args:
        raw: of `lex_song`.
        channels: for each track, the channels whose notes are the drum track's, of 0…15.
        drum_map: for the drum track.
        notices: warnings, added to.

    Raises:
        InvalidMidi: over a limit of events or time.
    """
    parts = [interpret(track, i, own, notices) for i, (track, own) in enumerate(zip(raw.tracks, channels, strict=True))]
    if sum(part.events_when_written for part in parts) > MAX_EVENTS:
        raise InvalidMidi(f"a MIDI file may hold at most {MAX_EVENTS:,} events; got more, once each note is ended")

    track = DrumTrack(
        notes=tuple(sorted((note for part in parts for note in part.notes), key=place)),
        ticks_per_beat=raw.division,
        drum_map=drum_map,
        tempos=tuple(sorted((tempo for part in parts for tempo in part.tempos), key=place)),
        metres=tuple(sorted((metre for part in parts for metre in part.metres), key=place)),
        others=tuple(sorted((event for part in parts for event in part.others), key=place)),
        track_ends=tuple(part.end for part in parts),
        midi_format=raw.midi_format,
    )
    seconds = float(Clock.of(track).tick_to_seconds(max(track.track_ends)))
    if seconds > MAX_SECONDS:
        raise InvalidMidi(f"a MIDI file may last at most 1 hour; got {seconds / 3600:,.1f} hours. Is the file damaged?")
    unmapped = Counter(note.pitch for note in track.notes if drum_map.voice_of(note.pitch) is None)
    if unmapped:
        pitches = ", ".join(str(pitch) for pitch in sorted(unmapped))
        text = f"notes that drum map {drum_map.name!r} does not know pass through unchanged: {unmapped.total():,}"
        notices[f"{text}, on pitches {pitches}"] += 1
    return replace(track, warnings=(*raw.warnings, *render_notices(notices)))


def check_channel(channel: int | None) -> None:
    """Raise `InvalidParameter` unless `channel` is None or 1…16."""
    if channel is not None and not 1 <= channel <= 16:
        raise InvalidParameter(f"channel must lie in 1…16, as musicians count; got {channel}. Drums are usually on 10.")


def _as_one_song(raw: RawFile, notices: Counter[str]) -> RawFile:
    """Return format 2 (patterns apart from each other) as its first pattern, and format 0 as the one track it has."""
    if raw.midi_format == 2:
        counts = [count_notes(track).total() for track in raw.tracks]
        first = next((i for i, count in enumerate(counts) if count), 0)
        notices[
            f"the file holds {len(counts)} patterns (format 2); only pattern {first + 1} was read, "
            f"{sum(counts) - counts[first]:,} notes in the others were left out"
        ] += 1
        return replace(raw, midi_format=0, tracks=(raw.tracks[first],))
    if raw.midi_format == 0 and len(raw.tracks) > 1:
        notices[f"a file of format 0 must have one track; got {len(raw.tracks)}, read as format 1"] += 1
        return replace(raw, midi_format=1)
    return raw


def _as_metrical_time(raw: RawFile, notices: Counter[str]) -> RawFile:
    """Return a file in SMPTE time as one in beats of half a second (drop frame: of exactly 15 frames)."""
    if not raw.division & 0x8000:
        return raw
    frames, ticks_per_frame = 256 - (raw.division >> 8), raw.division & 0xFF
    if frames not in _FRAME_RATES or ticks_per_frame == 0:
        raise InvalidMidi(
            f"SMPTE time must have 24, 25, 29 or 30 frames a second and at least 1 tick a frame; "
            f"got {frames} and {ticks_per_frame}. Is the file damaged?"
        )
    ticks_per_second = (30 if frames == 29 else frames) * ticks_per_frame
    factor = 1 + ticks_per_second % 2
    tracks = []
    for track in raw.tracks:
        kept = [(tick * factor, m) for tick, m in track.messages if not (m[0] == META and m[1] == TEMPO)]
        if len(kept) < len(track.messages):
            notices["tempos have no meaning in SMPTE time and were left out"] += len(track.messages) - len(kept)
        tracks.append(RawTrack(kept, track.end * factor))
    if frames == 29:
        tracks[0].messages.insert(0, (0, bytes((META, TEMPO)) + _DROP_FRAME_BEAT.to_bytes(3)))
    notices[f"the file is in SMPTE time ({frames} frames a second); it was converted to beats at 120 bpm"] += 1
    return RawFile(raw.midi_format, ticks_per_second * factor // 2, tuple(tracks), raw.warnings)


def read_bounded(source: str | os.PathLike[str] | BinaryIO) -> bytes:
    """Return all bytes of `source`, or one more than the limit, which the lexer refuses."""
    if not isinstance(source, str | os.PathLike):
        return _read_stream(source)
    path = Path(source)
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > MAX_BYTES:
                raise InvalidMidi(f"a MIDI file may hold at most {MAX_BYTES:,} bytes; {path} holds {status.st_size:,}")
            return _read_stream(stream)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}. Is the path right?") from error


def _read_stream(stream: BinaryIO) -> bytes:
    blocks: list[bytes] = []
    missing = MAX_BYTES + 1
    while missing:
        block: object = stream.read(missing)  # a pipe may give less than asked
        if not isinstance(block, bytes):
            raise InvalidParameter(
                f"source must be a binary stream; got one of {type(block).__name__}. Open the file with mode 'rb'."
            )
        if not block:
            break
        blocks.append(block)
        missing -= len(block)
    return b"".join(blocks)
