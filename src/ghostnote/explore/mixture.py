"""One number from "anything goes" to "musical", and the half-way houses between.

| musicality | rhythm | sounds |
|---|---|---|
| 0 | chance | any |
| 1/2 | chance, but each row as dense as a drummer plays its role (`Scattered`) | by role |
| 1/2 | a drummer's, or the user's own (`AnySounds`) | any |
| 1 | a drummer's, or the user's own | by role |

A mixture at `mix` draws from the two levels next to it, the nearer the likelier: so whatever can be measured of a loop
changes in straight lines from level to level, without a jump.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import (
    DEFAULT_ROWS,
    DEFAULT_STEPS,
    DEFAULT_TEMPO_BPM,
    FLOOR_ROW,
    Floor,
    Generator,
    RandomGrid,
    Range,
)
from ghostnote.explore.groove_prior import Batches, GroovePrior
from ghostnote.explore.loop_library import LoopLibrary
from ghostnote.explore.pool import SoundPool
from ghostnote.loops.loop import Loop
from ghostnote.loops.pattern import Pattern
from ghostnote.sounds.sound import Sound


class Scattered:
    """A musical generator's loops with the hits of each row on steps of chance: roles and densities, but no rhythm.

    Args:
        generator: whose loops to scatter; its sounds are kept.
    """

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self._generator.locked_rows

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self._generator.locked_hits

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a loop whose rows are as dense as the generator's, and otherwise of chance."""
        loop = self._generator.draw(rng)
        pattern = loop.pattern
        order = rng.permuted(np.repeat(np.arange(pattern.steps)[:, None], pattern.rows, axis=1), axis=0)
        kept = sorted({*self.locked_rows, *self.locked_hits})
        order[:, kept] = np.arange(pattern.steps)[:, None]
        parts = (
            np.take_along_axis(values, order, axis=0) for values in (pattern.hits, pattern.velocities, pattern.offsets)
        )
        return replace(loop, pattern=Pattern(*parts))

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return what the generator draws."""
        return self._generator.draw_sound(sound, rng)


class AnySounds:
    """A musical generator's patterns with any sounds of the pool.

    Args:
        generator: whose patterns to keep.
        pool: sounds to draw from, whatever their role.
    """

    def __init__(self, generator: Generator, pool: SoundPool | Sequence[Sound]) -> None:
        self._generator, self._pool = generator, SoundPool.of(pool)

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self._generator.locked_rows

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self._generator.locked_hits

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a musical pattern with any sounds."""
        loop = self._generator.draw(rng)
        return replace(loop, sounds=tuple(self._pool.draw(rng) for _ in loop.sounds))

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return any sound of the pool."""
        return self._pool.draw(rng)


class OnTheFloor:
    """A generator's loops with a kick on every beat in row 0, and kicks nowhere else.

    Args:
        generator: whose other rows to keep.
        pool: sounds to draw from.

    Raises:
        InvalidParameter: the pool has no kick, or nothing but kicks.
    """

    def __init__(self, generator: Generator, pool: SoundPool | Sequence[Sound]) -> None:
        self._generator, self.floor = generator, Floor(SoundPool.of(pool))

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """Those of the generator."""
        return self._generator.locked_rows

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """Those of the generator, and the floor's row."""
        return tuple(sorted({*self._generator.locked_hits, FLOOR_ROW}))

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a loop on the floor."""
        return self.floor.laid_under(self._generator.draw(rng), rng)

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return a kick for a kick; for another what the generator draws, or any other sound if that is a kick."""
        drawn = self._generator.draw_sound(sound, rng)
        return drawn if self.floor.may_replace(sound, drawn) else self.floor.draw_sound(sound, rng)


