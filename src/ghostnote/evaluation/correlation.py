"""Pearson correlation of an estimate with the truth, pooled over all hits.

A constant estimate (a quantised performance, say) has no correlation: the answer is NaN, not 0, so that "undefined" is
never read as "measured and found to be none".
"""

from __future__ import annotations

import numpy as np

from ghostnote.evaluation.hits import Floats, PairedHits
from ghostnote.evaluation.metric import Metric, Tally
from ghostnote.groove import GrooveBatch

SMALLEST_VARIANCE = 1e-12


def moments(x: Floats, y: Floats) -> Tally:
    """Return the sums that `pearson` needs of two values of each hit, `(hits,)` each."""
    if len(x):
        # Correlation does not change with the origin, and sums of squares about the mean keep their digits.
        x, y = x - x.mean(), y - y.mean()
    values = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    return Tally(np.broadcast_to(np.arange(6), values.shape), values, 6)


def pearson(sums: Floats) -> Floats:
    """Return r from the sums `(…, 6)` of `moments`; NaN where a side is constant."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
        variance_x, variance_y = xx / n - (x / n) ** 2, yy / n - (y / n) ** 2
        covariance = xy / n - (x / n) * (y / n)
        defined = (variance_x > SMALLEST_VARIANCE) & (variance_y > SMALLEST_VARIANCE)
        return np.where(defined, np.clip(covariance / np.sqrt(variance_x * variance_y), -1, 1), np.nan)


def _velocities(hits: PairedHits) -> Tally:
    return moments(hits.reference_velocities, hits.estimate_velocities)


def _offsets(hits: PairedHits) -> Tally:
    return moments(hits.reference_offsets, hits.estimate_offsets)


VELOCITY_CORRELATION = Metric("velocity_correlation", "r", _velocities, pearson)
OFFSET_CORRELATION = Metric("offset_correlation", "r", _offsets, pearson)


def velocity_correlation(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return Pearson's r of velocities over all hits.

    Returns:
        In [-1, 1], or NaN if there is no hit or either side is constant.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return VELOCITY_CORRELATION(reference, estimate)


def offset_correlation(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return Pearson's r of offsets (in steps) over all hits.

    Returns:
        In [-1, 1], or NaN if there is no hit or either side is constant.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return OFFSET_CORRELATION(reference, estimate)
