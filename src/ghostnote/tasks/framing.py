"""What the tasks share: a track on its grid, which of its cells are free, and what of it is an example to follow."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import VOICES, DrumTrack, Grid, Groove, Voice
from ghostnote.groove.encode import Encoding, encode
from ghostnote.groove.grid import Subdivision, lay_grid
from ghostnote.groove.programming import timing_is_programmed
from ghostnote.groove.reach import count_bars
from ghostnote.groove.transforms import Partial
from ghostnote.tasks.accents import accented_voices

FINEST_TICKS_PER_BEAT = 480  # the resolution of the data that the models learned from: 1 ms at 125 bpm
LONGEST_TICKS = 2**28 - 1  # the longest time between two events that a MIDI file can say
Cells = NDArray[np.bool_]


def check_drums(track: DrumTrack) -> None:
    """Raise `InvalidInput` where `track` has no drum note."""
    if not any(track.voice_of(note) for note in track.notes):
        raise InvalidInput(
            f"the track must have drum notes that the map {track.drum_map.name!r} knows; got {len(track.notes)} notes, "
            "none of them mapped. Is the channel or the map wrong?"
        )


def refined(track: DrumTrack) -> DrumTrack:
    """Return `track` with at least 480 ticks per beat, as far as a MIDI file can hold its length."""
    last = max([1, *track.track_ends, *(n.tick for n in track.notes), *(event.tick for event in track.others)])
    return track.with_resolution(max(1, min(-(-FINEST_TICKS_PER_BEAT // track.ticks_per_beat), LONGEST_TICKS // last)))


def see(track: DrumTrack, subdivision: Subdivision = "auto") -> Encoding:
    """Return `track` on a grid that ends with the bar of its last note, or with the step which that note belongs to."""
    grid = lay_grid(track, subdivision, bars=count_bars(track) + 1)
    whole = encode(track, grid)
    bars_end = int(np.searchsorted(grid.bars, count_bars(track)))
    return encode(track, first_steps(grid, max(bars_end, int(whole.steps.max(initial=-1)) + 1)))


def first_steps(grid: Grid, steps: int) -> Grid:
    """Return the first `steps` steps of `grid`."""
    return Grid(**{name: values[:steps] for name, values in vars(grid).items()})


def free_cells(
    grid: Grid, *, voices: Collection[Voice] = (), lock: Collection[Voice] = (), bars: tuple[int, int] | None = None
) -> Cells:
    """Return `(steps, voices)`, which cells may be changed.

    Args:
        grid: of the track.
        voices: that may be changed; all if empty.
        lock: voices that stay.
        bars: first and last bar that may be changed, counted from 1, both included; None for all.

    Raises:
        InvalidParameter: bars lie outside the track, or nothing is left to change.
    """
    allowed = np.array([(not voices or voice in voices) and voice not in lock for voice in VOICES])
    free = np.broadcast_to(allowed, (len(grid), len(VOICES))).copy()
    if bars is not None:
        first, last = bars
        total = int(grid.bars.max()) + 1
        if not 1 <= first <= last:
            raise InvalidParameter(f"bars must be FIRST-LAST with 1 <= FIRST <= LAST; got {first}-{last}")
        if first > total:
            raise InvalidParameter(f"bars must begin within the track's {total} bars; got {first}-{last}")
        free &= ((grid.bars + 1 >= first) & (grid.bars + 1 <= last))[:, None]
    if not free.any():
        raise InvalidParameter(
            f"something must be left to change; of the voices {_names(voices or VOICES)} all are locked "
            f"({_names(lock)}). Lock fewer voices"
        )
    return free


def as_example(track: DrumTrack, groove: Groove, free: Cells) -> Partial:
    """Return `groove` without its free cells, for a model that is to fit them to the rest.

    A machine's flat levels and exact timing are no example to follow: they count as unknown, else what is added would
    be as flat. What a person played is followed.
    """
    hits = np.where(free, np.nan, groove.hits)
    velocities = np.where(free, np.nan, groove.velocities)
    offsets = np.where(free, np.nan, groove.offsets)
    steps, voices = np.nonzero(groove.hits)
    levels = np.round(groove.velocities[steps, voices] * 127).astype(np.int64)
    flat = ~accented_voices(levels, voices)
    velocities[:, flat] = np.where(groove.hits[:, flat] > 0, np.nan, velocities[:, flat])
    if timing_is_programmed(track):
        offsets = np.where(groove.hits > 0, np.nan, offsets)
    return Partial(hits, velocities, offsets, groove.grid)


def _names(voices: Collection[Voice]) -> str:
    return ", ".join(voice for voice in VOICES if voice in voices)
