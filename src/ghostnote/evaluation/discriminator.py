"""Real or generated? How well a classifier tells the two apart: 0.5 not at all, 1.0 always.

One discriminator for all rows of a report: the same features, model, folds and seed. Both sides are rounded to MIDI
resolution first, or the classifier would find the fraction of a tick. Folds are by recording, so that the real and the
generated windows of one recording are never on both sides of a fold.

Source: the classifier two-sample test, Lopez-Paz & Oquab 2017, "Revisiting Classifier Two-Sample Tests", with the area
under the ROC curve in place of accuracy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate, check_resampling, draw_counts, interval
from ghostnote.evaluation.features import Features, window_features
from ghostnote.evaluation.hits import Floats, Integers
from ghostnote.groove import GrooveBatch

FOLDS = 5
TREES = 100
LEARNING_RATE = 0.1
LEAVES = 15
BINS = 64
SHARE_OF_FEATURES = 0.3  # looked at in each split: faster, and families are not crowded out by the strongest


@dataclass(frozen=True, eq=False)
class Discrimination:
    """How a discriminator did.

    Args:
        auc: area under the ROC curve of out-of-fold scores, with its bootstrap interval by recording.
        real_scores, generated_scores: `(grooves,)` each, out of fold, in [0, 1]; high is "generated".
    """

    auc: Estimate
    real_scores: Floats
    generated_scores: Floats


@dataclass(frozen=True)
class Clue:
    """One feature's own power to tell real from generated.

    Args:
        name, family: of the feature.
        auc: of this feature as a score, over windows where it exists; above 0.5 means larger in generated windows.
        share: of the windows in which the feature exists, in (0, 1].
        real_mean, generated_mean: its means; ticks of 1/120 step for offsets, MIDI units for velocities.
    """

    name: str
    family: str
    auc: float
    share: float
    real_mean: float
    generated_mean: float


@dataclass(frozen=True)
class Explanation:
    """What gives the generated windows away.

    Args:
        families: cross-validated AUC of a discriminator that sees only this family (and the score), highest first.
        clues: the strongest single features first, by distance of AUC from 0.5 times the root of `share`.
    """

    families: dict[str, float]
    clues: tuple[Clue, ...]


def discriminate(
    real: GrooveBatch, generated: GrooveBatch, *, seed: int = 0, resamples: int = 1000, level: float = 0.95
) -> Discrimination:
    """Return how well real and generated windows can be told apart.

    Args:
        real, generated: windows of equal length. Both carry the ids of the recordings that their scores come from.
        seed: of the trees and of the bootstrap; the answer is a function of the arguments.
        resamples, level: of the bootstrap by recording.

    Raises:
        InvalidParameter: a side is empty, windows differ in length, fewer than two recordings, or a bad argument.
        ImportError: scikit-learn is missing (install `ghostnote[evaluate]`).
    """
    check_resampling(resamples, level)
    groups = _check(real, generated)
    features = np.concatenate([window_features(real).values, window_features(generated).values])
    labels = _labels(real, generated)
    scores = _cross_validate(features, labels, groups, seed)
    value = float(weighted_auc(scores, labels, np.ones((1, len(scores))))[0])
    _, group_index = np.unique(groups, return_inverse=True)
    counts = draw_counts(int(group_index.max()) + 1, resamples, np.random.default_rng(seed))
    resampled = weighted_auc(scores, labels, counts[:, group_index].astype(np.float64))
    return Discrimination(interval(value, resampled, level), scores[: len(real)], scores[len(real) :])


def explain_discriminator(
    real: GrooveBatch,
    generated: GrooveBatch,
    *,
    seed: int = 0,
    clues: int = 20,
    progress: Callable[[str, float], None] | None = None,
) -> Explanation:
    """Return which families of features, and which single ones, tell generated windows from real ones.

    Args:
        real, generated, seed: as in `discriminate`.
        clues: how many single features to return.
        progress: called with each family and its AUC as they are found.

    Raises:
        InvalidParameter, ImportError: as in `discriminate`.
    """
    groups = _check(real, generated)
    real_features, generated_features = window_features(real), window_features(generated)
    labels = _labels(real, generated)
    score = np.concatenate([real_features.of("score").values, generated_features.of("score").values])
    families: dict[str, float] = {}
    for family in dict.fromkeys(real_features.families):
        if family == "score":
            continue  # equal on both sides; it is context to every other family
        own = np.concatenate([real_features.of(family).values, generated_features.of(family).values])
        scores = _cross_validate(np.concatenate([own, score], axis=1), labels, groups, seed)
        families[family] = float(weighted_auc(scores, labels, np.ones((1, len(scores))))[0])
        if progress is not None:
            progress(family, families[family])
    ranked = dict(sorted(families.items(), key=lambda item: -item[1]))
    return Explanation(ranked, _single_clues(real_features, generated_features)[:clues])


def weighted_auc(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the area under the ROC curve for each row of `weights`; ties count one half.

    Args:
        scores: `(n,)`, high speaks for label True.
        labels: `(n,)`.
        weights: `(rows, n)`, how often each case counts.

    Returns:
        `(rows,)` in [0, 1], NaN where one label has no weight.
    """
    distinct, place = np.unique(scores, return_inverse=True)
    found = np.full(len(weights), np.nan)
    for row, weight in enumerate(weights):
        positive = np.bincount(place, weight * labels, minlength=len(distinct))
        negative = np.bincount(place, weight * ~labels, minlength=len(distinct))
        pairs = positive.sum() * negative.sum()
        if pairs > 0:
            found[row] = (positive * (np.cumsum(negative) - negative / 2)).sum() / pairs
    return found


