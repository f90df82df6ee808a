"""How far the distribution of generated timing and velocity lies from the real one: KL(real ‖ generated), in nats.

Each voice × position in the bar (9 × 16 cells) has its own pair of distributions. The answer is the mean of the cells'
divergences, weighted by their real hits, over cells with at least `MINIMUM_COUNT` of them. Two estimators are given:

- **histogram**: values are first rounded to MIDI resolution. Offsets fall into 25 bins of 5 ticks (1/24 step), centred
  on the multiples of 1/24 step from -1/2 to 1/2; velocities into 16 bins of 8 MIDI units (0–7, 8–15, … 120–127).
  `SMOOTHING` is added to every bin of both histograms before they are normalised.
- **Gaussian**: a normal distribution is fitted to each side by its mean and variance, the variance of rounding to MIDI
  resolution (resolution² / 12) is added to both, and the closed form is taken.

Source: Gillick et al. 2019 give such KLs, but which estimator they used could not be checked. These definitions are
ours; compare them between rows of one report, not with the paper's numbers. See docs/metrics.md.
"""

from __future__ import annotations

import numpy as np

from ghostnote.evaluation.hits import STEPS_PER_BAR, Floats, Integers, PairedHits
from ghostnote.evaluation.metric import Metric, Tally
from ghostnote.evaluation.resolution import MIDI_MAXIMUM, TICKS_PER_STEP, to_midi_velocities, to_ticks
from ghostnote.groove import VOICES, GrooveBatch

CELLS = len(VOICES) * STEPS_PER_BAR
TICKS_PER_BIN = 5
OFFSET_BINS = TICKS_PER_STEP // TICKS_PER_BIN + 1
VELOCITIES_PER_BIN = 8
VELOCITY_BINS = (MIDI_MAXIMUM + 1) // VELOCITIES_PER_BIN
SMOOTHING = 0.5
MINIMUM_COUNT = 20


def offset_bins(offsets: Floats) -> Integers:
    """Return the bin, 0…24, of each offset; exactly on the grid is bin 12."""
    # Half a bin is added so that the centre of a bin, not its edge, lies on the grid.
    return (to_ticks(offsets) + TICKS_PER_STEP // 2 + TICKS_PER_BIN // 2) // TICKS_PER_BIN


def velocity_bins(velocities: Floats) -> Integers:
    """Return the bin, 0…15, of each velocity in [0, 1]."""
    return to_midi_velocities(velocities) // VELOCITIES_PER_BIN


def _cells(hits: PairedHits) -> Integers:
    return hits.voices * STEPS_PER_BAR + hits.positions


def _count_bins(cells: Integers, reference: Integers, estimate: Integers, bins: int) -> Tally:
    columns = np.stack([cells * bins + reference, (CELLS + cells) * bins + estimate], axis=1)
    return Tally(columns, np.ones(columns.shape), 2 * CELLS * bins)


def _weighted(divergences: Floats, counts: Floats) -> Floats:
    weights = np.where(counts >= MINIMUM_COUNT, counts, 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray((weights * np.where(weights > 0, divergences, 0.0)).sum(-1) / weights.sum(-1))


def finish_histograms(sums: Floats, bins: int) -> Floats:
    """Return the divergences from the counts `(…, 2 * CELLS * bins)`, real ones first; both sides are normalised."""
    counts = sums.reshape(*sums.shape[:-1], 2, CELLS, bins)
    smooth = counts + SMOOTHING
    shares = smooth / smooth.sum(-1, keepdims=True)
    real, generated = shares[..., 0, :, :], shares[..., 1, :, :]
    return _weighted((real * np.log(real / generated)).sum(-1), counts[..., 0, :, :].sum(-1))


def _sum_moments(cells: Integers, reference: Floats, estimate: Floats) -> Tally:
    values = np.stack([np.ones_like(reference), reference, reference**2, estimate, estimate**2], axis=1)
    return Tally(cells[:, None] * 5 + np.arange(5), values, CELLS * 5)


def _finish_gaussians(sums: Floats, resolution: float) -> Floats:
    by_cell = sums.reshape(*sums.shape[:-1], CELLS, 5)
    count, real, real_squared, generated, generated_squared = np.moveaxis(by_cell, -1, 0)
    n = np.maximum(count, 1)
    rounding = resolution**2 / 12
    variance_real = np.maximum(real_squared / n - (real / n) ** 2, 0) + rounding
    variance_generated = np.maximum(generated_squared / n - (generated / n) ** 2, 0) + rounding
    distance = (real - generated) / n
    divergences = 0.5 * (
        np.log(variance_generated / variance_real) + (variance_real + distance**2) / variance_generated - 1
    )
    return _weighted(divergences, count)


def _offset_histograms(hits: PairedHits) -> Tally:
    real, generated = offset_bins(hits.reference_offsets), offset_bins(hits.estimate_offsets)
    return _count_bins(_cells(hits), real, generated, OFFSET_BINS)


def _velocity_histograms(hits: PairedHits) -> Tally:
    real, generated = velocity_bins(hits.reference_velocities), velocity_bins(hits.estimate_velocities)
    return _count_bins(_cells(hits), real, generated, VELOCITY_BINS)


def _offset_moments(hits: PairedHits) -> Tally:
    return _sum_moments(_cells(hits), hits.reference_offsets, hits.estimate_offsets)


def _velocity_moments(hits: PairedHits) -> Tally:
    return _sum_moments(_cells(hits), hits.reference_velocities, hits.estimate_velocities)


TIMING_KL = Metric(
    "timing_kl", "nats", _offset_histograms, lambda sums: finish_histograms(sums, OFFSET_BINS), inflated=True
)
VELOCITY_KL = Metric(
    "velocity_kl", "nats", _velocity_histograms, lambda sums: finish_histograms(sums, VELOCITY_BINS), inflated=True
)
TIMING_KL_GAUSSIAN = Metric(
    "timing_kl_gaussian",
    "nats",
    _offset_moments,
    lambda sums: _finish_gaussians(sums, 1 / TICKS_PER_STEP),
    inflated=True,
)
VELOCITY_KL_GAUSSIAN = Metric(
    "velocity_kl_gaussian",
    "nats",
    _velocity_moments,
    lambda sums: _finish_gaussians(sums, 1 / MIDI_MAXIMUM),
    inflated=True,
)


def timing_kl(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the histogram KL(real ‖ generated) of offsets by voice and position in the bar.

    Returns:
        In nats, ≥ 0; NaN if no cell has `MINIMUM_COUNT` hits.

    Raises:
        InvalidParameter: the batches are not two performances of the same scores.
    """
    return TIMING_KL(reference, estimate)


def velocity_kl(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the histogram KL(real ‖ generated) of velocities; as `timing_kl`."""
    return VELOCITY_KL(reference, estimate)


def timing_kl_gaussian(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the KL between Gaussian fits to offsets; as `timing_kl`."""
    return TIMING_KL_GAUSSIAN(reference, estimate)


def velocity_kl_gaussian(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the KL between Gaussian fits to velocities; as `timing_kl`."""
    return VELOCITY_KL_GAUSSIAN(reference, estimate)
