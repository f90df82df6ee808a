"""A groove becomes notes: the inverse of `encode`.

Every hit becomes one note at its onset and offset, rounded to a tick, and never leaves its cell: encoded again on the
same grid it is found on the same step. Nothing sounds before the file begins; such a hit is held at the first tick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove.encode import Encoding
from ghostnote.groove.hvo import Grid, Groove
from ghostnote.groove.notes import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.groove.voices import VOICES, DrumMap

GM_DRUM_CHANNEL = 9
DEFAULT_TICKS_PER_BEAT = 480

_DURATION_BEATS = 1 / 8  # a 32nd, as the writer gives to notes without a duration
_SLOWEST = 2**24 - 1  # microseconds per beat that a MIDI file can say
_DENOMINATORS = (4, 8, 16, 32, 64, 2, 1)  # of metres, the most usual first
_MOST_IN_BAR = 255  # the largest numerator
_ROUNDING_BEATS = 1e-6

Cell = tuple[int, int]


def new_track(
    groove: Groove,
    drum_map: DrumMap,
    *,
    ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT,
    like: DrumTrack | None = None,
) -> DrumTrack:
    """Return `groove` as a fresh track on channel 10.

    Args:
        groove: what to write; its grid gives tempos and metres. A bar of three quarter notes is written as 3/4.
        drum_map: gives the pitch of each voice.
        ticks_per_beat: resolution, 1…32,767.
        like: take resolution, tempos, metres and end from this track instead, exactly as they stand there.

    Returns:
        A track that ends with the grid (or with `like`), or with its last note if that is later.

    Raises:
        InvalidParameter: `ticks_per_beat` is out of range, or the grid has bars that no MIDI metre can say.
    """
    if like is None:
        tempos, metres = _tempos(groove.grid, ticks_per_beat), _metres(groove.grid, ticks_per_beat)
        end = round(_end_beats(groove.grid) * ticks_per_beat)
    else:
        ticks_per_beat, end = like.ticks_per_beat, max(like.track_ends)
        tempos = tuple(replace(tempo, track=0) for tempo in like.tempos)
        metres = tuple(replace(metre, track=0) for metre in like.metres)
    return add_hits(DrumTrack((), ticks_per_beat, drum_map, tempos, metres, track_ends=(end,)), groove)


def add_hits(track: DrumTrack, groove: Groove, cells: NDArray[np.bool_] | None = None) -> DrumTrack:
    """Return `track` with the hits of `groove` as further notes; all that it holds stays.

    A voice is written with the pitch, channel and file track that its notes in `track` mostly have. Where it has none,
    the pitch is the map's; channel and file track are those of most drum notes, or else channel 10 of the last track.

    Args:
        track: to write into; its resolution should give every step at least a tick.
        groove: on a grid that begins where the track does.
        cells: `(steps, voices)`, where to write; None writes everywhere.

    Returns:
        The track, longer where a note would not fit. A hit waits a tick where another of its pitch begins.

    Raises:
        InvalidParameter: `cells` has another shape than the groove.
    """
    if cells is None:
        cells = np.ones(groove.hits.shape, dtype=np.bool_)
    _check_cells(cells, groove)
    return _written(track, groove, cells, track.notes, {})


def replace_cells(
    track: DrumTrack, encoding: Encoding, groove: Groove, cells: NDArray[np.bool_], *, keep_pitches: bool = False
) -> DrumTrack:
    """Return `track` with its notes in `cells` replaced by the hits that `groove` has there.

    What lies elsewhere, notes that the map does not know and all other events stay verbatim. So does a cell whose hit
    `groove` leaves just as it is; where it does not, the ornaments go with their main hit.

    Args:
        track: the track that was encoded.
        encoding: of the track, on the grid of `groove`.
        groove: what is to sound in `cells`; the rest of it is not looked at.
        cells: `(steps, voices)`, where to write anew.
        keep_pitches: whether a hit in a cell that held one before is written with that one's pitch, channel and file
            track, so that a ride bell or a side stick stays one; otherwise all are chosen as in `add_hits`.

    Raises:
        InvalidParameter: shapes differ, or `encoding` is of another track.
    """
    _check_cells(cells, groove)
    before = encoding.groove
    if before.hits.shape != groove.hits.shape or len(encoding.steps) != len(track.notes):
        raise InvalidParameter(
            f"encoding must be of the same track and grid, {len(track.notes)} notes and {len(groove.grid)} steps; "
            f"got one of {len(encoding.steps)} notes and {len(before.grid)} steps"
        )
    unchanged = cells & (before.hits > 0) & (groove.hits > 0)
    unchanged &= (before.velocities == groove.velocities) & (before.offsets == groove.offsets)
    at = (encoding.steps, encoding.voices)
    stays = (encoding.steps < 0) | ~cells[at] | unchanged[at]
    kept = [note for note, stay in zip(track.notes, stays, strict=True) if stay]
    examples: dict[Cell, Note] = {}
    if keep_pitches:
        examples = {(int(at[0][i]), int(at[1][i])): track.notes[i] for i in np.flatnonzero(encoding.is_main)}
    return _written(track, groove, cells & ~unchanged, kept, examples)


def lengthen(track: DrumTrack, grid: Grid) -> DrumTrack:
    """Return `track` with the end of its drums' file track no earlier than that of `grid`: a loop needs whole bars."""
    home, ends = _place_of(track).track, list(track.track_ends)
    ends[home] = max(ends[home], round(_end_beats(grid) * track.ticks_per_beat))
    return replace(track, track_ends=tuple(ends))


