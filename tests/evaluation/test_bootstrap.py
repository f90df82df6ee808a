from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from played import batch_of, played_by_drummers, played_note_by_note, random_scores, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import METRICS, Estimate, Metric, bootstrap, bootstrap_all
from ghostnote.evaluation.bootstrap import draw_counts
from ghostnote.evaluation.divergence import TIMING_KL
from ghostnote.evaluation.timing import TIMING_MAE_MS
from ghostnote.groove import GrooveBatch

every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def pair() -> tuple[GrooveBatch, GrooveBatch]:
    """Twenty drummers, and an estimate that knows half of what they do."""
    scores = random_scores(rng(), recordings=20, windows=15)
    truth, noise = played_by_drummers(scores, rng(1)), played_note_by_note(scores, rng(2))
    velocities, offsets = (truth.velocities + noise.velocities) / 2, (truth.offsets + noise.offsets) / 2
    return truth, truth.with_performance(velocities, offsets)


@every_metric
def test_interval_is_about_the_value(metric: Metric, pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    found = bootstrap(metric, *pair, rng=rng())
    assert found.value == metric(*pair)
    assert found.low < found.value < found.high


@every_metric
def test_same_seed_gives_the_same_interval(metric: Metric, pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    assert bootstrap(metric, *pair, rng=rng(5), resamples=50) == bootstrap(metric, *pair, rng=rng(5), resamples=50)
    assert bootstrap(metric, *pair, rng=rng(5), resamples=50) != bootstrap(metric, *pair, rng=rng(6), resamples=50)


@every_metric
def test_agrees_with_measuring_every_resample_anew(metric: Metric, pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    truth, guess = pair
    fast = bootstrap(dataclasses.replace(metric, inflated=False), truth, guess, rng=rng(3), resamples=30)
    values = []
    for counts in draw_counts(20, 30, rng(3)):
        rows = np.concatenate([np.flatnonzero(truth.performances == i) for i in np.repeat(np.arange(20), counts)])
        values.append(metric(truth.take(rows), guess.take(rows)))
    low, high = np.quantile(values, [0.025, 0.975])
    assert (fast.low, fast.high) == (pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6))


@every_metric
def test_hits_give_narrower_intervals_than_recordings(metric: Metric, pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    by_hit = bootstrap(metric, *pair, rng=rng(), by="hit", resamples=200)
    by_recording = bootstrap(metric, *pair, rng=rng(), resamples=200)
    assert by_hit.value == by_recording.value
    assert by_hit.low < by_hit.value < by_hit.high
    assert by_hit.high - by_hit.low < by_recording.high - by_recording.low


def test_interval_by_hit_is_the_textbook_one(pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    truth, guess = pair
    errors = (abs(truth.offsets - guess.offsets) * truth.step_milliseconds[:, None, None])[truth.hits > 0]
    margin = 1.96 * errors.std() / math.sqrt(len(errors))
    found = bootstrap(TIMING_MAE_MS, truth, guess, rng=rng(), by="hit", resamples=2000)
    assert (found.high - found.low) / 2 == pytest.approx(margin, rel=0.08)


def test_divergence_is_not_left_outside_its_interval(pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    plain = bootstrap(dataclasses.replace(TIMING_KL, inflated=False), *pair, rng=rng())
    scaled = bootstrap(TIMING_KL, *pair, rng=rng())
    assert plain.low > plain.value, "the reason for scaling"
    assert scaled.low < scaled.value < scaled.high


def test_perfect_estimate_has_a_point_for_an_interval(pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    assert bootstrap(TIMING_MAE_MS, pair[0], pair[0], rng=rng()) == Estimate(0, 0, 0)


def test_without_hits_there_is_no_interval() -> None:
    assert all(map(math.isnan, dataclasses.astuple(bootstrap(TIMING_MAE_MS, silence(), silence(), rng=rng()))))


def test_one_recording_has_no_interval() -> None:
    one = batch_of([(0, 0, 0, 64, 0.1), (0, 1, 0, 64, 0.3)])
    found = bootstrap(TIMING_MAE_MS, one, one, rng=rng())
    assert found.value == 0
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_higher_level_gives_a_wider_interval(pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    wide, narrow = (bootstrap(TIMING_MAE_MS, *pair, rng=rng(), level=level) for level in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_all_metrics_at_once(pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    found = bootstrap_all(METRICS, *pair, rng=rng())
    assert list(found) == [metric.name for metric in METRICS]
    assert found["timing_mae_ms"].value == TIMING_MAE_MS(*pair)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resamples": 0}, "resamples must be at least 1; got 0"),
        ({"level": 95}, r"level must lie in \(0, 1\); got 95.*0\.95"),
        ({"level": 1.0}, "level"),
        ({"by": "window"}, "by must be 'performance' or 'hit'; got 'window'"),
    ],
)
def test_bad_arguments_are_refused(options: dict, message: str, pair: tuple[GrooveBatch, GrooveBatch]) -> None:
    with pytest.raises(InvalidParameter, match=message):
        bootstrap(TIMING_MAE_MS, *pair, rng=rng(), **options)


def test_draws_are_with_replacement_and_fair() -> None:
    counts = draw_counts(50, 400, rng())
    assert (counts.sum(axis=1) == 50).all()
    assert counts.mean() == 1
    assert counts.var() == pytest.approx(0.98, rel=0.05), "multinomial: (1 - 1/50)"


def coverage(by: str, experiments: int = 200) -> float:
    """The share of experiments whose interval holds the true error, where each recording has an error of its own.

    An offset of |N(0, 1)| · 0.1 steps at 120 bpm has the mean 0.1 · √(2/π) · 125 ms.
    """
    truth_ms = 0.1 * math.sqrt(2 / math.pi) * 125
    held = 0
    generator = rng(11)
    for _ in range(experiments):
        errors = np.clip(abs(generator.normal(0, 0.1, 40)), 0, 0.49)
        hits = [(groove, step, 0, 64, 0.0) for groove in range(40) for step in range(8)]
        truth = batch_of(hits, tempos_bpm=[120] * 40)
        guess = truth.with_performance(truth.velocities, truth.hits * errors[:, None, None].astype(np.float32))
        found = bootstrap(TIMING_MAE_MS, truth, guess, rng=generator, by=by, resamples=200)
        held += found.low <= truth_ms <= found.high
    return held / experiments


def test_interval_by_recording_holds_the_truth_as_often_as_it_says() -> None:
    assert 0.89 <= coverage("performance") <= 0.99


def test_interval_by_hit_is_too_narrow_where_hits_hang_together() -> None:
    assert coverage("hit", experiments=100) < 0.7
