"""Does a kit written to a tapped rhythm keep it? The tap of what was written is compared with the tap that was given.

The tap of a groove is its loudest hit on each step, with its timing (`ghostnote.groove.transforms.tap`). Onsets are
matched in time, whatever step they were counted to, one to one and within `TOLERANCE_MS`.

Source: onset matching as in MIREX and mir_eval, narrower than their 50 ms: a 16th at 120 bpm lasts 125.
"""

from __future__ import annotations

import numpy as np

from ghostnote.evaluation.correlation import moments, pearson
from ghostnote.evaluation.hit_scores import f1_of_counts, recall_of_counts
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.metric import Counted, GrooveMetric, check_same_windows, per_row
from ghostnote.groove import GrooveBatch
from ghostnote.groove.transforms import tap

TOLERANCE_MS = 20.0
_ROUNDING_MS = 1e-6


def taps_of(windows: GrooveBatch) -> GrooveBatch:
    """Return the tap of each window as grooves of one voice, `(grooves, steps, 1)`; a tap is its own tap."""
    squashed = tap(windows)
    return GrooveBatch(
        squashed.hits,
        squashed.velocities,
        squashed.offsets,
        windows.tempos_bpm,
        windows.performances,
        windows.start_bars,
        windows.styles,
    )


def count_matches(one: Floats, other: Floats, tolerance: float) -> int:
    """Return how many onsets of two sorted lists can be paired, one to one and at most `tolerance` apart.

    Taking the earliest pair that is near enough is optimal on a line: no other choice leaves more for the rest.
    """
    i = j = matched = 0
    while i < len(one) and j < len(other):
        if abs(one[i] - other[j]) <= tolerance:
            i, j, matched = i + 1, j + 1, matched + 1
        elif one[i] < other[j]:
            i += 1
        else:
            j += 1
    return matched


def _onsets_ms(taps: GrooveBatch) -> list[Floats]:
    steps = np.arange(taps.hits.shape[1], dtype=np.float64) + taps.offsets[..., 0]
    at = steps * taps.step_milliseconds[:, None]
    return [row[on] for row, on in zip(at, taps.hits[..., 0] > 0, strict=True)]


def _count_onsets(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    check_same_windows(reference, estimate)
    pairs = zip(_onsets_ms(taps_of(reference)), _onsets_ms(taps_of(estimate)), strict=True)
    counts = [(count_matches(one, other, TOLERANCE_MS + _ROUNDING_MS), len(one), len(other)) for one, other in pairs]
    return per_row(np.array(counts, dtype=np.float64).reshape(-1, 3), reference.performances)


def _shared_offsets(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    check_same_windows(reference, estimate)
    one, other = taps_of(reference), taps_of(estimate)
    cells = np.nonzero(one.hits * other.hits)
    tally = moments(one.offsets[cells].astype(np.float64), other.offsets[cells].astype(np.float64))
    return Counted(tally, reference.performances[cells[0]])


TAP_F1 = GrooveMetric("tap_f1", "", _count_onsets, f1_of_counts)
TAP_RECALL = GrooveMetric("tap_recall", "", _count_onsets, recall_of_counts)
TAP_OFFSET_CORRELATION = GrooveMetric("tap_offset_correlation", "r", _shared_offsets, pearson)


def tap_f1(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the F1 of the estimate's tap against the reference's, onsets matched within `TOLERANCE_MS`.

    Args:
        reference: the taps that were given, `(grooves, steps, 1)`, or windows, of which the tap is taken.
        estimate: the kits that were written to them, or taps.

    Returns:
        In [0, 1], or NaN if neither has an onset.

    Raises:
        InvalidParameter: the batches are not the same windows in one order.
    """
    return TAP_F1(reference, estimate)


def tap_recall(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return the share of the reference's onsets that the estimate's tap has; as `tap_f1`.

    For a tap with gaps, between which a kit may well sound.

    Returns:
        In [0, 1], or NaN if the reference has no onset.
    """
    return TAP_RECALL(reference, estimate)


def tap_offset_correlation(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return Pearson's r of both taps' offsets on the steps that both have; as `tap_f1`.

    Returns:
        In [-1, 1], or NaN if no step is shared or a side is constant.
    """
    return TAP_OFFSET_CORRELATION(reference, estimate)
