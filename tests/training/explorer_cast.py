"""Quick ways of exploring for tests: one who knows the taste, and small worlds."""

from __future__ import annotations

from functools import cache

import numpy as np

from ghostnote.evaluation.listeners import Ear, Listener
from ghostnote.loops import Loop
from ghostnote.training.explorer_simulation import Explorer, MakeExplorer
from ghostnote.training.explorer_worlds import World, open_world


@cache
def small_world(name: str = "synthesised") -> World:
    return open_world(name, pool_size=16, tuning_loops=800)


class Oracle:
    """Knows the taste, and uses it more and more; notes what it was told."""

    name = "oracle"
    cheap = True

    def __init__(self, world: World, seed: int, ear: Ear) -> None:
        self.world, self.rng, self.ear = world, np.random.default_rng(seed), ear
        self.told: list[bool] = []

    def propose(self) -> Loop:
        drawn = [self.world.generator.draw(self.rng) for _ in range(1 + min(len(self.told) // 3, 9))]
        return drawn[int(np.argmax(self.ear.pleasure(self.world.traits(drawn), len(self.told) / 80)))]

    def rate(self, loop: Loop, liked: bool) -> None:
        self.told.append(liked)

    def final(self, count: int) -> list[Loop]:
        return [self.propose() for _ in range(count)]

    def judge(self, loops: list[Loop]) -> list[float]:
        pleasure = self.ear.pleasure(self.world.traits(loops), len(self.told) / 80)
        return [float(p) for p in 1 / (1 + np.exp(-3 * pleasure))]


def oracle_of(listener: Listener) -> MakeExplorer:
    def make(world: World, seed: int) -> Explorer:
        return Oracle(world, seed, world.ear(listener))

    return make
