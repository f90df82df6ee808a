"""How far generated timing and dynamics lie from real ones where the hits differ too: KL(real ‖ generated), in nats.

The histograms of `divergence` (the same cells, bins, smoothing and weights) need no pairs: each side fills its own, and
both are normalised. A cell that the estimate hardly plays is then judged by few hits, down to an even distribution for
one that it never plays; cells are weighted by real hits. Where the hits are equal both forms agree.

Source: as `divergence`; the definition is ours.
"""

from __future__ import annotations

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.divergence import (
    CELLS,
    OFFSET_BINS,
    VELOCITY_BINS,
    finish_histograms,
    offset_bins,
    velocity_bins,
)
from ghostnote.evaluation.hits import STEPS_PER_BAR, Integers
from ghostnote.evaluation.metric import Counted, GrooveMetric, Tally
from ghostnote.groove import VOICES, GrooveBatch


def _count_bins(sides: list[tuple[GrooveBatch, Integers]], bins: int) -> Counted:
    columns, performances = [], []
    for which, (windows, binned) in enumerate(sides):
        if windows.hits.shape[2] != len(VOICES):
            raise InvalidParameter(f"windows must hold {len(VOICES)} voices; got {windows.hits.shape[2]}")
        groove, step, voice = np.nonzero(windows.hits)
        cell = voice * STEPS_PER_BAR + step % STEPS_PER_BAR
        columns.append((which * CELLS + cell) * bins + binned)
        performances.append(windows.performances[groove])
    column = np.concatenate(columns)[:, None]
    return Counted(Tally(column, np.ones(column.shape), 2 * CELLS * bins), np.concatenate(performances))


def _offsets(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    sides = [(side, offset_bins(side.offsets[side.hits > 0].astype(np.float64))) for side in (reference, estimate)]
    return _count_bins(sides, OFFSET_BINS)


def _velocities(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    sides = [(side, velocity_bins(side.velocities[side.hits > 0].astype(np.float64))) for side in (reference, estimate)]
    return _count_bins(sides, VELOCITY_BINS)


TIMING_KL_UNPAIRED = GrooveMetric(
    "timing_kl_unpaired", "nats", _offsets, lambda sums: finish_histograms(sums, OFFSET_BINS), inflated=True
)
VELOCITY_KL_UNPAIRED = GrooveMetric(
    "velocity_kl_unpaired", "nats", _velocities, lambda sums: finish_histograms(sums, VELOCITY_BINS), inflated=True
)


def timing_kl_unpaired(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the histogram KL(real ‖ generated) of offsets by voice and position in the bar; any two batches.

    Returns:
        In nats, ≥ 0; NaN if no cell of the reference has `divergence.MINIMUM_COUNT` hits.

    Raises:
        InvalidParameter: a batch is not of the nine voices.
    """
    return TIMING_KL_UNPAIRED(reference, estimate)


def velocity_kl_unpaired(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the histogram KL(real ‖ generated) of velocities; as `timing_kl_unpaired`."""
    return VELOCITY_KL_UNPAIRED(reference, estimate)
