"""How controls steer a generator: fixed rows, a floor, other tempos; and what was heard before is made to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.explore.controls import Controls
from ghostnote.explore.generators import Floor, Generator
from ghostnote.explore.search import SearchSettings
from ghostnote.explore.settings import SessionSettings
from ghostnote.loops import Loop, Pattern
from ghostnote.loops.pattern import STEPS_PER_BEAT
from ghostnote.sounds.sound import Sound

_PULL = 8.0
"""How much straying from the wished density costs: spreads of merit for every share of the cells."""

_PULL_TO_BASE = 8.0
"""How much straying from a base costs."""


@dataclass(frozen=True, eq=False)
class Steered:
    """A generator under controls.

    Args:
        generator: of the settings that the controls were applied to.
        settings: those settings.
        controls: what was turned.
    """

    generator: Generator
    settings: SessionSettings
    controls: Controls

    @property
    def search(self) -> SearchSettings:
        """How to search."""
        return self.settings.search

    @property
    def floor(self) -> Floor | None:
        """That of the generator."""
        floor: Floor | None = getattr(self.generator, "floor", None)
        return floor

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """Those of the generator, and of the controls."""
        return tuple(sorted({*self.generator.locked_rows, *self.controls.locked_rows}))

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self.generator.locked_hits

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a fresh loop with the locked rows."""
        return self._with_locked_rows(self.generator.draw(rng))

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return what the generator draws."""
        return self.generator.draw_sound(sound, rng)

    def fitted(self, loop: Loop, rng: np.random.Generator) -> Loop:
        """Return a loop that was heard as it could have come from here: on the floor, at the tempo, with the rows."""
        low, high = self.settings.tempo_bpm
        loop = replace(loop, tempo_bpm=min(max(loop.tempo_bpm, low), high))
        if self.settings.swing is not None:
            least, most = self.settings.swing
            loop = replace(loop, swing=min(max(loop.swing, least), most))
        if self.floor is not None:
            loop = self.floor.laid_under(loop, rng)
        return self._with_locked_rows(loop)

    def parents(self, heard: Sequence[tuple[Loop, float]], rng: np.random.Generator) -> list[tuple[Loop, float]]:
        """Return the loops to begin from: those that were heard, fitted, and the base as the best of them."""
        shape = (self.settings.steps, self.settings.rows)
        fitted = [(self.fitted(loop, rng), worth) for loop, worth in heard if loop.pattern.hits.shape == shape]
        if self.controls.base is None:
            return fitted
        best = max((worth for _, worth in fitted), default=0.0)
        return [(self.fitted(self.controls.base, rng), best + 1.0), *fitted]

    def astray(self, loops: Sequence[Loop]) -> NDArray[np.float64]:
        """Return what each loop is worth less, in spreads of merit, for straying from what is wished."""
        return self._off_density(loops) + self._off_base(loops)

    def _off_base(self, loops: Sequence[Loop]) -> NDArray[np.float64]:
        """Return how far each is from the base; where rows are locked, the others are to be new."""
        base = self.controls.base
        if base is None or self.controls.locked_rows:
            return np.zeros(len(loops))
        cells = [float(np.abs(loop.pattern.hits - base.pattern.hits).mean()) for loop in loops]
        sounds = [np.mean([one != other for one, other in zip(x.sounds, base.sounds, strict=True)]) for x in loops]
        return _PULL_TO_BASE * (np.array(cells) + 0.5 * np.array(sounds, dtype=np.float64))

    def _off_density(self, loops: Sequence[Loop]) -> NDArray[np.float64]:
        wished = self.controls.density
        if wished is None:
            return np.zeros(len(loops))
        rows = self.settings.rows
        drummers = hits_per_beat(wished, rows) / (rows * STEPS_PER_BEAT)
        share = (1 - self.settings.musical) * wished + self.settings.musical * drummers
        return np.array([_PULL * abs(float(loop.pattern.hits.mean()) - share) for loop in loops])

    def _with_locked_rows(self, loop: Loop) -> Loop:
        base, rows = self.controls.base, list(self.controls.locked_rows)
        if base is None or not rows:
            return loop
        hits, velocities, offsets = (
            values.copy() for values in (loop.pattern.hits, loop.pattern.velocities, loop.pattern.offsets)
        )
        hits[:, rows], velocities[:, rows] = base.pattern.hits[:, rows], base.pattern.velocities[:, rows]
        offsets[:, rows] = 0.0  # as everywhere in a search: see `evolve`
        sounds = tuple(base.sounds[row] if row in rows else sound for row, sound in enumerate(loop.sounds))
        return replace(loop, pattern=Pattern.unchecked(hits, velocities, offsets), sounds=sounds)


def hits_per_beat(density: float, rows: int) -> float:
    """Return how dense bars of drummers are wished at a `density` in 0…1: at the middle as they mostly play.

    >>> hits_per_beat(0.5, rows=4)
    5.0
    """
    return 1.0 + 2.0 * rows * density
