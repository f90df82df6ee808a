"""Is anything copied from the training set? How far each window lies from the nearest one that was learned from.

The distance of two windows is 1 - F1 of their hits: the cells in which they differ divided by the hits of both. It does
not depend on how busy they are, and is 0 for equal scores and 1 where no hit is shared. Real windows of recordings that
nothing was learned from are the yardstick: simple beats recur, so that some have an equal among the training windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import check_resampling, draw_counts
from ghostnote.evaluation.hits import Floats, Integers
from ghostnote.evaluation.resolution import to_midi_velocities, to_ticks
from ghostnote.groove import GrooveBatch

_BLOCK = 256  # rows of the distance matrix at once: 17 MB against 17,000 training windows
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest training window of each window.

    Args:
        distances: `(windows,)`, in [0, 1].
        places: `(windows,)`, which training window it is; the first of equally near ones.
        copied: `(windows,)`, whether some training window is equal in hits, velocities and ticks of timing. Windows
            without a hit are never copies.
    """

    distances: Floats
    places: Integers
    copied: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    @property
    def quartiles(self) -> tuple[float, ...]:
        """The lower quartile, the median and the upper quartile of the distances."""
        return tuple(float(value) for value in np.quantile(self.distances, QUARTILES))

    @property
    def equal_scores(self) -> float:
        """Share of windows whose hits are those of a training window."""
        return float((self.distances == 0).mean())

    @property
    def copies(self) -> float:
        """Share of windows that are a training window, as a MIDI file would hold it."""
        return float(self.copied.mean())


def find_nearest(train: GrooveBatch, windows: GrooveBatch) -> Nearest:
    """Return for each of `windows` the nearest of `train`.

    Raises:
        InvalidParameter: there is no window on one side, or they differ in length or voices.
    """
    if not len(train) or not len(windows):
        raise InvalidParameter(f"train and windows must hold windows; got {len(train)} and {len(windows)}")
    if train.hits.shape[1:] != windows.hits.shape[1:]:
        raise InvalidParameter(
            f"windows must be as long as those of train; got {windows.hits.shape[1:]} and {train.hits.shape[1:]}"
        )
    learned, own = train.hits.reshape(len(train), -1), windows.hits.reshape(len(windows), -1)
    learned_counts, own_counts = learned.sum(axis=1), own.sum(axis=1)
    distances, places = np.empty(len(own)), np.empty(len(own), dtype=np.int64)
    for start in range(0, len(own), _BLOCK):
        rows = slice(start, start + _BLOCK)
        hits = own_counts[rows, None] + learned_counts
        # Two empty windows are equal.
        apart = np.where(hits > 0, 1.0 - 2.0 * (own[rows] @ learned.T) / np.maximum(hits, 1.0), 0.0)
        places[rows] = apart.argmin(axis=1)
        distances[rows] = np.take_along_axis(apart, places[rows][:, None], axis=1)[:, 0]
    known = set(_as_bytes(train))
    copied = np.array([row in known for row in _as_bytes(windows)]) & (own_counts > 0)
    return Nearest(distances, places, copied)


def kolmogorov_smirnov(reference: Floats, estimate: Floats) -> float:
    """Return the largest distance between two distributions' cumulative shares: 0 the same, 1 nothing in common.

    Raises:
        InvalidParameter: a side is empty.
    """
    if not len(reference) or not len(estimate):
        raise InvalidParameter(f"reference and estimate must hold values; got {len(reference)} and {len(estimate)}")
    at = np.concatenate([reference, estimate])
    shares = (np.searchsorted(np.sort(side), at, side="right") / len(side) for side in (reference, estimate))
    one, other = shares
    return float(abs(one - other).max())


def spread_of_resamples(
    distances: Floats, performances: Integers, *, rng: np.random.Generator, draws: int = 1000, level: float = 0.95
) -> float:
    """Return how far real windows differ from themselves by the choice of recordings: a quantile of KS distances.

    Recordings differ more than windows of one do, so whole recordings are drawn with replacement. Windows from the
    very source of the recordings stay below this value about as often as `level` says.

    Args:
        distances: `(windows,)`.
        performances: `(windows,)`, id of the recording of each.
        rng: draws the recordings.
        draws: how often, ≥ 1.
        level: the quantile, in (0, 1).

    Raises:
        InvalidParameter: there are fewer than two recordings, or an argument is outside its range.
    """
    check_resampling(draws, level)
    recordings, which = np.unique(performances, return_inverse=True)
    if len(recordings) < 2:
        raise InvalidParameter("windows must come from at least two recordings, to draw other ones")
    order = np.argsort(distances, kind="stable")
    steps = np.flatnonzero(np.diff(distances[order], append=np.inf))  # the last window of each distinct distance
    share = (steps + 1) / len(distances)
    found = []
    for counts in draw_counts(len(recordings), draws, rng):
        drawn = np.cumsum(counts[which[order]])
        found.append(abs(drawn[steps] / drawn[-1] - share).max())
    return float(np.quantile(found, level))


def _as_bytes(windows: GrooveBatch) -> list[bytes]:
    on = windows.hits > 0
    rows = np.concatenate(
        [
            np.where(on, to_midi_velocities(windows.velocities), 0).reshape(len(on), -1),
            np.where(on, to_ticks(windows.offsets), 0).reshape(len(on), -1),
        ],
        axis=1,
    ).astype(np.int8)
    return [row.tobytes() for row in rows]
