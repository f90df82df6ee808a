"""A multi-layer perceptron from the score of a window to its performance, in numpy.

Written out here rather than taken from a library, because the loss must look only at cells with a hit: a regressor that
also fits the zeros of empty cells learns the score and not the performance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.baselines.baseline import (
    Table,
    check_scores,
    fit_means,
    fit_spreads,
    perform,
    perform_with_jitter,
)
from ghostnote.evaluation.baselines.linear import score_features
from ghostnote.groove import GrooveBatch

Weights = dict[str, NDArray[np.float32]]
HIDDEN = 256
BATCH = 256
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-3
DROPOUT = 0.3
MOST_EPOCHS = 60
PATIENCE = 5
HELD_OUT = 10  # every tenth recording is held out for early stopping


@dataclass(frozen=True, eq=False)
class NetworkBaseline:
    """Means by position and voice plus the answer of two hidden layers.

    Args:
        means: what the answer is added to.
        scales: velocity and offset of one unit of output.
        weights: of the layers.
        spreads: of the residuals on held-out recordings.
        steps: of a window.
        epochs: passes over the training data until early stopping chose these weights.
    """

    means: Table
    scales: tuple[float, float]
    weights: Weights
    spreads: Table
    steps: int
    epochs: int
    name: str = "mlp"

    def predict(
        self, scores: GrooveBatch, *, sample: bool = False, rng: np.random.Generator | None = None
    ) -> GrooveBatch:
        """Return `scores` performed; see `Baseline.predict`."""
        check_scores(scores, self.steps)
        point = _perform(scores, self.weights, self.means, self.scales)
        return perform_with_jitter(point, self.spreads, sample=sample, rng=rng)


def fit_mlp(
    train: GrooveBatch, *, seed: int = 0, progress: Callable[[int, float], None] | None = None
) -> NetworkBaseline:
    """Return the perceptron, trained with Adam on squared errors of hits and stopped on held-out recordings.

    Args:
        train: windows of one length from at least two recordings.
        seed: of initial weights, order and dropout; the same seed gives the same baseline on the same machine.
        progress: called after each epoch with its number and the held-out loss.

    Raises:
        InvalidParameter: `train` holds no hit, or is of one recording.
    """
    held = _held_out(train)
    learn, check = train.take(~held), train.take(held)
    means, steps = fit_means(learn), train.hits.shape[1]
    on = learn.hits > 0
    scales = (float(learn.velocities[on].std()) or 1.0, float(learn.offsets[on].std()) or 1.0)
    rng = np.random.default_rng(seed)
    data, checks = _arrays(learn, means, scales), _arrays(check, means, scales)
    weights = _initial(data[0].shape[1], data[1].shape[1], rng)
    moments = {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in weights.items()}
    best, best_loss, best_epoch, step = weights, float("inf"), 0, 0
    for epoch in range(1, MOST_EPOCHS + 1):
        order = rng.permutation(len(learn))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            step += 1
            gradients = _gradients(weights, *(values[rows] for values in data), rng=rng)
            weights = _adam(weights, gradients, moments, step)
        loss = _loss(weights, *checks)
        if progress is not None:
            progress(epoch, loss)
        if loss < best_loss:
            best, best_loss, best_epoch = weights, loss, epoch
        elif epoch - best_epoch >= PATIENCE:
            break
    spreads = fit_spreads(check, _perform(check, best, means, scales))
    return NetworkBaseline(means, scales, best, spreads, steps, best_epoch)


def _held_out(train: GrooveBatch) -> NDArray[np.bool_]:
    """Return which windows belong to every tenth recording that has hits, `(grooves,)`."""
    recordings = np.unique(train.performances[train.hits.any(axis=(1, 2))])
    if len(recordings) < 2:
        raise InvalidParameter(
            f"train must hold hits of at least two recordings, one to stop on; got {len(recordings)}. "
            "Are the performances' ids set?"
        )
    return np.isin(train.performances, recordings[::HELD_OUT])


def _arrays(
    batch: GrooveBatch, means: Table, scales: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return features, scaled targets and mask of a batch, each `(grooves, …)` in float32."""
    velocities, offsets = means.over(batch.hits.shape[1])
    targets = np.stack([(batch.velocities - velocities) / scales[0], (batch.offsets - offsets) / scales[1]], axis=-1)
    mask = np.stack([batch.hits, batch.hits], axis=-1)
    flat = len(batch), -1
    return score_features(batch).astype(np.float32), targets.reshape(flat).astype(np.float32), mask.reshape(flat)


