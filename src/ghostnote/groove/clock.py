"""Ticks to seconds and back, under any number of tempo changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ghostnote.groove.notes import DrumTrack

DEFAULT_MICROSECONDS_PER_BEAT = 500_000


@dataclass(frozen=True, eq=False)
class Clock:
    """A piecewise linear map between ticks and seconds.

    Args:
        ticks: `(segments,)`, start of each tempo, the first is 0.
        seconds: `(segments,)`, the same instants.
        seconds_per_tick: `(segments,)`.
    """

    ticks: NDArray[np.float64]
    seconds: NDArray[np.float64]
    seconds_per_tick: NDArray[np.float64]

    @classmethod
    def of(cls, track: DrumTrack) -> Clock:
        """Return the clock of `track`; the last of several tempos on one tick counts."""
        by_tick = {0: DEFAULT_MICROSECONDS_PER_BEAT}
        by_tick.update({tempo.tick: tempo.microseconds_per_beat for tempo in track.tempos})
        ticks = np.array(sorted(by_tick), dtype=np.float64)
        per_tick = np.array([by_tick[int(t)] for t in ticks]) / (1e6 * track.ticks_per_beat)
        seconds = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * per_tick[:-1])])
        return cls(ticks, seconds, per_tick)

    def tick_to_seconds(self, ticks: ArrayLike) -> NDArray[np.float64]:
        """Return the instants of `ticks` in seconds from the file's start."""
        at = np.asarray(ticks, dtype=np.float64)
        i = np.searchsorted(self.ticks, at, side="right").clip(1) - 1
        return np.asarray(self.seconds[i] + (at - self.ticks[i]) * self.seconds_per_tick[i])

    def second_to_ticks(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return the (fractional) ticks at `seconds`; the inverse of `tick_to_seconds`."""
        at = np.asarray(seconds, dtype=np.float64)
        i = np.searchsorted(self.seconds, at, side="right").clip(1) - 1
        return np.asarray(self.ticks[i] + (at - self.seconds[i]) / self.seconds_per_tick[i])

    def tempo_bpm_at(self, ticks: ArrayLike, ticks_per_beat: int) -> NDArray[np.float64]:
        """Return the tempo in force at `ticks`, in quarter notes per minute."""
        i = np.searchsorted(self.ticks, np.asarray(ticks, dtype=np.float64), side="right").clip(1) - 1
        return np.asarray(60.0 / (self.seconds_per_tick[i] * ticks_per_beat))
