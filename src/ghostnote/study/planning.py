"""What a participant hears, in which order: decided at enrolment, out of the study's seed and a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ghostnote.study.clips import SPOILT
from ghostnote.study.design import ANCHOR, PairwiseDesign, PreferenceDesign
from ghostnote.study.store import TrialRow

CATCH, SCREEN = "catch", "screen"
Key = tuple[str, str]
"""System and item of a clip."""

WARM_UP, ONE, TWO, PAIRS = "warm_up", "one", "two", "pairs"


def plan_preference(design: PreferenceDesign, number: int) -> tuple[TrialRow, ...]:
    """Return the trials of participant `number` in a study of ratings."""
    rng = np.random.default_rng([design.seed % 2**63, number, 1])
    learners = _in_blocks(dict.fromkeys(design.learners, design.phase_one.ratings), rng)[: design.phase_one.ratings]
    warm = _in_blocks(dict.fromkeys(design.learners, design.phase_one.warm_up), rng)[: design.phase_one.warm_up]
    rows = [TrialRow(n, WARM_UP, arm, None, {}) for n, arm in enumerate(warm, 1)]
    rows += [TrialRow(len(rows) + n, ONE, arm, None, {}) for n, arm in enumerate(learners, 1)]
    if design.protocol == "preference":
        arms = _in_blocks(design.phase_two.arms, rng)
    else:
        arms = [arm for arm, count in design.phase_two.arms.items() for _ in range(count)]
        arms = [arms[index] for index in rng.permutation(len(arms))]
    first = len(rows) + 1
    order = _with_repeats(arms, design.phase_two.repeats, design.phase_two.repeat_gap, rng)
    places: dict[int, int] = {}
    for offset, (original, again) in enumerate(order):
        repeats = places[original] if again else None
        places.setdefault(original, first + offset)
        rows.append(TrialRow(first + offset, TWO, arms[original], repeats, {}))
    return tuple(rows)


def plan_pairs(design: PairwiseDesign, clips: Mapping[tuple[str, str], str], number: int) -> tuple[TrialRow, ...]:
    """Return the trials of participant `number` in a listening test.

    Args:
        design: of the test.
        clips: ids of all clips by system and item.
        number: of the participant.
    """
    rng = np.random.default_rng([design.seed % 2**63, number, 2])
    if design.form == "mushra":
        plans = _screens(design, clips, rng)
        return tuple(TrialRow(n, PAIRS, SCREEN, None, plan) for n, plan in enumerate(plans, 1))
    pairs = _matched(design, clips, rng) if design.trials.matched else _unmatched(design, clips, rng)
    sides = _balanced_sides(len(pairs), rng)
    trials: list[tuple[str, dict[str, Any]]] = []
    for (first, second), swapped in zip(pairs, sides, strict=True):
        shown = [second, first] if swapped else [first, second]
        trials.append((_pair_name(first[0], second[0]), {"clips": [clips[key] for key in shown]}))
    for plan in _catches(design, clips, rng):
        # Nobody knows what is asked in the first trial or two.
        place = int(rng.integers(min(2, len(trials)), len(trials) + 1))
        trials.insert(place, (CATCH, plan))
    return tuple(TrialRow(n, PAIRS, arm, None, plan) for n, (arm, plan) in enumerate(trials, 1))


def _in_blocks(counts: Mapping[str, int], rng: np.random.Generator) -> list[str]:
    """Return each name as often as it counts, spread evenly and shuffled within blocks: no arm comes early or late."""
    places = []
    for name, count in counts.items():
        if count:
            jitter = rng.random(count)
            places += [((k + jitter[k]) / count, name) for k in range(count)]
    return [name for _, name in sorted(places)]


def _with_repeats(arms: Sequence[str], repeats: int, gap: int, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Return (loop, whether it comes again) in order: `repeats` loops come twice, at least `gap` loops in between."""
    order = [(index, False) for index in range(len(arms))]
    if not repeats:
        return order
    early = range(len(arms) - gap)
    chosen = _evenly(early, arms, repeats, rng)
    for original in chosen:
        place = order.index((original, False))
        order.insert(int(rng.integers(place + gap + 1, len(order) + 1)), (original, True))
    return order


