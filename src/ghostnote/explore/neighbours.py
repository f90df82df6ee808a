"""Sounds near a sound, as the critic hears them: from the pool, and small mutations of those that are liked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.families import mutate_sound
from ghostnote.sounds.sound import Sound, SynthSound

_NEAREST = 12
_NEW_SOUNDS = 2
"""Mutated sounds of each proposal: each must be synthesised, which takes some 10 ms."""


class Neighbours:
    """Which sounds may take the place of a sound without changing much.

    Args:
        pool: to look among.
        embed: the critic's ear.
    """

    def __init__(self, pool: Sequence[Sound], embed: Callable[[Sequence[Loop]], NDArray[np.float32]]) -> None:
        self._pool, self._embed = tuple(pool), embed
        self._place = {sound: index for index, sound in enumerate(self._pool)}
        self._mutated: dict[Sound, list[Sound]] = {}
        self._table: list[NDArray[np.int64]] = []

    def shared(self) -> Neighbours:
        """Return neighbours of the same pool for another engine; which sounds are near is found once for all."""
        other = Neighbours((), self._embed)
        other._pool, other._place, other._table = self._pool, self._place, self._table
        return other

    def refresh(self, loops: Sequence[Loop], rng: np.random.Generator) -> None:
        """Make a few mutations of the sounds of `loops`, the best first, for `draw` to offer."""
        self._mutated = {}
        ours = [sound for loop in loops[:4] for sound in loop.sounds if isinstance(sound, SynthSound)]
        for _ in range(min(_NEW_SOUNDS, len(ours))):
            sound = ours[int(rng.integers(len(ours)))]
            self._mutated.setdefault(sound, []).append(mutate_sound(sound, rng))

    def draw(self, sound: Sound, rng: np.random.Generator) -> Sound | None:
        """Return a sound near `sound`; None if none is known."""
        if sound in self._mutated and rng.random() < 0.5:
            return self._mutated[sound][int(rng.integers(len(self._mutated[sound])))]
        place = self._place.get(sound)
        if place is None or len(self._pool) < 2:
            return None
        near = self._near()[place]
        return self._pool[int(near[int(rng.integers(len(near)))])]

    def _near(self) -> NDArray[np.int64]:
        """Return the places of the nearest of each sound of the pool, `(sounds, nearest)`."""
        if not self._table:
            self._table.append(self._found())
        return self._table[0]

    def _found(self) -> NDArray[np.int64]:
        hits = np.zeros((16, 1), dtype=np.float32)
        hits[0] = 1.0
        alone = self._embed([Loop(Pattern(hits), (sound,)) for sound in self._pool])
        timbre = alone[:, alone.shape[1] // 2 :].astype(np.float64)
        square = np.square(timbre).sum(axis=1)
        distance = square[:, None] + square[None] - 2 * timbre @ timbre.T
        np.fill_diagonal(distance, np.inf)
        return np.argsort(distance, axis=1, kind="stable")[:, : min(_NEAREST, len(self._pool) - 1)]