class Mixture:
    """Loops of several generators, ranked by how musical they are.

    Args:
        ranked: `(musicality, generator)`, musicality in 0…1, with at least one at 0 and one at 1; generators of equal
            musicality are drawn from equally often.
        mix: 0 "anything goes" … 1 "musical".

    Raises:
        InvalidParameter: a number is out of range, or generators lock different rows.
    """

    def __init__(self, ranked: Sequence[tuple[float, Generator]], mix: float) -> None:
        if not 0.0 <= mix <= 1.0:
            raise InvalidParameter(f"mix must lie in 0…1; got {mix:g}. Is this a percentage?")
        levels = sorted({level for level, _ in ranked})
        if not levels or levels[0] != 0.0 or levels[-1] != 1.0:
            raise InvalidParameter(f"generators must be ranked from 0 to 1, both with one at least; got {levels}")
        locks = {(tuple(one.locked_rows), tuple(one.locked_hits)) for _, one in ranked}
        if len(locks) > 1:
            raise InvalidParameter(
                f"generators of a mixture must lock the same rows; got {sorted(locks)}. "
                "Should all of them be on the floor?"
            )
        self.mix = mix
        self.locked_rows, self.locked_hits = locks.pop()
        self.floor: Floor | None = getattr(ranked[0][1], "floor", None)
        self._ranked = tuple(ranked)
        self._generators = [one for _, one in ranked]
        self._chances = _chances([level for level, _ in ranked], mix)

    def at(self, mix: float) -> Mixture:
        """Return the mixture of the same generators at another `mix`; what they have made is kept."""
        return Mixture(self._ranked, mix)

    @property
    def chances(self) -> tuple[float, ...]:
        """How likely each generator is, in the order given; they add up to 1."""
        return tuple(self._chances.tolist())

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a loop of one of the generators."""
        return self._one(rng).draw(rng)

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return what one of the generators draws: by role the likelier, the more musical the mixture."""
        return self._one(rng).draw_sound(sound, rng)

    def _one(self, rng: np.random.Generator) -> Generator:
        return self._generators[int(rng.choice(len(self._generators), p=self._chances))]


def _chances(levels: Sequence[float], mix: float) -> NDArray[np.float64]:
    """Return how likely each level is at `mix`: linear between neighbours, shared by those of one level."""
    distinct = np.unique(levels)
    shares = [np.interp(mix, distinct, np.eye(len(distinct))[i]) for i in range(len(distinct))]
    members = np.array([list(levels).count(level) for level in distinct])
    place = np.searchsorted(distinct, levels)
    return np.asarray(np.asarray(shares)[place] / members[place])


def mixture_of(
    pool: SoundPool | Sequence[Sound],
    *,
    mix: float,
    library: LoopLibrary | None = None,
    steps: int = DEFAULT_STEPS,
    rows: int = DEFAULT_ROWS,
    density: float = 0.5,
    four_on_the_floor: bool = False,
    style: str | None = None,
    tempo_bpm: Range = (DEFAULT_TEMPO_BPM, DEFAULT_TEMPO_BPM),
    swing: Range | None = None,
    hits_per_beat: float | None = None,
    seed: int = 0,
    banks: MutableMapping[Any, Batches] | None = None,
) -> Mixture:
    """Return the mixture that the table above describes, of Ghostnote's own generators and the user's library.

    Args:
        pool: sounds to draw from.
        mix: 0 "anything goes" … 1 "musical".
        library: shares the musical places evenly with the groove models; must have the same steps and rows.
        steps: 8…32.
        rows: 1…8.
        density: of the random grid, 0…1.
        four_on_the_floor: for all of them.
        style: of the groove models.
        tempo_bpm: lowest and highest tempo.
        swing: least and most swing; None: none in the random grid, as played in the others.
        hits_per_beat: to aim at in the groove models' bars, or None.
        seed: of the groove models' bank.
        banks: of their bars, to be shared; see `GroovePrior`.

    Raises:
        InvalidParameter: as the generators do.
    """
    pool = SoundPool.of(pool)
    grid: Generator = RandomGrid(
        pool, steps=steps, rows=rows, density=density, tempo_bpm=tempo_bpm, swing=swing or (0.0, 0.0)
    )
    prior = GroovePrior(
        pool,
        steps=steps,
        rows=rows,
        style=style,
        tempo_bpm=tempo_bpm,
        swing=swing,
        density=hits_per_beat,
        seed=seed,
        banks=banks,
    )
    musical: list[Generator] = [prior, *([library] if library else [])]
    ranked: list[tuple[float, Generator]] = [(0.0, grid)]
    ranked += [(0.5, half) for one in musical for half in (Scattered(one), AnySounds(one, pool))]
    ranked += [(1.0, one) for one in musical]
    if four_on_the_floor:
        ranked = [(level, OnTheFloor(one, pool)) for level, one in ranked]
    return Mixture(ranked, mix)
