"""What a task did to a track, in numbers that a person or a program can check."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Clock, DrumTrack


@dataclass(frozen=True)
class Account:
    """The difference between two tracks with the same notes.

    Args:
        notes_in, notes_out: equal, by the conservation law.
        notes_moved: onsets that changed.
        velocities_changed: velocities that changed.
        mean_shift_ms: over the moved notes, positive is later.
        mean_absolute_shift_ms, largest_shift_ms: over the moved notes.
        mean_velocity_change: over the changed ones, of 127.
        unmapped_notes: notes whose pitch the drum map does not know.
        warnings: of the resulting track.
    """

    notes_in: int
    notes_out: int
    notes_moved: int
    velocities_changed: int
    mean_shift_ms: float
    mean_absolute_shift_ms: float
    largest_shift_ms: float
    mean_velocity_change: float
    unmapped_notes: int
    warnings: tuple[str, ...]


def compare(before: DrumTrack, after: DrumTrack) -> Account:
    """Return what changed from `before` to `after`.

    Raises:
        InvalidParameter: a note was added, lost or re-pitched, which no task that keeps the score does.
    """
    old, new = _by_pitch(before), _by_pitch(after)
    if {key: len(notes) for key, notes in old.items()} != {key: len(notes) for key, notes in new.items()}:
        raise InvalidParameter(
            f"before and after must hold the same notes; got {len(before.notes)} and {len(after.notes)} notes, "
            "or other pitches"
        )
    keys = sorted(old)
    shifts = 1e3 * np.concatenate([[0.0], *(new[k][:, 0] - old[k][:, 0] for k in keys)])[1:]
    louder = np.concatenate([[0.0], *(new[k][:, 1] - old[k][:, 1] for k in keys)])[1:]
    moved = shifts[np.abs(shifts) > 1e-6]
    changed = louder[louder != 0]
    return Account(
        notes_in=len(before.notes),
        notes_out=len(after.notes),
        notes_moved=len(moved),
        velocities_changed=len(changed),
        mean_shift_ms=_rounded(moved.mean() if len(moved) else 0.0),
        mean_absolute_shift_ms=_rounded(np.abs(moved).mean() if len(moved) else 0.0),
        largest_shift_ms=_rounded(np.abs(moved).max(initial=0.0)),
        mean_velocity_change=_rounded(changed.mean() if len(changed) else 0.0),
        unmapped_notes=sum(after.voice_of(note) is None for note in after.notes),
        warnings=after.warnings,
    )


def _by_pitch(track: DrumTrack) -> dict[tuple[int, int, int], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    # Notes of one pitch never overtake each other, so their order pairs them.
    notes = defaultdict(list)
    seconds = Clock.of(track).tick_to_seconds([note.tick for note in track.notes])
    for note, at in zip(track.notes, seconds, strict=True):
        notes[note.track, note.channel, note.pitch].append((at, note.velocity))
    return {key: np.array(values, dtype=np.float64) for key, values in notes.items()}


def _rounded(value: float) -> float:
    return round(float(value), 3)
