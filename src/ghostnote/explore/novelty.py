"""How much a loop repeats those that were heard last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop

_REMEMBERED = 40
"""The loops heard last, which proposals should not repeat."""

_FAR_PATTERN = 0.3
"""Share of cells in which a pattern must differ to be no repetition at all; random ones differ by half."""

_SOUNDS = 0.5
"""What shared sounds count; the rest are hits."""


class Familiar:
    """Tells how much loops repeat those heard last.

    Args:
        heard: in the order in which they were heard.
    """

    def __init__(self, heard: Sequence[Loop]) -> None:
        self._heard = tuple(heard[-_REMEMBERED:])

    def __call__(self, loops: Sequence[Loop]) -> NDArray[np.float64]:
        """Return how much each of `loops`, of one shape, repeats one of those heard: 0 nothing … 1 hits and sounds."""
        alike = [other for other in self._heard if other.pattern.hits.shape == loops[0].pattern.hits.shape]
        if not alike:
            return np.zeros(len(loops))
        number: dict[str, int] = {}
        ours, theirs = (
            np.array([[number.setdefault(sound.key, len(number)) for sound in loop.sounds] for loop in group])
            for group in (loops, alike)
        )
        present = np.zeros((len(alike), len(number)), dtype=np.float32)
        present[np.arange(len(alike))[:, None], theirs] = 1.0
        shared = present[:, ours].mean(axis=2).T
        hits, others = (np.stack([loop.pattern.hits.ravel() for loop in group]) for group in (loops, alike))
        differ = (hits.sum(axis=1)[:, None] + others.sum(axis=1)[None] - 2.0 * hits @ others.T) / hits.shape[1]
        alike_hits = np.maximum(0.0, 1.0 - differ / _FAR_PATTERN)
        return np.asarray((_SOUNDS * shared + (1.0 - _SOUNDS) * alike_hits).max(axis=1), dtype=np.float64)
