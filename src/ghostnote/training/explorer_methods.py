"""The ways of exploring that are compared, by name: a table to which ablations are added as rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ghostnote.loops import Loop
from ghostnote.training.explorer_simulation import MakeExplorer
from ghostnote.training.explorer_worlds import World


class Random:
    """Proposes random loops for ever: what all others must beat."""

    name = "random"
    cheap = True

    def __init__(self, world: World, seed: int) -> None:
        self._generator, self._rng = world.generator, np.random.default_rng(seed)
        self._ratings: list[bool] = []

    def propose(self) -> Loop:
        """Return a random loop."""
        return self._generator.draw(self._rng)

    def rate(self, loop: Loop, liked: bool) -> None:
        """Remember how often something was liked."""
        self._ratings.append(liked)

    def final(self, count: int) -> list[Loop]:
        """Return random loops."""
        return [self._generator.draw(self._rng) for _ in range(count)]

    def judge(self, loops: Sequence[Loop]) -> list[float]:
        """Return for each the share of likes so far: one cannot know more without listening."""
        return [(sum(self._ratings) + 1) / (len(self._ratings) + 2)] * len(loops)


METHODS: dict[str, MakeExplorer] = {"random": Random}
