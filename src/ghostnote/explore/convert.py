"""Loops to drum tracks and back, and the way through a drummer's hands: loop → MIDI → loop.

Each row has a pitch of its own, so that nothing is lost. A bar goes round: a hit ahead of its first step stands at the
end of the track, as it is heard when the loop runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore.bars import arrange, bars_of_track
from ghostnote.explore.pool import RELATIVES
from ghostnote.groove import VOICES, DrumMap, DrumTrack, MetreChange, Note, TempoChange, Voice
from ghostnote.loops.loop import Loop
from ghostnote.loops.pattern import STEPS_PER_BEAT, Pattern
from ghostnote.midi.maps import DEFAULT_MAP, shipped_map
from ghostnote.models.performer import Performer
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound
from ghostnote.tasks.humanize import humanize

TICKS_PER_BEAT = 960
TICKS_PER_STEP = TICKS_PER_BEAT // STEPS_PER_BEAT
MOST_REPEATS = 64

# Of General MIDI, the sensible first: each is used where the drum map reads it as that voice.
_PREFERRED: dict[Voice, tuple[int, ...]] = {
    Voice.KICK: (36, 35),
    Voice.SNARE: (38, 40, 37, 39),
    Voice.CLOSED_HIHAT: (42, 44, 54, 70, 82, 69),
    Voice.OPEN_HIHAT: (46,),
    Voice.LOW_TOM: (43, 41),
    Voice.MID_TOM: (47, 45),
    Voice.HIGH_TOM: (50, 48),
    Voice.CRASH: (49, 57, 55, 52),
    Voice.RIDE: (51, 59, 53, 56),
}
_LATEST_OFFSET = np.float32(0.5 - 1e-6)


def voices_of(loop: Loop, bank: SoundBank) -> tuple[Voice, ...]:
    """Return which voice each row's sound could play.

    Raises:
        InvalidParameter: a recording is missing.
    """
    from ghostnote.sounds.roles import role_of

    return tuple(role_of(sound, bank.audio(sound)) for sound in loop.sounds)


def pitches_of(voices: Sequence[Voice], drum_map: DrumMap | None = None) -> tuple[int, ...]:
    """Return a pitch for each row, all different.

    The first row of a voice gets the map's own pitch, further ones other pitches that read as the voice (36/35, 38/40,
    42/44); where they are used up, those of its relatives.

    Args:
        voices: of the rows.
        drum_map: General MIDI if None.

    Raises:
        InvalidParameter: the map has too few pitches for all rows.
    """
    known = drum_map or shipped_map(DEFAULT_MAP)
    taken: dict[int, int] = {}
    # First every row that can have its voice's own pitch, so that no relative takes it away.
    for row, voice in enumerate(voices):
        if known.pitches[voice] not in taken:
            taken[known.pitches[voice]] = row
    pitch_of = {row: pitch for pitch, row in taken.items()}
    for row, voice in enumerate(voices):
        if row in pitch_of:
            continue
        order = (voice, *RELATIVES[voice], *VOICES)
        free = (pitch for other in order for pitch in _readable(known, other) if pitch not in taken)
        pitch = next(free, None)
        if pitch is None:
            raise InvalidParameter(
                f"drum map {known.name!r} must have a pitch for each of the {len(voices)} rows; "
                f"got {len(taken)}. Let it read more pitches"
            )
        taken[pitch], pitch_of[row] = row, pitch
    return tuple(pitch_of[row] for row in range(len(voices)))


def loop_to_track(
    loop: Loop, voices: Sequence[Voice], *, repeats: int = 1, drum_map: DrumMap | None = None
) -> DrumTrack:
    """Return `loop` as a drum track of 960 ticks per beat, every hit with its velocity, swing and offset.

    Args:
        loop: to convert.
        voices: one for each row, as of `voices_of`.
        repeats: bars, 1…64.
        drum_map: gives the pitches; General MIDI if None.

    Raises:
        InvalidParameter: `repeats` is out of range, or voices and rows differ in number.
    """
    if not 1 <= repeats <= MOST_REPEATS:
        raise InvalidParameter(f"repeats must lie in 1…{MOST_REPEATS}; got {repeats}")
    _check_voices(loop, voices)
    known = drum_map or shipped_map(DEFAULT_MAP)
    pitches = pitches_of(voices, known)
    end = repeats * loop.pattern.steps * TICKS_PER_STEP
    notes: list[Note] = []
    taken: set[tuple[int, int]] = set()
    for bar in range(repeats):
        for step, row in np.argwhere(loop.pattern.hits > 0).tolist():
            tick = (bar * loop.pattern.steps * TICKS_PER_STEP + _tick_in_bar(loop, step, row)) % end
            while (tick, pitches[row]) in taken:  # two late and early hits of one sound: both stay
                tick = (tick + 1) % end
            taken.add((tick, pitches[row]))
            velocity = min(127, max(1, round(float(loop.pattern.velocities[step, row]) * 127)))
            notes.append(Note(tick, pitches[row], velocity, TICKS_PER_STEP // 2, order=2 + row))
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=TICKS_PER_BEAT,
        drum_map=known,
        tempos=(TempoChange(0, round(60e6 / loop.tempo_bpm)),),
        metres=(MetreChange(0, *metre_of(loop.pattern.steps), order=1),),
        track_ends=(end,),
        midi_format=0,
    )
    return empty.with_notes(notes)


def track_to_loop(track: DrumTrack, like: Loop, voices: Sequence[Voice], *, bar: int = 0) -> Loop:
    """Return `like` with the hits of one bar of `track`: the inverse of `loop_to_track`.

    Args:
        track: with the pitches that `loop_to_track` gave to the rows; each note goes to its nearest cell, of several
            the loudest counts.
        like: gives sounds, number of steps and swing; the tempo is the track's.
        voices: one for each row, as for `loop_to_track`.
        bar: which one, counted from 0 in steps of `like`; what lies just ahead of it belongs to it, and what lies just
            ahead of the track's end to its first.

    Raises:
        InvalidParameter: there is no such bar, or voices and rows differ in number.
        InvalidInput: a pitch belongs to no row.
    """
    _check_voices(like, voices)
    row_of = {pitch: row for row, pitch in enumerate(pitches_of(voices, track.drum_map))}
    if strange := sorted({note.pitch for note in track.notes} - set(row_of)):
        raise InvalidInput(
            f"the track's pitches must be those of the loop's rows, {', '.join(map(str, row_of))}; "
            f"got {', '.join(map(str, strange))} too. Give those notes a row's pitch, or take them out"
        )
    ticks_per_step = track.ticks_per_beat / STEPS_PER_BEAT
    steps = like.pattern.steps
    last = track.notes[-1].tick if track.notes else 0
    bars = max(1, round(max(*track.track_ends, last) / (ticks_per_step * steps)))
    if not 0 <= bar < bars:
        raise InvalidParameter(f"bar must lie in 0…{bars - 1}, as the track has {bars} bars; got {bar}")
    hits, velocities, offsets = (np.zeros(like.pattern.hits.shape, dtype=np.float32) for _ in range(3))
    for note in track.notes:
        step, offset = _cell(note.tick / ticks_per_step, like.swing, steps)
        step %= bars * steps
        row, loudness = row_of[note.pitch], note.velocity / 127
        if step // steps == bar and loudness > velocities[step % steps, row]:
            at = step % steps, row
            half_tick = 0.5 / ticks_per_step
            hits[at], velocities[at], offsets[at] = 1.0, loudness, 0.0 if abs(offset) <= half_tick else offset
    tempo_bpm = round(track.tempos[0].tempo_bpm, 3) if track.tempos else 120.0
    return replace(like, pattern=Pattern(hits, velocities, offsets), tempo_bpm=tempo_bpm)


def loops_of_track(
    track: DrumTrack, sound_of: Callable[[Voice], Sound], *, steps: int = 16, rows: int = 4, microtiming: bool = True
) -> tuple[Loop, ...]:
    """Return every bar of any drum track that has hits and the wanted number of 16ths as a loop.

    Args:
        track: as read from a file.
        sound_of: gives a row's sound.
        steps: 8…32.
        rows: 1…8; the voices that matter most in each bar get them.
        microtiming: whether hits keep what their offsets say beyond the bar's swing.

    Raises:
        InvalidInput: the track is too long.
    """
    bars = bars_of_track(track, steps).bars
    return tuple(arrange(bar, rows, microtiming=microtiming).loop(sound_of) for bar in bars)


def humanize_loop(
    loop: Loop,
    bank: SoundBank,
    *,
    repeats: int = 2,
    style: str | None = None,
    timing: float = 1.0,
    velocity: float = 1.0,
    temperature: float = 1.0,
    seed: int = 0,
    voices: Sequence[Voice] | None = None,
    drum_map: DrumMap | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return `loop` as a drummer would play it, as a drum track.

    Args:
        loop: to play.
        bank: holds its sounds, from which the rows' voices are heard.
        repeats: bars, 1…64; each is played anew.
        style: one of `load_performer().styles`, or None.
        timing: amount of microtiming, 0…1.5.
        velocity: amount of dynamics, 0…1.5.
        temperature: variety of the performance, 0…2; loops that no drummer would play are held together by less.
        seed: the same seed gives the same performance.
        voices: of the rows; heard from the sounds if None.
        drum_map: gives the pitches; General MIDI if None.
        performer: a model of your own; the shipped one if None.

    Raises:
        InvalidParameter: an argument is out of range.
        InvalidInput: the loop is silent.
    """
    if not loop.pattern.hits.any():
        raise InvalidInput("a loop must have a hit to be humanised; got silence. Turn a cell on")
    track = loop_to_track(loop, voices or voices_of(loop, bank), repeats=repeats, drum_map=drum_map)
    return humanize(
        track,
        timing=timing,
        velocity=velocity,
        style=style,
        temperature=temperature,
        seed=seed,
        subdivision="16ths",
        performer=performer,
    )


