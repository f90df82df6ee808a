from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from played import batch_of, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import feel_timing_ms, feel_velocity

# The donor plays position 2 of the hat late, on average by 0.2 steps; the score plays it once, in the second bar.
DONOR = batch_of([(0, 2, 2, 60, 0.1), (0, 18, 2, 80, 0.3), (0, 4, 1, 100, -0.1)])


def test_habits_that_arrived_are_no_error() -> None:
    took = batch_of([(0, 18, 2, 70, 0.2), (0, 20, 1, 100, -0.1), (0, 0, 0, 1, 0.4)])
    assert feel_timing_ms(DONOR, took) == pytest.approx(0, abs=1e-5)
    assert feel_velocity(DONOR, took) == pytest.approx(0, abs=1e-4)


def test_errors_worked_by_hand() -> None:
    straight = batch_of([(0, 18, 2, 40, 0.0), (0, 4, 1, 90, 0.0)])
    assert feel_timing_ms(DONOR, straight) == pytest.approx((0.2 + 0.1) / 2 * 125, rel=1e-5)
    assert feel_velocity(DONOR, straight) == pytest.approx((30 + 10) / 2, rel=1e-5)


def test_milliseconds_are_counted_at_the_tempo_of_the_score() -> None:
    slow = batch_of([(0, 4, 1, 100, 0.0)], tempos_bpm=[60])
    assert feel_timing_ms(DONOR, slow) == pytest.approx(0.1 * 250, rel=1e-5)


def test_each_window_has_its_own_donor() -> None:
    donors = batch_of([(0, 0, 0, 64, 0.2), (1, 0, 0, 64, -0.2)], tempos_bpm=[120, 120])
    swapped = donors.take(np.array([1, 0]))
    assert feel_timing_ms(donors, donors) == 0
    assert feel_timing_ms(donors, swapped) == pytest.approx(0.4 * 125, rel=1e-5)


def test_nothing_in_common_is_no_value() -> None:
    assert math.isnan(feel_timing_ms(DONOR, silence()))
    assert math.isnan(feel_velocity(DONOR, batch_of([(0, 3, 2, 60, 0.1)])))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="one shape"):
        feel_timing_ms(DONOR, silence(2))
    part = dataclasses.replace(
        DONOR, hits=DONOR.hits[:, :20], velocities=DONOR.velocities[:, :20], offsets=DONOR.offsets[:, :20]
    )
    with pytest.raises(InvalidParameter, match="whole bars of 16 steps; got 20"):
        feel_timing_ms(part, part)
