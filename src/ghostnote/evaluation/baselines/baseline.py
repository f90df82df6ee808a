"""What every baseline has in common: a table of means by position and voice, jitter, and staying within the ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import STEPS_PER_BAR, Floats
from ghostnote.evaluation.resolution import MIDI_MAXIMUM
from ghostnote.groove import VOICES, GrooveBatch

SOFTEST = 1 / MIDI_MAXIMUM
LATEST = float(np.nextafter(np.float32(0.5), np.float32(0)))
PRIOR_HITS = 10.0  # a cell's mean leans on its voice's mean as if it had seen this many hits of it


class Baseline(Protocol):
    """A fitted performer of scores."""

    @property
    def name(self) -> str:
        """Identifier of the row in a report."""

    def predict(
        self, scores: GrooveBatch, *, sample: bool = False, rng: np.random.Generator | None = None
    ) -> GrooveBatch:
        """Return `scores` performed; only their hits and tempos are read.

        Args:
            scores: the same steps and voices as in training.
            sample: False gives the point prediction, True a draw that has the spread of the training data.
            rng: source of the draw; needed when `sample`.

        Raises:
            InvalidParameter: `sample` without `rng`, or scores of another shape.
        """


@dataclass(frozen=True, eq=False)
class Table:
    """Velocities and offsets, or their spreads, by position in the bar and voice, each `(16, 9)`."""

    velocities: Floats
    offsets: Floats

    def over(self, steps: int) -> tuple[Floats, Floats]:
        """Return both tables repeated over `steps`, each `(steps, 9)`."""
        position = np.arange(steps) % STEPS_PER_BAR
        return self.velocities[position], self.offsets[position]


def fit_means(train: GrooveBatch) -> Table:
    """Return the mean of each cell, shrunk towards the mean of its voice.

    Raises:
        InvalidParameter: `train` holds no hit.
    """
    check_training(train)
    return Table(_cell_means(train.hits, train.velocities), _cell_means(train.hits, train.offsets))


def fit_spreads(train: GrooveBatch, predicted: GrooveBatch) -> Table:
    """Return the standard deviation of the residuals `train - predicted` in each cell, shrunk likewise.

    The mean residual of a cell is taken out first: jitter has no bias of its own.
    """
    tables = []
    for truth, guess in ((train.velocities, predicted.velocities), (train.offsets, predicted.offsets)):
        residual = truth.astype(np.float64) - guess
        mean = _cell_means(train.hits, residual)
        tables.append(np.sqrt(np.maximum(_cell_means(train.hits, residual**2) - mean**2, 0.0)))
    return Table(*tables)


def perform(scores: GrooveBatch, velocities: NDArray[np.floating], offsets: NDArray[np.floating]) -> GrooveBatch:
    """Return `scores` with `velocities` and `offsets`, brought into their ranges; hits are never silent."""
    return scores.with_performance(
        np.clip(velocities, SOFTEST, 1.0).astype(np.float32), np.clip(offsets, -0.5, LATEST).astype(np.float32)
    )


def jitter(played: GrooveBatch, spreads: Table, rng: np.random.Generator) -> GrooveBatch:
    """Return `played` with independent Gaussian noise on every hit, of the spread of its cell."""
    velocity_spread, offset_spread = spreads.over(played.hits.shape[1])
    shape = played.hits.shape
    return perform(
        played,
        played.velocities + velocity_spread * rng.standard_normal(shape),
        played.offsets + offset_spread * rng.standard_normal(shape),
    )


def perform_with_jitter(
    point: GrooveBatch, spreads: Table, *, sample: bool, rng: np.random.Generator | None
) -> GrooveBatch:
    """Return `point`, or a jittered draw of it if `sample`."""
    return jitter(point, spreads, need(rng)) if sample else point


def need(rng: np.random.Generator | None) -> np.random.Generator:
    """Return `rng`, or raise `InvalidParameter` if it is missing."""
    if rng is None:
        raise InvalidParameter("rng must be given when sample=True; pass numpy.random.default_rng(seed)")
    return rng


def check_training(train: GrooveBatch) -> None:
    """Raise `InvalidParameter` unless `train` holds a hit."""
    if not train.hits.any():
        raise InvalidParameter("train must hold at least one hit; got none. Is the split empty?")


def check_scores(scores: GrooveBatch, steps: int) -> None:
    """Raise `InvalidParameter` unless `scores` have the grid of training."""
    if scores.hits.shape[1:] != (steps, len(VOICES)):
        raise InvalidParameter(
            f"scores must have (steps, voices) = {(steps, len(VOICES))} as in training; got {scores.hits.shape[1:]}"
        )


def _cell_means(hits: NDArray[np.floating], values: NDArray[np.floating]) -> Floats:
    """Return means by position and voice, `(16, 9)`, of `values` where there are hits."""
    steps = hits.shape[1]
    counts, sums = np.zeros((STEPS_PER_BAR, len(VOICES))), np.zeros((STEPS_PER_BAR, len(VOICES)))
    position = np.arange(steps) % STEPS_PER_BAR
    np.add.at(counts, position, hits.sum(axis=0, dtype=np.float64))
    np.add.at(sums, position, (hits * values).sum(axis=0, dtype=np.float64))
    everywhere = sums.sum() / counts.sum()
    by_voice = (sums.sum(axis=0) + PRIOR_HITS * everywhere) / (counts.sum(axis=0) + PRIOR_HITS)
    return np.asarray((sums + PRIOR_HITS * by_voice) / (counts + PRIOR_HITS))
