from __future__ import annotations

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.reliability import area_under_roc, reliability


def test_what_happens_as_said_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(40_000)
    found = reliability(p, rng.random(40_000) < p)
    assert found.ece < 0.01
    assert found.brier == pytest.approx(1 / 6, abs=0.005)
    np.testing.assert_allclose(found.predicted, found.observed, atol=0.03)
    assert found.counts.sum() == 40_000


def test_overconfidence_costs() -> None:
    found = reliability(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0, 1.0]))
    assert found.ece == 0.5
    assert found.brier == 0.5
    assert found.counts.tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert np.isnan(found.observed[5])


@pytest.mark.parametrize(("p", "y"), [([], []), ([0.5], [1, 0]), ([1.5], [1]), ([np.nan], [1])])
def test_what_is_no_probability_is_refused(p: list[float], y: list[int]) -> None:
    with pytest.raises(InvalidParameter):
        reliability(np.array(p), np.array(y))


def test_area_counts_ties_half() -> None:
    assert area_under_roc(np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1])) == 1
    assert area_under_roc(np.array([1.0, 1, 1, 1]), np.array([0, 1, 0, 1])) == 0.5
    assert area_under_roc(np.array([2.0, 1, 2]), np.array([1, 0, 0])) == 0.75
    assert np.isnan(area_under_roc(np.array([1.0, 2]), np.array([1, 1])))
