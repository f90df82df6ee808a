"""The rhythm of any part: a tapped pad, a bass line, a melody, strummed chords, or drums, reduced to its onsets."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import BinaryIO

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import VOICES, Clock, DrumMap, DrumTrack, Note
from ghostnote.midi.channels import GM_DRUM_CHANNEL, count_notes
from ghostnote.midi.info import readable
from ghostnote.midi.maps import DEFAULT_MAP, shipped_map
from ghostnote.midi.read import assemble, check_channel, lex_song, read_bounded
from ghostnote.midi.smf import META, RawFile, RawTrack

STRUM_MS = 30.0  # less than a 32nd at 240 bpm
MAX_STRUM_MS = 100.0

_TRACK_NAME = 0x03
_MOST_LISTED = 16
_ROUNDING_SECONDS = 1e-9


def read_rhythm(
    source: str | os.PathLike[str] | BinaryIO, *, channel: int | None = None, track: int | None = None
) -> DrumTrack:
    """Read one part of a MIDI file, whatever it plays, as onsets.

    A part is all that is on channel 10, or else a file track; in a file of a single track, a channel. Of several parts
    the drums are taken, or else the one with the most notes, and `warnings` says so.

    Args:
        source: a path, or a binary stream; no more than the limit of 5 MiB is read.
        channel: take all notes of this channel, 1…16.
        track: take all notes of this file track, counted from 1; with `channel`, those that are on both.

    Returns:
        The file with the part's onsets as notes. Every pitch counts as one and the same voice (see `onset_map`), and
        notes that begin together are one tap (see `merge_strums`).

    Raises:
        InvalidMidi: not a usable MIDI file, or over a limit.
        InvalidInput: there are no notes in what was asked for; the message lists where there are.
        InvalidParameter: `channel` or `track` is out of range, or the stream is not binary.
        StorageError: reading failed.
    """
    _check(channel, track)
    return read_rhythm_bytes(read_bounded(source), channel=channel, track=track)


def read_rhythm_bytes(data: bytes, *, channel: int | None = None, track: int | None = None) -> DrumTrack:
    """Read a rhythm from the bytes of a MIDI file; arguments and errors as in `read_rhythm`."""
    _check(channel, track)
    raw = lex_song(data)
    notices: Counter[str] = Counter()
    chosen = _choose(_find_staves(raw), channel, track, len(raw.tracks), notices)
    own = [{stave.channel for stave in chosen if stave.track == index} for index in range(len(raw.tracks))]
    return merge_strums(assemble(raw, own, onset_map(), notices))


@cache
def onset_map() -> DrumMap:
    """Return the map under which every pitch is an onset: all 128 belong to one voice, it does not matter which.

    Encoded, such a track has its taps in one column, which `transforms.tap` takes out of there.
    """
    return DrumMap("onsets", dict.fromkeys(range(128), VOICES[0]), shipped_map(DEFAULT_MAP).pitches)


def merge_strums(track: DrumTrack, window_ms: float = STRUM_MS) -> DrumTrack:
    """Return `track` with notes that begin together as one: the loudest of them, of equally loud ones the earliest.

    Args:
        track: any track.
        window_ms: notes belong together until so long after the first of them, 0…100; 0 merges exact chords alone.

    Returns:
        The same track with fewer notes; `warnings` tells how many were merged.

    Raises:
        InvalidParameter: `window_ms` is out of range.
    """
    if not 0.0 <= window_ms <= MAX_STRUM_MS:
        raise InvalidParameter(f"window_ms must lie in 0…{MAX_STRUM_MS:g}; got {window_ms:g}")
    seconds = Clock.of(track).tick_to_seconds([note.tick for note in track.notes])
    taps: list[Note] = []
    until = -1.0
    for note, second in zip(track.notes, seconds.tolist(), strict=True):
        if second > until:
            until = second + window_ms / 1000.0 + _ROUNDING_SECONDS
            taps.append(note)
        elif note.velocity > taps[-1].velocity:
            taps[-1] = note
    if not (merged := len(track.notes) - len(taps)):
        return track
    warning = f"notes that begin together, as in chords and strums, count as one tap: {merged:,} were left out"
    return replace(track, notes=tuple(taps), warnings=(*track.warnings, warning))


@dataclass(frozen=True)
class _Stave:
    """The notes of one channel on one file track, both counted from 0."""

    track: int
    channel: int
    name: str
    notes: int

    def __str__(self) -> str:
        name = f" '{self.name}'" if self.name else ""
        return f"track {self.track + 1}{name}, channel {self.channel + 1} ({self.notes:,} notes)"


def _check(channel: int | None, track: int | None) -> None:
    check_channel(channel)
    if track is not None and track < 1:
        raise InvalidParameter(f"track must be at least 1, as tracks are counted from 1; got {track}")


def _find_staves(raw: RawFile) -> list[_Stave]:
    staves = []
    for index, track in enumerate(raw.tracks):
        counts: Counter[int] = Counter()
        for (channel, _), count in count_notes(track).items():
            counts[channel] += count
        staves += [_Stave(index, channel, _name_of(track), counts[channel]) for channel in sorted(counts)]
    return staves


def _name_of(track: RawTrack) -> str:
    names = (m[2:] for _, m in track.messages if m[0] == META and m[1] == _TRACK_NAME)
    return readable(next(names, b""))


def _choose(
    staves: list[_Stave], channel: int | None, track: int | None, tracks: int, notices: Counter[str]
) -> list[_Stave]:
    """Return the staves of the part that was asked for, or of the one that it most likely is."""
    if not staves:
        raise InvalidInput("a rhythm needs at least one note; the file holds none. Is it the right file?")
    if channel is not None or track is not None:
        asked = [s for s in staves if channel in (None, s.channel + 1) and track in (None, s.track + 1)]
        if not asked:
            named = [f"{kind} {n}" for kind, n in (("track", track), ("channel", channel)) if n is not None]
            raise InvalidInput(f"{', '.join(named)} holds no notes; the file's notes are on {_list(staves)}")
        return asked
    drums = [stave for stave in staves if stave.channel == GM_DRUM_CHANNEL]
    parts: dict[int, list[_Stave]] = {}
    for stave in staves:
        if stave not in drums:
            parts.setdefault(stave.track if tracks > 1 else stave.channel, []).append(stave)
    chosen = drums or max(parts.values(), key=lambda part: sum(stave.notes for stave in part))
    if len(parts) + bool(drums) > 1:
        taken = "channel 10, the drums," if drums else f"the part with the most notes, {_list(chosen)},"
        notices[
            f"the file's notes are on {_list(staves)}; {taken} was taken. Name another with --track or --channel."
        ] += 1
    return chosen


def _list(staves: list[_Stave]) -> str:
    more = len(staves) - _MOST_LISTED
    return "; ".join([*map(str, staves[:_MOST_LISTED]), *([f"and {more} more"] if more > 0 else [])])
