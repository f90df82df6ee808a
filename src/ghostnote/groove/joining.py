"""Play several drum tracks one after the other, as one track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import TypeVar

from ghostnote.errors import InvalidParameter
from ghostnote.groove.notes import DrumTrack, Event, MetreChange, Note, TempoChange

FINEST = 32_767  # ticks per beat that a MIDI file can count
_GM_DRUM_CHANNEL = 9
_NOTE_ON = 0x90
_DEFAULT_TEMPO = TempoChange(0, 500_000)
_DEFAULT_METRE = MetreChange(0, 4, 4)

Change = TypeVar("Change", bound=TempoChange | MetreChange)


@dataclass(frozen=True)
class _Part:
    """A track and its place in the whole, in quarter notes: it plays for `length` and is given `slot`."""

    track: DrumTrack
    start: Fraction
    length: Fraction
    slot: Fraction

    def place(self, tick: int, ticks_per_beat: int) -> int:
        """Return where `tick` of the track lies in the whole."""
        return round((Fraction(tick, self.track.ticks_per_beat) + self.start) * ticks_per_beat)


def join_tracks(tracks: Sequence[DrumTrack]) -> DrumTrack:
    """Return `tracks` one after the other, each given as many whole bars as the longest one needs.

    A track ends with the bar that holds its last note, or at the bar line nearest to the end of the file track that
    holds its drums, whichever is later. Each begins on a bar line, in its own tempo and metre.

    Args:
        tracks: of one drum map, at least one.

    Returns:
        The notes of all, on the channel and file track of the first one's drums. Everything else of the file is that of
        the first track; tempos and metres are everyone's own. Ticks are as fine as all need together; where a MIDI file
        can not be so fine they are rounded. `warnings` tells that, and what was left out.

    Raises:
        InvalidParameter: there is no track, or their drum maps differ.
    """
    if not tracks:
        raise InvalidParameter("tracks must hold at least one track; got none")
    first = tracks[0]
    for track in tracks:
        if track.drum_map != first.drum_map:
            raise InvalidParameter(
                f"tracks must share one drum map; got {first.drum_map.name!r} and {track.drum_map.name!r}. "
                "Read them with the same map."
            )
    if len(tracks) == 1:
        return first
    parts = _lay_out(tracks)
    needed = lcm(*(track.ticks_per_beat for track in tracks), *(part.slot.denominator for part in parts))
    beat = needed
    if needed > FINEST:
        coarse = max(track.ticks_per_beat for track in tracks)
        beat = FINEST // coarse * coarse
    home = first.notes[0].track if first.notes else len(first.track_ends) - 1
    ends = [parts[0].place(end, beat) for end in first.track_ends]
    ends[home] = max(ends[home], round((parts[-1].start + parts[-1].slot) * beat))
    joined = DrumTrack(
        notes=(),
        ticks_per_beat=beat,
        drum_map=first.drum_map,
        tempos=tuple(_join_changes(parts, [track.tempos for track in tracks], _DEFAULT_TEMPO, beat)),
        metres=tuple(_join_changes(parts, [track.metres for track in tracks], _DEFAULT_METRE, beat)),
        others=tuple(replace(event, tick=parts[0].place(event.tick, beat)) for event in first.others),
        track_ends=tuple(ends),
        midi_format=first.midi_format,
        warnings=tuple(_warnings(tracks, needed, beat)),
    )
    return joined.with_notes(list(_join_notes(parts, home, beat)))


def _lay_out(tracks: Sequence[DrumTrack]) -> list[_Part]:
    lengths = [_length_beats(track) for track in tracks]
    longest = max(lengths)
    parts: list[_Part] = []
    start = Fraction(0)
    for track, length in zip(tracks, lengths, strict=True):
        bar_beats = _metre_at(track, length, before=True)[1]
        slot = length + ceil((longest - length) / bar_beats) * bar_beats
        parts.append(_Part(track, start, length, slot))
        start += slot
    return parts


def _length_beats(track: DrumTrack) -> Fraction:
    last = Fraction(track.notes[-1].tick if track.notes else 0, track.ticks_per_beat)
    start, bar_beats = _metre_at(track, last)
    played = start + (floor((last - start) / bar_beats) + 1) * bar_beats
    homes = {note.track for note in track.notes} or range(len(track.track_ends))
    end = Fraction(max(track.track_ends[home] for home in homes), track.ticks_per_beat)
    start, bar_beats = _metre_at(track, end)
    # A note-off just behind the last bar line is no further bar.
    return max(played, start + round((end - start) / bar_beats) * bar_beats)


def _metre_at(track: DrumTrack, beats: Fraction, *, before: bool = False) -> tuple[Fraction, Fraction]:
    """Return where the metre at `beats`, or just before, begins, and how long its bars are, both in quarter notes."""
    tick = beats * track.ticks_per_beat
    begun = [metre for metre in track.metres if metre.tick < tick or (metre.tick == tick and not before)]
    metre = begun[-1] if begun else _DEFAULT_METRE
    return Fraction(metre.tick, track.ticks_per_beat), Fraction(4 * metre.numerator, metre.denominator)


def _join_changes(
    parts: Sequence[_Part], changes: Sequence[tuple[Change, ...]], default: Change, beat: int
) -> Iterator[Change]:
    """Yield the changes of all parts; each part opens with what is in force at its start, unless it is already."""
    in_force: Change = default
    for part, own in zip(parts, changes, strict=True):
        opened = bool(own) and own[0].tick == 0
        for change in own if opened else (default, *own):
            if change.tick >= part.length * part.track.ticks_per_beat:
                break
            known = replace(change, tick=in_force.tick, track=in_force.track, order=in_force.order) == in_force
            implied = known and change.tick == 0 and (part is not parts[0] or change is default)
            in_force = replace(
                change, tick=part.place(change.tick, beat), track=change.track if part is parts[0] else 0
            )
            if not implied:
                yield in_force


def _join_notes(parts: Sequence[_Part], home: int, beat: int) -> Iterator[Note]:
    channel = next((note.channel for note in parts[0].track.notes), _GM_DRUM_CHANNEL)
    for part in parts:
        for note in part.track.notes:
            tick = part.place(note.tick, beat)
            duration = part.place(note.tick + note.duration_ticks, beat) - tick
            placed = replace(note, tick=tick, duration_ticks=duration)
            yield placed if part is parts[0] else replace(placed, track=home, channel=channel)


def _warnings(tracks: Sequence[DrumTrack], needed: int, beat: int) -> Iterator[str]:
    yield from dict.fromkeys(warning for track in tracks for warning in track.warnings)
    known = {_sounding(event, tracks[0]) for event in tracks[0].others}
    left_out = sum(
        _is_note(event) and _sounding(event, track) not in known for track in tracks[1:] for event in track.others
    )
    if left_out:
        yield f"other parts are kept of the first track alone; notes left out of the others: {left_out}"
    if beat != needed:
        yield f"ticks were rounded to {beat} a beat; {needed} would hold all exactly, but no MIDI file can"


def _sounding(event: Event, track: DrumTrack) -> tuple[Fraction, bytes]:
    return Fraction(event.tick, track.ticks_per_beat), event.data


def _is_note(event: Event) -> bool:
    return event.data[0] & 0xF0 == _NOTE_ON and event.data[2] > 0
