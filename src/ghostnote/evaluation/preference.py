"""How much better a way of exploring has become at pleasing someone: like-rates, and ratings until one is reached.

Runs are rows. Intervals resample listeners, who are what a result should hold for, with all of their runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate, draw_counts, interval
from ghostnote.evaluation.hits import Floats

Statistic = Callable[[Floats], float]
"""Returns a number of runs from their weights, `(runs,)`."""


def running_rates(liked: Floats, window: int) -> Floats:
    """Return the like-rate of the last `window` ratings, `(runs, ratings)`; NaN where there are not as many yet.

    Args:
        liked: `(runs, ratings)`, {0, 1}.
        window: at least 1.
    """
    rates = np.full(liked.shape, np.nan)
    if liked.shape[1] >= window:
        total = np.cumsum(np.pad(liked, ((0, 0), (1, 0))), axis=1)
        rates[:, window - 1 :] = (total[:, window:] - total[:, :-window]) / window
    return rates


def ratings_to_reach(rates: Floats, level: float, stay: int) -> float:
    """Return after how many ratings `rates`, `(ratings,)`, reach `level` and stay there for the next `stay`.

    Those that reach it near the end need only stay until the end.

    Returns:
        A count from 1, or infinity if they never do.
    """
    there = np.nan_to_num(rates, nan=-np.inf) >= level - 1e-12
    for n in np.flatnonzero(there):
        if there[n : n + stay + 1].all():
            return float(n + 1)
    return float("inf")


def mean_of(values: Floats) -> Statistic:
    """Return the statistic that is the mean of `values`, `(runs,)`."""
    return lambda weights: float(weights @ values / weights.sum())


def ratio_of_means(upper: Floats, lower: Floats) -> Statistic:
    """Return the statistic that is the mean of `upper` over that of `lower`, `(runs,)` both; NaN if that is ≤ 0."""

    def ratio(weights: Floats) -> float:
        below = float(weights @ lower)
        return float(weights @ upper) / below if below > 0 else float("nan")

    return ratio


def reach_of_mean(liked: Floats, level: float, window: int) -> Statistic:
    """Return the statistic that is `ratings_to_reach` of the mean of the running rates of runs."""
    rates = running_rates(liked, window)
    return lambda weights: ratings_to_reach(weights @ rates / weights.sum(), level, window)


def over_listeners(
    statistic: Statistic,
    listeners: Sequence[str],
    rng: np.random.Generator,
    *,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Return a statistic of runs with its bootstrap interval over listeners.

    Args:
        statistic: of the weights of runs.
        listeners: whose each run is.
        rng: of the resamples.
        resamples: at least 1.
        level: in (0, 1).

    Raises:
        InvalidParameter: there are no runs.
    """
    if not len(listeners):
        raise InvalidParameter("listeners must name those of at least one run; got none")
    names, groups = np.unique(np.asarray(listeners), return_inverse=True)
    value = statistic(np.ones(len(groups)))
    if len(names) < 2:
        return Estimate(value, float("nan"), float("nan"))
    counts = draw_counts(len(names), resamples, rng).astype(np.float64)
    drawn = np.array([statistic(count[groups]) for count in counts])
    if not np.isinf(drawn).any():
        return interval(value, drawn, level)
    # "Never" is larger than any count: quantiles of ranks, not of sums.
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return Estimate(value, float(low), float(high))
