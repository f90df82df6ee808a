"""How sure would a study be? Answered by simulating it many times."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.study.design import Design, PreferenceDesign
from ghostnote.study.paired import sign_flip, wilcoxon_test
from ghostnote.study.preferences import clustered_rate
from ghostnote.study.rates import Counted, mean_with_interval, wilson
from ghostnote.study.simulated import Truth, published_truth, simulate_comparisons, simulate_study

SIGNIFICANT = 0.05
SUPPOSED_RATE = 0.6
"""How often one of two systems is truly preferred, where it is asked what a listening test as planned would find."""

_FLIPS, _STUDIES = 999, 200


@dataclass(frozen=True)
class Power:
    """What studies of a plan would find.

    Args:
        people, trials: of the plan; trials of each arm, or pairs.
        studies: simulated.
        found: share of studies whose test says p < 0.05, by the sign-flip test or the clustered rate.
        found_by_ranks: the same by Wilcoxon's; NaN for pairs.
        half_width: median half width of the 95 % interval of the mean Δ, or of the preference rate.
        delta: mean over studies of Δ as seen, or of the rate.
    """

    people: int
    trials: int
    studies: int
    found: Estimate
    found_by_ranks: float
    half_width: float
    delta: float


def power_of_ratings(truth: Truth, people: int, trials: int, rng: np.random.Generator, studies: int = 1_000) -> Power:
    """Return what studies of `people` with `trials` ratings of each arm would find, were `truth` true."""
    _check(people, trials, studies)
    found = ranked = 0
    widths, means = [], []
    for _ in range(studies):
        deltas = simulate_study(truth, people, trials, rng).counts.deltas
        found += sign_flip(deltas, rng, _FLIPS).p < SIGNIFICANT
        ranked += wilcoxon_test(deltas).p < SIGNIFICANT
        mean = mean_with_interval(deltas)
        widths.append((mean.high - mean.low) / 2)
        means.append(mean.value)
    share = wilson(Counted(found, studies))
    return Power(people, trials, studies, share, ranked / studies, float(np.median(widths)), float(np.mean(means)))


def power_of_pairs(
    rate: float,
    people: int,
    trials: int,
    rng: np.random.Generator,
    studies: int = 1_000,
    *,
    person_spread: float = 0.5,
    item_spread: float = 0.3,
    items: int = 24,
) -> Power:
    """Return what listening tests would find where one of two systems is truly preferred with `rate`.

    Args:
        rate: in (0, 1), of an average person with an average item.
        people, trials: how many, and how many pairs of these two systems each.
        rng: of chance.
        studies: to simulate.
        person_spread, item_spread: deviations of people's and items' own logits.
        items: how many.
    """
    _check(people, trials, studies)
    if not 0 < rate < 1:
        raise InvalidParameter(f"rate must lie in (0, 1); got {rate}. Is this a percentage?")
    strengths = np.array([np.log(rate / (1 - rate)), 0.0])
    found, widths, means = 0, [], []
    for _ in range(studies):
        rows = simulate_comparisons(
            strengths, people, trials, rng, person_spread=person_spread, item_spread=item_spread, items=items
        )
        wins = np.where(rows[:, 2] == 0, rows[:, 4], 1 - rows[:, 4])
        estimate, p = clustered_rate(wins, rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64))
        found += p < SIGNIFICANT
        widths.append((estimate.high - estimate.low) / 2)
        means.append(estimate.value)
    share = wilson(Counted(found, studies))
    return Power(people, trials, studies, share, float("nan"), float(np.median(widths)), float(np.mean(means)))


def power_as_planned(design: Design) -> Power | None:
    """Return what studies as planned would find, were a change as large as that of 2020, or a rate of 0.6, true.

    None for screens, for one person, and where not every two systems are compared by everybody.
    """
    people = design.most_participants
    studies = min(_STUDIES, max(20, 100 * _STUDIES // people))
    rng = np.random.default_rng(0)
    if people < 2:
        return None
    if isinstance(design, PreferenceDesign):
        arms = design.phase_two.arms
        return power_of_ratings(published_truth(), people, min(arms[design.before], arms[design.after]), rng, studies)
    trials = design.trials.per_participant // comb(len(design.systems), 2)
    if design.form != "ab" or not trials:
        return None
    return power_of_pairs(SUPPOSED_RATE, people, trials, rng, studies)


def _check(people: int, trials: int, studies: int) -> None:
    if people < 2 or trials < 1 or studies < 1:
        raise InvalidParameter(
            f"people must be at least 2, trials and studies at least 1; got {people}, {trials}, {studies}"
        )
