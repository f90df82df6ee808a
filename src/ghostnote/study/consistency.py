"""Does a person say the same of a loop that comes a second time? How fast are answers given?

Source: Cohen 1960 (kappa). That answers are turned round by chance, each with the same probability e, gives an
agreement of (1 - e)² + e²; solved for e, that is the noise that a noise-aware critic should reckon with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.rates import Counted, Floats, wilson


@dataclass(frozen=True)
class Consistency:
    """How far two answers to the same loop agree.

    Args:
        pairs: loops that came twice.
        agreement: share of them with one answer.
        kappa: agreement beyond chance, 1 is all; NaN where all answers are alike.
        noise: share of answers that are turned round, 0…0.5, which would give that agreement.
    """

    pairs: int
    agreement: Estimate
    kappa: float
    noise: float


def consistency(first: Sequence[bool], second: Sequence[bool]) -> Consistency:
    """Return how far `second` answers agree with the `first` ones, both `(pairs,)`."""
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if not len(a):
        nan = float("nan")
        return Consistency(0, Estimate(nan, nan, nan), nan, nan)
    agreed = int((a == b).sum())
    agreement = wilson(Counted(agreed, len(a)))
    chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
    kappa = float((agreement.value - chance) / (1 - chance)) if chance < 1 else float("nan")
    noise = float((1 - np.sqrt(max(0.0, 2 * agreement.value - 1))) / 2)
    return Consistency(len(a), agreement, kappa, noise)


@dataclass(frozen=True)
class Pace:
    """Seconds from a loop's appearance to the answer.

    Args:
        answers: of which the time is known.
        median, lower, upper: quartiles of seconds.
        trend: change of the median from the first third of answers to the last, in seconds.
    """

    answers: int
    median: float
    lower: float
    upper: float
    trend: float


def pace(seconds: Floats) -> Pace:
    """Return how fast answers were given; `seconds`, `(answers,)`, in their order. NaN is a time that is not known."""
    known = seconds[np.isfinite(seconds)]
    if not len(known):
        nan = float("nan")
        return Pace(0, nan, nan, nan, nan)
    lower, median, upper = np.quantile(known, [0.25, 0.5, 0.75])
    third = max(1, len(known) // 3)
    trend = float(np.median(known[-third:]) - np.median(known[:third]))
    return Pace(len(known), float(median), float(lower), float(upper), trend)
