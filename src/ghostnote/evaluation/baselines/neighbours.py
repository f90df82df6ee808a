"""Nearest neighbours: play a score as the most similar scores of the training data were played."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.baselines.baseline import (
    Table,
    check_scores,
    fit_means,
    fit_spreads,
    jitter,
    need,
    perform,
)
from ghostnote.evaluation.hits import Floats, Integers
from ghostnote.groove import GrooveBatch

NEIGHBOURS = 20  # chosen on validation among 1, 5, 10, 20, 50, 100; see docs/metrics.md
TEMPO_WEIGHT = 10.0  # differing cells that one octave of tempo is worth; chosen on validation among 0, 3, 10, 30
CHUNK = 256


@dataclass(frozen=True, eq=False)
class NeighbourBaseline:
    """Plays the mean of the nearest training windows; sampled, one of them as it is.

    Args:
        train: the windows to choose from.
        means: what is played in cells that no neighbour has.
        spreads: jitter of such cells when sampling.
        neighbours: how many are considered.
        tempo_weight: differing cells that one octave of tempo is worth.
    """

    train: GrooveBatch
    means: Table
    spreads: Table
    neighbours: int
    tempo_weight: float
    name: str = "knn"

    def predict(
        self, scores: GrooveBatch, *, sample: bool = False, rng: np.random.Generator | None = None
    ) -> GrooveBatch:
        """Return `scores` performed; see `Baseline.predict`.

        A draw plays one neighbour, taken at random for each window, so that its coherence is that of a drummer; cells
        which it lacks are played from the table of means with jitter.
        """
        steps = self.train.hits.shape[1]
        check_scores(scores, steps)
        nearest = self.nearest(scores)
        filled = perform(scores, *self.means.over(steps))
        if sample:
            filled = jitter(filled, self.spreads, need(rng))
            chosen = need(rng).integers(0, nearest.shape[1], len(scores))
            nearest = nearest[np.arange(len(scores)), chosen][:, None]
        velocities, offsets = filled.velocities.copy(), filled.offsets.copy()
        for start in range(0, len(scores), CHUNK):
            rows = slice(start, start + CHUNK)
            played = self.train.hits[nearest[rows]]
            counts = played.sum(axis=1)
            known = counts > 0
            for values, source in ((velocities, self.train.velocities), (offsets, self.train.offsets)):
                mean = source[nearest[rows]].sum(axis=1) / np.maximum(counts, 1)
                values[rows][known] = mean[known]
        return perform(scores, velocities, offsets)

    def nearest(self, scores: GrooveBatch) -> Integers:
        """Return the indices of the nearest training windows, `(grooves, neighbours)`, nearest first."""
        library = self.train.hits.reshape(len(self.train), -1)
        sizes = library.sum(axis=1)
        octaves = np.log2(self.train.tempos_bpm)
        found = []
        for start in range(0, len(scores), CHUNK):
            queries = scores.hits[start : start + CHUNK].reshape(-1, library.shape[1])
            differing = queries.sum(axis=1)[:, None] + sizes - 2 * queries @ library.T
            apart = abs(np.log2(scores.tempos_bpm[start : start + CHUNK])[:, None] - octaves)
            found.append(_smallest(differing + self.tempo_weight * apart, self.neighbours))
        return np.concatenate(found) if found else np.zeros((0, self.neighbours), dtype=np.int64)


def _smallest(distances: Floats, count: int) -> Integers:
    """Return the indices of the `count` smallest of each row, smallest first; equals in the order of the library."""
    if count < distances.shape[1]:
        # Everything up to the count-th distance, so that ties at the border are broken by order, not by chance.
        border = np.partition(distances, count - 1, axis=1)[:, count - 1 : count]
        distances = np.where(distances <= border, distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :count].astype(np.int64)


def fit_knn(
    train: GrooveBatch, *, neighbours: int = NEIGHBOURS, tempo_weight: float = TEMPO_WEIGHT
) -> NeighbourBaseline:
    """Return the nearest-neighbour baseline; distance is the number of differing cells plus that of tempo.

    Args:
        train: windows of one length.
        neighbours: ≥ 1; at most the size of `train` are used.
        tempo_weight: ≥ 0, cells per octave.

    Raises:
        InvalidParameter: `train` holds no hit or an argument is outside its range.
    """
    if neighbours < 1:
        raise InvalidParameter(f"neighbours must be at least 1; got {neighbours}")
    if not tempo_weight >= 0:
        raise InvalidParameter(f"tempo_weight must be at least 0 cells per octave; got {tempo_weight}")
    means = fit_means(train)
    spreads = fit_spreads(train, perform(train, *means.over(train.hits.shape[1])))
    return NeighbourBaseline(train, means, spreads, min(neighbours, len(train)), tempo_weight)
