"""A linear model of each cell: ridge regression on the score of the whole window and its tempo."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ghostnote.evaluation.baselines.baseline import (
    Table,
    check_scores,
    fit_means,
    fit_spreads,
    perform,
    perform_with_jitter,
)
from ghostnote.evaluation.hits import Floats
from ghostnote.groove import GrooveBatch

PENALTY = 100.0  # chosen on validation among 10, 30, 100, 300, 1000; see docs/metrics.md


@dataclass(frozen=True, eq=False)
class LinearBaseline:
    """Means by position and voice plus a linear correction for each of the window's cells.

    Args:
        means: what the correction is added to.
        velocity_weights, offset_weights: `(features, steps * voices)`.
        spreads: of the residuals in training.
        steps: of a window.
    """

    means: Table
    velocity_weights: Floats
    offset_weights: Floats
    spreads: Table
    steps: int
    name: str = "linear"

    def predict(
        self, scores: GrooveBatch, *, sample: bool = False, rng: np.random.Generator | None = None
    ) -> GrooveBatch:
        """Return `scores` performed; see `Baseline.predict`."""
        check_scores(scores, self.steps)
        return perform_with_jitter(self._point(scores), self.spreads, sample=sample, rng=rng)

    def _point(self, scores: GrooveBatch) -> GrooveBatch:
        features = score_features(scores)
        velocities, offsets = self.means.over(self.steps)
        shape = scores.hits.shape
        return perform(
            scores,
            velocities + (features @ self.velocity_weights).reshape(shape),
            offsets + (features @ self.offset_weights).reshape(shape),
        )


def score_features(scores: GrooveBatch) -> Floats:
    """Return what may be known of a window before it is played, `(grooves, steps * voices + 3)`.

    These are the hits, the tempo in octaves about 120 bpm, its square, and a constant 1.
    """
    tempo = np.log2(scores.tempos_bpm / 120.0)[:, None]
    hits = scores.hits.reshape(len(scores), math.prod(scores.hits.shape[1:])).astype(np.float64)
    return np.concatenate([hits, tempo, tempo**2, np.ones_like(tempo)], axis=1)


def fit_linear(train: GrooveBatch, *, penalty: float = PENALTY) -> LinearBaseline:
    """Return the linear baseline; each cell learns from the windows that have a hit there.

    Args:
        train: windows of one length.
        penalty: ridge, > 0: how strongly a cell with few hits falls back on the mean of its position and voice.

    Raises:
        InvalidParameter: `train` holds no hit.
    """
    means = fit_means(train)
    steps = train.hits.shape[1]
    features = score_features(train)
    mean_velocities, mean_offsets = means.over(steps)
    targets = np.stack([train.velocities - mean_velocities, train.offsets - mean_offsets], axis=-1)
    targets = targets.reshape(len(train), -1, 2)
    weights = np.zeros((features.shape[1], targets.shape[1], 2))
    ridge = penalty * np.eye(features.shape[1])
    for cell, played in enumerate(train.hits.reshape(len(train), -1).T > 0):
        if played.any():
            x = features[played]
            weights[:, cell] = np.linalg.solve(x.T @ x + ridge, x.T @ targets[played, cell])
    fitted = LinearBaseline(means, weights[..., 0], weights[..., 1], _no_spread(means), steps)
    spreads = fit_spreads(train, fitted.predict(train))
    return LinearBaseline(means, weights[..., 0], weights[..., 1], spreads, steps)


def _no_spread(means: Table) -> Table:
    return Table(np.zeros_like(means.velocities), np.zeros_like(means.offsets))
