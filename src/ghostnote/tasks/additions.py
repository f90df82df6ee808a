"""What a task that writes notes did to a track, in numbers that a person or a program can check."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ghostnote.groove import VOICES, Clock, DrumTrack, Note

PARTS_OF_BEAT = 8  # an 8th of a beat, half a 16th, is the furthest that a hit lies from its step
NEAR_MS = 20.0
UNMAPPED = "unmapped"


@dataclass(frozen=True)
class Changes:
    """The difference between a track and what a task made of it.

    notes_in = notes_kept + notes_changed + notes_removed, and notes_out = notes_kept + notes_changed + notes_added.

    Args:
        notes_in, notes_out: in all.
        notes_kept: with the same onset, pitch and velocity.
        notes_changed: the same hit, at most half a 16th away, with another onset, pitch of its voice, or velocity.
        notes_added, notes_removed: what has no counterpart.
        added, removed: the same per voice; voices without any are left out.
        warnings: of the resulting track.
    """

    notes_in: int
    notes_out: int
    notes_kept: int
    notes_changed: int
    notes_added: int
    notes_removed: int
    added: Mapping[str, int]
    removed: Mapping[str, int]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Following:
    """How a beat follows a rhythm.

    Args:
        onsets_in: different onsets of the rhythm.
        onsets_followed: of these, with a drum at most 20 ms away.
        notes_out: of the beat.
        added: per voice; voices without any are left out.
        warnings: of the beat.
    """

    onsets_in: int
    onsets_followed: int
    notes_out: int
    added: Mapping[str, int]
    warnings: tuple[str, ...]


def count_changes(before: DrumTrack, after: DrumTrack) -> Changes:
    """Return what was kept, changed, added and removed from `before` to `after`.

    Args:
        before, after: of one drum map; their ticks may differ in length. Onsets are compared in beats.
    """
    old, new = _Beats.of(before, after), _Beats.of(after, before)
    kept = 0
    left: dict[tuple[int, int, int, int], deque[int]] = defaultdict(deque)
    for i, note in enumerate(before.notes):
        left[old.ticks[i], note.channel, note.pitch, note.velocity].append(i)
    rest: list[int] = []
    for j, note in enumerate(after.notes):
        same = left.get((new.ticks[j], note.channel, note.pitch, note.velocity))
        if same:
            same.popleft()
            kept += 1
        else:
            rest.append(j)
    gone = sorted(i for indices in left.values() for i in indices)
    nearest = old.ticks_per_beat // PARTS_OF_BEAT
    unpaired_old, unpaired_new = _unpaired(old.by_voice(gone), new.by_voice(rest), nearest)
    return Changes(
        notes_in=len(before.notes),
        notes_out=len(after.notes),
        notes_kept=kept,
        notes_changed=len(gone) - len(unpaired_old),
        notes_added=len(unpaired_new),
        notes_removed=len(unpaired_old),
        added=_count_voices(after, [after.notes[j] for j in unpaired_new]),
        removed=_count_voices(before, [before.notes[i] for i in unpaired_old]),
        warnings=after.warnings,
    )


def count_followed(rhythm: DrumTrack, beat: DrumTrack) -> Following:
    """Return how many onsets of `rhythm` are heard in `beat`.

    Args:
        rhythm: any pitches.
        beat: drums; notes that its map does not know do not count.
    """
    taps = Clock.of(rhythm).tick_to_seconds(sorted({note.tick for note in rhythm.notes}))
    drums = Clock.of(beat).tick_to_seconds([note.tick for note in beat.notes if beat.voice_of(note)])
    following = np.searchsorted(drums, taps)
    padded = np.concatenate([[-np.inf], drums, [np.inf]])
    distances = np.minimum(taps - padded[following], padded[following + 1] - taps)
    return Following(
        onsets_in=len(taps),
        onsets_followed=int((distances * 1000 <= NEAR_MS + 1e-6).sum()),
        notes_out=len(beat.notes),
        added=_count_voices(beat, beat.notes),
        warnings=beat.warnings,
    )


@dataclass(frozen=True)
class _Beats:
    """Onsets in ticks so fine that those of two tracks can be compared exactly."""

    track: DrumTrack
    ticks: tuple[int, ...]
    ticks_per_beat: int

    @classmethod
    def of(cls, track: DrumTrack, other: DrumTrack) -> _Beats:
        factor = other.ticks_per_beat * PARTS_OF_BEAT
        return cls(track, tuple(note.tick * factor for note in track.notes), track.ticks_per_beat * factor)

    def by_voice(self, indices: Sequence[int]) -> dict[str | int, list[tuple[int, int]]]:
        """Return (tick, index) of the notes at `indices`, in order of time, per voice or else per pitch."""
        found: dict[str | int, list[tuple[int, int]]] = defaultdict(list)
        for i in indices:
            note = self.track.notes[i]
            found[self.track.voice_of(note) or note.pitch].append((self.ticks[i], i))
        return found


def _unpaired(
    old: Mapping[str | int, list[tuple[int, int]]], new: Mapping[str | int, list[tuple[int, int]]], nearest: int
) -> tuple[list[int], list[int]]:
    """Return the indices on both sides that have no counterpart of their voice within `nearest` ticks."""
    lost: list[int] = []
    found: list[int] = []
    for key in {**old, **new}:
        here, there = deque(old.get(key, ())), deque(new.get(key, ()))
        while here and there:
            if abs(here[0][0] - there[0][0]) <= nearest:
                here.popleft()
                there.popleft()
            elif here[0] < there[0]:
                lost.append(here.popleft()[1])
            else:
                found.append(there.popleft()[1])
        lost += [i for _, i in here]
        found += [j for _, j in there]
    return lost, found


def _count_voices(track: DrumTrack, notes: Sequence[Note]) -> dict[str, int]:
    counts = Counter(str(track.voice_of(note) or UNMAPPED) for note in notes)
    return {name: counts[name] for name in (*map(str, VOICES), UNMAPPED) if counts[name]}
