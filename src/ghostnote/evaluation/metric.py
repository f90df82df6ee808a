"""What all pooled metrics have in common: they are functions of sums over hits.

A metric is told as two steps, `tally` (what each hit adds to which sum) and `finish` (from sums to the number). Sums of
recordings add up, so one definition serves the value, its bootstrap by recording and its bootstrap by hit.

A `Metric` compares two performances of the same scores, hit by hit. A `GrooveMetric` compares grooves whose hits may
differ, as they do wherever a model writes them; it counts what it needs by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats, Integers, PairedHits, pair_hits
from ghostnote.groove import GrooveBatch


@dataclass(frozen=True, eq=False)
class Tally:
    """What each hit adds to the sums of a metric.

    Args:
        columns: `(hits, terms)`, index of the sum, 0…width-1.
        values: `(hits, terms)`, what is added to it.
        width: number of sums.
    """

    columns: Integers
    values: Floats
    width: int

    def sums(self, weights: Floats | None = None) -> Floats:
        """Return the sums over all hits, `(width,)`; each hit counts `weights` times, `(hits,)`, or once."""
        values = self.values if weights is None else self.values * weights[:, None]
        return np.bincount(self.columns.ravel(), values.ravel(), minlength=self.width).astype(np.float64)

    def sums_by(self, groups: Integers, count: int) -> Floats:
        """Return the sums of each group of hits, `(count, width)`; `groups` is `(hits,)` in 0…count-1."""
        flat = groups[:, None] * self.width + self.columns
        sums = np.bincount(flat.ravel(), self.values.ravel(), minlength=count * self.width)
        return sums.reshape(count, self.width).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Counted:
    """A tally and where each of its rows comes from, so that recordings can be resampled.

    Args:
        tally: of any rows: hits, windows, shared steps.
        performances: `(rows,)`, id of the recording.
    """

    tally: Tally
    performances: Integers


@dataclass(frozen=True)
class Metric:
    """A number that compares an estimate with its reference; call it with `(reference, estimate)`.

    Args:
        name: identifier, such as `timing_mae_ms`.
        unit: for reports, such as `ms`.
        tally: from paired hits to their contributions.
        finish: from sums `(…, width)` to values `(…)`; NaN where the metric is undefined.
        inflated: resampling raises it by its nature (a divergence), so its resamples are scaled back to the value.
    """

    name: str
    unit: str
    tally: Callable[[PairedHits], Tally]
    finish: Callable[[Floats], Floats]
    inflated: bool = False

    def __call__(self, reference: GrooveBatch, estimate: GrooveBatch) -> float:
        """Return the metric over all hits of all grooves, NaN if there is none.

        Raises:
            InvalidParameter: the batches are not two performances of the same scores.
        """
        return float(self.finish(self.count(reference, estimate).tally.sums()))

    def count(self, reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
        """Return what each hit adds.

        Raises:
            InvalidParameter: the batches are not two performances of the same scores.
        """
        hits = pair_hits(reference, estimate)
        return Counted(self.tally(hits), hits.performances)


@dataclass(frozen=True)
class GrooveMetric:
    """A number that compares grooves whose hits may differ; call it with `(reference, estimate)`.

    Args:
        name: identifier, such as `hit_f1`.
        unit: for reports.
        count: from reference and estimate to what is added to which sum; it refuses batches that it can not compare.
        finish, inflated: as in `Metric`.
    """

    name: str
    unit: str
    count: Callable[[GrooveBatch, GrooveBatch], Counted]
    finish: Callable[[Floats], Floats]
    inflated: bool = False

    def __call__(self, reference: GrooveBatch, estimate: GrooveBatch) -> float:
        """Return the metric over all grooves, NaN where it is undefined.

        Raises:
            InvalidParameter: the batches can not be compared.
        """
        return float(self.finish(self.count(reference, estimate).tally.sums()))


def check_same_windows(reference: GrooveBatch, estimate: GrooveBatch) -> None:
    """Raise `InvalidParameter` unless both batches are the same windows in one order, whatever their hits."""
    if reference.hits.shape[:2] != estimate.hits.shape[:2]:
        raise InvalidParameter(
            "reference and estimate must be as many windows of as many steps; "
            f"got {reference.hits.shape[:2]} and {estimate.hits.shape[:2]}"
        )
    if not np.array_equal(reference.tempos_bpm, estimate.tempos_bpm):
        raise InvalidParameter("reference and estimate must have the same tempos_bpm. Are the windows in one order?")


def per_row(values: Floats, performances: Integers) -> Counted:
    """Return `values`, `(rows, width)`, as a tally in which each row adds its values to the sums."""
    columns = np.broadcast_to(np.arange(values.shape[1], dtype=np.int64), values.shape)
    return Counted(Tally(columns, values.astype(np.float64), values.shape[1]), performances.astype(np.int64))


def mean_of(values: Floats) -> Tally:
    """Return the tally of a plain mean of `values`, `(hits,)`; `ratio` finishes it."""
    columns = np.broadcast_to(np.array([0, 1], dtype=np.int64), (len(values), 2))
    return Tally(columns, np.stack([values, np.ones_like(values)], axis=1), 2)


def ratio(sums: Floats) -> Floats:
    """Return the mean from the sums `(…, 2)` of values and of counts; NaN where nothing was counted."""
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])
