"""Are probabilities what they say? Reliability, expected calibration error, Brier score, and the area under the ROC.

Source: Brier 1950; Naeini et al. 2015 (ECE, bins of equal width).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats, Integers

BINS = 10


@dataclass(frozen=True, eq=False)
class Reliability:
    """Probabilities against what happened, in bins of equal width from 0 to 1.

    Args:
        counts: `(bins,)`, of predictions.
        predicted: `(bins,)`, mean of the probabilities in each bin; NaN in empty ones.
        observed: `(bins,)`, share that happened.
        ece: mean gap between the two, weighted by counts.
        brier: mean squared error of the probabilities.
    """

    counts: Integers
    predicted: Floats
    observed: Floats
    ece: float
    brier: float


def reliability(probabilities: Floats, outcomes: Floats, *, bins: int = BINS) -> Reliability:
    """Return how far `probabilities`, `(predictions,)` in 0…1, agree with `outcomes`, {0, 1}.

    Raises:
        InvalidParameter: shapes differ, nothing is given, or a probability is out of range.
    """
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if p.ndim != 1 or p.shape != y.shape or not len(p):
        raise InvalidParameter(
            f"probabilities and outcomes must both be (predictions,), one at least; got {p.shape}, {y.shape}"
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise InvalidParameter(f"probabilities must lie in 0…1; got {p.min():g}…{p.max():g}. Are these logits?")
    place = np.minimum((p * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        predicted, observed = (np.bincount(place, weights=values, minlength=bins) / counts for values in (p, y))
    gaps = np.nan_to_num(np.abs(predicted - observed))
    return Reliability(counts, predicted, observed, float(gaps @ counts / len(p)), float(np.mean((p - y) ** 2)))


def area_under_roc(scores: Floats, positive: Floats) -> float:
    """Return the chance that a positive has a higher score than a negative, ties half; NaN if either is lacking."""
    yes = np.asarray(positive, dtype=bool)
    if yes.all() or not yes.any():
        return float("nan")
    above, below = np.asarray(scores, dtype=np.float64)[yes], np.sort(np.asarray(scores, dtype=np.float64)[~yes])
    lower = np.searchsorted(below, above, side="left") + np.searchsorted(below, above, side="right")
    return float(lower.mean() / 2 / len(below))
