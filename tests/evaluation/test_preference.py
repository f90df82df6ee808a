from __future__ import annotations

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.preference import (
    mean_of,
    over_listeners,
    ratings_to_reach,
    ratio_of_means,
    reach_of_mean,
    running_rates,
)


def test_running_rates_are_of_the_last_ones() -> None:
    rates = running_rates(np.array([[0.0, 1, 1, 0, 1]]), 3)
    np.testing.assert_allclose(rates, [[np.nan, np.nan, 2 / 3, 2 / 3, 2 / 3]])
    assert np.isnan(running_rates(np.ones((1, 2)), 3)).all()


def test_a_rate_is_reached_where_it_stays() -> None:
    rates = np.array([np.nan, 0.2, 0.6, 0.4, 0.6, 0.6, 0.6])
    assert ratings_to_reach(rates, 0.54, 0) == 3
    assert ratings_to_reach(rates, 0.54, 1) == 5
    assert ratings_to_reach(rates, 0.54, 99) == 5
    assert ratings_to_reach(rates, 0.7, 1) == np.inf
    assert ratings_to_reach(np.array([0.54]), 0.54, 5) == 1


def test_mean_curve_is_what_reaches() -> None:
    liked = np.array([[0.0] * 10 + [1.0] * 10, [1.0] * 20])
    statistic = reach_of_mean(liked, 0.75, 2)
    assert statistic(np.ones(2)) == 11
    assert statistic(np.array([0.0, 1.0])) == 2
    assert statistic(np.array([1.0, 0.0])) == 12


def test_listeners_are_resampled_with_all_their_runs() -> None:
    rng = np.random.default_rng(0)
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 50)
    names = [f"listener {i}" for i in range(4) for _ in range(50)]
    wide = over_listeners(mean_of(values), names, rng)
    narrow = over_listeners(mean_of(values), [str(i) for i in range(200)], rng)
    assert wide.value == narrow.value == 0.5
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_interval_holds_never() -> None:
    liked = np.zeros((8, 20))
    liked[:4] = 1
    found = over_listeners(reach_of_mean(liked, 0.6, 5), list("abcdefgh"), np.random.default_rng(0))
    assert found.value == np.inf
    assert found.low == 5
    assert found.high == np.inf


def test_one_listener_has_no_interval_and_none_is_refused() -> None:
    alone = over_listeners(mean_of(np.array([1.0, 2.0])), ["a", "a"], np.random.default_rng(0))
    assert alone.value == 1.5
    assert np.isnan(alone.low)
    with pytest.raises(InvalidParameter, match="at least one run"):
        over_listeners(mean_of(np.array([])), [], np.random.default_rng(0))


def test_ratio_needs_something_below() -> None:
    assert ratio_of_means(np.array([2.0, 4.0]), np.array([1.0, 1.0]))(np.ones(2)) == 3
    assert np.isnan(ratio_of_means(np.array([2.0]), np.array([-1.0]))(np.ones(1)))
