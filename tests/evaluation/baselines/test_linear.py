from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from played import random_scores

from ghostnote.evaluation import timing_mae_ms, velocity_mae
from ghostnote.evaluation.baselines import fit_linear, fit_mean_table
from ghostnote.evaluation.baselines.linear import score_features
from ghostnote.groove import GrooveBatch


def rule(seed: int, windows: int = 20) -> GrooveBatch:
    """Everything is later on fast songs, and softer for every crash that is in the bar's first step."""
    scores = random_scores(np.random.default_rng(seed), recordings=40, windows=windows, density=0.25)
    octaves = np.log2(scores.tempos_bpm / 120)[:, None, None]
    crash = scores.hits[:, 0, 7][:, None, None]
    shape = np.ones_like(scores.hits)
    return scores.with_performance((0.7 - 0.3 * crash) * shape, (0.1 + 0.3 * octaves) * shape)


def test_linear_rule_is_learnt_where_means_fail() -> None:
    train, test = rule(0, windows=40), rule(1, windows=5)
    linear, table = fit_linear(train, penalty=1.0).predict(test), fit_mean_table(train).predict(test)
    assert timing_mae_ms(test, linear) < 0.1 * timing_mae_ms(test, table)
    assert velocity_mae(test, linear) < 0.1 * velocity_mae(test, table)


def test_strong_penalty_falls_back_on_the_table() -> None:
    train = rule(0, windows=5)
    linear, table = fit_linear(train, penalty=1e12).predict(train), fit_mean_table(train).predict(train)
    np.testing.assert_allclose(linear.offsets, table.offsets, atol=1e-5)


def test_weights_are_the_solution_of_ridge_regression() -> None:
    train = rule(0, windows=5)
    fitted = fit_linear(train, penalty=3.0)
    step, voice = 5, 2
    played = train.hits[:, step, voice] > 0
    x = score_features(train)[played]
    y = train.offsets[played, step, voice] - fitted.means.over(32)[1][step, voice]
    # Ridge is least squares with extra rows √penalty · I that ask for zero weights.
    extended = np.concatenate([x, np.sqrt(3.0) * np.eye(x.shape[1])])
    expected = np.linalg.lstsq(extended, np.concatenate([y, np.zeros(x.shape[1])]), rcond=None)[0]
    np.testing.assert_allclose(fitted.offset_weights[:, step * 9 + voice], expected, atol=1e-8)


def test_cells_without_training_hits_are_played_from_the_table() -> None:
    train = rule(0, windows=5)
    hits = train.hits.copy()
    hits[:, 5, 2] = 0
    without = dataclasses.replace(train, hits=hits, velocities=train.velocities * hits, offsets=train.offsets * hits)
    fitted = fit_linear(without)
    assert (fitted.offset_weights[:, 5 * 9 + 2] == 0).all()
    assert fitted.predict(train).offsets[:, 5, 2].any()


def test_features_are_hits_tempo_and_a_constant() -> None:
    scores = dataclasses.replace(
        random_scores(np.random.default_rng(0), recordings=1, windows=1), tempos_bpm=np.array([60.0])
    )
    features = score_features(scores)
    assert features.shape == (1, 288 + 3)
    np.testing.assert_array_equal(features[0, :288], scores.hits.ravel())
    assert features[0, 288:].tolist() == [pytest.approx(-1), pytest.approx(1), 1]
