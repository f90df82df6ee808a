"""Is the path from one groove to another a smooth one, and does it begin and end where it should?

The distance of two grooves is what the cheapest edit costs, voice by voice: adding a hit or taking one away costs 1,
moving one by Δ steps 2·|Δ|, and changing its velocity by Δ (of 0…1) |Δ|. So a hit is moved by up to one step and
replaced beyond, and the measure has no jump of its own where a hit drifts over the border between two steps, which
counting the cells that differ would have. As long as no hit drifts so far, the distance is the number of cells that
differ plus |difference of velocity| + 2·|difference of offset| over those that both hit.

Source: Victor & Purpura 1996, the edit distance of spike trains, with a price for velocity added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats
from ghostnote.groove import Groove

STEP_PRICE = 2.0  # of moving a hit by a step: as much as taking it away and adding it again


@dataclass(frozen=True, eq=False)
class PathQuality:
    """How a path of grooves runs.

    Args:
        distances: `(grooves - 1,)`, between neighbours.
        largest_over_mean: the largest of these divided by their mean, ≥ 1; NaN if nothing ever changes.
        detour: their sum divided by the distance of the two ends: 1 goes straight; NaN if the ends are equal.
        ends_exact: whether first and last groove are the two given, to the last bit.
        hits_midway: hits of the middle groove divided by the mean of the two ends; a blend that averages hits away
            lies far below 1. NaN if the ends are empty.
    """

    distances: Floats
    largest_over_mean: float
    detour: float
    ends_exact: bool
    hits_midway: float


def groove_distance(reference: Groove, estimate: Groove) -> float:
    """Return how far two grooves of equal length lie apart, as this module defines it; 0 if they are equal.

    Raises:
        InvalidParameter: they differ in length.
    """
    if reference.hits.shape != estimate.hits.shape:
        raise InvalidParameter(
            f"grooves must have as many steps as each other; got {len(reference.hits)} and {len(estimate.hits)}"
        )
    return sum(
        _edit_cost(_voice(reference, column), _voice(estimate, column)) for column in range(reference.hits.shape[1])
    )


def _voice(groove: Groove, column: int) -> list[tuple[float, float]]:
    """Return onset in steps and velocity of each hit of one voice."""
    steps = np.flatnonzero(groove.hits[:, column])
    onsets = steps + groove.offsets[steps, column].astype(np.float64)
    return list(zip(onsets.tolist(), groove.velocities[steps, column].tolist(), strict=True))


def _edit_cost(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    """Return the price of the cheapest edit that makes `other` of `one`, both sorted by onset."""
    costs = [float(added) for added in range(len(other) + 1)]
    for onset, velocity in one:
        diagonal, costs[0] = costs[0], costs[0] + 1.0
        for j, (other_onset, other_velocity) in enumerate(other, 1):
            changed = diagonal + STEP_PRICE * abs(onset - other_onset) + abs(velocity - other_velocity)
            diagonal, costs[j] = costs[j], min(changed, costs[j] + 1.0, costs[j - 1] + 1.0)
    return costs[-1]


def path_quality(ends: tuple[Groove, Groove], path: Sequence[Groove]) -> PathQuality:
    """Return how smoothly `path` runs from the first of `ends` to the second.

    Args:
        ends: what was to be connected.
        path: at least two grooves, of the same length as `ends`.

    Raises:
        InvalidParameter: the path is too short, or lengths differ.
    """
    if len(path) < 2:
        raise InvalidParameter(f"a path must hold at least two grooves; got {len(path)}")
    distances = np.array([groove_distance(a, b) for a, b in pairwise(path)])
    direct = groove_distance(*ends)
    total = float(distances.sum())
    end_hits = float(ends[0].hits.sum() + ends[1].hits.sum()) / 2
    return PathQuality(
        distances=distances,
        largest_over_mean=float(distances.max() / distances.mean()) if total > 0 else float("nan"),
        detour=total / direct if direct > 0 else float("nan"),
        ends_exact=_equal(ends[0], path[0]) and _equal(ends[1], path[-1]),
        hits_midway=float(path[len(path) // 2].hits.sum()) / end_hits if end_hits > 0 else float("nan"),
    )


def _equal(one: Groove, other: Groove) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("hits", "velocities", "offsets"))
