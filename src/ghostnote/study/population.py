"""What is true of people, behind what sixty ratings of each show: a hierarchical model of θ before, after, and of Δ.

Person i likes a loop of the first arm with θ₀ and one of the second with θ₁:
logit θ₀ = x, logit θ₁ = x + d, and (x, d) is normal among people, with means m, s, deviations a, b and correlation r.
Likes are binomial. So a Δ of chance alone is told apart from one that is true: the share of people who truly improved
is Φ(s / b), and not the share whose sample happened to rise.

Priors are weak: m ~ N(0, 1.5), s ~ N(0, 1.5), a half-normal of scale 1, atanh r ~ N(0, 0.5), and b half-normal times
√b, which keeps it a little away from 0: with 25 people the data alone often say that all improved alike, and intervals
of single people would be too narrow. The posterior is drawn from by adaptive importance sampling; people are integrated
over on a grid.

Source: a logit-normal form of the beta-binomial hierarchy, as in Gelman et al. 2013, "Bayesian Data Analysis", chapter
5; Cappé et al. 2004, "Population Monte Carlo". The priors are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.rates import LEVEL, Floats

STANDARD = np.linspace(-3.9, 3.9, 27)
LOGITS = np.linspace(-7.0, 7.0, 141)
_NARROWEST = 0.08
"""Deviations of logits below this are nothing that ratings could show."""

DRAWS = (300, 400, 600, 1_000)
"""Of each round; the last two are kept."""

_CHUNK = 100
_FREEDOM = 4.0
"""Of the t distribution that proposals come from: its tails are longer than the posterior's."""

_MEANS_SCALE, _DEVIATION_SCALE, _CORRELATION_SCALE = 1.5, 1.0, 0.5
_NUMBERS = 5
_SMALLEST_COVARIANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Paired:
    """Counts of the people of a study, all `(people,)`.

    Args:
        liked_before, trials_before: of the first arm.
        liked_after, trials_after: of the second.
    """

    liked_before: Floats
    trials_before: Floats
    liked_after: Floats
    trials_after: Floats

    def __post_init__(self) -> None:
        shapes = {np.shape(v) for v in (self.liked_before, self.trials_before, self.liked_after, self.trials_after)}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise InvalidParameter(f"counts of people must all be (people,); got {sorted(shapes)}")

    @property
    def people(self) -> int:
        """How many."""
        return len(self.liked_before)

    @property
    def deltas(self) -> Floats:
        """Δ of each as seen, `(people,)`."""
        return np.asarray(self.liked_after / self.trials_after - self.liked_before / self.trials_before)


@dataclass(frozen=True)
class Population:
    """What is believed of people, beyond those who took part.

    Args:
        before, after: mean θ.
        delta: mean Δ.
        spread: standard deviation of true Δ among people.
        improved: share of people whose θ truly rose.
        improved_much: share whose θ truly rose by more than 0.2.
        people_improved: of each who took part, the probability that it did.
        people_delta: of each, what is believed of Δ: mean and interval.
        effective_draws: how many independent draws the numbers are worth.
    """

    before: Estimate
    after: Estimate
    delta: Estimate
    spread: Estimate
    improved: Estimate
    improved_much: Estimate
    people_improved: tuple[float, ...]
    people_delta: tuple[Estimate, ...]
    effective_draws: float


def fit_population(
    counts: Paired,
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    draws: Sequence[int] = DRAWS,
    details: bool = True,
) -> Population:
    """Return what is believed of people after `counts`.

    Args:
        counts: of at least one person.
        rng: of the draws.
        level: of intervals.
        draws: in each of the rounds, at least two of them.
        details: whether each person is told of, too.

    Raises:
        InvalidParameter: nobody took part.
    """
    if counts.people < 1:
        raise InvalidParameter("counts must be of at least one person; got none")
    parameters, weights = _posterior(counts, rng, draws)
    chosen = rng.choice(len(parameters), size=min(1_000, len(parameters)), p=weights)
    deltas, before = _people_like(parameters[chosen], rng)
    level_of = _Quantiles(level)
    m_s, b = parameters[:, 2], np.exp(parameters[:, 3])
    improved = _normal_cdf(m_s / b)
    whole = np.full(len(chosen), 1 / len(chosen))
    people = _people(counts, parameters[chosen], rng, level_of) if details else ((), ())
    return Population(
        before=level_of(before.mean(axis=1), whole),
        after=level_of((before + deltas).mean(axis=1), whole),
        delta=level_of(deltas.mean(axis=1), whole),
        spread=level_of(deltas.std(axis=1), whole),
        improved=level_of(improved, weights),
        improved_much=level_of((deltas > 0.2).mean(axis=1), whole),
        people_improved=people[0],
        people_delta=people[1],
        effective_draws=float(1 / np.sum(weights**2)),
    )


