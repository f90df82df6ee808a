"""Two beats of the same notes: which note is which, and what lies between them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Note, Voice

MOST_AMOUNT = 1.5


@dataclass(frozen=True)
class Blend:
    """How much of the way to go, 0 the one beat … 1 the other, up to 1.5 beyond it.

    Args:
        timing: of onsets.
        velocity: of velocities.
    """

    timing: float = 1.0
    velocity: float = 1.0


def pair_notes(source: DrumTrack, result: DrumTrack) -> list[int]:
    """Return for each note of `source` the index of the same note in `result`.

    Notes of one file track, channel and pitch never overtake each other in a task that keeps notes, so their order
    pairs them.

    Raises:
        InvalidParameter: the beats do not hold the same notes.
    """
    waiting: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for index in range(len(result.notes) - 1, -1, -1):
        waiting[_key(result.notes[index])].append(index)
    if len(source.notes) != len(result.notes) or any(
        len(waiting[key]) != count for key, count in _counts(source).items()
    ):
        raise InvalidParameter(
            f"both beats must hold the same notes, as before and after humanize or transfer; got {len(source.notes)} "
            f"and {len(result.notes)} notes, or other pitches"
        )
    return [waiting[_key(note)].pop() for note in source.notes]


def blend_tracks(source: DrumTrack, result: DrumTrack, amount: Blend, voices: Mapping[Voice, Blend]) -> DrumTrack:
    """Return what lies between `source` and `result`, note by note.

    The rule, which the page follows to the letter (all numbers are 64-bit floats, evaluated in this order):

    1. Notes are paired by `pair_notes`. With `S`, `R` the ticks per beat of source and result, a pair's onsets in ticks
       of the result are `a = source.tick * R / S` and `b = result.tick`; its velocities are `v` and `w`.
    2. Its amounts `t` (timing) and `u` (velocity) are its voice's own where `voices` has it, else those of all. A note
       that the drum map has no voice for keeps `a` and `v`.
    3. Onset: `x = a + t * (b - a)`; tick `floor(x + 0.5)`, at least 0.
    4. Velocity: `y = v + u * (w - v)`, rounded half away from zero (`floor(y + 0.5)`), clipped to 1…127.
    5. In the order of the source, for each file track, channel and pitch: a note that began after its forerunner in the
       source begins at least one tick after it, one that began with it not before it.

    Sound between ticks is not rounded: what the page plays lies at `x`, of which step 3 is the nearest tick.

    Args:
        source: at amount 0.
        result: at amount 1; its file, tempos and resolution are those of the blend.
        amount: of all voices.
        voices: of single voices.

    Raises:
        InvalidParameter: the beats do not hold the same notes, or an amount is out of range.
    """
    for name, value in _amounts(amount, voices):
        if not 0.0 <= value <= MOST_AMOUNT:
            raise InvalidParameter(f"{name} must lie in 0…{MOST_AMOUNT:g}; got {value:g}. Is this a percentage?")
    pairs = pair_notes(source, result)
    blended: list[Note] = []
    latest: dict[tuple[int, int, int], tuple[int, int]] = {}
    for note, index in zip(source.notes, pairs, strict=True):
        other = result.notes[index]
        voice = source.voice_of(note)
        own = Blend(0.0, 0.0) if voice is None else voices.get(voice, amount)
        start = note.tick * result.ticks_per_beat / source.ticks_per_beat
        tick = max(0, math.floor(start + own.timing * (other.tick - start) + 0.5))
        velocity = math.floor(note.velocity + own.velocity * (other.velocity - note.velocity) + 0.5)
        if (key := _key(note)) in latest:
            before, new = latest[key]
            tick = max(tick, new + 1 if note.tick > before else new)
        latest[key] = (note.tick, tick)
        blended.append(replace(other, tick=tick, velocity=min(127, max(1, velocity))))
    return replace(result.with_notes(blended), warnings=())


def _amounts(amount: Blend, voices: Mapping[Voice, Blend]) -> list[tuple[str, float]]:
    named = [("timing", amount.timing), ("velocity", amount.velocity)]
    for voice, own in voices.items():
        named += [(f"timing of {voice}", own.timing), (f"velocity of {voice}", own.velocity)]
    return named


def _key(note: Note) -> tuple[int, int, int]:
    return note.track, note.channel, note.pitch


def _counts(track: DrumTrack) -> dict[tuple[int, int, int], int]:
    counts: dict[tuple[int, int, int], int] = defaultdict(int)
    for note in track.notes:
        counts[_key(note)] += 1
    return counts
