import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.study.rates import Counted, jeffreys, mean_with_interval, newcombe, smoothed, wilson


def ends(estimate):
    return (round(estimate.low, 4), round(estimate.high, 4))


def test_wilson_as_published():
    # Newcombe 1998a, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    assert ends(wilson(Counted(81, 263))) == (0.2553, 0.3662)
    assert ends(wilson(Counted(15, 148))) == (0.0624, 0.1605)
    assert ends(wilson(Counted(0, 20))) == (0.0, 0.1611)
    assert ends(wilson(Counted(1, 29))) == (0.0061, 0.1718)


def test_newcombe_as_published():
    # Newcombe 1998b, table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/10.
    assert ends(newcombe(Counted(48, 80), Counted(56, 70))) == (0.0524, 0.3339)
    assert ends(newcombe(Counted(3, 10), Counted(9, 10))) == (0.1705, 0.8090)
    assert ends(newcombe(Counted(0, 10), Counted(10, 10))) == (0.6075, 1.0)


def test_newcombe_turns_round_with_its_arms():
    there, back = newcombe(Counted(11, 30), Counted(17, 30)), newcombe(Counted(17, 30), Counted(11, 30))
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_jeffreys_ends_where_there_is_nothing_or_all():
    nothing, everything = jeffreys(Counted(0, 30)), jeffreys(Counted(30, 30))
    assert nothing.low == 0.0
    assert everything.high == 1.0
    assert nothing.high == pytest.approx(1 - everything.low)
    assert 0.0 < jeffreys(Counted(3, 30)).low < 0.1


@pytest.mark.parametrize(("liked", "trials"), [(0, 0), (-1, 3), (4, 3)])
def test_counts_must_be_counts(liked, trials):
    with pytest.raises(InvalidParameter, match="liked must lie in"):
        Counted(liked, trials)


def test_the_mean_of_people():
    estimate = mean_with_interval(np.array([1.0, 2.0, 3.0]))
    assert (estimate.value, estimate.high) == pytest.approx((2.0, 2 + 4.302653 / np.sqrt(3)))
    assert np.isnan(mean_with_interval(np.array([1.0])).low)
    assert np.isnan(mean_with_interval(np.zeros(0)).value)


def test_a_smoothed_distribution_holds_everybody():
    grid = np.linspace(0, 1, 501)
    values = np.array([0.0, 0.02, 0.3, 0.5, 1.0])
    density = smoothed(values, grid, 0.0, 1.0)
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=0.01)
    assert density.min() >= 0
    assert not smoothed(np.zeros(0), grid, 0.0, 1.0).any()