def _check_cells(cells: NDArray[np.bool_], groove: Groove) -> None:
    if cells.shape != groove.hits.shape or cells.dtype != np.bool_:
        raise InvalidParameter(
            f"cells must be booleans of shape (steps, voices) = {groove.hits.shape}; got {cells.dtype} {cells.shape}"
        )


def _written(
    track: DrumTrack,
    groove: Groove,
    cells: NDArray[np.bool_],
    kept: Iterable[Note],
    examples: Mapping[Cell, Note],
) -> DrumTrack:
    """Return `track` with the notes `kept` and one for each hit in `cells`, like the example of its cell or voice."""
    steps, columns = np.nonzero(cells & (groove.hits > 0))
    ticks = _onset_ticks(groove, steps, columns, track.ticks_per_beat)
    velocities = np.round(groove.velocities[steps, columns] * 127.0).clip(1, 127)
    duration = max(1, round(_DURATION_BEATS * track.ticks_per_beat))
    order = 1 + _last_order(track)  # behind what stands on the same tick
    usual = _usual_notes(track)

    notes, ends = list(kept), list(track.track_ends)
    taken = {(note.track, note.channel, note.pitch, note.tick) for note in notes}
    for step, column, tick, velocity in zip(
        steps.tolist(), columns.tolist(), ticks.tolist(), velocities.tolist(), strict=True
    ):
        like = examples.get((step, column), usual[column])
        while (like.track, like.channel, like.pitch, tick) in taken:
            tick += 1
        taken.add((like.track, like.channel, like.pitch, tick))
        notes.append(replace(like, tick=tick, velocity=int(velocity), duration_ticks=duration, order=order))
        ends[like.track] = max(ends[like.track], tick + duration)
        order += 1
    return replace(track.with_notes(notes), track_ends=tuple(ends))


def _last_order(track: DrumTrack) -> int:
    orders = [note.order for note in track.notes] + [event.order for event in track.others]
    orders += [tempo.order for tempo in track.tempos] + [metre.order for metre in track.metres]
    return max(orders, default=-1)


def _onset_ticks(
    groove: Groove, steps: NDArray[np.int64], columns: NDArray[np.int64], ticks_per_beat: int
) -> NDArray[np.int64]:
    """Return where hits begin, `(hits,)`, within the bounds that `encode` gives to their cells."""
    grid = groove.grid
    onsets = grid.onsets_beats[steps] + groove.offsets[steps, columns] * grid.lengths_beats[steps]
    midpoints = grid.onsets_beats[1:] - grid.lengths_beats[:-1] / 2
    first = np.concatenate([grid.onsets_beats[:1] - grid.lengths_beats[:1] / 2, midpoints])
    behind = np.concatenate([midpoints, grid.onsets_beats[-1:] + grid.lengths_beats[-1:] / 2])
    lowest = _first_tick(first, ticks_per_beat).clip(0)
    highest = np.maximum(_first_tick(behind, ticks_per_beat) - 1, lowest)
    return np.round(onsets * ticks_per_beat).astype(np.int64).clip(lowest[steps], highest[steps])


