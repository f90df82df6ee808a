import itertools

import numpy as np
import pytest

from ghostnote.study.paired import holm, sign_flip, wilcoxon_test
from ghostnote.study.simulated import no_change, published_truth, simulate_study

RNG = np.random.default_rng


def test_sign_flips_of_few_people_count_all_patterns():
    deltas = np.array([0.1, 0.2, -0.05, 0.3, 0.15])
    sums = [abs(np.dot(signs, deltas)) for signs in itertools.product((-1, 1), repeat=5)]
    outcome = sign_flip(deltas, RNG(0))
    assert outcome.exact
    assert outcome.p == pytest.approx(np.mean(np.array(sums) >= abs(deltas.sum()) - 1e-12))


def test_drawn_sign_flips_agree_with_counted_ones():
    deltas = RNG(1).normal(0.3, 1, 14)
    more = np.concatenate([deltas, [0.0]])  # one who did not change makes it too many to count, and changes nothing
    drawn = sign_flip(more, RNG(2), flips=20_000)
    assert not drawn.exact
    assert drawn.p == pytest.approx(sign_flip(deltas, RNG(0)).p, abs=0.01)


def test_nothing_changed_is_no_evidence():
    assert sign_flip(np.zeros(20), RNG(0)).p == 1.0
    assert sign_flip(np.zeros(0), RNG(0)).p == 1.0
    assert wilcoxon_test(np.zeros(20)).p == 1.0


@pytest.mark.parametrize("people", [5, 12, 30])
def test_wilcoxon_as_scipy_has_it(people):
    from scipy.stats import wilcoxon

    deltas = RNG(people).normal(0.3, 1, people)
    assert wilcoxon_test(deltas).p == pytest.approx(wilcoxon(deltas).pvalue)


def test_wilcoxon_with_ties_is_approximate():
    from scipy.stats import norm, rankdata

    deltas = np.round(RNG(3).normal(0.3, 1, 25), 1)
    outcome = wilcoxon_test(deltas)
    assert not outcome.exact
    kept = deltas[deltas != 0]
    ranks = rankdata(np.abs(kept))
    n, positive = len(kept), ranks[kept > 0].sum()
    _, ties = np.unique(ranks, return_counts=True)
    deviation = np.sqrt(n * (n + 1) * (2 * n + 1) / 24 - (ties**3 - ties).sum() / 48)
    assert outcome.p == pytest.approx(2 * norm.sf((abs(positive - n * (n + 1) / 4) - 0.5) / deviation))


def test_tests_are_rarely_wrong_where_nothing_changed():
    truth, rng = no_change(published_truth()), RNG(4)
    before, after, _, spread = truth.moments()
    assert before == pytest.approx(after, abs=1e-9)
    assert spread > 0.1
    deltas = [simulate_study(truth, 20, 30, rng).counts.deltas for _ in range(400)]
    flips = np.mean([sign_flip(d, rng, 199).p < 0.05 for d in deltas])
    ranks = np.mean([wilcoxon_test(d).p < 0.05 for d in deltas])
    assert max(flips, ranks) < 0.085  # 5 %, and what 400 studies may be off by


def test_holm():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({}) == {}
