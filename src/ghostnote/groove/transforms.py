"""Forward transformations: each takes something away from a groove. The tasks are their learned inverses.

What is taken away becomes *unknown* (NaN), never zero: an empty cell is knowledge, an unknown one is a question.
`Partial` is what every task hands to the one inference path, `ghostnote.tasks.complete`: known parts in, missing out.

Source: Gillick et al. 2019 (inverse sequence transformations).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.hvo import Array, Grid, Groove, GrooveBatch
from ghostnote.groove.voices import VOICES, Voice


@dataclass(frozen=True, eq=False)
class Tap:
    """A one-voice groove, never hidden in a drum's column; any leading axes of many taps at once.

    Args:
        hits: `(…, steps, 1)`: 1 a tap, 0 silence, NaN unknown (a sparse tap says nothing of what lies between).
        velocities: `(…, steps, 1)` in [0, 1]; NaN where they are unknown.
        offsets: `(…, steps, 1)` in [-0.5, 0.5) steps, positive is late; NaN where they are unknown.
    """

    hits: Array
    velocities: Array
    offsets: Array


Thinned = TypeVar("Thinned", Tap, Groove, GrooveBatch)


@dataclass(frozen=True, eq=False)
class Partial:
    """A groove of which parts are unknown, which are NaN in the arrays.

    Args:
        hits: `(steps, voices)`: 1 a hit, 0 none, NaN unknown.
        velocities: `(steps, voices)` in [0, 1]; NaN where unknown; 0 where there is no hit.
        offsets: `(steps, voices)` in [-0.5, 0.5) steps; NaN where unknown; 0 where there is no hit.
        grid: of the same number of steps.
        tap: `(steps, 1)`: when some drum sounds at all: where it is silent, no unknown cell has a hit; where it is
            not, some voice has one, and the loudest is as loud and as late as the tap. None where that is unknown.

    Raises:
        InvalidParameter: shapes differ, or a velocity or offset is given where no hit can be.
    """

    hits: Array
    velocities: Array
    offsets: Array
    grid: Grid
    tap: Tap | None = None

    def __post_init__(self) -> None:
        shape = (len(self.grid), len(VOICES))
        for name in ("hits", "velocities", "offsets"):
            values = np.asarray(getattr(self, name), dtype=np.float32)
            if values.shape != shape:
                raise InvalidParameter(f"{name} must have shape (steps, voices) = {shape}; got {values.shape}")
            object.__setattr__(self, name, values)
        if (np.nan_to_num(self.velocities[self.hits == 0]) != 0).any() or (
            np.nan_to_num(self.offsets[self.hits == 0]) != 0
        ).any():
            raise InvalidParameter("velocities and offsets must be zero where there is no hit; got other values")
        if self.tap is not None and self.tap.hits.shape != (len(self.grid), 1):
            raise InvalidParameter(f"tap must have shape (steps, 1) = {(len(self.grid), 1)}; got {self.tap.hits.shape}")

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """`(steps, voices)`, where it is not known whether there is a hit."""
        return np.isnan(self.hits)


def known(groove: Groove) -> Partial:
    """Return `groove` with nothing taken away."""
    return Partial(groove.hits, groove.velocities, groove.offsets, groove.grid)


def nothing(grid: Grid) -> Partial:
    """Return a groove of which nothing is known but its grid."""
    unknown = np.full((len(grid), len(VOICES)), np.nan, dtype=np.float32)
    return Partial(unknown, unknown.copy(), unknown.copy(), grid)


def score(groove: Groove) -> Partial:
    """Take away velocities and offsets: what is left is what was to be played. Its inverse is *humanize*."""
    played = np.where(groove.hits > 0, np.nan, 0.0)
    return Partial(groove.hits, played, played.copy(), groove.grid)


def quantise(groove: Groove) -> Partial:
    """Take away the offsets alone."""
    return Partial(groove.hits, groove.velocities, np.where(groove.hits > 0, np.nan, 0.0), groove.grid)


def without_voices(groove: Groove, voices: Collection[Voice]) -> Partial:
    """Take away all that `voices` play. Its inverse is *infill*."""
    away = np.zeros(groove.hits.shape, dtype=bool)
    away[:, [voice.column for voice in voices]] = True
    return _without(groove, away)


def without_bars(groove: Groove, first: int, last: int) -> Partial:
    """Take away bars `first` to `last`, counted from 0, both included. Its inverse writes a fill or goes on."""
    bars = groove.grid.bars
    return _without(groove, np.broadcast_to(((bars >= first) & (bars <= last))[:, None], groove.hits.shape))


def _without(groove: Groove, away: NDArray[np.bool_]) -> Partial:
    hits, velocities, offsets = (
        np.where(away, np.nan, values) for values in (groove.hits, groove.velocities, groove.offsets)
    )
    return Partial(hits, velocities, offsets, groove.grid)


def tap(groove: Groove | GrooveBatch) -> Tap:
    """Squash all voices to one: on each step the loudest hit and its timing. Its inverse is *drumify*.

    Of equally loud voices, the first in column order.

    Source: Tap2Drum, Gillick et al. 2019.
    """
    loudest = groove.velocities.argmax(axis=-1)[..., None]
    return Tap(
        np.take_along_axis(groove.hits, loudest, axis=-1),
        np.take_along_axis(groove.velocities, loudest, axis=-1),
        np.take_along_axis(groove.offsets, loudest, axis=-1),
    )


def sparse(tap: Tap) -> Tap:
    """Take away the silence between the taps: what sounds there becomes unknown."""
    return replace(tap, hits=np.where(tap.hits > 0, 1.0, np.nan).astype(np.float32))


def without_loudness(tap: Tap) -> Tap:
    """Take away how loud each tap is."""
    return replace(tap, velocities=np.where(tap.hits > 0, np.nan, 0.0).astype(np.float32))


def thin(groove: Thinned, amount: float | NDArray[np.float64], rng: np.random.Generator) -> Thinned:
    """Drop hits at random, quiet ones sooner: each with probability amount · max(0.2, 1 - velocity).

    Args:
        amount: 0 drops none, 1 nearly all quiet ones; or one amount for each of a batch, to be broadcast.

    Source: note dropout, Gillick et al. 2019.
    """
    if not ((np.asarray(amount) >= 0.0) & (np.asarray(amount) <= 1.0)).all():
        raise InvalidParameter(f"amount must lie in 0…1; got {amount}")
    quiet = 1.0 - np.nan_to_num(groove.velocities, nan=0.5)  # of unknown loudness: as if half as loud as can be
    stays = rng.random(groove.hits.shape) >= amount * np.maximum(0.2, quiet)
    return replace(
        groove,
        hits=np.where(stays, groove.hits, 0).astype(np.float32),
        velocities=np.where(stays, groove.velocities, 0).astype(np.float32),
        offsets=np.where(stays, groove.offsets, 0).astype(np.float32),
    )
