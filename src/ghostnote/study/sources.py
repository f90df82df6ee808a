"""Clips straight from the dataset and the models: real performances, and what is made of their scores.

All systems play the same bars of the same recordings on the same kit, so that nothing but the playing differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ghostnote.data import Performance, load_performances
from ghostnote.data.performances import DRUM_MAP
from ghostnote.errors import InvalidInput
from ghostnote.groove import DrumTrack, Note, TempoChange
from ghostnote.midi import drum_map
from ghostnote.study.design import REPRODUCTION, Material, System
from ghostnote.study.reproduction import reproduced
from ghostnote.tasks import humanize

_STEPS_PER_BEAT, _BEATS_PER_BAR = 4, 4
_FLAT = 90
"""Velocity of every note of what is quantised."""

_FEWEST_HITS_PER_BAR = 6


def real_tracks(material: Material, seed: int) -> dict[str, DrumTrack]:
    """Return stretches of real performances by item, drawn from the dataset.

    Raises:
        InvalidInput: the split holds fewer usable recordings than `material.items`.
        StorageError: there is no archive.
    """
    performances = load_performances(material.split, archive=material.archive or None, metre="4-4")
    rng = np.random.default_rng([seed, 1])
    found: dict[str, DrumTrack] = {}
    for index in rng.permutation(len(performances)):
        performance = performances[index]
        if performance.beat_type != "beat" or len(found) >= material.items:
            continue
        track = _stretch(performance, material.bars)
        if len(track.notes) >= _FEWEST_HITS_PER_BAR * material.bars:
            found[f"item-{len(found) + 1:03d}"] = track
    if len(found) < material.items:
        raise InvalidInput(
            f"material.items must be at most {len(found)}, as the {material.split} split holds recordings of "
            f"{material.bars} bars; got {material.items}"
        )
    return found


def tracks_of(
    system: System, real: Mapping[str, DrumTrack], material: Material, seed: int, home: Path
) -> dict[str, DrumTrack]:
    """Return what the source of `system` makes of the `real` performances, by item.

    Args:
        system: with a source.
        real: performances by item.
        material: as of the study.
        seed: of chance.
        home: folder that the system's weights are relative to.

    Raises:
        InvalidInput: the weights of a reproduction can not be used.
        MissingExtra: it is a reproduction, and PyTorch is not installed.
    """
    if system.source == "real":
        return dict(real)
    scores = {item: quantised(track) for item, track in real.items()}
    if system.source == REPRODUCTION:
        return reproduced(scores, material.bars, home / system.weights, system.name)
    made = {}
    for number, (item, flat) in enumerate(scores.items()):
        if system.source == "jitter":
            flat = jittered(
                flat, material.jitter_ms, material.jitter_velocity, np.random.default_rng([seed, 2, number])
            )
        elif system.source == "product":
            flat = humanize(flat, keep_accents=False, temperature=material.temperature, seed=seed % 2**31 + number)
        made[item] = flat
    return made


def quantised(track: DrumTrack) -> DrumTrack:
    """Return `track` on the 16ths, all notes equally loud; of notes that fall together one stays."""
    step = track.ticks_per_beat // _STEPS_PER_BEAT
    kept: dict[tuple[int, int], Note] = {}
    for note in track.notes:
        tick = round(note.tick / step) * step
        kept.setdefault((tick, note.pitch), replace(note, tick=tick, velocity=_FLAT))
    return track.with_notes(list(kept.values()))


def jittered(track: DrumTrack, milliseconds: float, velocity: float, rng: np.random.Generator) -> DrumTrack:
    """Return `track` with independent Gaussian noise on every onset and velocity."""
    per_tick = 60_000.0 / track.tempos[0].tempo_bpm / track.ticks_per_beat
    notes = []
    for note in track.notes:
        late, louder = rng.standard_normal(2)
        tick = max(0, round(note.tick + late * milliseconds / per_tick))
        notes.append(replace(note, tick=tick, velocity=int(np.clip(round(note.velocity + louder * velocity), 1, 127))))
    return track.with_notes(notes)


def _stretch(performance: Performance, bars: int) -> DrumTrack:
    """Return `bars` bars out of the middle; a hit just before the first beat belongs to it and is kept on it."""
    factor = 480 // np.gcd(performance.ticks_per_beat, 480)
    ticks = performance.ticks * factor
    per_beat = performance.ticks_per_beat * factor
    per_bar = per_beat * _BEATS_PER_BAR
    whole = int(ticks[-1]) // per_bar if len(ticks) else 0
    first = max(0, (whole - bars) // 2) * per_bar
    early = per_beat // _STEPS_PER_BEAT // 2
    inside = (ticks >= first - early) & (ticks < first + bars * per_bar - early)
    notes = tuple(
        Note(max(0, int(tick - first)), int(pitch), int(velocity), order=order)
        for order, (tick, pitch, velocity) in enumerate(
            zip(ticks[inside], performance.pitches[inside], performance.velocities[inside], strict=True)
        )
    )
    tempo = TempoChange(0, round(60e6 / performance.tempo_bpm))
    empty = DrumTrack((), per_beat, drum_map(DRUM_MAP), (tempo,), track_ends=(bars * per_bar,))
    return empty.with_notes(list(notes))