def _evenly(places: Sequence[int], arms: Sequence[str], count: int, rng: np.random.Generator) -> list[int]:
    """Return `count` of `places`, of all arms as evenly as there are."""
    shuffled = [places[index] for index in rng.permutation(len(places))]
    ranks: dict[str, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for place in shuffled:
        ranks[arms[place]] = ranks.get(arms[place], 0) + 1
        ranked.append((ranks[arms[place]], len(ranked), place))
    return [place for _, _, place in sorted(ranked)[:count]]


def _matched(design: PairwiseDesign, clips: Mapping[Key, str], rng: np.random.Generator) -> list[tuple[Key, Key]]:
    """Return pairs of one item each: every two systems equally often, no pair of clips twice."""
    kinds = list(combinations(design.names, 2))
    items = sorted({item for system, item in clips if system == design.names[0]})
    orders = {kind: rng.permutation(len(items)) for kind in kinds}
    pairs: list[tuple[Key, Key]] = []
    for turn in range(-(-design.trials.per_participant // len(kinds))):
        for index in rng.permutation(len(kinds)):
            first, second = kinds[index]
            item = items[orders[kinds[index]][turn]]
            pairs.append(((first, item), (second, item)))
    return pairs[: design.trials.per_participant]


def _unmatched(design: PairwiseDesign, clips: Mapping[Key, str], rng: np.random.Generator) -> list[tuple[Key, Key]]:
    """Return pairs of any clip of one system with any of another: every two systems as evenly as may be."""
    there = {name: sorted(key for key in clips if key[0] == name) for name in design.names}
    waiting = {}
    for first, second in combinations(design.names, 2):
        every = [(a, b) for a in there[first] for b in there[second]]
        waiting[first, second] = [every[index] for index in rng.permutation(len(every))]
    pairs: list[tuple[Key, Key]] = []
    while len(pairs) < design.trials.per_participant:
        kinds = [kind for kind, rest in waiting.items() if rest]
        pairs += [waiting[kinds[index]].pop() for index in rng.permutation(len(kinds))]
    return pairs[: design.trials.per_participant]


def _screens(design: PairwiseDesign, clips: Mapping[Key, str], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return screens of one item each: the reference, and all systems with the anchor, shuffled and unnamed."""
    items = sorted({item for system, item in clips if system == design.reference})
    names = (*design.names, ANCHOR) if design.anchor == ANCHOR else design.names
    screens = []
    for index in rng.permutation(len(items))[: design.trials.per_participant]:
        shown = [clips[names[place], items[index]] for place in rng.permutation(len(names))]
        screens.append({"reference": clips[design.reference, items[index]], "clips": shown})
    return screens


def _catches(design: PairwiseDesign, clips: Mapping[Key, str], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return pairs of a clip and the same one spoilt; which side is right is kept beside them."""
    spoilt = sorted(item for system, item in clips if system == SPOILT)
    plans = []
    for index, right in zip(
        rng.permutation(len(spoilt))[: design.trials.catch], _balanced_sides(design.trials.catch, rng), strict=True
    ):
        item = spoilt[index]
        whole = next(clips[name, item] for name in design.names if (name, item) in clips)
        bad = clips[SPOILT, item]
        plans.append({"clips": [bad, whole] if right else [whole, bad], "right": int(right)})
    return plans


def _balanced_sides(count: int, rng: np.random.Generator) -> list[bool]:
    """Return as many True as False, shuffled; the odd one out by chance."""
    sides = np.arange(count) % 2 == int(rng.integers(2))
    return [bool(side) for side in rng.permutation(sides)]


def _pair_name(first: str, second: str) -> str:
    return f"{first} / {second}"
