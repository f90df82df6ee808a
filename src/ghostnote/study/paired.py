"""Tests whether people like more after than before: each person is one pair, whatever the number of its ratings.

Source: Fisher 1935 (sign flips: under no change each Δ may as well have the other sign); Wilcoxon 1945; Holm 1979.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ghostnote.study.rates import Floats

EXACT_PEOPLE = 14
_EXACT_RANKS = 50
FLIPS = 10_000
_CHUNK = 2_000


@dataclass(frozen=True)
class TestOutcome:
    """What a test says.

    Args:
        name: of the test.
        p: two-sided.
        people: whom it is of.
        exact: whether all sign patterns were counted.
    """

    name: str
    p: float
    people: int
    exact: bool


def sign_flip(deltas: Floats, rng: np.random.Generator, flips: int = FLIPS) -> TestOutcome:
    """Return the two-sided sign-flip test of the mean of `deltas`, `(people,)`; exact for few people."""
    people = len(deltas)
    if people == 0 or not np.any(deltas):
        return TestOutcome("sign flips", 1.0, people, True)
    seen = abs(float(np.sum(deltas)))
    close = 1e-9 * float(np.abs(deltas).sum())  # sums that differ by rounding alone are equal
    if people <= EXACT_PEOPLE:
        codes = np.arange(2**people)[:, None]
        signs = 1.0 - 2.0 * (codes >> np.arange(people) & 1)
        p = float(np.mean(np.abs(signs @ deltas) >= seen - close))
        return TestOutcome("sign flips", p, people, True)
    reached = 0
    for start in range(0, flips, _CHUNK):
        signs = 1.0 - 2.0 * rng.integers(0, 2, (min(_CHUNK, flips - start), people))
        reached += int(np.sum(np.abs(signs @ deltas) >= seen - close))
    return TestOutcome("sign flips", (1 + reached) / (1 + flips), people, False)


def wilcoxon_test(deltas: Floats) -> TestOutcome:
    """Return Wilcoxon's two-sided signed-rank test of `deltas`, `(people,)`; people without a change are left out.

    Exact for at most 50 people without ties; else the normal approximation, corrected for ties and continuity.
    """
    from scipy.special import ndtr
    from scipy.stats import rankdata

    changed = deltas[deltas != 0]
    n = len(changed)
    if not n:
        return TestOutcome("Wilcoxon", 1.0, 0, True)
    # Differences of shares that are equal must tie, whatever their rounding.
    ranks = rankdata(np.round(np.abs(changed), 9))
    positive = float(ranks[changed > 0].sum())
    away = abs(positive - n * (n + 1) / 4)
    _, ties = np.unique(ranks, return_counts=True)
    if n <= _EXACT_RANKS and len(ties) == n:
        chances = _rank_sums(n)
        sums = np.arange(len(chances))
        p = float(chances[np.abs(sums - n * (n + 1) / 4) >= away - 1e-9].sum())
        return TestOutcome("Wilcoxon", min(1.0, p), n, True)
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    p = float(2 * ndtr(-max(0.0, away - 0.5) / np.sqrt(variance)))
    return TestOutcome("Wilcoxon", min(1.0, p), n, False)


def _rank_sums(n: int) -> Floats:
    """Return the chance of each sum of the ranks 1…n, each of them in it or not."""
    chances = np.zeros(n * (n + 1) // 2 + 1)
    chances[0] = 1.0
    for rank in range(1, n + 1):
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    return chances


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values that hold for all comparisons together, by Holm's method."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda entry: entry[1])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}
