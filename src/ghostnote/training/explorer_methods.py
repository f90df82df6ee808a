"""The ways of exploring that are compared, by name: a table to which ablations are added as rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ghostnote.loops import Loop
from ghostnote.training.explorer_product import ABLATIONS, product
from ghostnote.training.explorer_simulation import Explorer, MakeExplorer
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


class DeepDrummer:
    """DeepDrummer as a baseline, whose critic can be asked.

    Args:
        name: `original` or `mended`.
        world: of sounds and loops.
        seed: of all chance.
    """

    def __init__(self, name: str, world: World, seed: int) -> None:
        from ghostnote.training.deepdrummer_explorer import MENDED, ORIGINAL, DeepDrummerExplorer

        self.name, self._bank = name, world.bank
        settings = {"original": ORIGINAL, "mended": MENDED}[name]
        self._explorer = DeepDrummerExplorer(world.generator, world.bank, seed, settings)

    def propose(self) -> Loop:
        """Return the next loop to be rated."""
        return self._explorer.propose()

    def rate(self, loop: Loop, liked: bool) -> None:
        """Take note of a rating."""
        self._explorer.rate(loop, liked)

    def final(self, count: int) -> list[Loop]:
        """Return what it finds after all ratings are learned."""
        return self._explorer.final(count)

    def judge(self, loops: Sequence[Loop]) -> list[float]:
        """Return P(like) as its network has it now, of the bar that it scores."""
        from ghostnote.training.deepdrummer_rendering import hear

        bar = self._explorer.settings.scored_bar
        bars = np.stack([hear(loop, self._bank, bar).audio for loop in loops])
        return [float(p) for p in np.exp(self._explorer.learner.log_likes(bars))]


def deepdrummer(name: str) -> MakeExplorer:
    """Return what makes the baseline `name`."""

    def make(world: World, seed: int) -> Explorer:
        return DeepDrummer(name, world, seed)

    return make


METHODS: dict[str, MakeExplorer] = {
    "random": Random,
    "original": deepdrummer("original"),
    "mended": deepdrummer("mended"),
    "product": product(cheap=True),
    **ABLATIONS,
}
