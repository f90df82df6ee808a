"""What a loop costs for being like those heard last: it must not repeat one, and not stay too near to all of them.

How far is far enough is measured on fresh loops: those of chance differ as much as there is to differ. So the cost says
nothing of loops while they are as different as that, however little or much a critic knows, and begins to count where
a search narrows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.explore.heard import Heard
from ghostnote.loops import Loop

_REMEMBERED = 40
"""The loops heard last, which proposals should not repeat."""

_RECENT = 30
"""The loops heard last, from which proposals keep their distance on the whole."""

_FAR_PATTERN = 0.3
"""Share of cells in which a pattern must differ to be no repetition at all; random ones differ by half."""

_SOUNDS = 0.5
"""What shared sounds count in a repetition; the rest are hits."""

_SOUND_SHARE, _PATTERN_SHARE = 1.36, 1.16
"""What part of the distance between fresh loops is asked for at full novelty, at most all of it."""

_SHORT, _REPEATED = 5.0, 0.4
"""What lacking that distance altogether costs, and repeating a loop at full novelty, in P(like)."""

_MEASURED = 200
"""So many fresh loops tell how far such loops lie apart."""

Cost = Callable[[Sequence[Loop], NDArray[np.float32]], NDArray[np.float64]]
"""Returns what loops, with their embeddings, lose for a lack of novelty, in P(like)."""


class Novelty:
    """Knows what was heard.

    Args:
        heard: in the order in which they were heard, with embeddings.
        amount: 0 may repeat itself … 1 stays far from what was heard.
    """

    def __init__(self, heard: Sequence[Heard], amount: float) -> None:
        self._heard, self._amount = tuple(heard[-_REMEMBERED:]), amount

    def among(self, fresh: Sequence[Loop], embeddings: NDArray[np.float32]) -> Cost:
        """Return what loops cost, where those of chance are like `fresh`, at least two."""
        shape = fresh[0].pattern.hits.shape
        alike = [entry for entry in self._heard if entry.loop.pattern.hits.shape == shape]
        if not alike or not self._amount:
            return lambda loops, embeddings: np.zeros(len(loops))
        known = [entry.loop for entry in alike]
        recent = [loop.pattern.hits for loop in known[-_RECENT:]]
        there = np.stack([_embedding(entry) for entry in alike[-_RECENT:]])
        some = [loop.pattern.hits for loop in fresh[:_MEASURED]]
        usual = (_mean_of_others(_apart(embeddings[:_MEASURED])), _mean_of_others(_differ(some, some)))
        shares = [min(1.0, share * self._amount) for share in (_SOUND_SHARE, _PATTERN_SHARE)]

        def cost(loops: Sequence[Loop], embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
            hits = [loop.pattern.hits for loop in loops]
            means = (_apart(embeddings, there).mean(axis=1), _differ(hits, recent).mean(axis=1))
            short = sum(
                np.maximum(0.0, share - mean / max(whole, 1e-9))
                for share, mean, whole in zip(shares, means, usual, strict=True)
            )
            return np.asarray(_SHORT * short + _REPEATED * self._amount * repetition(loops, known))

        return cost


def repetition(loops: Sequence[Loop], heard: Sequence[Loop]) -> NDArray[np.float64]:
    """Return how much each of `loops` repeats one of `heard`, all of one shape: 0 nothing … 1 hits and sounds."""
    number: dict[str, int] = {}
    ours, theirs = (
        np.array([[number.setdefault(sound.key, len(number)) for sound in loop.sounds] for loop in group])
        for group in (loops, heard)
    )
    present = np.zeros((len(heard), len(number)), dtype=np.float32)
    present[np.arange(len(heard))[:, None], theirs] = 1.0
    shared = present[:, ours].mean(axis=2).T
    differ = _differ([loop.pattern.hits for loop in loops], [loop.pattern.hits for loop in heard])
    alike = np.maximum(0.0, 1.0 - differ / _FAR_PATTERN)
    return np.asarray((_SOUNDS * shared + (1.0 - _SOUNDS) * alike).max(axis=1), dtype=np.float64)


def _embedding(entry: Heard) -> NDArray[np.float32]:
    if entry.embedding is None:
        raise ValueError("what was heard must have embeddings")
    return entry.embedding


def _apart(first: NDArray[np.float32], second: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
    """Return the distances of embeddings, `(first, second)`."""
    one = first.astype(np.float64)
    other = one if second is None else second.astype(np.float64)
    square = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2.0 * one @ other.T
    return np.asarray(np.sqrt(np.maximum(square, 0.0)))


def _differ(first: Sequence[NDArray[np.float32]], second: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return the shares of cells that differ between hits, `(first, second)`."""
    one, other = (np.stack([hits.ravel() for hits in group]) for group in (first, second))
    differ = one.sum(axis=1)[:, None] + other.sum(axis=1)[None] - 2.0 * one @ other.T
    return np.asarray(differ / one.shape[1], dtype=np.float64)


def _mean_of_others(distances: NDArray[np.float64]) -> float:
    """Return the mean distance of two different ones."""
    return float(distances.sum() / (len(distances) * (len(distances) - 1)))
