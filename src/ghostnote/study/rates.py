"""One person's rates: shares of liked loops and their difference, with intervals.

Source: Wilson 1927; Jeffreys' equal-tailed interval as in Brown, Cai & DasGupta 2001; Newcombe 1998, method 10 (the
hybrid score interval of a difference).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate

Floats = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Counted:
    """How many of how many.

    Args:
        liked: of them.
        trials: in all, at least 1.
    """

    liked: int
    trials: int

    def __post_init__(self) -> None:
        if self.trials < 1 or not 0 <= self.liked <= self.trials:
            raise InvalidParameter(
                f"liked must lie in 0…trials and trials be 1 or more; got {self.liked}, {self.trials}"
            )

    @property
    def share(self) -> float:
        """θ, the share that is liked."""
        return self.liked / self.trials


def wilson(counted: Counted, level: float = LEVEL) -> Estimate:
    """Return the share with Wilson's score interval."""
    z = _quantile(level)
    n, p = counted.trials, counted.share
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, float(max(0.0, centre - half)), float(min(1.0, centre + half)))


def jeffreys(counted: Counted, level: float = LEVEL) -> Estimate:
    """Return the share with Jeffreys' interval, which ends at 0 and 1 where nothing or all is liked."""
    from scipy.stats import beta

    k, n = counted.liked, counted.trials
    low, high = (float(beta.ppf(q, k + 0.5, n - k + 0.5)) for q in ((1 - level) / 2, (1 + level) / 2))
    return Estimate(counted.share, 0.0 if k == 0 else low, 1.0 if k == n else high)


def newcombe(before: Counted, after: Counted, level: float = LEVEL) -> Estimate:
    """Return Δ, the share after less the share before, with Newcombe's interval; both are different loops."""
    first, second = wilson(before, level), wilson(after, level)
    delta = second.value - first.value
    low = delta - np.hypot(second.value - second.low, first.high - first.value)
    high = delta + np.hypot(second.high - second.value, first.value - first.low)
    return Estimate(float(delta), float(low), float(high))


def mean_with_interval(values: Floats, level: float = LEVEL) -> Estimate:
    """Return the mean of one value per person with Student's interval; NaN ends for fewer than two people."""
    from scipy.stats import t

    mean = float(np.mean(values)) if len(values) else float("nan")
    if len(values) < 2:
        return Estimate(mean, float("nan"), float("nan"))
    half = float(t.ppf((1 + level) / 2, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return Estimate(mean, mean - half, mean + half)


def smoothed(values: Floats, grid: Floats, least: float, most: float) -> Floats:
    """Return the density of `values` at `grid`: Gaussian kernels of Silverman's width, reflected at both ends.

    Args:
        values: `(people,)`.
        grid: where, within `least`…`most`.
        least, most: no value lies beyond.
    """
    if not len(values):
        return np.zeros_like(grid)
    width = bandwidth(values)
    mirrored = np.concatenate([values, 2 * least - values, 2 * most - values])
    kernels = np.exp(-0.5 * ((grid[:, None] - mirrored[None]) / width) ** 2)
    return np.asarray(kernels.sum(axis=1) / (len(values) * width * np.sqrt(2 * np.pi)))


def bandwidth(values: Floats) -> float:
    """Return Silverman's width of kernels; 0.02 at least."""
    quartiles = np.subtract(*np.quantile(values, [0.75, 0.25]))
    spread = min(float(np.std(values, ddof=1)) if len(values) > 1 else 0.1, float(quartiles) / 1.34 or np.inf)
    return max(0.02, 0.9 * float(spread) * float(len(values) ** -0.2))


def _quantile(level: float) -> float:
    from scipy.stats import norm

    if not 0 < level < 1:
        raise InvalidParameter(f"level must lie in (0, 1); got {level}. Is it a percentage? 95 % is 0.95")
    return float(norm.ppf((1 + level) / 2))
