"""Notes to a groove and back: the groove is a view, the notes stay the truth.

Every mapped note belongs to the cell (step, voice) that lies nearest. The loudest note of a cell is its *main* hit, the
only one a model sees; the others (flams, drags, rolls) are its ornaments and move rigidly with it. Unmapped notes
belong to no cell and stay where they are. See docs/adr/0002-notes-before-grid.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.hvo import Grid, Groove
from ghostnote.groove.notes import DrumTrack, Note
from ghostnote.groove.voices import VOICES

_LATEST_OFFSET = np.float32(0.5 - 1e-6)


@dataclass(frozen=True, eq=False)
class Encoding:
    """A groove and where each note of its track went.

    Args:
        groove: the view.
        steps: `(notes,)`, step of each note; -1 for an unmapped one.
        voices: `(notes,)`, column of each note; -1 for an unmapped one.
        mains: `(notes,)`, index of the main hit of the note's cell (itself, for a main hit and an unmapped note).
    """

    groove: Groove
    steps: NDArray[np.int64]
    voices: NDArray[np.int64]
    mains: NDArray[np.int64]

    @property
    def is_main(self) -> NDArray[np.bool_]:
        """`(notes,)`, whether the model sees the note."""
        return np.asarray((self.mains == np.arange(len(self.mains))) & (self.steps >= 0))


@dataclass(frozen=True)
class Moved:
    """A track after its main hits were moved.

    Args:
        track: the same notes in number, pitch, channel and track.
        held_at_start: how many hits would have begun before the file does and are held at its first tick.
    """

    track: DrumTrack
    held_at_start: int


def encode(track: DrumTrack, grid: Grid) -> Encoding:
    """Return `track` seen on `grid`."""
    count = len(track.notes)
    onsets = np.array([note.tick for note in track.notes], dtype=np.float64) / track.ticks_per_beat
    voice_of = {voice: voice.column for voice in VOICES}
    voices = np.array([-1 if (v := track.voice_of(n)) is None else voice_of[v] for n in track.notes], dtype=np.int64)
    velocities = np.array([note.velocity for note in track.notes], dtype=np.int64)
    # The midpoint belongs to the later step: offsets lie in [-0.5, 0.5).
    midpoints = grid.onsets_beats[1:] - grid.lengths_beats[:-1] / 2
    steps = np.searchsorted(midpoints, onsets, side="right")
    steps = np.where(voices >= 0, steps, -1)

    mains = np.arange(count)
    mapped = np.flatnonzero(voices >= 0)
    cell = steps[mapped] * len(VOICES) + voices[mapped]
    away = np.round(np.abs(onsets - grid.onsets_beats[steps.clip(0)]), 9)
    # Loudest first; of equally loud ones that nearest to the grid, then the earliest.
    by_cell = mapped[np.lexsort((mapped, away[mapped], -velocities[mapped], cell))]
    sorted_cells = steps[by_cell] * len(VOICES) + voices[by_cell]
    _, first, sizes = np.unique(sorted_cells, return_index=True, return_counts=True)
    mains[by_cell] = np.repeat(by_cell[first], sizes)

    shape = (len(grid), len(VOICES))
    hits, loudness, offsets = (np.zeros(shape, dtype=np.float32) for _ in range(3))
    main = by_cell[first]
    at = (steps[main], voices[main])
    hits[at] = 1.0
    loudness[at] = velocities[main] / 127.0
    offsets[at] = ((onsets[main] - grid.onsets_beats[at[0]]) / grid.lengths_beats[at[0]]).clip(-0.5, _LATEST_OFFSET)
    return Encoding(Groove(hits, loudness, offsets, grid), steps, voices, mains)


def move_hits(
    track: DrumTrack, encoding: Encoding, shifts_beats: NDArray[np.float64], velocities: NDArray[np.int64]
) -> Moved:
    """Shift main hits and set their velocities; ornaments follow.

    Args:
        track: the track that was encoded.
        shifts_beats: `(notes,)`, positive is later; only the values of main hits count.
        velocities: `(notes,)` in 1…127; only the values of main hits count. Ornaments keep their ratio to the main hit.

    Returns:
        The same notes; where a shift would make two hits of one pitch collide or swap, the later one waits a tick.

    Raises:
        InvalidParameter: lengths differ, or a value is not finite or out of range.
    """
    count = len(track.notes)
    if shifts_beats.shape != (count,) or velocities.shape != (count,):
        raise InvalidParameter(
            f"shifts_beats and velocities must have one value per note, ({count},); "
            f"got {shifts_beats.shape} and {velocities.shape}"
        )
    if not np.isfinite(shifts_beats).all():
        raise InvalidParameter("shifts_beats must be finite; got NaN or infinity")
    if count and not (velocities.min() >= 1 and velocities.max() <= 127):
        raise InvalidParameter(f"velocities must lie in 1…127; got {velocities.min()}…{velocities.max()}")
    ticks = np.array([note.tick for note in track.notes], dtype=np.int64)
    mains = encoding.mains
    shifts = np.where(encoding.steps >= 0, np.round(shifts_beats * track.ticks_per_beat).astype(np.int64)[mains], 0)
    first_of_cell = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first_of_cell, mains, ticks)
    limited = np.maximum(shifts, -first_of_cell[mains])
    moved = ticks + limited

    new_notes: list[Note] = []
    latest: dict[tuple[int, int, int], tuple[int, int]] = {}
    for i, note in enumerate(track.notes):
        key = (note.track, note.channel, note.pitch)
        tick = int(moved[i])
        if key in latest:
            old, new = latest[key]
            if tick <= new and note.tick > old:
                tick = new + 1
            tick = max(tick, new)
        latest[key] = (note.tick, tick)
        main = int(mains[i])
        velocity = note.velocity
        if encoding.steps[i] >= 0:
            loudness = int(velocities[main])
            velocity = loudness if main == i else round(velocity * loudness / track.notes[main].velocity)
        new_notes.append(replace(note, tick=tick, velocity=min(127, max(1, velocity))))
    return Moved(track.with_notes(new_notes), int((limited != shifts).sum()))
