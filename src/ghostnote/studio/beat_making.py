"""Beats out of the page: what a person drew into the step editor, and what they tapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ghostnote.errors import InvalidParameter
from ghostnote.explore.convert import metre_of, pitches_of
from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange, Voice
from ghostnote.loops.pattern import STEPS_PER_BEAT
from ghostnote.midi import drum_map
from ghostnote.studio.beat_files import rhythm_of

TICKS_PER_BEAT = 960
_TICKS_PER_STEP = TICKS_PER_BEAT // STEPS_PER_BEAT
_USUAL_VELOCITY = 100
_TAP_PITCH = 37  # side stick: a tap is no drum of the kit, and is heard as a stick by programs that play it


@dataclass(frozen=True)
class Row:
    """One row of the step editor.

    Args:
        voice: that plays it.
        hits: `x` where it plays and `-` where it does not, for every step.
        velocities: 0…1, for every step or for every hit; about 0.79 (MIDI 100) if None.
    """

    voice: Voice
    hits: str
    velocities: Sequence[float] | None = None


@dataclass(frozen=True)
class Tap:
    """When it came, counted from the first downbeat, and how hard it was, 0…1."""

    seconds: float
    velocity: float


def pattern_track(
    rows: Sequence[Row], *, steps_per_bar: int, bars: int, tempo_bpm: float, swing: float = 0.0
) -> DrumTrack:
    """Return what is drawn as a drum track.

    Args:
        rows: of `steps_per_bar * bars` steps each; several of one voice get different pitches.
        steps_per_bar: number of 16ths.
        bars: number of bars.
        tempo_bpm: quarter notes per minute.
        swing: delay of every second step of a bar, in steps.

    Raises:
        InvalidParameter: a row has another length, or a number of velocities that fits neither its steps nor its hits.
    """
    steps = steps_per_bar * bars
    known = drum_map()
    pitches = pitches_of([row.voice for row in rows], known)
    notes = []
    for number, row in enumerate(rows):
        if len(row.hits) != steps:
            raise InvalidParameter(
                f"hits of row {number + 1} ({row.voice}) must have {steps} letters, {steps_per_bar} for each of "
                f"{bars} bars; got {len(row.hits)}"
            )
        velocities = _velocities(row, number)
        for step in (i for i, letter in enumerate(row.hits) if letter == "x"):
            late = swing * (step % steps_per_bar % 2)
            tick = round((step + late) * _TICKS_PER_STEP)
            velocity = min(127, max(1, round(velocities[step] * 127)))
            notes.append(Note(tick, pitches[number], velocity, _TICKS_PER_STEP // 2, order=2 + number))
    empty = _empty(tempo_bpm, metre_of(steps_per_bar), steps * _TICKS_PER_STEP)
    return empty.with_notes(notes)


def _velocities(row: Row, number: int) -> list[float]:
    """Return a velocity for each step."""
    if row.velocities is None:
        return [_USUAL_VELOCITY / 127] * len(row.hits)
    if len(row.velocities) == len(row.hits):
        return [*row.velocities]
    if len(row.velocities) != row.hits.count("x"):
        raise InvalidParameter(
            f"velocities of row {number + 1} ({row.voice}) must be one for each of its {len(row.hits)} steps or "
            f"{row.hits.count('x')} hits; got {len(row.velocities)}"
        )
    listed = iter(row.velocities)
    return [next(listed) if letter == "x" else 0.0 for letter in row.hits]


def taps_track(taps: Sequence[Tap], *, tempo_bpm: float, metre: tuple[int, int], bars: int) -> DrumTrack:
    """Return what was tapped as a rhythm, every tap where it was, to half a millisecond.

    A first tap up to half a 16th ahead of the downbeat means the downbeat: it is held at the first tick, and a warning
    says how early it was. One that is earlier, up to a bar, is a pickup: a bar is put in front, and nothing is moved.
    Taps behind the last bar make the rhythm longer.

    Args:
        taps: in any order.
        tempo_bpm: quarter notes per minute, of the click they were tapped to.
        metre: beats of a bar and their note value.
        bars: number of bars, pickup not counted.

    Raises:
        InvalidParameter: a tap is more than a bar ahead.
    """
    per_second = tempo_bpm / 60.0 * TICKS_PER_BEAT
    bar = round(4 * metre[0] / metre[1] * TICKS_PER_BEAT)
    ticks = [round(tap.seconds * per_second) for tap in taps]
    first = min(ticks, default=0)
    if first < -bar - _TICKS_PER_STEP // 2:
        raise InvalidParameter(
            f"taps must come at most a bar before the first downbeat; got one {-first / per_second:.2f} s before it. "
            "Is the count-in in it?"
        )
    pickup = bar if first < -_TICKS_PER_STEP // 2 else 0
    warnings = []
    if pickup:
        warnings.append("a bar was put in front for the taps ahead of the first downbeat")
    if held := [tick + pickup for tick in ticks if tick + pickup < 0]:
        early = ", ".join(f"{-tick / per_second * 1_000:.0f}" for tick in sorted(held)[:4])
        warnings.append(f"taps ahead of the first tick are held there; they came {early} ms early")
    notes = [
        Note(
            max(0, tick + pickup), _TAP_PITCH, min(127, max(1, round(tap.velocity * 127))), TICKS_PER_BEAT // 8, order=i
        )
        for i, (tick, tap) in enumerate(zip(ticks, taps, strict=True))
    ]
    end = max(bars * bar + pickup, *(note.tick for note in notes), 0)
    track = _empty(tempo_bpm, metre, end).with_notes(notes)
    return replace(rhythm_of(track), warnings=tuple(warnings))


def _empty(tempo_bpm: float, metre: tuple[int, int], end: int) -> DrumTrack:
    return DrumTrack(
        notes=(),
        ticks_per_beat=TICKS_PER_BEAT,
        drum_map=drum_map(),
        tempos=(TempoChange(0, round(60e6 / tempo_bpm)),),
        metres=(MetreChange(0, *metre, order=1),),
        track_ends=(end,),
        midi_format=0,
    )
