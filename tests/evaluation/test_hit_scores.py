from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from played import batch_of, played_by_drummers, random_scores, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import (
    HIT_METRICS,
    bootstrap,
    hit_f1,
    hit_precision,
    hit_recall,
    only_voices,
    shared_timing_mae_ms,
    shared_velocity_mae,
    timing_mae_ms,
    velocity_mae,
)
from ghostnote.evaluation.hit_scores import HIT_F1, SHARED_TIMING_MAE_MS
from ghostnote.groove import Voice

# Kick on one and three, snare on two; the estimate forgets a kick and adds two hats.
TRUTH = batch_of([(0, 0, 0, 100, 0.0), (0, 4, 1, 90, 0.1), (0, 8, 0, 80, 0.0)])
GUESS = batch_of([(0, 0, 0, 60, 0.2), (0, 4, 1, 100, 0.0), (0, 2, 2, 50, 0.4), (0, 6, 2, 50, 0.4)])


def test_same_hits_score_one_whatever_their_performance() -> None:
    softer = TRUTH.with_performance(TRUTH.velocities / 2, TRUTH.offsets * 0)
    assert hit_precision(TRUTH, softer) == hit_recall(TRUTH, softer) == hit_f1(TRUTH, softer) == 1


def test_hits_worked_by_hand() -> None:
    assert hit_precision(TRUTH, GUESS) == pytest.approx(2 / 4)
    assert hit_recall(TRUTH, GUESS) == pytest.approx(2 / 3)
    assert hit_f1(TRUTH, GUESS) == pytest.approx(2 * 2 / (3 + 4))


def test_an_empty_estimate_has_no_precision_and_finds_nothing() -> None:
    assert math.isnan(hit_precision(TRUTH, silence()))
    assert hit_recall(TRUTH, silence()) == hit_f1(TRUTH, silence()) == 0


def test_additions_to_silence_are_wrong() -> None:
    assert hit_precision(silence(), GUESS) == hit_f1(silence(), GUESS) == 0
    assert math.isnan(hit_recall(silence(), GUESS))


def test_hits_are_pooled_not_averaged_over_windows() -> None:
    truth = batch_of([(0, step, 0, 64, 0) for step in range(9)] + [(1, 0, 0, 64, 0)], tempos_bpm=[120, 120])
    guess = batch_of([(0, step, 0, 64, 0) for step in range(9)] + [(1, 1, 0, 64, 0)], tempos_bpm=[120, 120])
    assert hit_f1(truth, guess) == pytest.approx(0.9)


def test_errors_are_of_the_shared_hits_alone() -> None:
    assert shared_velocity_mae(TRUTH, GUESS) == pytest.approx((40 + 10) / 2, rel=1e-5)
    assert shared_timing_mae_ms(TRUTH, GUESS) == pytest.approx((0.2 + 0.1) / 2 * 125, rel=1e-5)


def test_shared_errors_agree_with_the_errors_of_equal_scores() -> None:
    rng = np.random.default_rng(0)
    scores = random_scores(rng, recordings=4, windows=6)
    truth, guess = played_by_drummers(scores, rng), played_by_drummers(scores, rng)
    assert shared_timing_mae_ms(truth, guess) == pytest.approx(timing_mae_ms(truth, guess), rel=1e-9)
    assert shared_velocity_mae(truth, guess) == pytest.approx(velocity_mae(truth, guess), rel=1e-9)


def test_a_voice_is_scored_by_itself() -> None:
    kicks = [only_voices(side, [Voice.KICK]) for side in (TRUTH, GUESS)]
    assert hit_f1(*kicks) == pytest.approx(2 * 1 / (2 + 1))
    assert shared_velocity_mae(*kicks) == pytest.approx(40, rel=1e-5)
    assert hit_f1(*(only_voices(side, [Voice.KICK, Voice.SNARE]) for side in (TRUTH, GUESS))) == pytest.approx(4 / 5)


@pytest.mark.parametrize("metric", HIT_METRICS, ids=lambda metric: metric.name)
def test_what_can_not_be_compared_is_refused(metric) -> None:
    assert math.isnan(metric(silence(2), silence(2)))
    with pytest.raises(InvalidParameter, match="as many windows"):
        metric(silence(2), silence(3))
    with pytest.raises(InvalidParameter, match="same tempos_bpm"):
        metric(TRUTH, dataclasses.replace(GUESS, tempos_bpm=GUESS.tempos_bpm + 1))
    one_voice = dataclasses.replace(
        GUESS, hits=GUESS.hits[..., :1], velocities=GUESS.velocities[..., :1], offsets=GUESS.offsets[..., :1]
    )
    with pytest.raises(InvalidParameter, match="same voices; got 9 and 1"):
        metric(TRUTH, one_voice)


def test_voices_of_a_tap_can_not_be_chosen() -> None:
    tap = dataclasses.replace(
        TRUTH, hits=TRUTH.hits[..., :1], velocities=TRUTH.velocities[..., :1], offsets=TRUTH.offsets[..., :1]
    )
    with pytest.raises(InvalidParameter, match="9 voices; got 1"):
        only_voices(tap, [Voice.KICK])


def test_recordings_are_resampled() -> None:
    # Three recordings without an error, one that is all wrong: a resample holds 0 to 4 of the bad one.
    truth = batch_of([(i, 0, 0, 64, 0) for i in range(4)], tempos_bpm=[120] * 4)
    guess = batch_of([(i, int(i == 3), 0, 64, 0) for i in range(4)], tempos_bpm=[120] * 4)
    found = bootstrap(HIT_F1, truth, guess, rng=np.random.default_rng(0), resamples=400)
    assert found.value == pytest.approx(0.75)
    assert (found.low, found.high) == (pytest.approx(0.25), pytest.approx(1.0))


def test_single_hits_are_resampled_where_asked() -> None:
    rng = np.random.default_rng(0)
    scores = random_scores(rng, recordings=2, windows=20)
    truth, guess = played_by_drummers(scores, rng), played_by_drummers(scores, rng)
    by_hit = bootstrap(SHARED_TIMING_MAE_MS, truth, guess, rng=rng, by="hit", resamples=200)
    assert by_hit.low < by_hit.value < by_hit.high
    assert by_hit.high - by_hit.low < 0.2 * by_hit.value
