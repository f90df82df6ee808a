"""Interpolate: a smooth path between two beats."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import DrumTrack, Grid, Groove
from ghostnote.groove.decode import new_track
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import Subdivision, lay_grid
from ghostnote.groove.joining import join_tracks
from ghostnote.groove.reach import count_bars
from ghostnote.groove.transforms import Partial, nothing
from ghostnote.models.composer import Composer, load_composer
from ghostnote.tasks.complete import Wish, write_hits
from ghostnote.tasks.framing import check_drums

MOST_STEPS = 65
_TRIALS = 12  # points of the path at which the composer is asked
_FAITH = 12.0  # log-odds by which each end holds on to its hits, at the end itself


def interpolate(
    first: DrumTrack,
    second: DrumTrack,
    *,
    steps: int = 5,
    subdivision: Subdivision = "16ths",
    composer: Composer | None = None,
) -> tuple[DrumTrack, ...]:
    """Return `steps` beats that lead from `first` to `second`, both included.

    Args:
        first, second: in one metre throughout; the shorter is repeated until both are equally long.
        steps: 2…65.
        subdivision: the grid that both are seen on.
        composer: a model of your own; the chosen or shipped one if None.

    Returns:
        The first and the last are exactly the notes of `first` and `second` (themselves, where they need not be
        repeated). Those between are made of the nine voices, at the pitches of `first`'s map: ornaments and unmapped
        notes are not theirs.

    Raises:
        InvalidParameter: `steps` is out of range.
        InvalidInput: there is no drum note, or the metres differ.
    """
    if not 2 <= steps <= MOST_STEPS:
        raise InvalidParameter(f"steps must lie in 2…{MOST_STEPS}, both ends included; got {steps}")
    ends = [loop_groove(track, subdivision) for track in (first, second)]
    check_metres(*ends)
    bars = max(int(end.grid.bars.max()) + 1 for end in ends)
    start, end = (repeated(groove, bars) for groove in ends)
    check_steps(start, end)
    path = interpolate_grooves(start, end, steps=steps, composer=composer)
    tracks = [new_track(groove, first.drum_map) for groove in path]
    for place, track, groove in ((0, first, ends[0]), (-1, second, ends[1])):
        tracks[place] = repeated_track(track, int(groove.grid.bars.max()) + 1, bars, float(groove.grid.bar_beats[0]))
    return tuple(tracks)


def interpolate_grooves(
    first: Groove,
    second: Groove,
    *,
    steps: int = 5,
    composer: Composer | None = None,
) -> tuple[Groove, ...]:
    """Return `steps` grooves from `first` to `second`, on grids of one layout, both included and unchanged.

    What both ends play stays, with velocities and offsets blended. What only one of them plays goes or comes at some
    point of the path, one hit after the other, evenly: the composer, with the latents of both ends blended, says in
    which order, by writing the beats between the ends that it finds likely.
    """
    composer = composer or load_composer()
    order = _order_of_change(first, second, composer)
    path = [first]
    for share in np.linspace(0.0, 1.0, steps)[1:-1].tolist():
        turned = order < share
        hits = np.where(turned, second.hits, first.hits)
        blend = np.where((first.hits > 0) & (second.hits > 0), share, turned.astype(np.float64))
        velocities, offsets = (
            (hits * ((1.0 - blend) * a + blend * b)).astype(np.float32)
            for a, b in ((first.velocities, second.velocities), (first.offsets, second.offsets))
        )
        path.append(Groove(hits, velocities, offsets, _grid_between(first.grid, second.grid, share)))
    return (*path, second)


def _order_of_change(first: Groove, second: Groove, composer: Composer) -> NDArray[np.float64]:
    """Return for each cell the place on the path at which it turns from what `first` has to what `second` has.

    Cells that both share have none that matters. Of the others, in the order in which the composer turns them, each has
    as much of the path as the next.
    """
    shares = (np.arange(_TRIALS) + 0.5) / _TRIALS
    latents = [composer.listen(groove).mean for groove in (first, second)]
    signs = [2.0 * groove.hits - 1.0 for groove in (first, second)]
    wishes, partials = [], []
    for share in shares.tolist():
        blended = (1.0 - share) * latents[0] + share * latents[1]
        # An end holds on to its hits the more, the nearer it is.
        bias = _FAITH * ((1.0 - share) ** 3 * signs[0] + share**3 * signs[1])
        wishes.append(Wish(latents=blended.astype(np.float32), bias=bias.astype(np.float32)))
        partials.append(_shared(first, second, _grid_between(first.grid, second.grid, share)))
    # One seed for all: every trial draws with the same chances, so that neighbours are alike.
    written = np.stack(write_hits(partials, wishes, [0] * _TRIALS, composer=composer))
    turned = (written == second.hits).mean(axis=0)  # the share of the path on which the cell has turned
    order = np.zeros(first.hits.shape)
    # Of hits that the composer turns together, strong places of the bar come first and go last.
    strength = np.broadcast_to(_strength(first.grid)[:, None], order.shape)
    # Hits that go and hits that come are ranked apart, so that the beat does not run dry half way.
    for changing, sign in ((first.hits > second.hits, -1.0), (first.hits < second.hits, 1.0)):
        cells = np.flatnonzero(changing)
        soon = turned.flat[cells] + 1e-3 * sign * strength.flat[cells]
        ranked = cells[np.argsort(-soon, kind="stable")]
        order.flat[ranked] = (np.arange(len(ranked)) + 0.5) / max(len(ranked), 1)
    return order


def _strength(grid: Grid) -> NDArray[np.float64]:
    """Return how strong the place of each step in its bar is, `(steps,)`: halves, beats, eighths, the rest."""
    halves = [
        np.abs(np.round(grid.positions_beats / unit) * unit - grid.positions_beats) < 1e-6 for unit in (0.5, 1, 2, 4)
    ]
    return np.asarray(np.sum(halves, axis=0), dtype=np.float64)


def _shared(first: Groove, second: Groove, grid: Grid) -> Partial:
    """Return the hits and rests that both have; all else is unknown."""
    bare = nothing(grid)
    return replace(bare, hits=np.where(first.hits == second.hits, first.hits, np.nan).astype(np.float32))


def _grid_between(first: Grid, second: Grid, share: float) -> Grid:
    """Return the grid of `first` at a tempo between both, in equal steps of percent."""
    return replace(first, tempos_bpm=first.tempos_bpm ** (1.0 - share) * second.tempos_bpm**share)


def loop_groove(track: DrumTrack, subdivision: Subdivision) -> Groove:
    """Return `track` on a grid of whole bars.

    Raises:
        InvalidInput: there is no drum note.
    """
    check_drums(track)
    return encode(track, lay_grid(track, subdivision, bars=count_bars(track))).groove


def check_metres(first: Groove, second: Groove) -> None:
    """Raise `InvalidInput` unless both are in one and the same metre throughout."""
    lengths = [sorted(set(groove.grid.bar_beats.tolist())) for groove in (first, second)]
    if lengths[0] != lengths[1] or len(lengths[0]) != 1:
        told = [", ".join(f"{beats:g}" for beats in found) for found in lengths]
        raise InvalidInput(
            f"both beats must be in one and the same metre throughout; got bars of {told[0]} and of {told[1]} quarters"
        )


def check_steps(first: Groove, second: Groove) -> None:
    """Raise `InvalidInput` unless both lie on the same steps."""
    same = len(first.grid) == len(second.grid) and np.allclose(first.grid.onsets_beats, second.grid.onsets_beats)
    if not same or not np.allclose(first.grid.lengths_beats, second.grid.lengths_beats):
        raise InvalidInput(
            "both beats must have the same steps in each bar; theirs differ. Use 16ths for both, and whole bars"
        )


def repeated_track(track: DrumTrack, own: int, bars: int, bar_beats: float) -> DrumTrack:
    """Return `track`, of `own` bars, note for note as a loop over `bars` bars."""
    if own == bars:
        return track
    looped = join_tracks([track] * math.ceil(bars / own))
    end = round(bars * bar_beats * looped.ticks_per_beat)
    return replace(
        looped,
        notes=tuple(note for note in looped.notes if note.tick < end),
        track_ends=tuple(min(tick, end) for tick in looped.track_ends),
    )


def repeated(groove: Groove, bars: int) -> Groove:
    """Return `groove` as a loop over `bars` bars."""
    own = int(groove.grid.bars.max()) + 1
    times = math.ceil(bars / own)
    steps = len(groove.grid) * bars // own
    length = own * float(groove.grid.bar_beats[0])

    def tile(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.tile(values, (times, 1))[:steps]

    turn = np.repeat(np.arange(times), len(groove.grid))[:steps]
    grid = Grid(**{name: np.tile(values, times)[:steps] for name, values in vars(groove.grid).items()})
    grid = replace(grid, onsets_beats=grid.onsets_beats + turn * length, bars=grid.bars + turn * own)
    return Groove(tile(groove.hits), tile(groove.velocities), tile(groove.offsets), grid)
