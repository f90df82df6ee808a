"""A drum track as the page sees it: its notes on the grid that the tasks see, in ticks and in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidInput
from ghostnote.groove import Clock, DrumTrack, Grid, MetreChange, Note
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import bar_lines, lay_grid
from ghostnote.groove.reach import count_bars
from ghostnote.studio.beat_files import Kind
from ghostnote.tasks.framing import first_steps

MOST_STEPS = 65_536
_SAME = 1e-6
_COMMON_TIME = MetreChange(0, 4, 4)


@dataclass(frozen=True, eq=False)
class Reach:
    """How far a beat goes.

    Args:
        bars: with the last note's bar, and those that its file track goes on for.
        end_beats: where the last of them ends, in quarter notes.
        grid: of all of them; one step more where a hit just ahead of the end belongs to it.
    """

    bars: int
    end_beats: float
    grid: Grid


def reach_of(track: DrumTrack) -> Reach:
    """Return how far `track` goes, on the grid that tasks see it on.

    Raises:
        InvalidInput: it is too long to be shown.
    """
    bars = max(1, count_bars(track), _bars_of_file(track))
    lines = bar_lines(track, bars)
    whole = lay_grid(track, bars=bars + 1)
    steps = int(np.searchsorted(whole.bars, bars))
    if steps > MOST_STEPS:
        raise InvalidInput(f"a beat in the studio may have at most {MOST_STEPS:,} steps; got {steps:,}. Cut it")
    last = int(encode(track, whole).steps.max(initial=-1))
    grid = first_steps(whole, max(steps, last + 1))
    return Reach(bars, float(lines.starts_beats[-1] + lines.lengths_beats[-1]), grid)


def reach_seconds(track: DrumTrack) -> float:
    """Return how long the bars of `track` last."""
    return float(Clock.of(track).tick_to_seconds(reach_of(track).end_beats * track.ticks_per_beat))


def _bars_of_file(track: DrumTrack) -> int:
    """Return the number of bars up to the bar line nearest to the end of the drums' file track."""
    homes = {note.track for note in track.notes} or set(range(len(track.track_ends)))
    end = max(track.track_ends[home] for home in homes)
    bars = count_bars(track.with_notes([Note(end, 0, 1)]))
    lines = bar_lines(track, bars)
    into_last = end / track.ticks_per_beat - float(lines.starts_beats[-1])
    return bars if into_last >= 0.5 * float(lines.lengths_beats[-1]) else bars - 1


def view(track: DrumTrack, kind: Kind, order: Sequence[int] | None = None) -> dict[str, Any]:
    """Return what the page knows of `track`: everything of a `Beat` but id, name and warnings.

    Args:
        track: to show.
        kind: notes of a rhythm have no voice.
        order: indices of all notes, in which they are listed; as they begin if None.

    Raises:
        InvalidInput: it is too long to be shown.
    """
    reach = reach_of(track)
    grid, clock, per_beat = reach.grid, Clock.of(track), track.ticks_per_beat
    encoding = encode(track, grid)
    ticks = np.array([note.tick for note in track.notes], dtype=np.int64)
    seconds = _rounded(clock.tick_to_seconds(ticks), 9)
    at = encoding.steps.clip(0)
    offsets = _rounded((ticks / per_beat - grid.onsets_beats[at]) / grid.lengths_beats[at], 6)
    steps = encoding.steps.tolist()
    notes = []
    for i in range(len(track.notes)) if order is None else order:
        note = track.notes[i]
        voice = track.voice_of(note) if kind == "drums" else None
        on_grid = steps[i] >= 0
        notes.append(
            {
                "tick": note.tick,
                "pitch": note.pitch,
                "velocity": note.velocity,
                "voice": None if voice is None else str(voice),
                "seconds": seconds[i],
                "step": steps[i] if on_grid else None,
                "offset": offsets[i] if on_grid else None,
            }
        )
    onsets = grid.onsets_beats * per_beat
    first = _metre_at(track, 0)
    return {
        "kind": kind,
        "tempo_bpm": round(float(grid.tempos_bpm[0]), 3),
        "metre": [first.numerator, first.denominator],
        "bars": reach.bars,
        "ticks_per_beat": per_beat,
        "duration_seconds": round(float(clock.tick_to_seconds(reach.end_beats * per_beat)), 9),
        "notes": notes,
        "grid": {
            "ticks": _rounded(onsets, 3),
            "seconds": _rounded(clock.tick_to_seconds(onsets), 9),
            "bars": grid.bars.tolist(),
            "beat": _beats(track, grid).tolist(),
        },
    }


def _beats(track: DrumTrack, grid: Grid) -> NDArray[np.bool_]:
    """Return which steps begin a beat: a quarter note, or a dotted one in 6/8, 9/8, 12/8."""
    changes = sorted({0, *(metre.tick for metre in track.metres)})
    compound = [_is_compound(_metre_at(track, tick)) for tick in changes]
    onsets = grid.onsets_beats * track.ticks_per_beat + _SAME
    which = np.searchsorted(np.array(changes), onsets, side="right") - 1
    length = np.where(np.array(compound)[which.clip(0)], 1.5, 1.0)
    return np.asarray(np.abs(grid.positions_beats / length - np.round(grid.positions_beats / length)) < _SAME)


def _is_compound(metre: MetreChange) -> bool:
    return metre.denominator == 8 and metre.numerator > 3 and metre.numerator % 3 == 0


def _metre_at(track: DrumTrack, tick: int) -> MetreChange:
    begun = [metre for metre in track.metres if metre.tick <= tick]
    return begun[-1] if begun else replace(_COMMON_TIME, tick=0)


def _rounded(values: NDArray[np.float64], digits: int) -> list[float]:
    return [int(v) if v == int(v) else v for v in np.round(values, digits).tolist()]