def _check(real: GrooveBatch, generated: GrooveBatch) -> Integers:
    """Return the recording of every window, real ones first, or raise `InvalidParameter`."""
    if not len(real) or not len(generated):
        raise InvalidParameter(f"real and generated must hold windows; got {len(real)} and {len(generated)}")
    if real.hits.shape[1:] != generated.hits.shape[1:]:
        raise InvalidParameter(
            f"windows must be equally long on both sides; got {real.hits.shape[1:]} and {generated.hits.shape[1:]}"
        )
    groups = np.concatenate([real.performances, generated.performances]).astype(np.int64)
    if len(np.unique(groups)) < 2:
        raise InvalidParameter("windows must come from at least two recordings, to learn on one and test on the other")
    return groups


def _labels(real: GrooveBatch, generated: GrooveBatch) -> NDArray[np.bool_]:
    return np.arange(len(real) + len(generated)) >= len(real)


def _cross_validate(features: NDArray[np.float32], labels: NDArray[np.bool_], groups: Integers, seed: int) -> Floats:
    """Return the out-of-fold probability of "generated" of each window, `(windows,)`."""
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.model_selection import GroupKFold
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError("the discriminator needs scikit-learn; install ghostnote[evaluate]") from error
    scores = np.full(len(labels), 0.5)
    folds = GroupKFold(min(FOLDS, len(np.unique(groups))))
    for learn, test in folds.split(features, labels, groups):
        if labels[learn].all() or not labels[learn].any():
            continue  # nothing to learn: these windows stay undecided
        known = features[learn]
        varied = np.nanmax(known, axis=0, initial=-np.inf) > np.nanmin(known, axis=0, initial=np.inf)
        if not varied.any():
            continue
        model = HistGradientBoostingClassifier(
            max_iter=TREES,
            learning_rate=LEARNING_RATE,
            max_leaf_nodes=LEAVES,
            max_bins=BINS,
            max_features=SHARE_OF_FEATURES,
            early_stopping=False,
            random_state=seed,
        )
        # One thread: on busy cores several of them wait for each other many times longer than they work.
        with threadpool_limits(1):
            model.fit(known[:, varied], labels[learn])
            scores[test] = model.predict_proba(features[test][:, varied])[:, 1]
    return scores


def _single_clues(real: Features, generated: Features) -> tuple[Clue, ...]:
    clues = []
    for i, (name, family) in enumerate(zip(real.names, real.families, strict=True)):
        one, other = real.values[:, i].astype(np.float64), generated.values[:, i].astype(np.float64)
        one, other = one[np.isfinite(one)], other[np.isfinite(other)]
        if family == "score" or not len(one) or not len(other):
            continue
        scores = np.concatenate([one, other])
        auc = weighted_auc(scores, np.arange(len(scores)) >= len(one), np.ones((1, len(scores))))[0]
        share = len(scores) / (len(real.values) + len(generated.values))
        clues.append(Clue(name, family, float(auc), share, float(one.mean()), float(other.mean())))
    # The root makes a chance finding in a handful of windows as weak as it is.
    return tuple(sorted(clues, key=lambda clue: -abs(clue.auc - 0.5) * clue.share**0.5))
