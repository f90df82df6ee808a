"""Bradley and Terry's scale: one number for each system, so that P(i beats j) = σ(sᵢ − sⱼ).

Answers of one person are not independent, so intervals resample people: Student's quantile times the bootstrap's
standard error, which covers well with few people, where plain percentiles are too narrow. A weak normal prior keeps
scales finite where one system wins always.

Source: Bradley & Terry 1952; Newton's method as in Hunter 2004, who also gives the MM step that it falls back on; ties
count half for each, as in Glickman 1999.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.bootstrap import Estimate, draw_counts
from ghostnote.study.rates import LEVEL, Floats

PRIOR_DEVIATION = 3.0
"""Of scales: wins of 99 % at a gap of one and a half deviations."""

RESAMPLES = 500
_MOST_STEPS = 50


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Answers to blind pairs, all `(answers,)`.

    Args:
        names: of the systems.
        persons: who, 0….
        items: which item, 0…; of both where they are not matched, that of the first.
        firsts, seconds: indices of the systems that were compared.
        wins: 1 if the first was preferred, 0 if the second, 0.5 for no difference.
    """

    names: tuple[str, ...]
    persons: NDArray[np.int64]
    items: NDArray[np.int64]
    firsts: NDArray[np.int64]
    seconds: NDArray[np.int64]
    wins: Floats

    def __post_init__(self) -> None:
        shapes = {v.shape for v in (self.persons, self.items, self.firsts, self.seconds, self.wins)}
        if len(shapes) != 1:
            raise InvalidParameter(f"comparisons must all be (answers,); got {sorted(shapes)}")

    def table(self, weights: Floats | None = None) -> Floats:
        """Return wins of row over column, `(systems, systems)`, with `weights` of answers."""
        size = len(self.names)
        weight = np.ones(len(self.wins)) if weights is None else weights
        table = np.zeros((size, size))
        np.add.at(table, (self.firsts, self.seconds), weight * self.wins)
        np.add.at(table, (self.seconds, self.firsts), weight * (1 - self.wins))
        return table


@dataclass(frozen=True, eq=False)
class Scale:
    """Systems on Bradley and Terry's scale, in logits around 0.

    Args:
        names: of the systems.
        values: with intervals.
        differences: of each ordered pair, with intervals.
    """

    names: tuple[str, ...]
    values: tuple[Estimate, ...]
    differences: dict[tuple[str, str], Estimate]


def fit_strengths(wins: Floats) -> Floats:
    """Return scales `(systems,)` with mean 0 out of a table of wins of row over column."""
    size = len(wins)
    games = wins + wins.T
    won = wins.sum(axis=1)
    scale = np.zeros(size)
    for _ in range(_MOST_STEPS):
        chance = 1 / (1 + np.exp(scale[None, :] - scale[:, None]))
        slope = won - (games * chance).sum(axis=1) - scale / PRIOR_DEVIATION**2
        curve = games * chance * (1 - chance)
        hessian = np.diag(curve.sum(axis=1) + PRIOR_DEVIATION**-2) - curve
        step = np.linalg.solve(hessian, slope)
        # Newton's step can go too far where one system wins always.
        scale = scale + step * min(1.0, 2.0 / max(1e-12, float(np.abs(step).max())))
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(scale - scale.mean())


def bradley_terry(
    comparisons: Comparisons, rng: np.random.Generator, *, level: float = LEVEL, resamples: int = RESAMPLES
) -> Scale:
    """Return the scale of all systems, with intervals over people.

    Args:
        comparisons: of at least one answer.
        rng: of the resamples.
        level: of intervals.
        resamples: of people.
    """
    if not len(comparisons.wins):
        raise InvalidParameter("comparisons must be at least one; got none")
    from scipy.stats import t

    names = comparisons.names
    by_person = tables_by(comparisons, comparisons.persons)
    values = fit_strengths(by_person.sum(axis=0))
    people = len(by_person)
    if people < 2:
        spread_values = np.full(len(names), np.nan)
        spread_gaps = np.full((len(names), len(names)), np.nan)
    else:
        counts = draw_counts(people, resamples, rng).astype(np.float64)
        drawn = np.array([fit_strengths(np.tensordot(count, by_person, 1)) for count in counts])
        wider = np.sqrt(people / (people - 1))
        spread_values = drawn.std(axis=0, ddof=1) * wider
        gaps = drawn[:, :, None] - drawn[:, None, :]
        spread_gaps = gaps.std(axis=0, ddof=1) * wider
    quantile = float(t.ppf((1 + level) / 2, max(1, people - 1)))
    scale = tuple(_estimate(v, quantile * s) for v, s in zip(values, spread_values, strict=True))
    differences = {
        (a, b): _estimate(values[i] - values[j], quantile * spread_gaps[i, j])
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i != j
    }
    return Scale(names, scale, differences)


def tables_by(comparisons: Comparisons, groups: NDArray[np.int64]) -> Floats:
    """Return the table of wins of each group of answers, `(groups, systems, systems)`."""
    known, index = np.unique(groups, return_inverse=True)
    size = len(comparisons.names)
    tables = np.zeros((len(known), size, size))
    np.add.at(tables, (index, comparisons.firsts, comparisons.seconds), comparisons.wins)
    np.add.at(tables, (index, comparisons.seconds, comparisons.firsts), 1 - comparisons.wins)
    return tables


def comparisons_of(names: Sequence[str], rows: Sequence[tuple[int, int, int, int, float]] | Floats) -> Comparisons:
    """Return comparisons out of rows (person, item, first system, second system, win of the first)."""
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 5)
    persons, items, firsts, seconds = (table[:, column].astype(np.int64) for column in range(4))
    return Comparisons(tuple(names), persons, items, firsts, seconds, table[:, 4].copy())


def _estimate(value: float, half: float) -> Estimate:
    return Estimate(float(value), float(value - half), float(value + half))