@dataclass(frozen=True)
class _Quantiles:
    level: float

    def __call__(self, values: Floats, weights: Floats) -> Estimate:
        order = np.argsort(values)
        places = np.cumsum(weights[order]) - weights[order] / 2
        low, high = np.interp([(1 - self.level) / 2, (1 + self.level) / 2], places, values[order])
        return Estimate(float(values @ weights), float(low), float(high))


def _posterior(counts: Paired, rng: np.random.Generator, rounds: Sequence[int]) -> tuple[Floats, Floats]:
    """Return parameters `(draws, 5)`: m, log a, s, log b, atanh r, and their weights, which sum to 1."""
    groups, times = np.unique(
        np.stack([counts.liked_before, counts.trials_before, counts.liked_after, counts.trials_after], axis=1),
        axis=0,
        return_counts=True,
    )
    multiplicity = times.astype(np.float64)
    centre, covariance = _start(counts)
    kept, kept_weights = [], []
    for turn, draws in enumerate(rounds):
        root = np.linalg.cholesky(covariance)
        normal = rng.standard_normal((draws, _NUMBERS))
        scale = np.sqrt(rng.chisquare(_FREEDOM, draws) / _FREEDOM)
        standard = normal / scale[:, None]
        parameters = centre + standard @ root.T
        proposed = -np.log(np.diag(root)).sum() - (_FREEDOM + _NUMBERS) / 2 * np.log1p(
            (standard**2).sum(axis=1) / _FREEDOM
        )
        logs = _log_posterior(parameters, groups, multiplicity) - proposed
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        if turn >= len(rounds) - 2:  # those that were proposed well
            kept.append(parameters)
            kept_weights.append(weights)
        # Few heavy draws must not make the next proposal too narrow.
        tame = np.minimum(weights, 20 / draws)
        tame /= tame.sum()
        centre = tame @ parameters
        off = parameters - centre
        covariance = (off * tame[:, None]).T @ off + _SMALLEST_COVARIANCE * np.eye(_NUMBERS)
    shares = np.array([1 / np.sum(weights**2) for weights in kept_weights])
    shares = shares / shares.sum()
    joined = np.concatenate([share * weights for share, weights in zip(shares, kept_weights, strict=True)])
    return np.concatenate(kept), joined / joined.sum()


def _start(counts: Paired) -> tuple[Floats, Floats]:
    first, second = (
        np.log((liked + 0.5) / (trials - liked + 0.5))
        for liked, trials in (
            (counts.liked_before, counts.trials_before),
            (counts.liked_after, counts.trials_after),
        )
    )
    n = counts.people
    wide = 1.0 / np.sqrt(n) + 0.05
    centre = np.array([first.mean(), np.log(0.5), (second - first).mean(), np.log(0.5), 0.0])
    return centre, np.diag([wide, 0.5, wide, 0.6, 0.4]) ** 2


