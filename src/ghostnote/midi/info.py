"""What a person wants to know about a drum track before working on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from ghostnote.errors import InvalidInput
from ghostnote.groove import VOICES, Clock, DrumTrack
from ghostnote.groove.grid import bar_lines
from ghostnote.groove.programming import MOSTLY, velocities_are_flat
from ghostnote.midi.smf import META, NOTE_ON

Quantised = Literal["16ths", "triplets", "16ths and triplets", "no"]

MAX_NAME = 200

_TRACK_NAME = 0x03


@dataclass(frozen=True)
class TrackPart:
    """One track of the file; `channels` are 1…16, of drum and other notes."""

    number: int
    name: str
    drum_notes: int
    other_notes: int
    channels: tuple[int, ...]


@dataclass(frozen=True)
class TempoInfo:
    """A tempo and the beat (quarter note, from 0) at which it begins."""

    beat: float
    tempo_bpm: float


@dataclass(frozen=True)
class MetreInfo:
    """A metre such as `7/8` and the beat (quarter note, from 0) at which it begins."""

    beat: float
    metre: str


@dataclass(frozen=True)
class VoiceInfo:
    """A voice that is played, and with which pitches."""

    voice: str
    notes: int
    pitches: tuple[int, ...]


@dataclass(frozen=True)
class PitchInfo:
    """A pitch that the drum map does not know."""

    pitch: int
    notes: int


@dataclass(frozen=True)
class TrackInfo:
    """A summary that `dataclasses.asdict` turns into JSON; texts out of the file have no control characters.

    Args:
        midi_format: 0 or 1.
        ticks_per_beat: 1…32,767.
        seconds: length of the file.
        bars: up to and with that of the last drum note; None if there are too many to count.
        tracks: of the file.
        tempos: at least one; 120 bpm where the file says nothing.
        metres: at least one; 4/4 where the file says nothing.
        drum_channel: 1…16, None without drum notes.
        drum_notes: how many there are.
        drum_map: its name.
        voices: those played, in their usual order.
        unmapped: pitches that pass through untouched.
        lowest_velocity, highest_velocity: 1…127, None without drum notes.
        flat_velocities: nearly all notes have one and the same velocity.
        on_16ths, on_triplets: share of notes exactly on a grid of 4 and of 6 to the beat; None without drum notes.
        quantised: the grid that nearly all notes lie on.
        warnings: of reading.
    """

    midi_format: int
    ticks_per_beat: int
    seconds: float
    bars: int | None
    tracks: tuple[TrackPart, ...]
    tempos: tuple[TempoInfo, ...]
    metres: tuple[MetreInfo, ...]
    drum_channel: int | None
    drum_notes: int
    drum_map: str
    voices: tuple[VoiceInfo, ...]
    unmapped: tuple[PitchInfo, ...]
    lowest_velocity: int | None
    highest_velocity: int | None
    flat_velocities: bool
    on_16ths: float | None
    on_triplets: float | None
    quantised: Quantised
    warnings: tuple[str, ...]


def describe(track: DrumTrack) -> TrackInfo:
    """Return what is worth knowing about `track` and the file around it."""
    notes, beat = track.notes, track.ticks_per_beat
    pitches = Counter(note.pitch for note in notes)
    velocities = Counter(note.velocity for note in notes)
    sixteenths = [_is_on_grid(note.tick, beat, 4) for note in notes]
    triplets = [_is_on_grid(note.tick, beat, 6) for note in notes]
    either = [a or b for a, b in zip(sixteenths, triplets, strict=True)]
    return TrackInfo(
        midi_format=track.midi_format,
        ticks_per_beat=beat,
        seconds=float(Clock.of(track).tick_to_seconds(max(track.track_ends))),
        bars=_count_bars(track),
        tracks=_describe_parts(track),
        tempos=tuple(TempoInfo(t.tick / beat, t.tempo_bpm) for t in track.tempos) or (TempoInfo(0.0, 120.0),),
        metres=tuple(MetreInfo(m.tick / beat, f"{m.numerator}/{m.denominator}") for m in track.metres)
        or (MetreInfo(0.0, "4/4"),),
        drum_channel=notes[0].channel + 1 if notes else None,
        drum_notes=len(notes),
        drum_map=track.drum_map.name,
        voices=_describe_voices(track, pitches),
        unmapped=tuple(PitchInfo(p, n) for p, n in sorted(pitches.items()) if track.drum_map.voice_of(p) is None),
        lowest_velocity=min(velocities, default=None),
        highest_velocity=max(velocities, default=None),
        flat_velocities=velocities_are_flat(track),
        on_16ths=sum(sixteenths) / len(notes) if notes else None,
        on_triplets=sum(triplets) / len(notes) if notes else None,
        quantised=_name_grid(sixteenths, triplets, either),
        warnings=track.warnings,
    )


def readable(text: bytes) -> str:
    """Return text out of a file, in whatever encoding, without control characters and at most 200 characters long."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    if len(decoded) > MAX_NAME:
        decoded = decoded[: MAX_NAME - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in decoded)


def _is_on_grid(tick: int, ticks_per_beat: int, per_beat: int) -> bool:
    """Say whether `tick` is the nearest one before or after a grid position; most resolutions can not hit them all."""
    remainder = tick * per_beat % ticks_per_beat
    return min(remainder, ticks_per_beat - remainder) < per_beat


def _name_grid(sixteenths: list[bool], triplets: list[bool], either: list[bool]) -> Quantised:
    enough = MOSTLY * len(either)
    if not either or sum(either) < enough:
        return "no"
    if sum(sixteenths) >= enough:
        return "16ths"
    return "triplets" if sum(triplets) >= enough else "16ths and triplets"


def _count_bars(track: DrumTrack) -> int | None:
    if not track.notes:
        return 0
    try:
        return len(bar_lines(track)) - 1  # they go on for a bar after the last note
    except InvalidInput:
        return None


def _describe_voices(track: DrumTrack, pitches: Counter[int]) -> tuple[VoiceInfo, ...]:
    found = []
    for voice in VOICES:
        own = tuple(pitch for pitch in sorted(pitches) if track.drum_map.voice_of(pitch) is voice)
        if own:
            found.append(VoiceInfo(str(voice), sum(pitches[pitch] for pitch in own), own))
    return tuple(found)


def _describe_parts(track: DrumTrack) -> tuple[TrackPart, ...]:
    names: dict[int, str] = {}
    drums = Counter(note.track for note in track.notes)
    others: Counter[int] = Counter()
    channels: dict[int, set[int]] = {}
    for note in track.notes:
        channels.setdefault(note.track, set()).add(note.channel + 1)
    for event in track.others:
        status = event.data[0]
        if status == META and event.data[1] == _TRACK_NAME:
            names.setdefault(event.track, readable(event.data[2:]))
        elif status & 0xF0 == NOTE_ON and event.data[2]:
            others[event.track] += 1
            channels.setdefault(event.track, set()).add((status & 0x0F) + 1)
    return tuple(
        TrackPart(i + 1, names.get(i, ""), drums[i], others[i], tuple(sorted(channels.get(i, ()))))
        for i in range(len(track.track_ends))
    )
