import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.study.population import Paired, fit_population
from ghostnote.study.rates import mean_with_interval
from ghostnote.study.simulated import (
    PUBLISHED_PEOPLE,
    PUBLISHED_TRIALS,
    Truth,
    fitted_truth,
    published_truth,
    simulate_study,
)

RNG = np.random.default_rng


def holds(estimate, truth):
    return estimate.low <= truth <= estimate.high


def test_the_published_population_has_the_published_marginals():
    truth, rng = published_truth(), RNG(0)
    before, after, before_spread, _ = truth.moments()
    assert (before, after, before_spread) == pytest.approx((0.372, 0.540, 0.15), abs=1e-3)
    studies = [simulate_study(truth, PUBLISHED_PEOPLE, PUBLISHED_TRIALS, rng).counts for _ in range(1_000)]
    deltas = np.array([counts.deltas for counts in studies])
    seen_before = np.array([counts.liked_before / 30 for counts in studies])
    assert seen_before.mean() == pytest.approx(0.372, abs=0.005)
    assert deltas.mean() == pytest.approx(0.168, abs=0.005)
    assert deltas.std(axis=1, ddof=1).mean() == pytest.approx(0.175, abs=0.005)


def test_more_spread_of_chance_alone_than_was_seen_is_told_of():
    with pytest.raises(InvalidParameter, match="more than chance alone"):
        fitted_truth(0.4, 0.5, 0.05, 0.15, 30)


def test_intervals_hold_the_truth():
    truth, rng = published_truth(), RNG(1)
    before, after, _, spread = truth.moments()
    held = []
    for _ in range(16):
        counts = simulate_study(truth, 25, 30, rng).counts
        fit = fit_population(counts, rng, draws=(200, 300, 400, 500), details=False)
        held.append(
            [
                holds(fit.improved, truth.improved),
                holds(fit.delta, after - before),
                holds(fit.spread, spread),
                holds(mean_with_interval(counts.deltas), after - before),
            ]
        )
    assert (np.mean(held, axis=0) >= 0.75).all()  # 95 %, and what 16 studies may be off by; see bench/study_coverage.py


def test_chance_alone_is_no_improvement_of_single_people():
    """Everybody has the same true Δ; a third seems not to have improved, by chance."""
    truth, rng = Truth(-0.5, 0.5, 0.5, 1e-6), RNG(2)
    counts = simulate_study(truth, 40, 30, rng).counts
    fit = fit_population(counts, rng)
    assert (counts.deltas <= 0).mean() > 0.15
    assert fit.improved.value > 0.85
    assert fit.improved.high > 0.97
    assert fit.spread.value < 0.7 * counts.deltas.std()


def test_people_are_drawn_towards_each_other():
    counts = Paired(
        *(np.array(v, dtype=float) for v in ([10, 12, 9, 11, 10], [30] * 5, [14, 15, 13, 16, 29], [30] * 5))
    )
    fit = fit_population(counts, RNG(3))
    last = fit.people_delta[-1]
    assert 0.2 < last.value < counts.deltas[-1]
    assert last.low > 0.1
    assert fit.people_improved[-1] > 0.98
    assert all(0.5 < p < 1 for p in fit.people_improved)
    assert fit.effective_draws > 200


def test_the_same_counts_give_the_same_answer():
    counts = simulate_study(published_truth(), 10, 30, RNG(4)).counts
    assert fit_population(counts, RNG(5)) == fit_population(counts, RNG(5))


def test_one_person_is_enough_and_nobody_is_not():
    lone = Paired(*(np.array([v]) for v in (10.0, 30.0, 20.0, 30.0)))
    fit = fit_population(lone, RNG(6))
    assert fit.improved.low < 0.5  # of others, nothing is known
    assert fit.people_improved[0] > 0.8
    with pytest.raises(InvalidParameter, match="at least one person"):
        fit_population(Paired(*(np.zeros(0),) * 4), RNG(0))
