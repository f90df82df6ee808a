"""Bars of grooves become patterns of loops: nine voices to a few rows, microtiming to swing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import VOICES, DrumTrack, Groove, Voice
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import Subdivision, lay_grid
from ghostnote.groove.reach import count_bars
from ghostnote.loops.loop import FASTEST_BPM, MOST_SWING, SLOWEST_BPM, Loop
from ghostnote.loops.pattern import STEPS_PER_BEAT, Pattern
from ghostnote.sounds.sound import Sound

Floats = NDArray[np.float32]

_FIRST = (Voice.KICK, Voice.SNARE)
_FOLDS: dict[Voice, tuple[Voice, ...]] = {
    Voice.CLOSED_HIHAT: (Voice.OPEN_HIHAT, Voice.RIDE),
    Voice.OPEN_HIHAT: (Voice.CLOSED_HIHAT, Voice.RIDE),
    Voice.RIDE: (Voice.CLOSED_HIHAT, Voice.OPEN_HIHAT, Voice.CRASH),
    Voice.CRASH: (Voice.RIDE, Voice.OPEN_HIHAT, Voice.CLOSED_HIHAT),
    Voice.LOW_TOM: (Voice.MID_TOM, Voice.HIGH_TOM),
    Voice.MID_TOM: (Voice.LOW_TOM, Voice.HIGH_TOM),
    Voice.HIGH_TOM: (Voice.MID_TOM, Voice.LOW_TOM),
}
_USUAL = (
    Voice.KICK,
    Voice.SNARE,
    Voice.CLOSED_HIHAT,
    Voice.OPEN_HIHAT,
    Voice.RIDE,
    Voice.LOW_TOM,
    Voice.CRASH,
    Voice.HIGH_TOM,
    Voice.MID_TOM,
)
_LEAST_SWING = 0.06  # below it lies what a drummer does without meaning it: 7 ms at 120 bpm
_LATEST_OFFSET = 0.499
_STEP_BEATS = 1.0 / STEPS_PER_BEAT


@dataclass(frozen=True, eq=False)
class Bar:
    """One bar of a groove in 16ths.

    Args:
        hits, velocities, offsets: `(steps, voices)`, as in `ghostnote.groove.Groove`.
        tempo_bpm: quarter notes per minute.
    """

    hits: Floats
    velocities: Floats
    offsets: Floats
    tempo_bpm: float


@dataclass(frozen=True, eq=False)
class Cut:
    """What came of cutting a track into bars.

    Args:
        bars: those that have hits and the wanted number of 16ths.
        empty: how many others had no hit.
        other_length: how many others are of another length, or in triplets.
    """

    bars: tuple[Bar, ...]
    empty: int
    other_length: int


def bars_of_track(track: DrumTrack, steps: int, subdivision: Subdivision = "auto") -> Cut:
    """Return the bars of `track` that have `steps` 16ths; as many bars in a row as make up that number count as one.

    A hit played just ahead of a bar belongs to its first step; one just ahead of the end belongs to no bar.

    Raises:
        InvalidInput: the track is too long (see `lay_grid`).
    """
    groove = encode(track, lay_grid(track, subdivision)).groove
    return bars_of_groove(groove, steps, count_bars(track))


def bars_of_groove(groove: Groove, steps: int, count: int | None = None) -> Cut:
    """Return the first `count` bars of `groove`, or all, that have `steps` 16ths each; see `bars_of_track`."""
    grid = groove.grid
    count = int(grid.bars.max(initial=-1)) + 1 if count is None else count
    bounds = np.searchsorted(grid.bars, np.arange(count + 1))
    sixteenths = np.isclose(grid.lengths_beats, _STEP_BEATS)
    bars: list[Bar] = []
    empty = other_length = 0
    number = 0
    while number < count:
        start, last = int(bounds[number]), number + 1
        while last < count and bounds[last] - start < steps:
            last += 1
        end = int(bounds[last])
        if end - start != steps or not sixteenths[start:end].all():
            other_length, number = other_length + 1, number + 1
            continue
        number = last
        if not groove.hits[start:end].any():
            empty += 1
            continue
        tempo_bpm = round(float(grid.tempos_bpm[start]), 3)
        at = slice(start, end)
        bars.append(Bar(groove.hits[at], groove.velocities[at], groove.offsets[at], tempo_bpm))
    return Cut(tuple(bars), empty, other_length)


def voices_of_bar(bar: Bar, rows: int) -> tuple[Voice, ...]:
    """Return which voices get the rows, in the order of the kit: kick and snare if they play, then what plays most.

    Voices that do not play take the rows that are left, the usual ones first: a mutation finds a sensible sound there.
    """
    counts = bar.hits.sum(axis=0)
    playing = sorted(
        (voice for voice in VOICES if counts[voice.column]),
        key=lambda voice: (voice not in _FIRST, -counts[voice.column], voice.column),
    )
    chosen = [*playing, *(voice for voice in _USUAL if not counts[voice.column])][:rows]
    return tuple(sorted(chosen, key=lambda voice: voice.column))


def fold_voices(bar: Bar, voices: tuple[Voice, ...]) -> Bar:
    """Return `bar` with `voices` alone: what another voice plays goes to its nearest relative among them.

    So time is kept by one hi-hat where two have no place. Of two hits on one cell the louder stays. What has no
    relative among `voices` is left out.
    """
    hits, velocities, offsets = bar.hits.copy(), bar.velocities.copy(), bar.offsets.copy()
    for voice in VOICES:
        if voice in voices:
            continue
        here = voice.column
        target = next((relative for relative in _FOLDS.get(voice, ()) if relative in voices), None)
        if target is not None:
            there = target.column
            moves = (bar.hits[:, here] > 0) & (bar.velocities[:, here] > velocities[:, there])
            for values, own in ((hits, bar.hits), (velocities, bar.velocities), (offsets, bar.offsets)):
                values[moves, there] = own[moves, here]
        for values in (hits, velocities, offsets):
            values[:, here] = 0.0
    return Bar(hits, velocities, offsets, bar.tempo_bpm)


def swing_of(bar: Bar) -> float:
    """Return by how much of a step the bar's off-16ths are late against its 8ths, 0…0.5: the difference of medians.

    0 where fewer than two off-16ths say something, and below 0.06, which is no swing but a drummer.
    """
    odd = (bar.hits > 0) & (np.arange(len(bar.hits)) % 2 == 1)[:, None]
    even = (bar.hits > 0) & ~odd
    if odd.sum() < 2 or not even.any():
        return 0.0
    late = float(np.median(bar.offsets[odd]) - np.median(bar.offsets[even]))
    return 0.0 if late < _LEAST_SWING else min(round(late, 2), MOST_SWING)


@dataclass(frozen=True, eq=False)
class Arrangement:
    """A bar laid out for the rows of a loop; only the sounds are missing.

    Args:
        pattern: `(steps, rows)`.
        voices: one for each row.
        tempo_bpm: of the bar, brought into the range of loops.
        swing: of the bar, in steps.
    """

    pattern: Pattern
    voices: tuple[Voice, ...]
    tempo_bpm: float
    swing: float

    @property
    def hits_per_beat(self) -> float:
        """Density of all rows together."""
        return float(self.pattern.hits.sum()) * STEPS_PER_BEAT / self.pattern.steps

    def loop(
        self,
        sound_of: Callable[[Voice], Sound],
        *,
        tempo_bpm: float | None = None,
        swing: float | None = None,
        seed: int = 0,
    ) -> Loop:
        """Return the loop with these sounds.

        Args:
            sound_of: gives each row's sound; asked once per row, from the first to the last.
            tempo_bpm: the bar's own if None.
            swing: in steps; the bar's own if None.
            seed: of the loop.
        """
        return Loop(
            self.pattern,
            tuple(sound_of(voice) for voice in self.voices),
            self.tempo_bpm if tempo_bpm is None else tempo_bpm,
            self.swing if swing is None else swing,
            seed,
        )


def arrange(bar: Bar, rows: int, *, velocities: bool = True, microtiming: bool = False) -> Arrangement:
    """Return `bar` laid out for a loop.

    Args:
        bar: to take the hits from.
        rows: 1…8; see `voices_of_bar` and `fold_voices`.
        velocities: whether hits keep their loudness.
        microtiming: whether hits keep what their offsets say beyond the bar's swing.
    """
    voices = voices_of_bar(bar, rows)
    columns = [voice.column for voice in voices]
    folded, swing = fold_voices(bar, voices), swing_of(bar)
    hits = folded.hits[:, columns]
    late = (swing * (np.arange(len(hits)) % 2))[:, None]
    offsets = np.clip(folded.offsets[:, columns] - late, -0.5, _LATEST_OFFSET) * hits * microtiming
    pattern = Pattern(hits, folded.velocities[:, columns] if velocities else hits, offsets.astype(np.float32))
    return Arrangement(pattern, voices, min(FASTEST_BPM, max(SLOWEST_BPM, bar.tempo_bpm)), swing)
