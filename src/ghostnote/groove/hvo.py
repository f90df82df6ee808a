"""HVO: hits, velocities and offsets on a grid, the view of a drum track that models read and write.

Signs and ranges are fixed once, here: velocities lie in [0, 1], offsets are fractions of a step in [-0.5, 0.5) and
**positive is late**; both are zero where there is no hit. See docs/adr/0001-offset-sign-and-range.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.voices import VOICES

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the steps of a groove lie; steps may differ in length (triplets beside 16ths, odd metres, tempo changes).

    Args:
        onsets_beats: `(steps,)`, start of each step in quarter notes from the file's start.
        lengths_beats: `(steps,)`, > 0; 0.25 is a 16th.
        bars: `(steps,)`, bar number from 0.
        positions_beats: `(steps,)`, distance from the start of the bar.
        bar_beats: `(steps,)`, length of the step's bar.
        tempos_bpm: `(steps,)`.
    """

    onsets_beats: NDArray[np.float64]
    lengths_beats: NDArray[np.float64]
    bars: NDArray[np.int64]
    positions_beats: NDArray[np.float64]
    bar_beats: NDArray[np.float64]
    tempos_bpm: NDArray[np.float64]

    @classmethod
    def uniform(
        cls, bars: int = 2, *, tempo_bpm: float = 120.0, bar_beats: float = 4.0, steps_per_beat: int = 4
    ) -> Grid:
        """Return `bars` equal bars of equal steps.

        Raises:
            InvalidParameter: a number is not positive, or a bar is not a whole number of steps.
        """
        per_bar = bar_beats * steps_per_beat
        if bars < 1 or tempo_bpm <= 0 or steps_per_beat < 1 or per_bar < 1 or per_bar != int(per_bar):
            raise InvalidParameter(
                "a uniform grid needs bars >= 1, tempo_bpm > 0 and a whole number of steps in a bar; "
                f"got bars={bars}, tempo_bpm={tempo_bpm}, bar_beats={bar_beats}, steps_per_beat={steps_per_beat}"
            )
        index = np.arange(bars * int(per_bar))
        bar = index // int(per_bar)
        return cls(
            onsets_beats=index / steps_per_beat,
            lengths_beats=np.full(len(index), 1.0 / steps_per_beat),
            bars=bar,
            positions_beats=index / steps_per_beat - bar * bar_beats,
            bar_beats=np.full(len(index), bar_beats),
            tempos_bpm=np.full(len(index), float(tempo_bpm)),
        )

    def __len__(self) -> int:
        return len(self.onsets_beats)

    @property
    def step_milliseconds(self) -> NDArray[np.float64]:
        """Length of each step in ms, `(steps,)`."""
        return self.lengths_beats * 60_000.0 / self.tempos_bpm


@dataclass(frozen=True, eq=False)
class Groove:
    """A full HVO on its grid.

    Args:
        hits: `(steps, voices)`, float32 of {0, 1}.
        velocities: `(steps, voices)`, float32 in [0, 1] (MIDI velocity / 127).
        offsets: `(steps, voices)`, float32 in [-0.5, 0.5) steps, positive is late.
        grid: of the same number of steps.

    Raises:
        InvalidParameter: shapes differ or a value is outside its range.
    """

    hits: Array
    velocities: Array
    offsets: Array
    grid: Grid

    def __post_init__(self) -> None:
        shape = (len(self.grid), len(VOICES))
        for name in ("hits", "velocities", "offsets"):
            values = np.asarray(getattr(self, name), dtype=np.float32)
            if values.shape != shape:
                raise InvalidParameter(f"{name} must have shape (steps, voices) = {shape}; got {values.shape}")
            object.__setattr__(self, name, values)
        check_hvo(self.hits, self.velocities, self.offsets)


@dataclass(frozen=True, eq=False)
class GrooveBatch:
    """Many equally long grooves as arrays: what models train on and metrics compare.

    Args:
        hits, velocities, offsets: `(grooves, steps, voices)`, as in `Groove`.
        tempos_bpm: `(grooves,)`.
        performances: `(grooves,)`, integer id of the recording that each groove was cut from.
        start_bars: `(grooves,)`, bar at which it was cut.
        styles: `(grooves,)`, integer id of the style, -1 where unknown.
    """

    hits: Array
    velocities: Array
    offsets: Array
    tempos_bpm: NDArray[np.float64]
    performances: NDArray[np.int64]
    start_bars: NDArray[np.int64]
    styles: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not self.hits.shape == self.velocities.shape == self.offsets.shape or self.hits.ndim != 3:
            raise InvalidParameter(
                "hits, velocities and offsets must share one shape (grooves, steps, voices); got "
                f"{self.hits.shape}, {self.velocities.shape}, {self.offsets.shape}"
            )
        for name in ("tempos_bpm", "performances", "start_bars", "styles"):
            if getattr(self, name).shape != self.hits.shape[:1]:
                raise InvalidParameter(f"{name} must have shape {self.hits.shape[:1]}; got {getattr(self, name).shape}")
        check_hvo(self.hits, self.velocities, self.offsets)

    def __len__(self) -> int:
        return len(self.hits)

    def __repr__(self) -> str:
        return f"GrooveBatch({len(self)} grooves of {self.hits.shape[1]} steps, {int(self.hits.sum())} hits)"

    @property
    def step_milliseconds(self) -> NDArray[np.float64]:
        """Length of a 16th in ms, `(grooves,)`."""
        return 15_000.0 / self.tempos_bpm

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_] | slice) -> GrooveBatch:
        """Return the grooves at `index`."""
        return GrooveBatch(
            self.hits[index],
            self.velocities[index],
            self.offsets[index],
            self.tempos_bpm[index],
            self.performances[index],
            self.start_bars[index],
            self.styles[index],
        )

    def with_performance(self, velocities: Array, offsets: Array) -> GrooveBatch:
        """Return the same scores played with other velocities and offsets; cells without a hit are set to zero."""
        on = self.hits > 0
        return GrooveBatch(
            self.hits,
            np.where(on, velocities, 0).astype(np.float32),
            np.where(on, offsets, 0).astype(np.float32),
            self.tempos_bpm,
            self.performances,
            self.start_bars,
            self.styles,
        )


def check_hvo(hits: Array, velocities: Array, offsets: Array) -> None:
    """Raise `InvalidParameter` unless the three arrays of one shape obey the rules of this module."""
    if not np.isin(hits, (0.0, 1.0)).all():
        raise InvalidParameter("hits must be 0 or 1; got other values. Are these velocities?")
    for name, values, low, high in (("velocities", velocities, 0.0, 1.0), ("offsets", offsets, -0.5, 0.5)):
        if not np.isfinite(values).all():
            raise InvalidParameter(f"{name} must be finite; got NaN or infinity")
        worst = values.flat[np.abs(values - (low + high) / 2).argmax()] if values.size else 0.0
        if worst < low or worst > high or (name == "offsets" and worst == high):
            hint = "Are these MIDI velocities? Divide by 127." if name == "velocities" else "Are these seconds?"
            bracket = ")" if name == "offsets" else "]"
            unit = " steps" if name == "offsets" else ""
            raise InvalidParameter(f"{name} must lie in [{low:g}, {high:g}{bracket}{unit}; got {worst:.3g}. {hint}")
        if (values[hits == 0] != 0).any():
            raise InvalidParameter(f"{name} must be zero where there is no hit")
