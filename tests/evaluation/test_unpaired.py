from __future__ import annotations

import math

import numpy as np
import pytest
from played import batch_of, played_by_drummers, played_note_by_note, random_scores, silence

from ghostnote.evaluation import (
    bootstrap,
    timing_kl,
    timing_kl_unpaired,
    velocity_kl,
    velocity_kl_unpaired,
)
from ghostnote.evaluation.unpaired import TIMING_KL_UNPAIRED

PAIRS = [(timing_kl, timing_kl_unpaired), (velocity_kl, velocity_kl_unpaired)]


@pytest.mark.parametrize(("paired", "unpaired"), PAIRS)
def test_equal_hits_give_what_the_paired_form_gives(paired, unpaired) -> None:
    rng = np.random.default_rng(0)
    scores = random_scores(rng, recordings=6, windows=20)
    truth, guess = played_by_drummers(scores, rng), played_note_by_note(scores, rng)
    assert unpaired(truth, guess) == pytest.approx(paired(truth, guess), rel=1e-12)


def test_more_hits_of_the_same_kind_are_no_divergence() -> None:
    # 20 real kicks, half early and half late; 2,000 generated ones: smoothing is all that tells them apart.
    def kicks(count: int):
        return batch_of([(i, 0, 0, 64, 0.25 * (i % 2)) for i in range(count)], tempos_bpm=[120] * count)

    found = timing_kl_unpaired(kicks(20), kicks(2000))
    # 0.5 is added to each of 25 bins: 10.5 of 32.5 against 1,000.5 of 2,012.5, and 0.5 against 0.5 in the others.
    expected = 2 * 10.5 / 32.5 * math.log(10.5 / 32.5 * 2012.5 / 1000.5)
    expected += 23 * 0.5 / 32.5 * math.log(0.5 / 32.5 * 2012.5 / 0.5)
    assert found == pytest.approx(expected, rel=1e-9)


def test_a_voice_that_is_never_played_counts_as_spread_evenly() -> None:
    truth = batch_of([(i, 0, 0, 64, 0.0) for i in range(20)], tempos_bpm=[120] * 20)
    p = np.full(25, 0.5)
    p[12] += 20
    p /= p.sum()
    assert timing_kl_unpaired(truth, silence(20)) == pytest.approx((p * np.log(p * 25)).sum(), rel=1e-9)


@pytest.mark.parametrize("unpaired", [timing_kl_unpaired, velocity_kl_unpaired])
def test_without_real_hits_there_is_no_value(unpaired) -> None:
    assert math.isnan(unpaired(silence(3), batch_of([(0, 0, 0, 64, 0.0)])))


def test_recordings_of_both_sides_are_resampled() -> None:
    rng = np.random.default_rng(1)
    truth = played_by_drummers(random_scores(rng, recordings=8, windows=20), rng)
    guess = played_by_drummers(random_scores(rng, recordings=8, windows=20), rng)
    found = bootstrap(TIMING_KL_UNPAIRED, truth, guess, rng=rng, resamples=100)
    assert found.low < found.value < found.high
