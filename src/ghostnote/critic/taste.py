"""What a person likes, as a Gaussian process over embeddings: refit from all ratings, in milliseconds.

Taste is a function on the embedding's rhythm and timbre, unknown beforehand: a constant, linear parts, smooth parts,
and one that depends on both together. How much there is of each, how loud taste is beside the noise of the ratings, and
whether it drifts, is weighed by the evidence of the ratings themselves; several answers are averaged. Before anything
is rated there is the prior: it says how often loops are liked at all, and how unsure it is.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006: algorithms 3.1 and 3.2 (Laplace's
approximation with a logistic likelihood). Departures: a mean function, and averaging over a table of kernels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter

Array = NDArray[np.float64]

USUAL_SHARE = 0.37
"""Of random loops that people like: 0.372 over the 25 people of Alain et al. 2020."""

_BIAS_VARIANCE = 2.0
_JITTER = 1e-6
_AGAINST_DRIFT = 2.0
"""Log odds against a taste that drifts, beside one that stays: without, mistakes among ratings are taken for drift."""

_MOST_FOR_CHOICE = 120
"""Ratings, the latest, by which kernels are weighed; all of them are learned from."""

_MOST_AVERAGED = 4
_MOST_STEPS = 40
_ROUGHLY, _EXACTLY = 1e-3, 1e-10
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True, slots=True)
class Kernel:
    """How much taste there is of each kind.

    Args:
        linear_rhythm, linear_timbre: variances of what is linear in each half of the embedding.
        rhythm, timbre: of what is smooth in one half.
        both: of what depends on both halves together.
        drift_ratings: time constant with which taste moves, in ratings; 0 is never.
    """

    linear_rhythm: float
    linear_timbre: float
    rhythm: float
    timbre: float
    both: float
    drift_ratings: float = 0.0


@cache
def kernels() -> tuple[Kernel, ...]:
    """Return the table of kernels that are weighed."""
    shapes = (
        (1.0, 1.0, 0.5, 0.5, 0.5),
        (0.1, 1.5, 0.05, 1.0, 0.1),
        (1.5, 0.1, 1.0, 0.05, 0.1),
        (0.3, 0.3, 0.3, 0.3, 2.0),
        (1.5, 1.5, 0.0, 0.0, 0.0),
        (0.3, 0.3, 1.2, 1.2, 0.3),
    )
    return tuple(
        Kernel(scale * shape[0], scale * shape[1], scale * shape[2], scale * shape[3], scale * shape[4], drift)
        for scale in (0.5, 2.0, 6.0)
        for shape in shapes
        for drift in (0.0, 40.0)
    )


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the critic makes of loops.

    Args:
        scores: `(loops,)`, P(like), 0…1.
        uncertainties: `(loops,)`, standard deviation of P(like) by what is not known yet, 0…0.5.
        means, deviations: `(loops,)`, of taste itself, in logits.
    """

    scores: Array
    uncertainties: Array
    means: Array
    deviations: Array


@dataclass(frozen=True, eq=False)
class Taste:
    """A fitted taste; made by `fit_taste`.

    Args:
        embeddings: `(ratings, values)` that were rated.
        members: kernels with their weights and what was solved for each.
        prior_mean: logit of liking before anything is known.
    """

    embeddings: Array
    members: tuple[_Member, ...]
    prior_mean: float

    def judge(self, embeddings: NDArray[np.floating], prior: Array | None = None) -> Judgement:
        """Return what this taste makes of loops.

        Args:
            embeddings: `(loops, values)`.
            prior: `(loops,)`, logits of what was believed of them before; the prior's mean if None.
        """
        x = np.asarray(embeddings, dtype=np.float64)
        base = np.full(len(x), self.prior_mean) if prior is None else prior
        if not self.members:
            kernel = kernels()[2]
            deviation = np.sqrt(_BIAS_VARIANCE + _variance_of(kernel, x))
            return _judged(base, deviation)
        parts = _Parts.between(x, self.embeddings)
        total = np.zeros((3, len(x)))
        mean = np.zeros(len(x))
        for member in self.members:
            ages = np.arange(len(self.embeddings), 0, -1.0)[None, :]
            cross = parts.combined(member.kernel, ages)
            latent = base + cross @ member.gradient
            solved = member.inverse @ cross.T
            variance = _BIAS_VARIANCE + _variance_of(member.kernel, x) - np.einsum("ij,ji->i", cross, solved)
            deviation = np.sqrt(np.maximum(variance, 1e-9))
            judged = _judged(latent, deviation)
            mean += member.weight * latent
            total[0] += member.weight * judged.scores
            total[1] += member.weight * (judged.uncertainties**2 + judged.scores**2)
            total[2] += member.weight * (deviation**2 + latent**2)
        spread = np.sqrt(np.maximum(total[1] - total[0] ** 2, 0.0))
        return Judgement(total[0], spread, mean, np.sqrt(np.maximum(total[2] - mean**2, 0.0)))