def _initial(inputs: int, outputs: int, rng: np.random.Generator) -> Weights:
    sizes = {"a": (inputs, HIDDEN), "b": (HIDDEN, HIDDEN), "c": (HIDDEN, outputs)}
    weights: Weights = {}
    for name, (fan_in, fan_out) in sizes.items():
        spread = np.sqrt(2 / fan_in) * (0.1 if name == "c" else 1.0)
        weights[name] = (spread * rng.standard_normal((fan_in, fan_out))).astype(np.float32)
        weights[name + "0"] = np.zeros(fan_out, dtype=np.float32)
    return weights


def _forward(weights: Weights, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    hidden = np.maximum(inputs @ weights["a"] + weights["a0"], 0)
    hidden = np.maximum(hidden @ weights["b"] + weights["b0"], 0)
    return np.asarray(hidden @ weights["c"] + weights["c0"])


def _loss(
    weights: Weights, inputs: NDArray[np.float32], targets: NDArray[np.float32], mask: NDArray[np.float32]
) -> float:
    errors = (_forward(weights, inputs) - targets) * mask
    return float((errors**2).sum(dtype=np.float64) / mask.sum(dtype=np.float64))


def _gradients(
    weights: Weights,
    inputs: NDArray[np.float32],
    targets: NDArray[np.float32],
    mask: NDArray[np.float32],
    *,
    rng: np.random.Generator,
) -> Weights:
    """Return the gradients of the masked mean squared error, with dropout on both hidden layers."""
    keep = [(rng.random((len(inputs), HIDDEN), dtype=np.float32) >= DROPOUT) / np.float32(1 - DROPOUT) for _ in "ab"]
    first = np.maximum(inputs @ weights["a"] + weights["a0"], 0) * keep[0]
    second = np.maximum(first @ weights["b"] + weights["b0"], 0) * keep[1]
    errors = (second @ weights["c"] + weights["c0"] - targets) * mask
    errors *= np.float32(2 / max(float(mask.sum()), 1.0))
    back_second = (errors @ weights["c"].T) * keep[1] * (second > 0)
    back_first = (back_second @ weights["b"].T) * keep[0] * (first > 0)
    return {
        "a": inputs.T @ back_first,
        "a0": back_first.sum(axis=0),
        "b": first.T @ back_second,
        "b0": back_second.sum(axis=0),
        "c": second.T @ errors,
        "c0": errors.sum(axis=0),
    }


def _adam(
    weights: Weights,
    gradients: Weights,
    moments: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]],
    step: int,
) -> Weights:
    """Return the weights after a step of Adam with decoupled decay; `moments` are brought up to date in place."""
    updated: Weights = {}
    for name, value in weights.items():
        first, second = moments[name]
        first += np.float32(0.1) * (gradients[name] - first)
        second += np.float32(0.001) * (gradients[name] ** 2 - second)
        scaled = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        decay = WEIGHT_DECAY * value if value.ndim == 2 else 0.0
        updated[name] = (value - LEARNING_RATE * (scaled + decay)).astype(np.float32)
    return updated


def _perform(scores: GrooveBatch, weights: Weights, means: Table, scales: tuple[float, float]) -> GrooveBatch:
    output = _forward(weights, score_features(scores).astype(np.float32)).reshape(*scores.hits.shape, 2)
    velocities, offsets = means.over(scores.hits.shape[1])
    return perform(scores, velocities + scales[0] * output[..., 0], offsets + scales[1] * output[..., 1])
