"""A pad between four beats: what lies between its corners in two directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack
from ghostnote.groove.decode import new_track
from ghostnote.groove.grid import Subdivision
from ghostnote.models.composer import Composer, load_composer
from ghostnote.tasks.interpolate import (
    check_metres,
    check_steps,
    interpolate_grooves,
    loop_groove,
    repeated,
    repeated_track,
)

LEAST_STEPS, MOST_STEPS = 3, 9


def interpolate_pad(
    corners: Sequence[DrumTrack],
    *,
    steps: int = 5,
    subdivision: Subdivision = "16ths",
    composer: Composer | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[tuple[DrumTrack, ...], ...]:
    """Return `steps` rows of `steps` beats between four.

    The left edge is the path from the upper left to the lower left beat, the right edge that on the right; each row is
    the path between its ends on both edges.

    Args:
        corners: upper left, upper right, lower left, lower right, in one metre throughout; shorter ones are repeated
            until all are as long as the longest.
        steps: of each side, 3…9.
        subdivision: the grid that all are seen on.
        composer: a model of your own; the chosen or shipped one if None.
        progress: called with (paths done, paths in all).

    Returns:
        Rows from top to bottom, each from left to right. The corners are exactly the notes of the four beats. Those
        between are made of the nine voices, at the pitches of the first one's map.

    Raises:
        InvalidParameter: there are not four corners, or `steps` is out of range.
        InvalidInput: there is no drum note, or metres differ.
    """
    if len(corners) != 4:
        raise InvalidParameter(f"corners must be four beats; got {len(corners)}")
    if not LEAST_STEPS <= steps <= MOST_STEPS:
        raise InvalidParameter(f"steps of a pad must lie in {LEAST_STEPS}…{MOST_STEPS}; got {steps}")
    composer = composer or load_composer()
    loops = [loop_groove(track, subdivision) for track in corners]
    bars = max(int(loop.grid.bars.max()) + 1 for loop in loops)
    ends = [repeated(loop, bars) for loop in loops]
    for loop, end in zip(loops, ends, strict=True):
        check_metres(loops[0], loop)
        check_steps(ends[0], end)

    total = 2 + steps
    _tell(progress, 0, total)
    left = interpolate_grooves(ends[0], ends[2], steps=steps, composer=composer)
    _tell(progress, 1, total)
    right = interpolate_grooves(ends[1], ends[3], steps=steps, composer=composer)
    _tell(progress, 2, total)
    rows: list[list[DrumTrack]] = []
    for row in range(steps):
        path = interpolate_grooves(left[row], right[row], steps=steps, composer=composer)
        rows.append([new_track(groove, corners[0].drum_map) for groove in path])
        _tell(progress, 3 + row, total)
    for corner, (row, column) in enumerate(((0, 0), (0, -1), (-1, 0), (-1, -1))):
        grid = loops[corner].grid
        own, bar_beats = int(grid.bars.max()) + 1, float(grid.bar_beats[0])
        rows[row][column] = repeated_track(corners[corner], own, bars, bar_beats)
    return tuple(tuple(row) for row in rows)


def _tell(progress: Callable[[int, int], None] | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
