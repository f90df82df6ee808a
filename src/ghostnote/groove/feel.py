"""A feel: how a drummer placed and weighted the hits of each position in the bar, as a table that a person can read.

The table is what a model reads too: change a row, and what is played with this feel changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.hvo import Grid, Groove
from ghostnote.groove.voices import VOICES, Voice

MOST_HITS = 1_000_000
PARTS_OF_BEAT = 48  # positions are told in 1/48 of a beat, which holds 16ths and triplets


@dataclass(frozen=True)
class FeelRow:
    """One position in the bar and one voice.

    Args:
        position_beats: distance from the start of the bar in quarter notes, ≥ 0.
        voice: which part of the kit.
        offset: mean over the hits there, in 16ths of a beat's quarter (steps of 0.25 beats), positive is late.
        velocity: mean MIDI velocity, 1…127.
        hits: how many there were, ≥ 1.
    """

    position_beats: float
    voice: Voice
    offset: float
    velocity: float
    hits: int

    def __post_init__(self) -> None:
        if not 0.0 <= self.position_beats < 64.0:
            raise InvalidParameter(f"position_beats must lie in [0, 64); got {self.position_beats:g}")
        if not -2.0 <= self.offset <= 2.0:
            raise InvalidParameter(f"offset must lie in [-2, 2] 16ths; got {self.offset:g}. Are these milliseconds?")
        if not 1.0 <= self.velocity <= 127.0:
            raise InvalidParameter(f"velocity must lie in 1…127; got {self.velocity:g}. Is it a share? Multiply by 127")
        if not 1 <= self.hits <= MOST_HITS:
            raise InvalidParameter(f"hits must lie in 1…{MOST_HITS}; got {self.hits if self.hits < 1 else 'more'}")


@dataclass(frozen=True)
class Feel:
    """The feel of a passage.

    Args:
        latent: the model's summary of what the table does not say; empty where no model has listened.
        rows: in order of position and voice; at least one.
        bar_beats: length of a bar in quarter notes.
        tempo_bpm: at which it was played.
        source: where it comes from, for people.

    Raises:
        InvalidParameter: a number is out of range.
    """

    latent: tuple[float, ...]
    rows: tuple[FeelRow, ...]
    bar_beats: float = 4.0
    tempo_bpm: float = 120.0
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.rows:
            raise InvalidParameter("a feel must have at least one row; got none. Was the passage silent?")
        if not np.isfinite(self.latent).all():
            raise InvalidParameter("latent must be finite; got NaN or infinity")
        for name, value in (("bar_beats", self.bar_beats), ("tempo_bpm", self.tempo_bpm)):
            if not 0.0 < value < 10_000.0:
                raise InvalidParameter(f"{name} must be greater than 0 and less than 10,000; got {value:g}")


def feel_rows(groove: Groove) -> tuple[FeelRow, ...]:
    """Return the table of `groove`: means over all hits at one position in the bar and of one voice."""
    steps, voices = np.nonzero(groove.hits)
    offsets = groove.offsets[steps, voices] * groove.grid.lengths_beats[steps] * 4.0
    keys, place = np.unique(keys_at(groove.grid, steps, voices) @ (len(VOICES), 1), return_inverse=True)
    counts = np.bincount(place)
    late = np.bincount(place, offsets) / np.maximum(counts, 1)
    loud = np.bincount(place, groove.velocities[steps, voices]) / np.maximum(counts, 1) * 127.0
    return tuple(
        FeelRow(
            int(key) // len(VOICES) / PARTS_OF_BEAT,
            VOICES[int(key) % len(VOICES)],
            round(float(late[i]), 4),
            round(float(np.clip(loud[i], 1.0, 127.0)), 2),
            int(counts[i]),
        )
        for i, key in enumerate(keys)
    )


def keys_at(grid: Grid, steps: NDArray[np.int64], voices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return position in the bar (1/48 beats) and voice column of hits, `(hits, 2)`: what a table is looked up by."""
    return np.column_stack([np.round(grid.positions_beats[steps] * PARTS_OF_BEAT).astype(np.int64), voices])
