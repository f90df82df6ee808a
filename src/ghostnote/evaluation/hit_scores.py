"""Are the right drums hit on the right steps, and how are the hits that both have played?

Hits are counted over all windows together. There is no accuracy over all cells: seven of eight are empty, so that
silence would score 87 %.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.metric import Counted, GrooveMetric, check_same_windows, mean_of, per_row, ratio
from ghostnote.evaluation.resolution import MIDI_MAXIMUM
from ghostnote.groove import VOICES, GrooveBatch, Voice


def only_voices(windows: GrooveBatch, voices: Collection[Voice]) -> GrooveBatch:
    """Return `windows` with all other voices silent, so that any metric can be taken of some voices alone.

    Raises:
        InvalidParameter: the windows are not of the nine voices.
    """
    if windows.hits.shape[2] != len(VOICES):
        raise InvalidParameter(f"windows must hold {len(VOICES)} voices; got {windows.hits.shape[2]}")
    kept = np.zeros(len(VOICES), dtype=np.float32)
    kept[[voice.column for voice in voices]] = 1
    return replace(
        windows, hits=windows.hits * kept, velocities=windows.velocities * kept, offsets=windows.offsets * kept
    )


def _check(reference: GrooveBatch, estimate: GrooveBatch) -> None:
    check_same_windows(reference, estimate)
    if reference.hits.shape[2] != estimate.hits.shape[2]:
        raise InvalidParameter(
            f"reference and estimate must have the same voices; got {reference.hits.shape[2]} and "
            f"{estimate.hits.shape[2]} columns"
        )


def _count_hits(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    _check(reference, estimate)
    both = reference.hits * estimate.hits
    counts = np.stack([hits.sum(axis=(1, 2)) for hits in (both, reference.hits, estimate.hits)], axis=1)
    return per_row(counts, reference.performances)


def precision_of_counts(sums: Floats) -> Floats:
    """Return precision from `(…, 3)`: what both have, the reference and the estimate have; NaN for no estimate."""
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 2])


def recall_of_counts(sums: Floats) -> Floats:
    """Return recall from `(…, 3)`, as above; NaN for an empty reference."""
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def f1_of_counts(sums: Floats) -> Floats:
    """Return F1, the harmonic mean of precision and recall, from `(…, 3)`, as above; NaN if both sides are empty."""
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * sums[..., 0] / (sums[..., 1] + sums[..., 2]))


def _shared_milliseconds(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    _check(reference, estimate)
    cells = np.nonzero(reference.hits * estimate.hits)
    apart = abs(estimate.offsets[cells].astype(np.float64) - reference.offsets[cells])
    return Counted(mean_of(apart * reference.step_milliseconds[cells[0]]), reference.performances[cells[0]])


def _shared_velocities(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    _check(reference, estimate)
    cells = np.nonzero(reference.hits * estimate.hits)
    apart = abs(estimate.velocities[cells].astype(np.float64) - reference.velocities[cells])
    return Counted(mean_of(apart * MIDI_MAXIMUM), reference.performances[cells[0]])


HIT_PRECISION = GrooveMetric("hit_precision", "", _count_hits, precision_of_counts)
HIT_RECALL = GrooveMetric("hit_recall", "", _count_hits, recall_of_counts)
HIT_F1 = GrooveMetric("hit_f1", "", _count_hits, f1_of_counts)
SHARED_TIMING_MAE_MS = GrooveMetric("shared_timing_mae_ms", "ms", _shared_milliseconds, ratio)
SHARED_VELOCITY_MAE = GrooveMetric("shared_velocity_mae", "of 127", _shared_velocities, ratio)


def hit_precision(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the share of the estimate's hits that the reference has on the same step and voice.

    Returns:
        In [0, 1], or NaN if the estimate has no hit.

    Raises:
        InvalidParameter: the batches are not the same windows in one order.
    """
    return HIT_PRECISION(reference, estimate)


def hit_recall(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the share of the reference's hits that the estimate has; NaN if there is none, as `hit_precision`."""
    return HIT_RECALL(reference, estimate)


def hit_f1(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the harmonic mean of hit precision and recall; NaN if both are without hits, as `hit_precision`."""
    return HIT_F1(reference, estimate)


def shared_timing_mae_ms(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute timing error in ms over the hits that both have; NaN if there is none.

    Raises:
        InvalidParameter: the batches are not the same windows in one order.
    """
    return SHARED_TIMING_MAE_MS(reference, estimate)


def shared_velocity_mae(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the mean absolute velocity error, 0…127, over the hits that both have; as `shared_timing_mae_ms`."""
    return SHARED_VELOCITY_MAE(reference, estimate)
