"""The measures of docs/metrics-explorer.md, from runs: one way of exploring, and two compared run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.preference import (
    Statistic,
    mean_of,
    over_listeners,
    ratings_to_reach,
    ratio_of_means,
    reach_of_mean,
    running_rates,
)
from ghostnote.evaluation.reliability import Reliability, area_under_roc, reliability
from ghostnote.training.explorer_simulation import Run

WANTED_RATE = 0.54
WINDOW, OWN_WINDOW = 10, 20
RESAMPLES, CURVE_RESAMPLES = 1000, 300


@dataclass(frozen=True, eq=False)
class Measures:
    """What is told of one way of exploring; estimates have intervals over listeners.

    Args:
        method: name.
        runs: how many.
        before, after, gain: θ, and Δθ, of the answers as given.
        true_before, true_after, true_gain: of the true taste.
        unimproved: share of runs with Δθ ≤ 0.
        reached: ratings until the mean running like-rate reaches 0.54.
        own_reached: median over runs of the ratings until their own does; infinite if most do not.
        own_share: share of runs whose own does.
        patterns, sound: diversity after against before.
        patterns_late, sound_late: the same of the last thirty rated proposals.
        calibration: of proposals before they were rated; None where the method has no P(like).
        chance_calibration: of random loops after the last rating; None likewise.
        auc: on these, against the true taste, mean over runs.
        median_seconds, late_seconds: per rating: median and 95th percentile.
    """

    method: str
    runs: int
    before: Estimate
    after: Estimate
    gain: Estimate
    true_before: Estimate
    true_after: Estimate
    true_gain: Estimate
    unimproved: Estimate
    reached: Estimate
    own_reached: float
    own_share: float
    patterns: Estimate
    sound: Estimate
    patterns_late: Estimate
    sound_late: Estimate
    calibration: Reliability | None
    chance_calibration: Reliability | None
    auc: Estimate | None
    median_seconds: float
    late_seconds: float


@dataclass(frozen=True)
class Comparison:
    """One way of exploring against another, on the runs of the same listener and seed.

    Args:
        method, other: names.
        pairs: how many runs both have.
        gain, other_gain: mean Δθ of each.
        more: mean difference of Δθ.
        ratio: of the means of Δθ; NaN where the other's is not above 0.
        reached, other_reached: ratings to 0.54 on these pairs.
    """

    method: str
    other: str
    pairs: int
    gain: Estimate
    other_gain: Estimate
    more: Estimate
    ratio: Estimate
    reached: Estimate
    other_reached: Estimate


def measure(method: str, runs: Sequence[Run], *, seed: int = 0) -> Measures:
    """Return the measures of `runs`, all of one method, at least one."""
    listeners = [run.listener for run in runs]
    rng = np.random.default_rng(seed)

    def mean(values: ArrayLike) -> Estimate:
        return over_listeners(mean_of(np.asarray(values, dtype=np.float64)), listeners, rng, resamples=RESAMPLES)

    gains = gains_of(runs)
    own = [ratings_to_reach(running_rates(row[None], OWN_WINDOW)[0], WANTED_RATE, 0) for row in liked_of(runs)]
    seconds = np.concatenate([run.seconds for run in runs])
    return Measures(
        method=method,
        runs=len(runs),
        before=mean([np.mean(run.before.liked) for run in runs]),
        after=mean([np.mean(run.after.liked) for run in runs]),
        gain=mean(gains),
        true_before=mean([np.mean(run.before.truly) for run in runs]),
        true_after=mean([np.mean(run.after.truly) for run in runs]),
        true_gain=mean([np.mean(run.after.truly) - np.mean(run.before.truly) for run in runs]),
        unimproved=mean(gains <= 1e-12),
        reached=reached_by(runs, rng),
        own_reached=float(np.quantile(own, 0.5, method="inverted_cdf")),
        own_share=float(np.isfinite(own).mean()),
        patterns=mean([run.diversity[0] / run.diversity_before[0] for run in runs]),
        sound=mean([run.diversity[1] / run.diversity_before[1] for run in runs]),
        patterns_late=mean([run.diversity_late[0] / run.diversity_before[0] for run in runs]),
        sound_late=mean([run.diversity_late[1] / run.diversity_before[1] for run in runs]),
        calibration=_calibration(runs),
        chance_calibration=_chance_calibration(runs),
        auc=_auc(runs, rng),
        median_seconds=float(np.median(seconds)),
        late_seconds=float(np.quantile(seconds, 0.95)),
    )


def compare(runs: Sequence[Run], others: Sequence[Run], *, seed: int = 0) -> Comparison | None:
    """Return the comparison of two methods; None if they share no listener and seed."""
    by_key = {(run.listener, run.seed): run for run in others}
    pairs = [(run, by_key[key]) for run in runs if (key := (run.listener, run.seed)) in by_key]
    if not pairs:
        return None
    mine, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    listeners = [run.listener for run in mine]
    rng = np.random.default_rng(seed)
    gain, other = gains_of(mine), gains_of(theirs)

    def estimate(statistic: Statistic) -> Estimate:
        return over_listeners(statistic, listeners, rng, resamples=RESAMPLES)

    return Comparison(
        method=mine[0].method,
        other=theirs[0].method,
        pairs=len(pairs),
        gain=estimate(mean_of(gain)),
        other_gain=estimate(mean_of(other)),
        more=estimate(mean_of(gain - other)),
        ratio=estimate(ratio_of_means(gain, other)),
        reached=reached_by(mine, rng),
        other_reached=reached_by(theirs, rng),
    )


def gains_of(runs: Sequence[Run]) -> Floats:
    """Return Δθ of each run."""
    return np.array([np.mean(run.after.liked) - np.mean(run.before.liked) for run in runs], dtype=np.float64)


def liked_of(runs: Sequence[Run]) -> Floats:
    """Return the answers to the proposals, `(runs, ratings)`."""
    return np.array([run.liked for run in runs], dtype=np.float64)


def reached_by(runs: Sequence[Run], rng: np.random.Generator) -> Estimate:
    """Return the ratings until the mean running like-rate of `runs` reaches `WANTED_RATE`."""
    statistic = reach_of_mean(liked_of(runs), WANTED_RATE, WINDOW)
    return over_listeners(statistic, [run.listener for run in runs], rng, resamples=RESAMPLES)


def curve_of(runs: Sequence[Run], rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return the mean running like-rate and the ends of its interval, `(ratings,)` each."""
    rates = running_rates(liked_of(runs), WINDOW)
    listeners = [run.listener for run in runs]
    points = [
        Estimate(float("nan"), float("nan"), float("nan"))
        if np.isnan(column).any()
        else over_listeners(mean_of(column), listeners, rng, resamples=CURVE_RESAMPLES)
        for column in rates.T
    ]
    return (
        np.array([point.value for point in points]),
        np.array([point.low for point in points]),
        np.array([point.high for point in points]),
    )


def _calibration(runs: Sequence[Run]) -> Reliability | None:
    pairs = [
        (score, liked)
        for run in runs
        for score, liked in zip(run.scores, run.liked, strict=True)
        if score is not None and np.isfinite(score)
    ]
    return reliability(*np.array(pairs, dtype=np.float64).T) if pairs else None


def _chance_calibration(runs: Sequence[Run]) -> Reliability | None:
    judged = [run.judged for run in runs if run.judged is not None]
    if not judged:
        return None
    return reliability(np.concatenate([j.scores for j in judged]), np.concatenate([j.liked for j in judged]))


def _auc(runs: Sequence[Run], rng: np.random.Generator) -> Estimate | None:
    found = [
        (run.listener, area_under_roc(np.array(run.judged.scores), np.array(run.judged.truly)))
        for run in runs
        if run.judged is not None
    ]
    found = [(listener, value) for listener, value in found if np.isfinite(value)]
    if not found:
        return None
    values = np.array([value for _, value in found])
    return over_listeners(mean_of(values), [listener for listener, _ in found], rng, resamples=RESAMPLES)
