"""Generate: new beats out of nothing but a grid, a style and a seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumMap, DrumTrack, Grid, Groove, MetreChange, TempoChange
from ghostnote.groove.decode import DEFAULT_TICKS_PER_BEAT, new_track
from ghostnote.groove.transforms import Partial, Tap, nothing
from ghostnote.midi.maps import DEFAULT_MAP, drum_map
from ghostnote.models.composer import Composer
from ghostnote.models.performer import Performer
from ghostnote.tasks.complete import Wish, complete

MOST_BARS = 1024
_ATTEMPTS, _OTHER_SEEDS = 3, 1_000_003  # to fill bars that came out empty
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0


def generate(
    *,
    bars: int = 4,
    style: str | None = None,
    tempo_bpm: float = 120.0,
    metre: tuple[int, int] = (4, 4),
    density: float | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    kit_map: DrumMap | None = None,
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return a new beat.

    Args:
        bars: 1…1024.
        style: one of `load_performer().styles`, or None.
        tempo_bpm: quarter notes per minute, 20…400.
        metre: beats of a bar and their note value, such as (7, 8); a bar has at most 16 quarter notes.
        density: hits per beat of the whole kit to aim at, in 0…36, or None.
        temperature: variety, 0…2; 0 gives the one likeliest beat.
        seed: another seed is another beat.
        kit_map: gives the pitches to write; General MIDI if None.
        composer, performer: models of your own; the chosen or shipped ones if None.

    Raises:
        InvalidParameter: an argument is outside its range.
    """
    if not 1 <= bars <= MOST_BARS:
        raise InvalidParameter(f"bars must lie in 1…{MOST_BARS}; got {bars}")
    if not SLOWEST_BPM <= tempo_bpm <= FASTEST_BPM:
        raise InvalidParameter(f"tempo_bpm must lie in {SLOWEST_BPM:g}…{FASTEST_BPM:g}; got {tempo_bpm:g}")
    count, value = metre
    if value not in (1, 2, 4, 8, 16) or not 1 <= count <= 4 * value:
        raise InvalidParameter(
            f"metre must be COUNT/VALUE with VALUE 1, 2, 4, 8 or 16 and at most 16 quarter notes; got {count}/{value}"
        )
    grid = Grid.uniform(bars, tempo_bpm=tempo_bpm, bar_beats=4.0 * count / value)
    wish = Wish(style=style, kind="beat", density=density, temperature=temperature)
    groove = complete(nothing(grid), wish, seed=seed, composer=composer, performer=performer)
    for attempt in range(_ATTEMPTS):
        partial = _with_holes_open(groove)
        if partial is None:
            break
        again = seed + (attempt + 1) * _OTHER_SEEDS
        groove = complete(partial, wish, seed=again, composer=composer, performer=performer)
    kit = kit_map or drum_map(DEFAULT_MAP)
    # A bar of three quarter notes may be 3/4 or 6/8: the grid does not know, the file must say.
    end = round(bars * 4 * count / value * DEFAULT_TICKS_PER_BEAT)
    tempo, bar = TempoChange(0, round(60e6 / tempo_bpm)), MetreChange(0, count, value)
    track = new_track(groove, kit, like=DrumTrack((), DEFAULT_TICKS_PER_BEAT, kit, (tempo,), (bar,), track_ends=(end,)))
    if not track.notes:
        silent = "the beat came out silent: ask for more density or temperature, or take another seed"
        track = replace(track, warnings=(silent,))
    return track


def _with_holes_open(groove: Groove) -> Partial | None:
    """Return `groove` with its empty bars to be written anew, something on each downbeat; None if there is none."""
    bars = groove.grid.bars
    empty = [bar for bar in range(int(bars.max()) + 1) if not groove.hits[bars == bar].any()]
    if not empty or not groove.hits.any():
        return None
    unknown = np.isin(bars, empty)[:, None] & np.ones(groove.hits.shape, dtype=bool)
    hits, velocities, offsets = (
        np.where(unknown, np.nan, values) for values in (groove.hits, groove.velocities, groove.offsets)
    )
    downbeat = unknown[:, :1] & (groove.grid.positions_beats == 0.0)[:, None]
    nothing_said = np.full(downbeat.shape, np.nan, dtype=np.float32)
    some = Tap(np.where(downbeat, 1.0, np.nan).astype(np.float32), nothing_said, nothing_said)
    return Partial(hits, velocities, offsets, groove.grid, some)
