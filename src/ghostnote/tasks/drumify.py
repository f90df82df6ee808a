"""Drumify: a rhythm becomes a full kit that follows its groove."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ghostnote.errors import InvalidInput
from ghostnote.groove import DrumMap, DrumTrack
from ghostnote.groove.decode import new_track
from ghostnote.groove.grid import Subdivision
from ghostnote.groove.transforms import Partial, nothing, sparse, tap, without_loudness
from ghostnote.midi.maps import DEFAULT_MAP, drum_map
from ghostnote.midi.rhythm import merge_strums, onset_map
from ghostnote.models.composer import Composer
from ghostnote.models.performer import Performer
from ghostnote.tasks.complete import Wish, complete
from ghostnote.tasks.framing import refined, see

SPARSE_TAPS_PER_BEAT = 1.75  # drummers sound on 2.2 steps of a beat; who taps fewer leaves something out


def drumify(
    track: DrumTrack,
    *,
    use_velocities: bool = True,
    fill: bool | None = None,
    style: str | None = None,
    density: float | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "auto",
    kit_map: DrumMap | None = None,
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return drums that follow the rhythm of `track`: its onsets, its microtiming, its accents.

    Args:
        track: every note is an onset, whatever its pitch; chords and strums count once. `read_rhythm` reads any part.
        use_velocities: whether the loudest drum of each tap is as loud as the tap; flat velocities are not used.
        fill: True also writes between the taps, False only on them; None does the first for sparse taps (fewer than
            1.75 per beat).
        style: one of `load_performer().styles`, or None.
        density: hits per beat of the whole kit to aim at, in 0…36, or None.
        temperature: variety, 0…2; 0 gives the calmest.
        seed: another seed is another take.
        subdivision: see `lay_grid`.
        kit_map: gives the pitches to write; General MIDI if None.
        composer, performer: models of your own; the chosen or shipped ones if None.

    Returns:
        A new track on channel 10 with the tempos and metres of `track`.

    Raises:
        InvalidParameter: an argument is outside its range.
        InvalidInput: there is no note.

    Source: Tap2Drum, Gillick et al. 2019.
    """
    if not track.notes:
        raise InvalidInput("the rhythm must have at least one note; got none. Is it on another channel or track?")
    # What `read_rhythm` read has its strums merged already.
    merged = track if track.drum_map.name == onset_map().name else merge_strums(replace(track, drum_map=onset_map()))
    rhythm = refined(merged)
    groove = see(rhythm, subdivision).groove
    tapped = tap(groove)
    if not use_velocities or len({note.velocity for note in rhythm.notes}) == 1:
        tapped = without_loudness(tapped)
    bar = groove.grid.bars[np.flatnonzero(tapped.hits[:, 0])[0]]
    asked = groove.grid.bars >= bar  # before the bar of the first tap there is silence, as in the rhythm
    beats = float(groove.grid.lengths_beats[asked].sum())
    if fill if fill is not None else tapped.hits.sum() < SPARSE_TAPS_PER_BEAT * beats:
        tapped = sparse(tapped)
    bare = nothing(groove.grid)
    hits, velocities, offsets = (np.where(asked[:, None], a, 0.0) for a in (bare.hits, bare.velocities, bare.offsets))
    partial = Partial(hits, velocities, offsets, groove.grid, tapped)
    wish = Wish(style=style, density=density, temperature=temperature)
    drums = complete(partial, wish, seed=seed, composer=composer, performer=performer)
    written = new_track(drums, kit_map or drum_map(DEFAULT_MAP), like=rhythm)
    lost = len(rhythm.notes) - int((tapped.hits > 0).sum())
    told = f"{lost} of {len(rhythm.notes)} onsets share a step with a louder one and are not followed on their own"
    return replace(written, warnings=(*rhythm.warnings, told) if lost else rhythm.warnings)