def _log_posterior(parameters: Floats, groups: Floats, multiplicity: Floats) -> Floats:
    """Return the logarithm of the posterior of each row of `parameters`, up to a constant.

    θ before is integrated over with the trapezoid rule in standard deviations, θ after on a fixed grid of logits, on
    which the likelihoods are known beforehand: both are accurate wherever likelihoods are wider than the spacing.
    """
    k0, n0, k1, n1 = groups.T
    after = _likelihood(LOGITS[None], k1, n1)[0]  # (people, logits)
    weights = np.exp(-0.5 * STANDARD**2)
    weights /= weights.sum()
    found = np.empty(len(parameters))
    for start in range(0, len(parameters), _CHUNK):
        m, log_a, s, log_b, artanh = (v[:, None] for v in parameters[start : start + _CHUNK].T)
        r, b = np.tanh(artanh), np.exp(log_b)
        x = m + np.exp(log_a) * STANDARD
        centre = np.clip(x + s + b * r * STANDARD, LOGITS[0], LOGITS[-1])
        width = np.maximum(b * np.sqrt(1 - r**2), _NARROWEST)
        kernel = np.exp(-0.5 * ((LOGITS - centre[..., None]) / width[..., None]) ** 2)
        kernel /= kernel.sum(axis=2, keepdims=True)  # (draws, standard, logits)
        first = _likelihood(x, k0, n0)  # (draws, people, standard)
        second = kernel @ after.T  # (draws, standard, people)
        people = np.log(np.einsum("dps,dsp,s->dp", first, second, weights, optimize=True) + 1e-300)
        found[start : start + _CHUNK] = people @ multiplicity
    m, log_a, s, log_b, artanh = parameters.T
    prior = -0.5 * ((m / _MEANS_SCALE) ** 2 + (s / _MEANS_SCALE) ** 2 + (artanh / _CORRELATION_SCALE) ** 2)
    for log_deviation, power in ((log_a, 1.0), (log_b, 1.5)):
        prior += power * log_deviation - 0.5 * (np.exp(log_deviation) / _DEVIATION_SCALE) ** 2
    return np.asarray(found + prior)


def _likelihood(logits: Floats, liked: Floats, trials: Floats) -> Floats:
    """Return the likelihood of each person's count, up to a factor, `(draws, people, nodes)`."""
    share = np.clip(liked / trials, 1e-9, 1 - 1e-9)
    best = liked * np.log(share) + (trials - liked) * np.log1p(-share)
    logs = liked[:, None] * logits[:, None] - trials[:, None] * np.logaddexp(0, logits)[:, None] - best[:, None]
    return np.asarray(np.exp(logs))


def _people_like(
    parameters: Floats, rng: np.random.Generator, people: int = 400, *, alike: bool = True
) -> tuple[Floats, Floats]:
    """Return true Δ and θ before of twice `people` new people for each draw; `alike` up to what is drawn of them."""
    m, log_a, s, log_b, artanh = (v[:, None] for v in parameters.T)
    first, second = rng.standard_normal((2, 1 if alike else len(parameters), people))
    # Mirrored, so that the means of these people are those of the draw.
    first, second = (np.concatenate([v, -v], axis=1) for v in (first, second))
    r = np.tanh(artanh)
    x = m + np.exp(log_a) * first
    y = x + s + np.exp(log_b) * (r * first + np.sqrt(1 - r**2) * second)
    before, after = (1 / (1 + np.exp(-v)) for v in (x, y))
    return np.asarray(after - before), np.asarray(before)


def _people(
    counts: Paired, parameters: Floats, rng: np.random.Generator, level_of: _Quantiles
) -> tuple[tuple[float, ...], tuple[Estimate, ...]]:
    """Return of each person who took part whether it improved, and Δ: new people, weighted by its own counts."""
    deltas, before = _people_like(parameters[:250], rng, 60, alike=False)
    draw = np.repeat(np.arange(len(deltas)), deltas.shape[1])
    order = np.argsort(deltas, axis=None)  # once, for all who took part
    delta, theta, draw = deltas.ravel()[order], np.clip(before.ravel()[order], 1e-9, 1 - 1e-9), draw[order]
    later = np.clip(theta + delta, 1e-9, 1 - 1e-9)
    improved, estimates = [], []
    for k0, n0, k1, n1 in zip(
        counts.liked_before, counts.trials_before, counts.liked_after, counts.trials_after, strict=True
    ):
        logs = k0 * np.log(theta) + (n0 - k0) * np.log1p(-theta) + k1 * np.log(later) + (n1 - k1) * np.log1p(-later)
        weights = np.exp(logs - logs.max())
        # The draws know these counts already: each of them weighs as much as any other.
        weights /= np.maximum(np.bincount(draw, weights), 1e-300)[draw]
        weights /= weights.sum()
        improved.append(float(weights @ (delta > 0)))
        estimates.append(level_of(delta, weights))
    return tuple(improved), tuple(estimates)


def _normal_cdf(values: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(values))
