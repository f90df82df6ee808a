"""How far a track reaches, in bars, and the grid on which it can go on."""

from __future__ import annotations

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove.grid import Subdivision, bar_lines, lay_grid
from ghostnote.groove.hvo import Grid
from ghostnote.groove.notes import DrumTrack

_SAME_BEAT = 1e-9  # far below a tick; above the rounding of a bar line


def count_bars(track: DrumTrack) -> int:
    """Return the number of bars of `track` up to and with the one that holds its last note; 0 without notes.

    Raises:
        InvalidInput: the track is too long (see `bar_lines`).
    """
    if not track.notes:
        return 0
    last = track.notes[-1].tick / track.ticks_per_beat
    return int(np.searchsorted(bar_lines(track).starts_beats, last + _SAME_BEAT, side="right"))


def extend_grid(track: DrumTrack, bars: int, subdivision: Subdivision = "auto") -> Grid:
    """Return a grid of the bars of `track` and exactly `bars` further ones.

    The further bars follow the metres and tempos of the file where it has some there, else the last ones. Under "auto"
    they go on in the feel, 16ths or triplets, that prevails in the track. A hit that was played just ahead of the first
    further bar belongs to that bar's first step.

    Args:
        track: any drum track; without notes, all bars are further ones.
        bars: at least 1.
        subdivision: see `lay_grid`.

    Raises:
        InvalidParameter: `bars` or `subdivision` is out of range.
        InvalidInput: the track is too long (see `bar_lines`).
    """
    if bars < 1:
        raise InvalidParameter(f"bars must be at least 1; got {bars}")
    return lay_grid(track, subdivision, bars=count_bars(track) + bars)
