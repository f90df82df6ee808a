from __future__ import annotations

import pytest
from played import batch_of

from ghostnote.evaluation import velocity_mae

TRUTH = batch_of([(0, 0, 0, 100, 0.1), (0, 5, 1, 20, 0.0)])


def test_perfect_velocities_have_no_error() -> None:
    assert velocity_mae(TRUTH, TRUTH) == 0


def test_errors_are_in_midi_units() -> None:
    guess = batch_of([(0, 0, 0, 90, -0.3), (0, 5, 1, 50, 0.0)])
    assert velocity_mae(TRUTH, guess) == pytest.approx((10 + 30) / 2, rel=1e-5)


def test_largest_error_is_127() -> None:
    assert velocity_mae(batch_of([(0, 0, 0, 127, 0)]), batch_of([(0, 0, 0, 0, 0)])) == pytest.approx(127)
