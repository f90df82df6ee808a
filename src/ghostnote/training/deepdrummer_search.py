"""DeepDrummer's search: a chain of mutations, each accepted with the ratio of what the critic says of new and old."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.loops.loop import Loop
from ghostnote.training.deepdrummer_rendering import HeardBar

Hear = Callable[[Loop, HeardBar | None], HeardBar]
"""Returns how a loop sounds, given how the one sounds that it was made of."""

Change = Callable[[Loop, np.random.Generator], Loop]
"""Returns a mutation of a loop."""

Score = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""Bars `(batch, frames)` to the logarithm of P(like), `(batch,)`."""


@dataclass(frozen=True)
class ChainSettings:
    """How a chain goes.

    Args:
        mutations: at most so many are tried.
        temperature: above 0; 1 accepts with p'/p, less prefers what is better.
        enough: the chain ends once P(like) is above this; None for never.
        keeps_best: whether it returns the best state it was in, or the last.
    """

    mutations: int = 100
    temperature: float = 1.0
    enough: float | None = None
    keeps_best: bool = False

    def __post_init__(self) -> None:
        if not (self.temperature > 0.0 and self.mutations >= 0):
            raise InvalidParameter(
                f"temperature must be above 0 and mutations at least 0; got {self.temperature}, {self.mutations}"
            )


@dataclass
class _Chain:
    """Where a chain is, and its best state."""

    now: HeardBar
    log_like: float
    best: HeardBar
    best_log_like: float


def accepts(log_like: float, new_log_like: float, temperature: float, chance: float) -> bool:
    """Return whether a chain goes from a state to a new one: if `chance`, in [0, 1), is below (p'/p)^(1/T)."""
    gain = (new_log_like - log_like) / temperature
    return gain >= 0.0 or chance < math.exp(gain)


def run_chains(
    starts: Sequence[Loop],
    hear: Hear,
    score: Score,
    change: Change,
    rngs: Sequence[np.random.Generator],
    settings: ChainSettings,
) -> list[Loop]:
    """Return where chains from `starts` end; they go in step, so that one batch scores a mutation of each.

    A chain has its own generator of chance, so it goes as it would alone, to what a batch's rounding changes.

    Args:
        starts: one for each chain.
        hear: renders.
        score: what the critic says.
        change: mutates.
        rngs: one for each chain.
        settings: how they go.
    """
    heard = [hear(loop, None) for loop in starts]
    said = score(np.stack([bar.audio for bar in heard]))
    chains = [_Chain(bar, float(p), bar, float(p)) for bar, p in zip(heard, said, strict=True)]
    enough = math.inf if settings.enough is None else math.log(settings.enough)
    for _ in range(settings.mutations):
        going = [(chain, rng) for chain, rng in zip(chains, rngs, strict=True) if chain.log_like <= enough]
        if not going:
            break
        tried = [hear(change(chain.now.loop, rng), chain.now) for chain, rng in going]
        said = score(np.stack([bar.audio for bar in tried]))
        for (chain, rng), bar, new in zip(going, tried, said.tolist(), strict=True):
            if accepts(chain.log_like, new, settings.temperature, float(rng.random())):
                chain.now, chain.log_like = bar, new
                if new > chain.best_log_like:
                    chain.best, chain.best_log_like = bar, new
    return [(chain.best if settings.keeps_best else chain.now).loop for chain in chains]
