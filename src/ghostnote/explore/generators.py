"""Generators make loops out of chance; others judge it. The one without any idea of music is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.explore.pool import SoundPool
from ghostnote.groove import Voice
from ghostnote.loops.loop import FASTEST_BPM, MOST_SWING, SLOWEST_BPM, SWING_STEP, Loop
from ghostnote.loops.pattern import LEAST_STEPS, MOST_ROWS, MOST_STEPS, STEPS_PER_BEAT, Pattern
from ghostnote.sounds.sound import Sound

Range = tuple[float, float]
DEFAULT_STEPS, DEFAULT_ROWS, DEFAULT_TEMPO_BPM = 16, 4, 120.0
FLOOR_ROW = 0
_SEEDS = 2**31


class Generator(Protocol):
    """Whatever makes loops."""

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """Rows whose hits and sound a search must leave alone."""
        ...

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """Rows whose hits a search must leave alone."""
        ...

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a fresh loop; it depends on the generator's own settings and on `rng` alone."""
        ...

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return a sound to take the place of `sound` in a mutation."""
        ...


class RandomGrid:
    """Loops without any idea of music, exactly as Alain et al. 2020 describe them.

    Each row gets a sound out of the whole pool, whatever its role; each cell is a hit with the probability `density`.

    Args:
        pool: sounds to draw from.
        steps: 8…32.
        rows: 1…8.
        density: probability of a hit, 0…1.
        four_on_the_floor: row 0 is a kick on every beat, which mutations leave there. The other rows then draw from
            what is no kick: who replaces a sound knows that sound but not its row, so kicks must be the floor's alone.
        tempo_bpm: lowest and highest tempo; drawn evenly.
        swing: least and most swing in steps; drawn evenly.

    Raises:
        InvalidParameter: a number is out of range, or the floor needs a kick and another sound that the pool lacks.

    Source: Alain et al. 2020, section 3.1 (16 steps, 4 rows, density 0.5, 120 bpm, no swing). With four on the floor
    they say nothing of which sounds the other rows draw; leaving the kicks out of them is ours.
    """

    def __init__(
        self,
        pool: SoundPool | Sequence[Sound],
        *,
        steps: int = DEFAULT_STEPS,
        rows: int = DEFAULT_ROWS,
        density: float = 0.5,
        four_on_the_floor: bool = False,
        tempo_bpm: Range = (DEFAULT_TEMPO_BPM, DEFAULT_TEMPO_BPM),
        swing: Range = (0.0, 0.0),
    ) -> None:
        check_shape(steps, rows)
        if not 0.0 <= density <= 1.0:
            raise InvalidParameter(f"density must lie in 0…1; got {density:g}. Is this hits per beat?")
        self.pool = SoundPool.of(pool)
        self._shape, self._density = (steps, rows), density
        self._tempo_bpm, self._swing = check_tempo(tempo_bpm), check_swing(swing)
        self.floor = Floor(self.pool) if four_on_the_floor else None

    @property
    def locked_rows(self) -> tuple[int, ...]:
        """None."""
        return ()

    @property
    def locked_hits(self) -> tuple[int, ...]:
        """The floor's row, if there is one."""
        return (FLOOR_ROW,) if self.floor else ()

    def draw(self, rng: np.random.Generator) -> Loop:
        """Return a loop of chance."""
        hits = (rng.random(self._shape) < self._density).astype(np.float32)
        pattern = Pattern.unchecked(hits, hits.copy(), np.zeros_like(hits))
        sounds = tuple(self.pool.draw(rng) for _ in range(self._shape[1]))
        loop = Loop(pattern, sounds, draw_tempo(self._tempo_bpm, rng), draw_swing(self._swing, rng), draw_seed(rng))
        return self.floor.laid_under(loop, rng) if self.floor else loop

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return any sound of the pool; with four on the floor a kick for a kick, and none for another."""
        return self.floor.draw_sound(sound, rng) if self.floor else self.pool.draw(rng)


def may_replace(generator: Generator, sound: Sound, other: Sound) -> bool:
    """Say whether `other` may take the place of `sound` in the loops of `generator`.

    For searches that bring sounds of their own, such as neighbours: all may, but for what four on the floor forbids.
    """
    floor: object = getattr(generator, "floor", None)
    return not isinstance(floor, Floor) or floor.may_replace(sound, other)


class Floor:
    """Four on the floor: a kick on every beat in row 0, and kicks nowhere else.

    Args:
        pool: must hold at least one kick, and one sound that is none.

    Raises:
        InvalidParameter: it does not.
    """

    def __init__(self, pool: SoundPool) -> None:
        self._pool = pool
        self._kicks = pool.of_role(Voice.KICK)
        self._say_so = bool(self._kicks) and pool.said_role(self._kicks[0]) is Voice.KICK
        self._others = tuple(sound for sound in pool.sounds if not self._is_kick(sound))
        if not self._kicks or not self._others:
            lacking = "no kick" if not self._kicks else "nothing but kicks"
            raise InvalidParameter(
                f"four on the floor needs a pool with a kick and another sound; got {lacking} in {len(pool)} sounds. "
                "Add sounds of ours to the pool"
            )

    def laid_under(self, loop: Loop, rng: np.random.Generator) -> Loop:
        """Return `loop` with the floor in row 0, and another sound for every kick in the other rows."""
        hits, velocities, offsets = (
            values.copy() for values in (loop.pattern.hits, loop.pattern.velocities, loop.pattern.offsets)
        )
        on_beats = (np.arange(loop.pattern.steps) % STEPS_PER_BEAT == 0).astype(np.float32)
        hits[:, FLOOR_ROW] = velocities[:, FLOOR_ROW] = on_beats
        offsets[:, FLOOR_ROW] = 0.0
        first = self._draw(self._kicks, rng)
        others = (self._draw(self._others, rng) if self._is_kick(sound) else sound for sound in loop.sounds[1:])
        return replace(loop, pattern=Pattern(hits, velocities, offsets), sounds=(first, *others))

    def draw_sound(self, sound: Sound, rng: np.random.Generator) -> Sound:
        """Return a kick for a kick, and any other sound for another."""
        return self._draw(self._kicks if self._is_kick(sound) else self._others, rng)

    def may_replace(self, sound: Sound, other: Sound) -> bool:
        """Say whether `other` may take the place of `sound`: both are kicks, or neither is."""
        return self._is_kick(sound) == self._is_kick(other)

    def _is_kick(self, sound: Sound) -> bool:
        role = self._pool.said_role(sound) if self._say_so else self._pool.role(sound)
        return role is Voice.KICK

    @staticmethod
    def _draw(sounds: tuple[Sound, ...], rng: np.random.Generator) -> Sound:
        return sounds[int(rng.integers(len(sounds)))]


def check_shape(steps: int, rows: int) -> None:
    """Raise `InvalidParameter` unless loops can have these numbers of steps and rows."""
    check_whole("steps", steps, LEAST_STEPS, MOST_STEPS)
    check_whole("rows", rows, 1, MOST_ROWS)


def check_whole(name: str, value: object, least: int, most: int) -> None:
    """Raise `InvalidParameter` unless `value` is a whole number in `least`…`most`."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidParameter(f"{name} must be a whole number in {least}…{most}; got {value!r}")