@dataclass(frozen=True, eq=False)
class _Member:
    kernel: Kernel
    weight: float
    gradient: Array
    inverse: Array


def fit_taste(
    embeddings: NDArray[np.floating],
    liked: NDArray[np.bool_],
    *,
    prior: Array | None = None,
    prior_mean: float = float(np.log(USUAL_SHARE / (1 - USUAL_SHARE))),
) -> Taste:
    """Return the taste behind ratings. The same ratings give the same taste, whatever was fitted before.

    Args:
        embeddings: `(ratings, values)`, in the order in which the loops were heard; rhythm in the first half.
        liked: `(ratings,)`.
        prior: `(ratings,)`, logits of what was believed of them before; `prior_mean` for all if None.
        prior_mean: logit of liking before anything is known.

    Raises:
        InvalidParameter: shapes differ, or a value is not finite.
    """
    x = np.asarray(embeddings, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(liked):
        raise InvalidParameter(f"embeddings must have shape (ratings, values) for {len(liked)} ratings; got {x.shape}")
    if not np.isfinite(x).all():
        raise InvalidParameter("embeddings must be finite; got NaN or infinity")
    if not len(x):
        return Taste(x, (), prior_mean)
    signs = np.where(liked, 1.0, -1.0)
    base = np.full(len(x), prior_mean) if prior is None else np.asarray(prior, dtype=np.float64)
    parts = _Parts.between(x, x)
    late = slice(max(0, len(x) - _MOST_FOR_CHOICE), None)
    few = parts.at(late)
    many = np.stack([few.covariance(kernel) for kernel in kernels()])
    drifts = np.array([kernel.drift_ratings > 0 for kernel in kernels()])
    evidence = _solve(many, signs[late], base[late], _ROUGHLY).evidence - _AGAINST_DRIFT * drifts
    best = np.argsort(-evidence, kind="stable")[:_MOST_AVERAGED]
    weights = np.exp(evidence[best] - evidence[best[0]])
    weights /= weights.sum()
    solved = _solve(np.stack([parts.covariance(kernels()[index]) for index in best]), signs, base, _EXACTLY)
    inverses = solved.inverses()
    members = tuple(
        _Member(kernels()[index], float(weight), solved.gradients[place], inverses[place])
        for place, (index, weight) in enumerate(zip(best, weights, strict=True))
    )
    return Taste(x, members, prior_mean)


@dataclass(frozen=True, eq=False)
class _Parts:
    """Kernels of each kind between two sets of embeddings, `(first, second)` each; their weights come later."""

    linear_rhythm: Array
    linear_timbre: Array
    rhythm: Array
    timbre: Array
    both: Array

    @classmethod
    def between(cls, first: Array, second: Array) -> _Parts:
        half = first.shape[1] // 2
        linear, smooth = [], []
        for part in (slice(0, half), slice(half, None)):
            a, b = first[:, part], second[:, part]
            product = a @ b.T
            distance = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None, :] - 2.0 * product
            linear.append(product)
            smooth.append(np.exp(-0.5 * np.maximum(distance, 0.0)))
        return cls(linear[0], linear[1], smooth[0], smooth[1], smooth[0] * smooth[1])

    def at(self, index: slice) -> _Parts:
        return _Parts(*(getattr(self, name)[index, index] for name in self.__dataclass_fields__))

    def combined(self, kernel: Kernel, ages: Array) -> Array:
        """Return the covariances; those of taste that drifts fade with `ages`, the distances in ratings."""
        total = kernel.linear_rhythm * self.linear_rhythm + kernel.linear_timbre * self.linear_timbre
        total += kernel.rhythm * self.rhythm + kernel.timbre * self.timbre + kernel.both * self.both
        if kernel.drift_ratings:
            total *= np.exp(-ages / kernel.drift_ratings)
        return total + _BIAS_VARIANCE

    def covariance(self, kernel: Kernel) -> Array:
        count = np.arange(len(self.rhythm), dtype=np.float64)
        return self.combined(kernel, np.abs(count[:, None] - count[None, :]))