def _first_tick(beats: NDArray[np.float64], ticks_per_beat: int) -> NDArray[np.int64]:
    """Return the first tick that does not lie before `beats`, judged as `encode` does: by division."""
    ticks = np.ceil(beats * ticks_per_beat).astype(np.int64)
    ticks -= (ticks - 1) / ticks_per_beat >= beats
    ticks += ticks / ticks_per_beat < beats
    return ticks


@dataclass(frozen=True)
class _Place:
    track: int
    channel: int


def _place_of(track: DrumTrack) -> _Place:
    """Return where most drum notes of `track` stand."""
    places = Counter(_Place(note.track, note.channel) for note in track.notes)
    return places.most_common(1)[0][0] if places else _Place(len(track.track_ends) - 1, GM_DRUM_CHANNEL)


def _usual_notes(track: DrumTrack) -> list[Note]:
    """Return for each voice a note that is written as most of its notes in `track`."""
    home = _place_of(track)
    usual = []
    for voice in VOICES:
        own = [note for note in track.notes if track.voice_of(note) is voice]
        mapped = track.drum_map.pitches[voice]
        pitches = Counter(note.pitch for note in own)
        # Of equally usual ones the map's own, else the lowest: it must not matter which note happens to come first.
        pitch = min(pitches, key=lambda p: (-pitches[p], p != mapped, p), default=mapped)
        places = Counter(_Place(note.track, note.channel) for note in own if note.pitch == pitch)
        place = places.most_common(1)[0][0] if places else home
        usual.append(Note(0, pitch, 1, channel=place.channel, track=place.track))
    return usual


def _tempos(grid: Grid, ticks_per_beat: int) -> tuple[TempoChange, ...]:
    per_beat = np.round(60e6 / grid.tempos_bpm).clip(1, _SLOWEST).astype(np.int64)
    changes = [0, *(np.flatnonzero(np.diff(per_beat)) + 1).tolist()]
    # Rounded down: seen from its step, the tempo has changed.
    ticks = [int(grid.onsets_beats[step] * ticks_per_beat) if step else 0 for step in changes]
    return tuple(TempoChange(tick, int(per_beat[step]), order=1) for step, tick in zip(changes, ticks, strict=True))


def _metres(grid: Grid, ticks_per_beat: int) -> tuple[MetreChange, ...]:
    """Return a metre at the start, and another wherever bars get a new length or begin out of turn."""
    in_force, counted_from = float(grid.bar_beats[0]), 0.0
    metres = [_metre(in_force, 0)]
    for step in [0, *(np.flatnonzero(np.diff(grid.bars)) + 1).tolist()]:
        beats, start = float(grid.bar_beats[step]), float(grid.onsets_beats[step] - grid.positions_beats[step])
        since = start - counted_from
        in_turn = abs(since - round(since / in_force) * in_force) < _ROUNDING_BEATS
        if beats != in_force or not in_turn:
            in_force, counted_from = beats, start
            metres.append(_metre(beats, round(start * ticks_per_beat)))
    return tuple(metres)


def _metre(beats: float, tick: int) -> MetreChange:
    for denominator in _DENOMINATORS:
        numerator = round(beats * denominator / 4)
        if 1 <= numerator <= _MOST_IN_BAR and abs(numerator * 4 / denominator - beats) < _ROUNDING_BEATS:
            return MetreChange(tick, numerator, denominator)
    raise InvalidParameter(
        f"bar_beats must be a whole number of 64th notes, and at most {4 * _MOST_IN_BAR} beats; got {beats:g}"
    )


def _end_beats(grid: Grid) -> float:
    return float(grid.onsets_beats[-1] + grid.lengths_beats[-1])
