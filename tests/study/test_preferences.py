from dataclasses import replace

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.study.bradley_terry import bradley_terry, comparisons_of, fit_strengths
from ghostnote.study.consistency import consistency, pace
from ghostnote.study.power import power_of_pairs, power_of_ratings
from ghostnote.study.preferences import clustered_rate, effects, preferences, side_bias
from ghostnote.study.simulated import published_truth, simulate_comparisons

RNG = np.random.default_rng
STRENGTHS = np.array([0.8, 0.0, -0.8])


def test_strengths_of_two_are_the_logit_of_the_rate():
    wins = np.array([[0, 750], [250, 0]], dtype=float)
    a, b = fit_strengths(wins)
    assert a - b == pytest.approx(np.log(3), abs=0.01)
    assert a + b == pytest.approx(0)


def test_strengths_stay_finite_where_one_wins_always():
    scale = fit_strengths(np.array([[0, 20, 20], [0, 0, 10], [0, 10, 0]], dtype=float))
    assert np.isfinite(scale).all()
    assert scale[0] > 2
    assert scale[1] == pytest.approx(scale[2])


def test_the_scale_holds_the_truth():
    held = []
    for seed in range(30):
        rows = simulate_comparisons(STRENGTHS, 15, 30, RNG(seed))
        scale = bradley_terry(comparisons_of("abc", rows), RNG(seed), resamples=60)
        held.append([e.low <= t <= e.high for e, t in zip(scale.values, STRENGTHS, strict=True)])
    assert np.mean(held) > 0.9


def test_differences_turn_round():
    scale = bradley_terry(comparisons_of("abc", simulate_comparisons(STRENGTHS, 8, 20, RNG(0))), RNG(1), resamples=50)
    there, back = scale.differences["a", "b"], scale.differences["b", "a"]
    assert (there.value, there.low) == pytest.approx((-back.value, -back.high))
    with pytest.raises(InvalidParameter, match="at least one"):
        bradley_terry(comparisons_of("ab", []), RNG(0))


def test_one_person_gives_a_scale_without_an_interval():
    scale = bradley_terry(comparisons_of("ab", [(0, 0, 0, 1, 1), (0, 1, 1, 0, 1), (0, 2, 0, 1, 1)]), RNG(0))
    assert scale.values[0].value > 0
    assert np.isnan(scale.values[0].low)


def test_preferences_count_both_orders_and_half_for_ties():
    rows = [(0, 0, 0, 1, 1), (1, 1, 1, 0, 0), (0, 1, 0, 1, 0.5), (1, 0, 1, 0, 1)]
    (found,) = preferences(comparisons_of(("a", "b"), rows))
    assert (found.first, found.second, found.answers, found.rate.value) == ("a", "b", 4, 0.625)


def test_answers_of_one_person_are_not_independent():
    wins = np.repeat([1.0, 1.0, 0.0, 1.0, 0.0, 1.0], 30)
    persons, items = np.repeat(np.arange(6), 30), np.tile(np.arange(30), 6)
    rate, p = clustered_rate(wins, persons, items)
    assert rate.low < 0.2
    assert p > 0.3
    alone, _ = clustered_rate(wins, np.arange(180), np.zeros(180, dtype=int))
    assert alone.high - alone.low < 0.3 * (rate.high - rate.low)


def test_unanimous_answers_have_an_interval_still():
    rate, p = clustered_rate(np.ones(40), np.repeat(np.arange(8), 5), np.tile(np.arange(5), 8))
    assert rate.value == rate.high == 1.0
    assert 0.8 < rate.low < 1.0
    assert p == pytest.approx(2 / 2**8)


UNEQUAL = np.array([2.0, 0.4, -0.6, -1.8])
PEOPLE = [f"p{index}" for index in range(80)]


def unequal_pairs(seed, person_spread):
    rows = simulate_comparisons(UNEQUAL, len(PEOPLE), 120, RNG(seed), person_spread=person_spread)
    return comparisons_of("abcd", rows)