def check_tempo(tempo_bpm: Range) -> Range:
    """Return `tempo_bpm`; raise `InvalidParameter` unless it is a lowest and a highest tempo of loops."""
    bounds = low, high = _two("tempo_bpm", tempo_bpm, "a lowest and a highest tempo", (90, 110))
    if not SLOWEST_BPM <= low <= high <= FASTEST_BPM:
        raise InvalidParameter(
            f"tempo_bpm must be a lowest and a highest tempo in {SLOWEST_BPM:g}…{FASTEST_BPM:g}; got {low:g}, {high:g}"
        )
    return bounds


def check_swing(swing: Range) -> Range:
    """Return `swing`; raise `InvalidParameter` unless it is a least and a most swing of loops."""
    bounds = low, high = _two("swing", swing, "a least and a most swing", (0.0, 0.3))
    if not 0.0 <= low <= high <= MOST_SWING:
        raise InvalidParameter(f"swing must be a least and a most in 0…{MOST_SWING:g} steps; got {low:g}, {high:g}")
    return bounds


def _two(name: str, value: Any, what: str, example: tuple[float, float]) -> Range:
    try:
        low, high = map(float, value)
        return low, high
    except (TypeError, ValueError):
        raise InvalidParameter(f"{name} must be {what}, such as {example}; got {value!r}") from None


def draw_tempo(bounds: Range, rng: np.random.Generator) -> float:
    """Return a tempo between `bounds` in bpm: a whole number, as DAWs have it, unless it is a bound."""
    return _between(bounds, 1.0, rng)


def draw_swing(bounds: Range, rng: np.random.Generator) -> float:
    """Return a swing between `bounds` in steps: a multiple of `SWING_STEP`, unless it is a bound."""
    return _between(bounds, SWING_STEP, rng)


def nearest_swing(swing: float) -> float:
    """Return the multiple of `SWING_STEP` nearest to `swing`."""
    return min(MOST_SWING, _nearest(swing, SWING_STEP))


def _between(bounds: Range, unit: float, rng: np.random.Generator) -> float:
    low, high = bounds
    share = rng.random()  # also where it decides nothing, so that what is drawn later stays
    return low if low == high else min(high, max(low, _nearest(low + share * (high - low), unit)))


def _nearest(value: float, unit: float) -> float:
    return round(round(value / unit) * unit, 2)


def draw_seed(rng: np.random.Generator) -> int:
    """Return a number to know a loop by."""
    return int(rng.integers(_SEEDS))
