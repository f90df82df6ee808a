"""Notes are the truth of a drum track; everything else in the file travels beside them, verbatim.

Onsets are exact: an integer `tick`, of which `ticks_per_beat` make one beat (a quarter note).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ghostnote.errors import InvalidParameter
from ghostnote.groove.voices import DrumMap, Voice


@dataclass(frozen=True, slots=True)
class Note:
    """One drum hit.

    Args:
        tick: onset, ≥ 0.
        pitch: 0…127.
        velocity: 1…127.
        duration_ticks: ≥ 0, of little meaning for drums; 0 when the file never ended the note.
        channel: 0…15 (9 is what musicians call channel 10).
        track: index of the file's track that holds the note.
        order: place among the events of one tick and track, as they stood in the file.
        release_velocity: of the note-off, 0…127.
    """

    tick: int
    pitch: int
    velocity: int
    duration_ticks: int = 0
    channel: int = 9
    track: int = 0
    order: int = 0
    release_velocity: int = 64

    def __post_init__(self) -> None:
        if self.tick < 0:
            raise InvalidParameter(f"tick must be at least 0; got {self.tick}")
        if not 0 <= self.pitch <= 127:
            raise InvalidParameter(f"pitch must lie in 0…127; got {self.pitch}")
        if not 1 <= self.velocity <= 127:
            raise InvalidParameter(f"velocity must lie in 1…127; got {self.velocity} (0 would end a note)")
        if self.duration_ticks < 0:
            raise InvalidParameter(f"duration_ticks must be at least 0; got {self.duration_ticks}")


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `tick` on, a beat lasts `microseconds_per_beat` (1…16,777,215)."""

    tick: int
    microseconds_per_beat: int
    track: int = 0
    order: int = 0

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes per minute."""
        return 60_000_000 / self.microseconds_per_beat


@dataclass(frozen=True, slots=True)
class MetreChange:
    """From `tick` on, bars hold `numerator` notes of length 1/`denominator` (a power of two, 1…64)."""

    tick: int
    numerator: int
    denominator: int
    clocks_per_click: int = 24
    thirty_seconds_per_beat: int = 8
    track: int = 0
    order: int = 0

    @property
    def bar_beats(self) -> float:
        """Length of a bar in quarter notes."""
        return 4.0 * self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that is not a drum note, a tempo or a metre: its MIDI bytes, status first, without delta time.

    Meta events are `FF type payload` and system-exclusive ones `F0 payload` or `F7 payload`, both without the length.
    """

    tick: int
    data: bytes
    track: int = 0
    order: int = 0


@dataclass(frozen=True)
class DrumTrack:
    """A drum part with the file around it.

    Args:
        notes: sorted by tick, then by file order.
        ticks_per_beat: 1…32,767.
        drum_map: which pitch is which voice.
        tempos: sorted; empty means 120 bpm.
        metres: sorted; empty means 4/4.
        others: every other event of the file.
        track_ends: tick of each track's end; its length is the number of tracks.
        midi_format: 0 or 1.
        warnings: what was repaired or ignored on reading.
    """

    notes: tuple[Note, ...]
    ticks_per_beat: int
    drum_map: DrumMap
    tempos: tuple[TempoChange, ...] = ()
    metres: tuple[MetreChange, ...] = ()
    others: tuple[Event, ...] = ()
    track_ends: tuple[int, ...] = (0,)
    midi_format: int = 1
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.ticks_per_beat <= 32767:
            raise InvalidParameter(f"ticks_per_beat must lie in 1…32767; got {self.ticks_per_beat}")
        if any(a.tick > b.tick for a, b in zip(self.notes, self.notes[1:], strict=False)):
            raise InvalidParameter("notes must be sorted by tick; use with_notes() to sort them")

    def voice_of(self, note: Note) -> Voice | None:
        """Return the voice of `note` under this track's drum map, or None if it is unmapped."""
        return self.drum_map.voice_of(note.pitch)

    def with_notes(self, notes: tuple[Note, ...] | list[Note]) -> DrumTrack:
        """Return this track with `notes`, sorted by tick, in place of its own."""
        return replace(self, notes=tuple(sorted(notes, key=lambda note: (note.tick, note.track, note.order))))

    def with_resolution(self, factor: int) -> DrumTrack:
        """Return the same music on a grid of ticks `factor` times as fine, so that nothing is rounded.

        Raises:
            InvalidParameter: the result would need more than 32,767 ticks per beat.
        """
        if factor == 1:
            return self
        return DrumTrack(
            notes=tuple(replace(n, tick=n.tick * factor, duration_ticks=n.duration_ticks * factor) for n in self.notes),
            ticks_per_beat=self.ticks_per_beat * factor,
            drum_map=self.drum_map,
            tempos=tuple(replace(t, tick=t.tick * factor) for t in self.tempos),
            metres=tuple(replace(m, tick=m.tick * factor) for m in self.metres),
            others=tuple(replace(e, tick=e.tick * factor) for e in self.others),
            track_ends=tuple(end * factor for end in self.track_ends),
            midi_format=self.midi_format,
            warnings=self.warnings,
        )
