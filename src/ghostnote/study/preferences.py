"""Preference rates of pairs of systems, and how much of it hangs on who answers and on what is heard.

Answers share people and items, both of which are samples. The interval of a rate takes both into account: variance by
people, plus variance by items, less that by single answers, which both of them hold.

Source: Cameron, Gelbach & Miller 2011 (two-way clustering); Efron & Morris 1975 (shrinkage of single effects).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.bradley_terry import Comparisons
from ghostnote.study.rates import LEVEL, Floats

_NOTHING = 1e-12


@dataclass(frozen=True)
class Preference:
    """How often one system was preferred to another.

    Args:
        first, second: names.
        answers: to this pair.
        rate: of the first, ties half, with its interval over people and items.
        p: two-sided, of no preference.
    """

    first: str
    second: str
    answers: int
    rate: Estimate
    p: float


@dataclass(frozen=True, eq=False)
class Effects:
    """How much people, or items, differ from each other in what is preferred.

    Args:
        spread: standard deviation of the true rates, what chance adds taken out.
        rates: `(groups,)`, as seen; NaN where there is no answer.
        shrunk: `(groups,)`, as believed: drawn to the mean the more, the fewer answers there are.
        answers: `(groups,)`.
    """

    spread: float
    rates: Floats
    shrunk: Floats
    answers: NDArray[np.int64]


def preferences(comparisons: Comparisons, *, level: float = LEVEL) -> list[Preference]:
    """Return the preference of each pair of systems that was compared, in the order of their names."""
    found = []
    for i, first in enumerate(comparisons.names):
        for j in range(i + 1, len(comparisons.names)):
            chosen, wins = _of_pair(comparisons, i, j)
            if not len(wins):
                continue
            rate, p = clustered_rate(wins, comparisons.persons[chosen], comparisons.items[chosen], level=level)
            found.append(Preference(first, comparisons.names[j], len(wins), rate, p))
    return found


def clustered_rate(
    wins: Floats, persons: NDArray[np.int64], items: NDArray[np.int64], *, level: float = LEVEL
) -> tuple[Estimate, float]:
    """Return a mean of `wins`, `(answers,)`, with its interval over people and items, and p of a rate of one half."""
    from scipy.stats import t

    rate = float(wins.mean())
    people, pieces = len(np.unique(persons)), len(np.unique(items))
    if people < 2:
        return Estimate(rate, float("nan"), float("nan")), float("nan")
    off = wins - rate
    by_person = _clustered(off, persons)
    both = by_person
    if pieces > 1:
        pairs = persons * (int(items.max()) + 1) + items
        both = by_person + _clustered(off, items) - _clustered(off, pairs)
    variance = max(both, by_person, _NOTHING)
    fewest = min(people, pieces) if pieces > 1 else people
    freedom = fewest - 1
    alike = variance <= _NOTHING
    variance *= fewest / freedom  # two samples at once: plain quantiles are a little too narrow
    error = np.sqrt(variance)
    half = float(t.ppf((1 + level) / 2, freedom) * error)
    if alike:  # all alike: Wilson's rule keeps the interval from being a point
        half = float(1 / (len(wins) + 4) * 4)
    p = float(2 * t.sf(abs(rate - 0.5) / max(error, 1e-9), freedom)) if not alike else float(2 * 0.5**people)
    return Estimate(rate, max(0.0, rate - half), min(1.0, rate + half)), min(1.0, p)


def effects(wins: Floats, groups: NDArray[np.int64], count: int) -> Effects:
    """Return how much `groups` of answers differ in their rate.

    Args:
        wins: `(answers,)`, of one system, or of one side.
        groups: `(answers,)`, 0…count-1.
        count: how many groups there are.
    """
    answers = np.bincount(groups, minlength=count)
    sums = np.bincount(groups, weights=wins, minlength=count)
    there = answers > 0
    mean = float(wins.mean()) if len(wins) else float("nan")
    rates = np.full(count, np.nan)
    rates[there] = sums[there] / answers[there]
    chance = mean * (1 - mean)
    n = answers[there].astype(np.float64)
    spread = 0.0
    if there.sum() > 1:
        # Moments: the spread of rates, less what chance alone would give.
        seen = float(np.sum(n * (rates[there] - mean) ** 2))
        scale = float(n.sum() - (n**2).sum() / n.sum())
        spread = float(np.sqrt(max(0.0, (seen - (there.sum() - 1) * chance) / max(scale - there.sum() + 1, 1e-9))))
    shrunk = np.full(count, np.nan)
    weight = spread**2 / (spread**2 + (chance + 1e-12) / np.maximum(n, 1))
    shrunk[there] = mean + weight * (rates[there] - mean)
    return Effects(spread, rates, shrunk, answers.astype(np.int64))


def side_bias(first_side_won: Floats) -> Estimate:
    """Return how often the clip on the first side was preferred, which order and side must not matter for."""
    from ghostnote.study.rates import Counted, wilson

    if not len(first_side_won):
        return Estimate(float("nan"), float("nan"), float("nan"))
    return wilson(Counted(int(np.round(first_side_won.sum())), len(first_side_won)))


def _of_pair(comparisons: Comparisons, i: int, j: int) -> tuple[NDArray[np.int64], Floats]:
    forward = (comparisons.firsts == i) & (comparisons.seconds == j)
    backward = (comparisons.firsts == j) & (comparisons.seconds == i)
    chosen = np.flatnonzero(forward | backward)
    wins = np.where(forward[chosen], comparisons.wins[chosen], 1 - comparisons.wins[chosen])
    return chosen, wins


def _clustered(off: Floats, groups: NDArray[np.int64]) -> float:
    """Return the variance of a mean whose answers come in groups."""
    _, index = np.unique(groups, return_inverse=True)
    sums = np.bincount(index, weights=off)
    count = len(sums)
    wider = count / (count - 1) if count > 1 else 1.0
    return float(np.sum(sums**2) / len(off) ** 2 * wider)