def humanized(
    loop: Loop,
    bank: SoundBank,
    *,
    style: str | None = None,
    timing: float = 1.0,
    velocity: float = 1.0,
    temperature: float = 1.0,
    seed: int = 0,
    voices: Sequence[Voice] | None = None,
    performer: Performer | None = None,
) -> Loop:
    """Return `loop` with a drummer's velocities and offsets in its own cells, to be heard with its own sounds.

    No hit is added or lost. The drummer plays two bars; the second, played in the run of it, is taken.

    Args:
        loop: to play.
        bank: holds its sounds.
        style, timing, velocity, temperature, seed, voices, performer: as for `humanize_loop`.

    Raises:
        InvalidParameter: an argument is out of range.
        InvalidInput: the loop is silent.
    """
    repeats, taken_bar = 2, 1
    rows = voices or voices_of(loop, bank)
    played = humanize_loop(
        loop,
        bank,
        repeats=repeats,
        style=style,
        timing=timing,
        velocity=velocity,
        temperature=temperature,
        seed=seed,
        voices=rows,
        performer=performer,
    )
    pattern = loop.pattern
    velocities, offsets = np.zeros_like(pattern.hits), np.zeros_like(pattern.hits)
    ticks_per_step = played.ticks_per_beat / STEPS_PER_BEAT
    for row, pitch in enumerate(pitches_of(rows, played.drum_map)):
        # Hits of one pitch never swap: sorted by time they are those of the score sorted by time.
        notes = [note for note in played.notes if note.pitch == pitch]
        cells = _cells_by_time(loop, row, repeats)
        for note, (bar, step) in zip(notes, cells, strict=True):
            if bar != taken_bar:
                continue
            late = note.tick / ticks_per_step - (bar * pattern.steps + step) - loop.swing * (step % 2)
            turns = repeats * pattern.steps  # a hit ahead of the first step stands at the track's end
            late = (late + turns / 2) % turns - turns / 2
            velocities[step, row] = note.velocity / 127
            offsets[step, row] = min(max(late, -0.5), float(_LATEST_OFFSET))
    return replace(loop, pattern=Pattern(pattern.hits, velocities, offsets))


