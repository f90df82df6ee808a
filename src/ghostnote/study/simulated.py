"""Simulated participants with a known truth: what estimates and tests of a study are checked against.

They are numbers in, answers out: no person is predicted. That a listener with a hidden taste explores is the evaluation
of the explorer (`ghostnote.evaluation.listeners`); here the truth is what θ is, and the question is what is told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.study.population import Paired
from ghostnote.study.rates import Floats

PUBLISHED_BEFORE, PUBLISHED_AFTER, PUBLISHED_SPREAD, PUBLISHED_PEOPLE, PUBLISHED_TRIALS = 0.372, 0.540, 0.175, 25, 30
"""Of Alain et al. 2020: mean θ before and after, standard deviation of Δ as seen, people, ratings of each arm."""

ASSUMED_BEFORE_SPREAD = 0.15
"""Standard deviation of true θ before among people; not published."""


@dataclass(frozen=True)
class Truth:
    """A population of people, as in `ghostnote.study.population`.

    Args:
        mean_logit, logit_spread: of θ before.
        shift, shift_spread: of logit θ after, less that before.
        correlation: of the two among people.
    """

    mean_logit: float
    logit_spread: float
    shift: float
    shift_spread: float
    correlation: float = 0.0

    @property
    def improved(self) -> float:
        """Share of people whose θ rises."""
        from scipy.stats import norm

        if self.shift_spread == 0:
            return float(self.shift > 0)
        return float(norm.cdf(self.shift / self.shift_spread))

    def moments(self) -> tuple[float, float, float, float]:
        """Return mean θ before, mean θ after, and the standard deviations of θ before and of Δ among people."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
        x = self.mean_logit + self.logit_spread * nodes[:, None]
        across = np.sqrt(1 - self.correlation**2)
        y = x + self.shift + self.shift_spread * (self.correlation * nodes[:, None] + across * nodes[None])
        before, after = _share(x) + 0 * y, _share(y)
        weight = weights[:, None] * weights[None]

        def mean(values: Floats) -> float:
            return float((values * weight).sum())

        first, second = mean(before), mean(after)
        spreads = (mean((v - mean(v)) ** 2) ** 0.5 for v in (before, after - before))
        return (first, second, *spreads)

    def draw(self, people: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return true θ before and after of `people` people."""
        first, second = rng.standard_normal((2, people))
        x = self.mean_logit + self.logit_spread * first
        across = np.sqrt(1 - self.correlation**2)
        y = x + self.shift + self.shift_spread * (self.correlation * first + across * second)
        return _share(x), _share(y)


@dataclass(frozen=True, eq=False)
class SimulatedStudy:
    """Counts, and what was true.

    Args:
        counts: as a study has them.
        before, after: true θ of each person.
    """

    counts: Paired
    before: Floats
    after: Floats


def simulate_study(truth: Truth, people: int, trials: int, rng: np.random.Generator) -> SimulatedStudy:
    """Return a study of `people` people who rate `trials` loops of each arm."""
    if people < 1 or trials < 1:
        raise InvalidParameter(f"people and trials must be at least 1; got {people}, {trials}")
    before, after = truth.draw(people, rng)
    whole = np.full(people, float(trials))
    counts = Paired(
        rng.binomial(trials, before).astype(np.float64), whole, rng.binomial(trials, after).astype(np.float64), whole
    )
    return SimulatedStudy(counts, before, after)


@cache
def published_truth() -> Truth:
    """Return a population whose studies look as that of 2020 did: its means and its spread of Δ as seen."""
    before, after, seen = PUBLISHED_BEFORE, PUBLISHED_AFTER, PUBLISHED_SPREAD
    return fitted_truth(before, after, seen, ASSUMED_BEFORE_SPREAD, PUBLISHED_TRIALS)


def fitted_truth(
    before: float, after: float, seen_spread: float, before_spread: float, trials: int, correlation: float = 0.0
) -> Truth:
    """Return the population with these marginals.

    Args:
        before, after: mean θ, in (0, 1).
        seen_spread: standard deviation of Δ as seen with `trials` ratings of each arm: of the truth and of chance.
        before_spread: standard deviation of true θ before.
        trials: of each arm.
        correlation: see `Truth`.

    Raises:
        InvalidParameter: chance alone gives more spread than that.
    """
    from scipy.optimize import least_squares

    def chance(truth: Truth) -> float:
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
        spread = np.sqrt(
            truth.logit_spread**2 + truth.shift_spread**2 + 2 * correlation * truth.logit_spread * truth.shift_spread
        )
        first = _share(truth.mean_logit + truth.logit_spread * nodes)
        second = _share(truth.mean_logit + truth.shift + spread * nodes)
        return float(weights @ (first * (1 - first) + second * (1 - second)) / trials)

    def off(numbers: Floats) -> Floats:
        truth = Truth(numbers[0], abs(numbers[1]), numbers[2], abs(numbers[3]), correlation)
        first, second, spread, delta_spread = truth.moments()
        seen = np.sqrt(delta_spread**2 + chance(truth))
        return np.array([first - before, second - after, spread - before_spread, seen - seen_spread])

    start = np.array(
        [np.log(before / (1 - before)), 0.7, np.log(after / (1 - after)) - np.log(before / (1 - before)), 0.5]
    )
    found = least_squares(off, start, xtol=1e-12)
    if np.abs(found.fun).max() > 1e-3:
        raise InvalidParameter(
            f"a spread of {seen_spread:g} as seen must be more than chance alone gives with {trials} ratings"
        )
    m, a, s, b = found.x
    return Truth(float(m), float(abs(a)), float(s), float(abs(b)), correlation)


def no_change(truth: Truth, spread: float | None = None) -> Truth:
    """Return `truth` with a mean Δ of nearly 0: people before and after are alike, single ones may still change.

    `shift` is chosen so that mean θ is the same before and after; tests must then be wrong in 5 % of studies at most.
    """
    from scipy.optimize import brentq

    b = truth.shift_spread if spread is None else spread

    def gap(shift: float) -> float:
        first, second, _, _ = Truth(truth.mean_logit, truth.logit_spread, shift, b, truth.correlation).moments()
        return second - first

    return Truth(truth.mean_logit, truth.logit_spread, float(brentq(gap, -2, 2)), b, truth.correlation)


def simulate_comparisons(
    strengths: Floats,
    people: int,
    trials: int,
    rng: np.random.Generator,
    *,
    person_spread: float = 0.0,
    item_spread: float = 0.0,
    items: int = 24,
) -> Floats:
    """Return blind pairs as `(people * trials, 5)`: person, item, first system, second system, whether the first won.

    Args:
        strengths: `(systems,)`, logits of Bradley and Terry.
        people, trials: how many, and how many pairs of each.
        rng: of chance.
        person_spread, item_spread: standard deviations of each person's and item's own deviation of strengths.
        items: how many.
    """
    systems = len(strengths)
    own = person_spread * rng.standard_normal((people, systems))
    of_item = item_spread * rng.standard_normal((items, systems))
    person = np.repeat(np.arange(people), trials)
    item = rng.integers(0, items, len(person))
    first = rng.integers(0, systems, len(person))
    second = (first + rng.integers(1, systems, len(person))) % systems
    worth = strengths[None] + own[person] + of_item[item]
    rows = np.arange(len(person))
    won = rng.random(len(person)) < _share(worth[rows, first] - worth[rows, second])
    return np.stack([person, item, first, second, won], axis=1).astype(np.float64)


def _share(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))
