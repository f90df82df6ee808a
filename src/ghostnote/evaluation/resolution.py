"""MIDI resolution: the values that a recording of an electronic kit can hold.

The dataset has velocities 1…127 and 480 ticks per quarter note, that is 120 ticks per 16th. Models answer with real
numbers; whatever compares distributions must first bring both sides to the same resolution, or it measures rounding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import GrooveBatch

TICKS_PER_STEP = 120
MIDI_MAXIMUM = 127


def to_midi_velocities(velocities: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the nearest MIDI velocities in 1…127 of `velocities` in [0, 1]; a hit is never silent."""
    nearest = np.floor(np.asarray(velocities, dtype=np.float64) * MIDI_MAXIMUM + 0.5)
    return nearest.astype(np.int64).clip(1, MIDI_MAXIMUM)


def to_ticks(offsets: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the nearest ticks in -60…59 of `offsets` in [-0.5, 0.5) steps."""
    nearest = np.floor(np.asarray(offsets, dtype=np.float64) * TICKS_PER_STEP + 0.5)
    return nearest.astype(np.int64).clip(-TICKS_PER_STEP // 2, TICKS_PER_STEP // 2 - 1)


def round_to_midi(batch: GrooveBatch) -> GrooveBatch:
    """Return `batch` as a MIDI file of 480 ticks per quarter would hold it."""
    return batch.with_performance(
        (to_midi_velocities(batch.velocities) / MIDI_MAXIMUM).astype(np.float32),
        (to_ticks(batch.offsets) / TICKS_PER_STEP).astype(np.float32),
    )