def metre_of(steps: int) -> tuple[int, int]:
    """Return numerator and denominator of a bar of that many 16ths; 32 are two bars of 4/4.

    >>> metre_of(16), metre_of(14), metre_of(15)
    ((4, 4), (7, 8), (15, 16))
    """
    if steps == 2 * 4 * STEPS_PER_BEAT:
        return 4, 4
    for value, length in ((4, 4), (8, 2)):
        if steps % length == 0:
            return steps // length, value
    return steps, 16


def _readable(drum_map: DrumMap, voice: Voice) -> list[int]:
    """Return the pitches that read as `voice`: the map's own, the sensible ones, the rest."""
    listed = (drum_map.pitches[voice], *_PREFERRED[voice], *drum_map.voices)
    return [pitch for pitch in dict.fromkeys(listed) if drum_map.voice_of(pitch) is voice]


def _tick_in_bar(loop: Loop, step: int, row: int) -> int:
    late = loop.swing * (step % 2) + float(loop.pattern.offsets[step, row])
    return round((step + late) * TICKS_PER_STEP)


def _cells_by_time(loop: Loop, row: int, repeats: int) -> list[tuple[int, int]]:
    """Return bar and step of each hit of `row`, in the order in which `loop_to_track` writes them."""
    steps = loop.pattern.steps
    end = repeats * steps * TICKS_PER_STEP
    hits = np.flatnonzero(loop.pattern.hits[:, row]).tolist()
    cells = [(bar, step) for bar in range(repeats) for step in hits]
    return sorted(cells, key=lambda cell: (cell[0] * steps * TICKS_PER_STEP + _tick_in_bar(loop, cell[1], row)) % end)


def _cell(position: float, swing: float, steps: int) -> tuple[int, float]:
    """Return step and offset of a note at `position`: the nearest step, where a bar's odd ones are late by `swing`.

    Args:
        position: in steps from the track's start.
        swing: in steps.
        steps: of a bar; bars of an odd number do not go on in pairs.
    """

    def offset(step: int) -> float:
        return position - step - swing * (step % steps % 2)

    around = (int(position) - 1, int(position), int(position) + 1)
    step = min(around, key=lambda s: (round(abs(offset(s)), 9), -s))
    return step, min(max(offset(step), -0.5), float(_LATEST_OFFSET))


def _check_voices(loop: Loop, voices: Sequence[Voice]) -> None:
    if len(voices) != loop.pattern.rows:
        raise InvalidParameter(f"voices must be one for each of the loop's {loop.pattern.rows} rows; got {len(voices)}")
