from __future__ import annotations

import pytest
from played import batch_of

from ghostnote.evaluation import timing_mae_ms
from ghostnote.evaluation.timing import timing_mse_16ths

TRUTH = batch_of([(0, 0, 0, 64, 0.1), (0, 5, 1, 64, -0.2), (1, 31, 8, 64, 0.0)], tempos_bpm=[120, 60])


def test_perfect_timing_has_no_error() -> None:
    assert timing_mae_ms(TRUTH, TRUTH) == 0
    assert timing_mse_16ths(TRUTH, TRUTH) == 0


def test_velocity_does_not_matter() -> None:
    louder = TRUTH.with_performance(TRUTH.velocities * 1.5, TRUTH.offsets)
    assert timing_mae_ms(TRUTH, louder) == 0


def test_errors_in_milliseconds_are_pooled_over_hits() -> None:
    # A 16th lasts 125 ms at 120 bpm and 250 ms at 60 bpm: errors of 12.5, 25 and 25 ms.
    guess = batch_of([(0, 0, 0, 64, 0.0), (0, 5, 1, 64, 0.0), (1, 31, 8, 64, 0.1)], tempos_bpm=[120, 60])
    assert timing_mae_ms(TRUTH, guess) == pytest.approx((12.5 + 25 + 25) / 3, rel=1e-6)


def test_squared_errors_are_in_16ths_at_any_tempo() -> None:
    guess = batch_of([(0, 0, 0, 64, 0.0), (0, 5, 1, 64, 0.0), (1, 31, 8, 64, 0.1)], tempos_bpm=[120, 60])
    assert timing_mse_16ths(TRUTH, guess) == pytest.approx((0.01 + 0.04 + 0.01) / 3, rel=1e-6)


def test_early_and_late_count_alike_and_do_not_cancel() -> None:
    truth = batch_of([(0, 0, 0, 64, 0.0), (0, 1, 0, 64, 0.0)])
    guess = batch_of([(0, 0, 0, 64, 0.4), (0, 1, 0, 64, -0.4)])
    assert timing_mae_ms(truth, guess) == pytest.approx(50)
