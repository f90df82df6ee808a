"""Humanize: the user's score stays, its velocities and microtiming become those of a drummer.

notes → grid → groove → performer → blend with what was there → notes. No note is added, lost or re-pitched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, DrumTrack, Groove, Voice
from ghostnote.groove.encode import Encoding, encode, move_hits
from ghostnote.groove.feel import Feel
from ghostnote.groove.grid import Subdivision, lay_grid
from ghostnote.groove.programming import timing_is_programmed, velocities_are_flat
from ghostnote.models.performer import UNKNOWN, Performer, Played, Progress, Reading, load_performer
from ghostnote.models.score import ScoreFeatures, read_score
from ghostnote.tasks.accents import accented_voices, add_to_accents
from ghostnote.tasks.feeling import read_with_feel
from ghostnote.tasks.framing import check_drums, refined

MAX_AMOUNT = 1.5


@dataclass(frozen=True)
class Amounts:
    """How much of the performance to take, 0…1.5; None means the amount given for all voices.

    Args:
        timing: 0 keeps the input's onsets, 1 takes the performer's.
        velocity: the same for dynamics.
    """

    timing: float | None = None
    velocity: float | None = None


def humanize(
    track: DrumTrack,
    *,
    timing: float = 1.0,
    velocity: float = 1.0,
    voices: Mapping[Voice, Amounts] | None = None,
    lock: Collection[Voice] = (),
    bars: tuple[int, int] | None = None,
    style: str | None = None,
    feel: Feel | None = None,
    push_ms: float = 0.0,
    keep_accents: bool | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "auto",
    performer: Performer | None = None,
    progress: Progress | None = None,
) -> DrumTrack:
    """Return `track` as a drummer would play it.

    Args:
        track: any drum track; notes that its map does not know stay as they are.
        timing: amount of microtiming, 0…1.5; 0 leaves every onset where it is. What was programmed off the 16ths
            (swing, 32nds, quintuplets) is kept and played around; what was played is replaced.
        velocity: amount of dynamics, 0…1.5; 0 leaves every velocity as it is.
        voices: amounts for single voices.
        lock: voices that stay untouched; the rest is played to fit them.
        bars: first and last bar to change, counted from 1, both included; None changes all.
        style: one of `load_performer().styles`, or None.
        feel: to play with, from `extract_groove`; None leaves it to the performer.
        push_ms: play this much ahead of the beat; negative lays back. -100…100.
        keep_accents: True keeps the input's dynamics and adds only what differs from hit to hit in a performance (see
            `add_to_accents`), False replaces them; None keeps them unless nearly all notes have one velocity.
        temperature: variety of the performance, 0…2; 0 gives the calmest, which needs no seed.
        seed: the same seed gives the same performance.
        subdivision: see `lay_grid`.
        performer: a model of your own; the shipped one if None.
        progress: called with (hits done, hits in all).

    Returns:
        The same notes, file and all, at a resolution of at least 480 ticks per beat if a hit moved. `warnings` tells
        what could not be done.

    Raises:
        InvalidParameter: an argument is outside its range.
        InvalidInput: there is no drum note to play.
    """
    _check(timing, velocity, voices or {}, push_ms, temperature, seed)
    check_drums(track)
    performer = performer or load_performer()
    timing_of = np.array([_amount(voices, voice, "timing", timing) for voice in VOICES])
    velocity_of = np.array([_amount(voices, voice, "velocity", velocity) for voice in VOICES])
    if timing_of.any() or push_ms:
        track = refined(track)

    encoding = encode(track, lay_grid(track, subdivision))
    groove = encoding.groove
    score = read_score(groove.hits, groove.grid)
    free = _free_hits(score, groove, lock, bars)
    given = _given(groove, score)
    reading = performer.read(score, performer.style_id(style))
    felt = read_with_feel(performer, reading, score, groove.grid, feel, calm=temperature == 0)
    programmed = timing_is_programmed(track)
    played = _perform(performer, score, felt.reading, given, free, programmed, temperature, seed, progress)
    played = felt.added_to(played)
    if keep_accents is None:
        keep_accents = not velocities_are_flat(track)
    target_velocities = played.velocities.astype(np.float64)
    if keep_accents:
        target_velocities = add_to_accents(given.velocities, played.velocities, score.voices)
    # Where a machine was told to play is score, be it swing, a 32nd or a quintuplet: the performer plays around it.
    # What a person played is performance, and is replaced by the performer's.
    # So is what is programmed where a feel says where the hit belongs: the feel's swing takes the place of the score's.
    around = np.where(felt.in_table, 0.0, given.offsets) if programmed else 0.0
    offsets = given.offsets + timing_of[score.voices] * (around + played.offsets - given.offsets)
    louder = velocity_of[score.voices] * (target_velocities - given.velocities)

    lengths = groove.grid.lengths_beats[score.steps]
    push_beats = push_ms / 60_000.0 * groove.grid.tempos_bpm[score.steps]
    shifts = np.where(free, (offsets - given.offsets) * lengths - push_beats, 0.0)
    velocities = np.where(free, np.round(given.velocities + louder).clip(1, 127), given.velocities).astype(np.int64)
    moved = move_hits(track, encoding, *_per_note(track, encoding, score, shifts, velocities))
    return replace(moved.track, warnings=track.warnings + _warnings(track, moved.held_at_start))


def _check(
    timing: float, velocity: float, voices: Mapping[Voice, Amounts], push_ms: float, temperature: float, seed: int
) -> None:
    named = [("timing", timing, 0.0, MAX_AMOUNT), ("velocity", velocity, 0.0, MAX_AMOUNT)]
    for voice, amounts in voices.items():
        named += [
            (f"{name} of {voice}", value, 0.0, MAX_AMOUNT)
            for name, value in (("timing", amounts.timing), ("velocity", amounts.velocity))
            if value is not None
        ]
    named += [("push_ms", push_ms, -100.0, 100.0), ("temperature", temperature, 0.0, 2.0)]
    for name, value, low, high in named:
        if not low <= value <= high:
            hint = " Is this a percentage?" if name.startswith(("timing", "velocity")) and value > high else ""
            raise InvalidParameter(f"{name} must lie in {low:g}…{high:g}; got {value:g}.{hint}")
    if seed < 0:
        raise InvalidParameter(f"seed must be at least 0; got {seed}")


def _amount(voices: Mapping[Voice, Amounts] | None, voice: Voice, name: str, default: float) -> float:
    own: float | None = getattr((voices or {}).get(voice, Amounts()), name)
    return default if own is None else own


def _free_hits(
    score: ScoreFeatures, groove: Groove, lock: Collection[Voice], bars: tuple[int, int] | None
) -> NDArray[np.bool_]:
    free = ~np.isin(score.voices, [voice.column for voice in lock])
    if bars is not None:
        first, last = bars
        total = int(groove.grid.bars[score.steps].max()) + 1
        if not 1 <= first <= last:
            raise InvalidParameter(f"bars must be FIRST-LAST with 1 <= FIRST <= LAST; got {first}-{last}")
        if first > total:
            raise InvalidParameter(f"bars must begin within the track's {total} bars; got {first}-{last}")
        bar = groove.grid.bars[score.steps] + 1
        free &= (bar >= first) & (bar <= last)
    return free


def _given(groove: Groove, score: ScoreFeatures) -> Played:
    cells = (score.steps, score.voices)
    return Played(np.round(groove.velocities[cells] * 127).astype(np.int64), groove.offsets[cells].astype(np.float64))


def _perform(
    performer: Performer,
    score: ScoreFeatures,
    reading: Reading,
    given: Played,
    free: NDArray[np.bool_],
    programmed: bool,
    temperature: float,
    seed: int,
    progress: Progress | None,
) -> Played:
    """Return a performance that fits the hits that are not free, as far as there is something to fit.

    A machine's flat levels and exact timing are no example to follow: the performer would go on as flatly.
    """
    if temperature == 0.0:
        return reading.expected()
    heard = ~free & accented_voices(given.velocities, score.voices)[score.voices]
    known = Played(np.where(heard, given.velocities, UNKNOWN), np.where(free | programmed, np.nan, given.offsets))
    rng = np.random.default_rng(seed)
    return performer.play([score], [reading], [rng], temperature=temperature, known=[known], progress=progress)[0]


def _per_note(
    track: DrumTrack,
    encoding: Encoding,
    score: ScoreFeatures,
    shifts: NDArray[np.float64],
    velocities: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return shifts and velocities of the main hits at the places of their notes, both `(notes,)`."""
    hit_of_cell = np.full(encoding.groove.hits.shape, -1, dtype=np.int64)
    hit_of_cell[score.steps, score.voices] = np.arange(len(score))
    note_shifts = np.zeros(len(track.notes))
    note_velocities = np.array([note.velocity for note in track.notes], dtype=np.int64)
    main = np.flatnonzero(encoding.is_main)
    hit = hit_of_cell[encoding.steps[main], encoding.voices[main]]
    note_shifts[main] = shifts[hit]
    note_velocities[main] = velocities[hit]
    return note_shifts, note_velocities


def _warnings(track: DrumTrack, held_at_start: int) -> tuple[str, ...]:
    found = []
    unmapped = sorted({note.pitch for note in track.notes if track.voice_of(note) is None})
    if unmapped:
        count = sum(note.pitch in unmapped for note in track.notes)
        found.append(
            f"{count} notes on pitches {', '.join(map(str, unmapped))} are not in the map {track.drum_map.name!r} "
            "and stay as they are"
        )
    if held_at_start:
        found.append(f"{held_at_start} hits would begin before the file does and are held at its first tick")
    return tuple(found)