@dataclass(frozen=True, eq=False)
class _Solutions:
    """The modes of taste at the ratings, one for each kernel.

    Args:
        gradients: `(kernels, ratings)`, of the log likelihood at the mode.
        roots: `(kernels, ratings)`, square roots of its curvature.
        scaled: `(kernels, ratings, ratings)`, `I + W^½ K W^½`.
        evidence: `(kernels,)`, log marginal likelihood.
    """

    gradients: Array
    roots: Array
    scaled: Array
    evidence: Array

    def inverses(self) -> Array:
        """Return `(K + W^-1)^-1`, `(kernels, ratings, ratings)`."""
        return np.asarray(self.roots[:, :, None] * np.linalg.inv(self.scaled) * self.roots[:, None, :])


def _solve(covariance: Array, signs: Array, base: Array, tolerance: float) -> _Solutions:
    """Return the modes by Newton's method, all kernels at once.

    Args:
        covariance: `(kernels, ratings, ratings)`.
        signs: `(ratings,)`, 1 liked, -1 not.
        base: `(ratings,)`, logits that were believed before.
        tolerance: gain in log likelihood below which it is good enough.
    """
    offset = np.zeros(covariance.shape[:2])  # taste beyond what was believed
    gradient = np.zeros_like(offset)
    objective = np.full(len(covariance), -np.inf)
    for _ in range(_MOST_STEPS):
        likely, root, scaled = _curvature(covariance, base + offset)
        right = root**2 * offset + (signs + 1.0) / 2.0 - likely
        inner = np.linalg.solve(scaled, (root * _times(covariance, right))[:, :, None])[:, :, 0]
        new_gradient = right - root * inner
        step = 1.0
        for _ in range(3):  # a step that went too far is halved
            to_gradient = gradient + step * (new_gradient - gradient)
            to_offset = _times(covariance, to_gradient)
            reached = -0.5 * (to_gradient * to_offset).sum(axis=1)
            reached -= np.logaddexp(0.0, -signs * (base + to_offset)).sum(axis=1)
            if (reached >= objective - 1e-9).all():
                break
            step /= 2.0
        gained = reached - objective
        gradient, offset, objective = to_gradient, to_offset, reached
        if (gained < tolerance).all():
            break
    _, root, scaled = _curvature(covariance, base + offset)
    determinant = 2.0 * np.log(np.diagonal(np.linalg.cholesky(scaled), axis1=1, axis2=2)).sum(axis=1)
    return _Solutions(gradient, root, scaled, objective - 0.5 * determinant)


def _curvature(covariance: Array, latent: Array) -> tuple[Array, Array, Array]:
    """Return P(like), the roots of the curvature, and `I + W^½ K W^½`."""
    likely = _logistic(latent)
    root = np.sqrt(np.maximum(likely * (1.0 - likely), 1e-8))
    scaled = root[:, :, None] * covariance * root[:, None, :]
    scaled[:, np.arange(scaled.shape[1]), np.arange(scaled.shape[1])] += 1.0 + _JITTER
    return likely, root, scaled


def _times(covariance: Array, values: Array) -> Array:
    return np.asarray(np.matmul(covariance, values[:, :, None])[:, :, 0])


def _variance_of(kernel: Kernel, embeddings: Array) -> Array:
    half = embeddings.shape[1] // 2
    rhythm, timbre = (np.square(part).sum(1) for part in (embeddings[:, :half], embeddings[:, half:]))
    linear = kernel.linear_rhythm * rhythm + kernel.linear_timbre * timbre
    return np.asarray(linear + kernel.rhythm + kernel.timbre + kernel.both)


def _judged(latent: Array, deviation: Array) -> Judgement:
    values = _logistic(latent[:, None] + deviation[:, None] * _NODES)
    scores = values @ _WEIGHTS
    spread = np.sqrt(np.maximum(values**2 @ _WEIGHTS - scores**2, 0.0))
    return Judgement(scores, spread, latent, deviation)


def _logistic(values: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)))  # exp would overflow
