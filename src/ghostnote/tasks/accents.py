"""Keep the user's dynamics and add what a drummer's hand does from hit to hit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import VOICES
from ghostnote.groove.programming import levels_of

_ONE_LEVEL = 12  # a voice whose velocities differ by at most this much has no accents of its own
_SMALLEST, _LARGEST = 4.0, 12.0  # how far a hit may leave its level where there are accents
_FREE = 48.0  # and where there are none


def accented_voices(velocities: NDArray[np.int64], voices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return `(9,)`, whether each voice has accents: hits of more than one level.

    Args:
        velocities, voices: `(hits,)`, 1…127 and columns.
    """
    return np.array([_has_accents(velocities[voices == voice.column]) for voice in VOICES])


def add_to_accents(
    given: NDArray[np.int64], played: NDArray[np.int64], voices: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the velocities of `given` with the variation of `played`, `(hits,)`.

    The variation of a hit is its distance from the mean of the same take over the hits that the user gave the same
    level in that voice. A voice of one level keeps this level as its middle and gets the drummer's dynamics around it.
    A voice with accents keeps them: no hit goes further than half the way to the next level, or 12 units.

    Args:
        given: 1…127, the user's.
        played: 1…127, the performer's.
        voices: columns.
    """
    target = given.astype(np.float64)
    for voice in VOICES:
        here = np.flatnonzero(voices == voice.column)
        levels = levels_of(given[here])
        if not levels:
            continue
        middles = np.array([(low + high) / 2 for low, high in levels])
        level = np.abs(given[here][:, None] - middles).argmin(axis=1)
        gaps = [b[0] - a[1] for a, b in pairwise(levels)]
        bound = _FREE
        if _has_accents(given[here]):
            bound = float(np.clip(min(gaps, default=0) / 2, _SMALLEST, _LARGEST))
        for which in range(len(levels)):
            hits = here[level == which]
            if len(hits):
                target[hits] += (played[hits] - played[hits].mean()).clip(-bound, bound)
    return target


def _has_accents(velocities: NDArray[np.int64]) -> bool:
    levels = levels_of(velocities)
    return len(levels) > 1 or (len(levels) == 1 and levels[0][1] - levels[0][0] > _ONE_LEVEL)
