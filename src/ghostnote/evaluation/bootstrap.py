"""Bootstrap intervals: how much a number would move with other recordings.

Hits of one recording share a drummer, a take and a song, and windows overlap: they are not independent. So recordings
are resampled by default. Resampling hits gives the narrow intervals that the paper shows; it is here to compare with.

A divergence measured on a resample is larger than on the sample, for the resample lacks some of the recordings; plain
percentiles can then lie above the value altogether. The resamples of such metrics are scaled to have the value as their
median before percentiles are taken: the interval tells the spread of the number and does not correct its own bias.

Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", percentile intervals, with recordings as clusters.
The scaling is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats, Integers
from ghostnote.evaluation.metric import GrooveMetric, Metric, Tally
from ghostnote.groove import GrooveBatch

Unit = Literal["performance", "hit"]
CHUNK = 64  # resamples at once: bounds memory to some tens of megabytes


@dataclass(frozen=True)
class Estimate:
    """A value and the ends of its interval; the ends are NaN where fewer than two units could be resampled."""

    value: float
    low: float
    high: float


def bootstrap(
    metric: Metric | GrooveMetric,
    reference: GrooveBatch,
    estimate: GrooveBatch,
    *,
    rng: np.random.Generator,
    by: Unit = "performance",
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Return `metric` with its bootstrap interval.

    Args:
        metric: one of `ghostnote.evaluation.METRICS` or of the metrics of grooves whose hits differ.
        reference, estimate: what the metric compares; for `METRICS`, two performances of the same scores.
        rng: source of the resamples.
        by: what is resampled with replacement, whole recordings or single hits (the rows of the metric's tally).
        resamples: ≥ 1.
        level: in (0, 1).

    Raises:
        InvalidParameter: the batches do not fit or an argument is outside its range.
    """
    check_resampling(resamples, level)
    if by not in ("performance", "hit"):
        raise InvalidParameter(f"by must be 'performance' or 'hit'; got {by!r}")
    counted = metric.count(reference, estimate)
    tally = counted.tally
    value = float(metric.finish(tally.sums()))
    recordings, groups = np.unique(counted.performances, return_inverse=True)
    units = len(recordings) if by == "performance" else len(groups)
    if units < 2:
        return Estimate(value, float("nan"), float("nan"))
    if by == "hit":
        values = _resample_hits(metric, tally, units, resamples, rng)
    else:
        values = _resample_groups(metric, tally.sums_by(groups, units), resamples, rng)
    if metric.inflated:
        middle = float(np.median(values[np.isfinite(values)])) if np.isfinite(values).any() else 0.0
        values = values * (value / middle) if middle > 0 else values
    return interval(value, values, level)


def bootstrap_all(
    metrics: Iterable[Metric | GrooveMetric], reference: GrooveBatch, estimate: GrooveBatch, *, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Return the estimates of several metrics by name, each resampled by recording."""
    return {metric.name: bootstrap(metric, reference, estimate, rng=rng) for metric in metrics}


def check_resampling(resamples: int, level: float) -> None:
    """Raise `InvalidParameter` unless there is at least one resample and `level` lies in (0, 1)."""
    if resamples < 1:
        raise InvalidParameter(f"resamples must be at least 1; got {resamples}")
    if not 0 < level < 1:
        raise InvalidParameter(f"level must lie in (0, 1); got {level}. Is it a percentage? 95 % is 0.95")


def interval(value: float, resampled: Floats, level: float) -> Estimate:
    """Return `value` with the percentile interval of its resampled values; undefined resamples are left out."""
    defined = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not len(defined):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high))


def draw_counts(units: int, resamples: int, rng: np.random.Generator) -> Integers:
    """Return how often each unit is drawn, `(resamples, units)`: rows of `units` draws with replacement."""
    drawn = rng.integers(0, units, size=(resamples, units))
    flat = drawn + np.arange(resamples)[:, None] * units
    return np.bincount(flat.ravel(), minlength=resamples * units).reshape(resamples, units)


def _resample_groups(metric: Metric | GrooveMetric, sums: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    counts = draw_counts(len(sums), resamples, rng).astype(np.float64)
    return np.concatenate([metric.finish(counts[i : i + CHUNK] @ sums) for i in range(0, resamples, CHUNK)])


def _resample_hits(
    metric: Metric | GrooveMetric, tally: Tally, units: int, resamples: int, rng: np.random.Generator
) -> Floats:
    draws = (np.bincount(rng.integers(0, units, units), minlength=units).astype(np.float64) for _ in range(resamples))
    return np.array([float(metric.finish(tally.sums(weights))) for weights in draws])
