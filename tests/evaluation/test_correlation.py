from __future__ import annotations

import math

import numpy as np
import pytest
from played import batch_of, played_by_drummers, played_note_by_note, random_scores

from ghostnote.evaluation import offset_correlation, velocity_correlation

TRUTH = batch_of([(0, 0, 0, 20, -0.2), (0, 1, 0, 40, 0.0), (0, 2, 0, 90, 0.1)])


def test_perfect_performance_correlates_fully() -> None:
    assert velocity_correlation(TRUTH, TRUTH) == pytest.approx(1)
    assert offset_correlation(TRUTH, TRUTH) == pytest.approx(1)


def test_scale_and_level_do_not_matter() -> None:
    softer = TRUTH.with_performance(TRUTH.velocities / 2 + 0.1, TRUTH.offsets / 3 - 0.1)
    assert velocity_correlation(TRUTH, softer) == pytest.approx(1)
    assert offset_correlation(TRUTH, softer) == pytest.approx(1)


def test_opposite_performance_correlates_negatively() -> None:
    opposite = TRUTH.with_performance(1 - TRUTH.velocities, -TRUTH.offsets)
    assert velocity_correlation(TRUTH, opposite) == pytest.approx(-1)
    assert offset_correlation(TRUTH, opposite) == pytest.approx(-1)


@pytest.mark.parametrize("side", ["reference", "estimate"])
def test_constant_side_has_no_correlation(side: str) -> None:
    flat = TRUTH.with_performance(np.full_like(TRUTH.velocities, 0.7), np.full_like(TRUTH.offsets, 0.1))
    pair = (flat, TRUTH) if side == "reference" else (TRUTH, flat)
    assert math.isnan(velocity_correlation(*pair))
    assert math.isnan(offset_correlation(*pair))


def test_single_hit_has_no_correlation() -> None:
    one = batch_of([(0, 0, 0, 64, 0.1)])
    assert math.isnan(velocity_correlation(one, one))


def test_agrees_with_numpy() -> None:
    rng = np.random.default_rng(2)
    scores = random_scores(rng, recordings=4, windows=5)
    truth, guess = played_by_drummers(scores, rng), played_note_by_note(scores, rng)
    mixed = guess.with_performance((guess.velocities + truth.velocities) / 2, (guess.offsets - truth.offsets) / 2)
    on = truth.hits > 0
    expected = np.corrcoef(truth.offsets[on].astype(float), mixed.offsets[on].astype(float))[0, 1]
    assert offset_correlation(truth, mixed) == pytest.approx(expected, rel=1e-6)
    expected = np.corrcoef(truth.velocities[on].astype(float), mixed.velocities[on].astype(float))[0, 1]
    assert velocity_correlation(truth, mixed) == pytest.approx(expected, rel=1e-6)
