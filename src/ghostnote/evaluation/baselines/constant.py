"""Baselines without an idea of music: the quantised performance, the mean, and the means by position and voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ghostnote.evaluation.baselines.baseline import (
    Table,
    check_training,
    fit_means,
    fit_spreads,
    perform,
    perform_with_jitter,
)
from ghostnote.evaluation.hits import STEPS_PER_BAR
from ghostnote.groove import VOICES, GrooveBatch


@dataclass(frozen=True, eq=False)
class TableBaseline:
    """Plays each position and voice always alike; sampled, with jitter of the cell's spread.

    Args:
        name: identifier.
        means: what is played.
        spreads: standard deviations of the training data about it.
    """

    name: str
    means: Table
    spreads: Table

    def predict(
        self, scores: GrooveBatch, *, sample: bool = False, rng: np.random.Generator | None = None
    ) -> GrooveBatch:
        """Return `scores` performed; see `Baseline.predict`."""
        point = perform(scores, *self.means.over(scores.hits.shape[1]))
        return perform_with_jitter(point, self.spreads, sample=sample, rng=rng)


def fit_quantised(train: GrooveBatch) -> TableBaseline:
    """Return a performer on the grid: offset 0, and the mean velocity of all training hits.

    A score has no velocities, so the row needs one; the mean is the least favourable to every other row. Sampled, it is
    "quantised plus random jitter", the humanizer of most programs.

    Raises:
        InvalidParameter: `train` holds no hit.
    """
    check_training(train)
    return _constant("quantised", train, _mean_velocity(train), 0.0)


def fit_train_mean(train: GrooveBatch) -> TableBaseline:
    """Return a performer that plays every hit at the mean velocity and the mean offset of all training hits.

    Raises:
        InvalidParameter: `train` holds no hit.
    """
    check_training(train)
    return _constant("train_mean", train, _mean_velocity(train), float(train.offsets[train.hits > 0].mean(dtype=float)))


def fit_mean_table(train: GrooveBatch) -> TableBaseline:
    """Return a performer that plays the training mean of each position in the bar and voice.

    Raises:
        InvalidParameter: `train` holds no hit.
    """
    return _table("mean_table", train, fit_means(train))


def _mean_velocity(train: GrooveBatch) -> float:
    return float(train.velocities[train.hits > 0].mean(dtype=float))


def _constant(name: str, train: GrooveBatch, velocity: float, offset: float) -> TableBaseline:
    shape = (STEPS_PER_BAR, len(VOICES))
    return _table(name, train, Table(np.full(shape, velocity), np.full(shape, offset)))


def _table(name: str, train: GrooveBatch, means: Table) -> TableBaseline:
    predicted = perform(train, *means.over(train.hits.shape[1]))
    return TableBaseline(name, means, fit_spreads(train, predicted))
