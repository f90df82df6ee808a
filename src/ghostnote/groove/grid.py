"""Lay a grid under a drum track: bars from its metres, 16ths or triplets beat by beat, tempo per step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove.clock import Clock
from ghostnote.groove.hvo import Grid
from ghostnote.groove.notes import DrumTrack

Subdivision = Literal["auto", "16ths", "triplets"]
MAX_STEPS = 1_000_000
_EXACT_BEATS = 0.02  # a programmed note lies this close to its grid position
_OFF_16THS_BEATS = 0.05  # and a triplet at least this far from every 16th


@dataclass(frozen=True, eq=False)
class BarLines:
    """Where bars begin.

    Args:
        starts_beats: `(bars,)`, in quarter notes from the file's start.
        lengths_beats: `(bars,)`, as counted in (a metre change may cut the last bar of its section short).
        metre_beats: `(bars,)`, full length of a bar of the metre in force.
    """

    starts_beats: NDArray[np.float64]
    lengths_beats: NDArray[np.float64]
    metre_beats: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts_beats)


def bar_lines(track: DrumTrack, bars: int | None = None) -> BarLines:
    """Return the bars of `track` from beat 0 until one bar after its last note, or exactly the first `bars`.

    Raises:
        InvalidParameter: `bars` is not positive, or far too large.
        InvalidInput: the track would have more than `MAX_STEPS` steps, as only broken files do.
    """
    if bars is not None and bars < 1:
        raise InvalidParameter(f"bars must be at least 1; got {bars}")
    by_tick = {0: 4.0}
    by_tick.update({metre.tick: metre.bar_beats for metre in track.metres})
    last_tick = track.notes[-1].tick if track.notes else 0
    changes = [tick for tick in sorted(by_tick) if bars is not None or tick <= last_tick]
    parts: list[tuple[NDArray[np.float64], NDArray[np.float64], float]] = []
    total, missing = 0.0, bars
    for tick, following in zip(changes, [*changes[1:], None], strict=True):
        bar_beats = by_tick[tick]
        start = tick / track.ticks_per_beat
        if following is None:
            count = int((last_tick / track.ticks_per_beat - start) // bar_beats) + 2 if missing is None else missing
            end = start + count * bar_beats
        else:
            end = following / track.ticks_per_beat
            count = int(np.ceil((end - start) / bar_beats))
        if missing is not None and count >= missing:
            count, end = missing, min(end, start + missing * bar_beats)
        total += 4 * (end - start) + count
        if total > MAX_STEPS:
            if bars is not None:
                raise InvalidParameter(f"bars must make fewer than {MAX_STEPS} steps; got {bars}")
            raise InvalidInput(
                f"the track must be shorter than {MAX_STEPS} steps; its last note lies at beat "
                f"{last_tick / track.ticks_per_beat:.0f}. Is the file broken?"
            )
        starts = start + bar_beats * np.arange(count, dtype=np.float64)
        parts.append((starts, np.minimum(bar_beats, end - starts, dtype=np.float64), bar_beats))
        if missing is not None:
            missing -= count
            if not missing:
                break
    return BarLines(
        np.concatenate([starts for starts, _, _ in parts]),
        np.concatenate([lengths for _, lengths, _ in parts]),
        np.concatenate([np.full(len(starts), beats) for starts, _, beats in parts]),
    )


def lay_grid(track: DrumTrack, subdivision: Subdivision = "auto", bars: int | None = None) -> Grid:
    """Return a grid of 16ths and triplets that fits `track`.

    Args:
        track: any drum track; tempo and metre changes are followed.
        subdivision: "16ths", "triplets" (of an 8th), or "auto": beats whose notes sit exactly on triplets get
            triplets; in a track that was played rather than programmed, all beats get what fits its notes better.
        bars: how many, from the file's start; None for one more than that of the last note. Bars that are asked for
            are there to be written in: in beats whose notes say nothing, "auto" goes on in the feel that prevails.

    Raises:
        InvalidParameter: `subdivision` is none of these, or `bars` is out of range.
        InvalidInput: the track is too long (see `bar_lines`).
    """
    if subdivision not in get_args(Subdivision):
        raise InvalidParameter(f"subdivision must be one of {', '.join(get_args(Subdivision))}; got {subdivision!r}")
    lines = bar_lines(track, bars)
    beats_in_bar = np.ceil(lines.lengths_beats).astype(np.int64)
    bar_of_beat = np.repeat(np.arange(len(lines)), beats_in_bar)
    beat_in_bar = np.arange(len(bar_of_beat)) - np.repeat(np.cumsum(beats_in_bar) - beats_in_bar, beats_in_bar)
    beat_lengths = np.minimum(1.0, lines.lengths_beats[bar_of_beat] - beat_in_bar)
    beat_starts = lines.starts_beats[bar_of_beat] + beat_in_bar
    triplet = _triplet_beats(track, beat_starts, subdivision, goes_on=bars is not None) & (beat_lengths == 1.0)

    step = np.where(triplet, 1.0 / 3.0, 0.25)
    count = np.where(triplet, 3, np.ceil(beat_lengths * 4)).astype(np.int64)
    beat = np.repeat(np.arange(len(beat_starts)), count)
    within = np.arange(len(beat)) - np.repeat(np.cumsum(count) - count, count)
    onsets = beat_starts[beat] + within * step[beat]
    bar = bar_of_beat[beat]
    return Grid(
        onsets_beats=onsets,
        lengths_beats=np.minimum(step[beat], beat_starts[beat] + beat_lengths[beat] - onsets),
        bars=bar,
        positions_beats=onsets - lines.starts_beats[bar],
        bar_beats=lines.metre_beats[bar],
        tempos_bpm=Clock.of(track).tempo_bpm_at(onsets * track.ticks_per_beat, track.ticks_per_beat),
    )


def _triplet_beats(
    track: DrumTrack, beat_starts: NDArray[np.float64], subdivision: Subdivision, *, goes_on: bool
) -> NDArray[np.bool_]:
    if subdivision != "auto" or not track.notes:
        return np.full(len(beat_starts), subdivision == "triplets")
    onsets = np.array([note.tick for note in track.notes]) / track.ticks_per_beat
    beat = np.searchsorted(beat_starts, onsets, side="right").clip(1) - 1
    within = onsets - beat_starts[beat]
    from_16th = np.abs(within - np.round(within * 4) / 4)
    from_triplet = np.abs(within - np.round(within * 3) / 3)
    programmed = np.mean(np.minimum(from_16th, from_triplet) < _EXACT_BEATS) > 0.9
    if not programmed:
        off_beat = (within > 0.125) & (within < 0.875)
        played_in_triplets = off_beat.any() and from_triplet[off_beat].mean() < 0.6 * from_16th[off_beat].mean()
        return np.full(len(beat_starts), bool(played_in_triplets))
    some_triplet = np.zeros(len(beat_starts), dtype=bool)
    some_16th = np.zeros(len(beat_starts), dtype=bool)
    inside = within < 1.0  # where fewer bars are asked for than there are, notes lie behind the last beat
    some_triplet[beat[inside & (from_triplet < _EXACT_BEATS) & (from_16th > _OFF_16THS_BEATS)]] = True
    some_16th[beat[inside & (from_16th < _EXACT_BEATS) & (from_triplet > _OFF_16THS_BEATS)]] = True
    triplet = some_triplet & ~some_16th
    if goes_on:
        triplet[~some_triplet & ~some_16th] = triplet.sum() > some_16th.sum()
    return triplet
