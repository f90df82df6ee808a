"""What holds for every metric: nothing to measure, grooves that do not fit, and a second way to the same sums."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from played import batch_of, played_by_drummers, played_note_by_note, random_scores, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import METRICS, Metric
from ghostnote.evaluation.hits import pair_hits

every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


@every_metric
def test_without_hits_there_is_no_value(metric: Metric) -> None:
    assert math.isnan(metric(silence(3), silence(3)))


@every_metric
def test_other_hits_are_refused(metric: Metric) -> None:
    one, other = batch_of([(0, 0, 0, 64, 0)]), batch_of([(0, 1, 0, 64, 0)])
    with pytest.raises(InvalidParameter, match="same hits; they differ in 2 cells"):
        metric(one, other)


@every_metric
def test_other_shapes_are_refused(metric: Metric) -> None:
    with pytest.raises(InvalidParameter, match=r"one shape; got \(2, 32, 9\) and \(3, 32, 9\)"):
        metric(silence(2), silence(3))


@every_metric
def test_other_tempos_are_refused(metric: Metric) -> None:
    batch = batch_of([(0, 0, 0, 64, 0)])
    with pytest.raises(InvalidParameter, match="same tempos_bpm"):
        metric(batch, dataclasses.replace(batch, tempos_bpm=batch.tempos_bpm + 1))


@every_metric
def test_order_of_grooves_does_not_matter(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    scores = random_scores(rng, recordings=8, windows=30)
    truth, guess = played_by_drummers(scores, rng), played_note_by_note(scores, rng)
    order = rng.permutation(len(scores))
    assert metric(truth.take(order), guess.take(order)) == pytest.approx(metric(truth, guess), rel=1e-9)


@every_metric
def test_sums_by_recording_add_up(metric: Metric) -> None:
    rng = np.random.default_rng(1)
    scores = random_scores(rng, recordings=6, windows=10)
    hits = pair_hits(played_by_drummers(scores, rng), played_note_by_note(scores, rng))
    tally = metric.tally(hits)
    np.testing.assert_allclose(tally.sums_by(hits.performances, 6).sum(axis=0), tally.sums(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(tally.sums(np.full(len(hits), 3.0)), 3 * tally.sums(), rtol=1e-9, atol=1e-9)


def test_paired_hits_know_where_they_are() -> None:
    hits = pair_hits(
        *[batch_of([(1, 17, 3, 127, -0.25), (0, 2, 8, 0, 0)], tempos_bpm=[120, 60], performances=[5, 9])] * 2
    )
    assert hits.performances.tolist() == [5, 9]
    assert hits.positions.tolist() == [2, 1]
    assert hits.voices.tolist() == [8, 3]
    assert hits.step_milliseconds.tolist() == [125, 250]
    assert hits.reference_velocities.tolist() == [0, 1]
    assert hits.estimate_offsets.tolist() == [0, -0.25]


def test_names_are_unique() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
