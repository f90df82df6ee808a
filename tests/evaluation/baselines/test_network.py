from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from played import batch_of, random_scores

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import timing_mae_ms
from ghostnote.evaluation.baselines import fit_linear, fit_mlp, network
from ghostnote.groove import GrooveBatch


def either_or(seed: int, *, recordings: int = 40) -> GrooveBatch:
    """Windows are late if they have crashes or rides throughout, and early if they have both or neither."""
    rng = np.random.default_rng(seed)
    scores = random_scores(rng, recordings=recordings, windows=20)
    hits = scores.hits.copy()
    crashes, rides = rng.random((2, len(scores), 1)) < 0.5
    hits[:, :, 7], hits[:, :, 8] = crashes, rides
    sign = np.where(crashes != rides, 1, -1)[:, :, None]
    empty = np.zeros_like(hits)
    return dataclasses.replace(scores, hits=hits, velocities=empty, offsets=empty).with_performance(
        np.full_like(hits, 0.6), 0.3 * sign * np.ones_like(hits)
    )


def test_rule_that_is_not_linear_is_learnt() -> None:
    train, test = either_or(0), either_or(1, recordings=5)
    mlp, linear = fit_mlp(train).predict(test), fit_linear(train).predict(test)
    ratio = timing_mae_ms(test, mlp) / timing_mae_ms(test, linear)
    assert ratio < 0.5


def test_same_seed_gives_the_same_network() -> None:
    train = either_or(0, recordings=6)
    one, again, other = (fit_mlp(train, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.weights["a"], again.weights["a"])
    assert (one.weights["a"] != other.weights["a"]).any()


def test_training_stops_when_held_out_recordings_stop_improving(monkeypatch: pytest.MonkeyPatch) -> None:
    # Noise can not be learnt, so the loss on recordings that were held out soon rises.
    rng = np.random.default_rng(0)
    scores = random_scores(rng, recordings=20, windows=10)
    shape = scores.hits.shape
    noise = scores.with_performance(rng.uniform(0.2, 0.9, shape), rng.uniform(-0.4, 0.4, shape))
    losses: list[float] = []
    fitted = fit_mlp(noise, progress=lambda epoch, loss: losses.append(loss))
    assert len(losses) < network.MOST_EPOCHS
    assert len(losses) == fitted.epochs + network.PATIENCE
    assert losses[fitted.epochs - 1] == min(losses)


def test_gradients_are_the_slopes_of_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "DROPOUT", 0.0)
    rng = np.random.default_rng(0)
    weights = {name: value.astype(np.float64) for name, value in network._initial(7, 4, rng).items()}
    inputs, targets = rng.normal(size=(5, 7)), rng.normal(size=(5, 4))
    mask = (rng.random((5, 4)) < 0.5).astype(np.float64)
    gradients = network._gradients(weights, inputs, targets, mask, rng=rng)
    for name, gradient in gradients.items():
        place = np.unravel_index(abs(gradient).argmax(), gradient.shape)
        moved = {key: value.copy() for key, value in weights.items()}
        moved[name][place] += 1e-5
        slope = (network._loss(moved, inputs, targets, mask) - network._loss(weights, inputs, targets, mask)) / 1e-5
        assert gradient[place] == pytest.approx(slope, rel=1e-3), name


def test_single_recording_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="at least two recordings, one to stop on; got 1"):
        fit_mlp(batch_of([(0, 0, 0, 64, 0.1)]))
