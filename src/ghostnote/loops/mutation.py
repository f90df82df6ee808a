"""Small changes of loops, as pure functions: a loop and a generator of chance in, another loop out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.loops.loop import Loop
from ghostnote.loops.pattern import Pattern
from ghostnote.sounds.sound import Sound

DrawSound = Callable[[Sound, np.random.Generator], Sound]
"""Returns a sound to take the place of another."""


@dataclass(frozen=True, slots=True)
class MutationRates:
    """How likely each part changes; the defaults are those of Alain et al. 2020.

    Args:
        cells: of each cell, to be flipped.
        sounds: of each row, to get another sound.
    """

    cells: float = 0.05
    sounds: float = 0.15

    def __post_init__(self) -> None:
        if not (0.0 <= self.cells <= 1.0 and 0.0 <= self.sounds <= 1.0):
            raise InvalidParameter(f"rates must lie in [0, 1]; got {self.cells}, {self.sounds}")


def mutate(
    loop: Loop,
    draw_sound: DrawSound,
    rng: np.random.Generator,
    rates: MutationRates = MutationRates(),
    *,
    locked_rows: Collection[int] = (),
    locked_hits: Collection[int] = (),
) -> Loop:
    """Return `loop` with cells flipped and sounds replaced by chance.

    Args:
        loop: to start from.
        draw_sound: gives the new sound of a row.
        rng: of chance.
        rates: how likely each part changes.
        locked_rows: rows that keep their hits and sound.
        locked_hits: rows that keep their hits.

    Raises:
        InvalidParameter: there is no such row.
    """
    for row in (*locked_rows, *locked_hits):
        _check_row(loop, row)
    flips = rng.random(loop.pattern.hits.shape) < rates.cells
    flips[:, [*locked_rows, *locked_hits]] = False
    swaps = rng.random(loop.pattern.rows) < rates.sounds
    swaps[list(locked_rows)] = False
    sounds = tuple(draw_sound(s, rng) if swap else s for s, swap in zip(loop.sounds, swaps, strict=True))
    return replace(loop, pattern=flip(loop.pattern, flips), sounds=sounds)


def flip(pattern: Pattern, cells: NDArray[np.bool_]) -> Pattern:
    """Return `pattern` with the marked `cells`, `(steps, rows)`, turned on or off.

    A new hit is as loud as its row is on average, and exactly on its step.
    """
    return Pattern.unchecked(*flipped(pattern.hits, pattern.velocities, pattern.offsets, cells))


def flipped(
    hits: NDArray[np.float32],
    velocities: NDArray[np.float32],
    offsets: NDArray[np.float32],
    cells: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return hits, velocities and offsets after `flip`, of one pattern or many: all arrays are `(…, steps, rows)`."""
    after = np.where(cells, 1 - hits, hits)
    count = hits.sum(axis=-2, keepdims=True)
    loud = np.where(count > 0, velocities.sum(axis=-2, keepdims=True) / np.maximum(count, 1), np.float32(1.0))
    added = cells & (after > 0)
    louder = np.where(added, np.minimum(loud, np.float32(1.0)), velocities * after)
    return after, louder, np.where(cells, np.float32(0.0), offsets)


def cross(first: Loop, second: Loop, rng: np.random.Generator) -> Loop:
    """Return `first` with some of its rows, hits and sound together, taken from `second`.

    Raises:
        InvalidParameter: they differ in their numbers of steps or rows.
    """
    if first.pattern.hits.shape != second.pattern.hits.shape:
        raise InvalidParameter(
            f"loops to be crossed must have one shape; got {first.pattern.hits.shape}, {second.pattern.hits.shape}"
        )
    taken = rng.random(first.pattern.rows) < 0.5
    return replace(
        first,
        pattern=Pattern.unchecked(
            np.where(taken, second.pattern.hits, first.pattern.hits),
            np.where(taken, second.pattern.velocities, first.pattern.velocities),
            np.where(taken, second.pattern.offsets, first.pattern.offsets),
        ),
        sounds=tuple(b if take else a for a, b, take in zip(first.sounds, second.sounds, taken, strict=True)),
    )


def with_sound(loop: Loop, row: int, sound: Sound) -> Loop:
    """Return `loop` with another `sound` on `row`.

    Raises:
        InvalidParameter: there is no such row.
    """
    _check_row(loop, row)
    return replace(loop, sounds=(*loop.sounds[:row], sound, *loop.sounds[row + 1 :]))


def with_cell(loop: Loop, step: int, row: int, *, on: bool, velocity: float = 1.0, offset: float = 0.0) -> Loop:
    """Return `loop` with one cell turned on or off.

    Raises:
        InvalidParameter: there is no such cell, or a value is out of range.
    """
    _check_row(loop, row)
    if not 0 <= step < loop.pattern.steps:
        raise InvalidParameter(f"step must lie in 0…{loop.pattern.steps - 1}; got {step}")
    hits, velocities, offsets = (
        values.copy() for values in (loop.pattern.hits, loop.pattern.velocities, loop.pattern.offsets)
    )
    hits[step, row], velocities[step, row], offsets[step, row] = (1, velocity, offset) if on else (0, 0, 0)
    return replace(loop, pattern=Pattern(hits, velocities, offsets))


def rotated(loop: Loop, steps: int) -> Loop:
    """Return `loop` beginning `steps` later (negative: earlier); what left at one end comes in at the other."""
    shifted = (
        np.roll(values, steps, axis=0) for values in (loop.pattern.hits, loop.pattern.velocities, loop.pattern.offsets)
    )
    return replace(loop, pattern=Pattern.unchecked(*shifted))


def _check_row(loop: Loop, row: int) -> None:
    if not 0 <= row < loop.pattern.rows:
        raise InvalidParameter(f"row must lie in 0…{loop.pattern.rows - 1}; got {row}")
