"""Was a track programmed or played? What a machine was told to play is score; what a person played is performance."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove.notes import DrumTrack

MOSTLY = 0.95
_DIVISIONS = (16, 12, 20, 28)  # of a beat: 64ths, triplets and their halves, quintuplets, septuplets
_COMMON = 0.05  # a place in the beat that so large a share of the notes has to the tick was programmed


def velocities_are_flat(track: DrumTrack) -> bool:
    """Return whether nearly all notes have one and the same velocity."""
    velocities = Counter(note.velocity for note in track.notes)
    return bool(velocities) and max(velocities.values()) >= MOSTLY * len(track.notes)


def timing_is_programmed(track: DrumTrack) -> bool:
    """Return whether nearly all onsets are places that a machine was given.

    Such a place is a simple fraction of the beat to within a tick, or one that many notes share to the tick, as swing
    does. Played onsets scatter.
    """
    if not track.notes:
        return True
    beat = track.ticks_per_beat
    places = np.array([note.tick % beat for note in track.notes])
    simple = np.zeros(len(places), dtype=bool)
    for division in _DIVISIONS:
        exact = places * division / beat
        simple |= np.abs(exact - np.round(exact)) * beat / division <= min(0.5, beat / division / 8)
    found, index, counts = np.unique(places, return_inverse=True, return_counts=True)
    common = (counts >= max(3, _COMMON * len(places)))[index] if len(found) else simple
    return bool(np.mean(simple | common) >= 0.9)


def levels_of(velocities: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the levels that `velocities` fall into, as (lowest, highest), quiet first; levels lie over 6 units apart.

    A level that fewer than 3 % have does not count, unless it is the only one.
    """
    values = np.sort(velocities)
    if not len(values):
        return []
    ends = np.flatnonzero(np.diff(values) > 6)
    starts = np.concatenate([[0], ends + 1])
    stops = np.concatenate([ends + 1, [len(values)]])
    wide = (stops - starts) >= 0.03 * len(values)
    return [(int(values[a]), int(values[b - 1])) for a, b, keep in zip(starts, stops, wide, strict=True) if keep]