@pytest.mark.parametrize("person_spread", [0.4, 0.9])
def test_effects_find_the_spread_of_people_in_pairs_of_unequal_strength(person_spread):
    own = person_spread * RNG(9).standard_normal((100_000, 4))
    true = 1 / (1 + np.exp(-(UNEQUAL + own)[:, :, None] + (UNEQUAL + own)[:, None]))
    spread = np.sqrt(np.mean([true[:, i, j].var() for i in range(4) for j in range(i)]))
    given = unequal_pairs(5, person_spread)
    found = effects(given, given.persons, PEOPLE)
    assert found.spread == pytest.approx(spread, abs=0.02)
    assert len(found.deviations) == 6 * len(PEOPLE)
    off = [abs(one.believed.value - one.usual) for one in found.deviations]
    assert off == sorted(off, reverse=True)
    assert all(abs(one.believed.value - one.usual) <= abs(one.rate - one.usual) for one in found.deviations)
    assert all(one.believed.low < one.believed.value < one.believed.high for one in found.deviations)


def test_effects_take_chance_for_no_difference():
    given = unequal_pairs(6, 0.0)
    assert effects(given, given.persons, PEOPLE).spread < 0.03
    assert effects(given, given.items, [str(index) for index in range(24)]).spread < 0.03


def test_effects_are_alike_in_any_order_of_systems():
    given = unequal_pairs(7, 0.5)
    turned = replace(given, names=given.names[::-1], firsts=3 - given.firsts, seconds=3 - given.seconds)
    one, other = (effects(each, each.persons, PEOPLE) for each in (given, turned))
    assert one.spread == pytest.approx(other.spread, abs=1e-12)
    wanted = {(d.name, d.first, d.second): d.believed.value for d in one.deviations}
    found = {(d.name, d.second, d.first): 1 - d.believed.value for d in other.deviations}
    assert found == pytest.approx(wanted)


def test_one_answer_each_tells_nothing_of_a_spread():
    given = comparisons_of("ab", [(0, 0, 0, 1, 1.0), (1, 0, 1, 0, 1.0)])
    assert effects(given, given.persons, PEOPLE).spread == 0


def test_side_bias():
    assert side_bias(np.array([1.0, 0.0, 1.0, 1.0])).value == 0.75
    assert np.isnan(side_bias(np.zeros(0)).value)


def test_consistency_of_hidden_repeats():
    first = [True, True, False, False, True, False, True, False, True, True]
    second = [True, True, False, False, True, False, True, False, False, True]
    found = consistency(first, second)
    assert (found.pairs, found.agreement.value) == (10, 0.9)
    assert found.kappa == pytest.approx((0.9 - 0.5) / 0.5)
    assert (1 - found.noise) ** 2 + found.noise**2 == pytest.approx(0.9)
    assert consistency([True] * 4, [True] * 4).noise == 0
    assert np.isnan(consistency([True] * 4, [True] * 4).kappa)
    assert consistency([], []).pairs == 0
    assert consistency([True, False], [False, True]).noise == 0.5


def test_pace():
    found = pace(np.array([9.0, 8.0, 7.0, np.nan, 4.0, 3.0, 2.0]))
    assert (found.answers, found.median, found.trend) == (6, 5.5, -6.0)
    assert pace(np.array([np.nan])).answers == 0


def test_power_grows_with_people():
    truth = published_truth()
    few, many = (power_of_ratings(truth, people, 30, RNG(0), studies=80) for people in (4, 25))
    assert few.found.value < 0.5 < 0.95 < many.found.value
    assert many.half_width < few.half_width
    assert many.delta == pytest.approx(0.168, abs=0.02)
    pairs = power_of_pairs(0.7, 12, 20, RNG(0), studies=80)
    assert 0.5 < pairs.found.value <= 1
    with pytest.raises(InvalidParameter, match="percentage"):
        power_of_pairs(70, 12, 20, RNG(0), studies=2)
    with pytest.raises(InvalidParameter, match="people must be at least 2"):
        power_of_ratings(truth, 1, 30, RNG(0))
