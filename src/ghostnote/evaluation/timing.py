"""Timing errors, pooled over all hits of all windows.

Source: Gillick et al. 2019, "Learning to Groove with Inverse Sequence Transformations", table of humanisation. That the
paper pools over hits is inferred: its quantised row comes out only this way (see docs/metrics.md).
"""

from __future__ import annotations

from ghostnote.evaluation.hits import PairedHits
from ghostnote.evaluation.metric import Metric, Tally, mean_of, ratio
from ghostnote.groove import GrooveBatch


def _absolute_milliseconds(hits: PairedHits) -> Tally:
    return mean_of(abs(hits.estimate_offsets - hits.reference_offsets) * hits.step_milliseconds)


def _squared_steps(hits: PairedHits) -> Tally:
    return mean_of((hits.estimate_offsets - hits.reference_offsets) ** 2)


TIMING_MAE_MS = Metric("timing_mae_ms", "ms", _absolute_milliseconds, ratio)
TIMING_MSE_16THS = Metric("timing_mse_16ths", "16th²", _squared_steps, ratio)


def timing_mae_ms(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute timing error in ms; an offset of one 16th lasts 15,000 / bpm ms.

    Returns:
        ≥ 0, or NaN if there is no hit.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return TIMING_MAE_MS(reference, estimate)


def timing_mse_16ths(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean squared timing error in squared 16ths, whatever the tempo.

    Returns:
        In [0, 1), or NaN if there is no hit.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return TIMING_MSE_16THS(reference, estimate)
