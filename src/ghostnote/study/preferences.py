"""Preference rates of pairs of systems, and how much of it hangs on who answers and on what is heard.

Answers share people and items, both of which are samples. The interval of a rate takes both into account: variance by
people, plus variance by items, less that by single answers, which both of them hold.

Source: Cameron, Gelbach & Miller 2011 (two-way clustering); Efron & Morris 1975 (shrinkage of single effects).
"""

from __future__ import annotations

from collections.abc import Sequence
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


@dataclass(frozen=True)
class Deviation:
    """How one participant, or one item, deviates in one pair of systems.

    Args:
        name: of the participant or item.
        first, second: names of the systems.
        answers: to this pair.
        rate: of the first, as seen.
        usual: rate of the first over everybody and everything.
        believed: `rate` drawn to `usual` the more, the fewer answers there are, with its interval.
    """

    name: str
    first: str
    second: str
    answers: int
    rate: float
    usual: float
    believed: Estimate


@dataclass(frozen=True)
class Effects:
    """How much people, or items, differ from each other in what is preferred.

    Args:
        spread: standard deviation of their true rates around that of each pair, what chance adds taken out.
        deviations: those first that deviate most, as believed.
    """

    spread: float
    deviations: tuple[Deviation, ...]


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


def effects(
    comparisons: Comparisons, groups: NDArray[np.int64], names: Sequence[str], *, level: float = LEVEL
) -> Effects:
    """Return how much `groups` of answers deviate from the rate of each pair of systems.

    Each pair has a rate and a variance of its own, so that neither unequal pairs nor the order of systems matter.

    Args:
        comparisons: that are grouped.
        groups: `(answers,)`, the participant or item of each, an index of `names`.
        names: of participants or items.
        level: of intervals.
    """
    from scipy.stats import norm

    cells: list[tuple[int, str, str, float, float, float, float]] = []
    seen = known = 0.0
    for i, first in enumerate(comparisons.names):
        for j in range(i + 1, len(comparisons.names)):
            chosen, wins = _of_pair(comparisons, i, j)
            if not len(wins):
                continue
            there, index = np.unique(groups[chosen], return_inverse=True)
            n = np.bincount(index).astype(np.float64)
            usual, chance = float(wins.mean()), float(wins.var())
            rates = np.bincount(index, weights=wins) / n
            # Moments: the spread of rates, less what chance alone would give.
            freedom = len(there) - 1
            seen += float(n @ (rates - usual) ** 2) - freedom * chance
            known += float(n.sum() - n @ n / n.sum()) - freedom
            cells += [
                (int(group), first, comparisons.names[j], count, rate, usual, chance)
                for group, count, rate in zip(there, n.tolist(), rates.tolist(), strict=True)
            ]
    variance = max(0.0, seen / known) if known > _NOTHING else 0.0
    quantile = float(norm.ppf((1 + level) / 2))
    found = []
    for group, first, second, count, rate, usual, chance in cells:
        weight = variance / (variance + chance / count + _NOTHING)
        value, half = usual + weight * (rate - usual), quantile * float(np.sqrt(variance * (1 - weight)))
        believed = Estimate(value, max(0.0, value - half), min(1.0, value + half))
        found.append(Deviation(names[group], first, second, int(count), rate, usual, believed))
    found.sort(key=lambda one: -abs(one.believed.value - one.usual))
    return Effects(float(np.sqrt(variance)), tuple(found))


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
