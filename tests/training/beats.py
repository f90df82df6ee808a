"""A plain beat to learn from: as arrays, as a track, and as examples for the trainings."""

from __future__ import annotations

import numpy as np

from ghostnote.groove import DrumTrack, Grid, Groove, Note
from ghostnote.midi import drum_map
from ghostnote.training.chunks import song_of
from ghostnote.training.composer import ComposerConfig
from ghostnote.training.performer import PerformerConfig
from ghostnote.training.train_composer import Example as Songs
from ghostnote.training.train_performer import Example

SMALL_PERFORMER = PerformerConfig(style_units=3, reader_units=12, player_units=12)
SMALL_COMPOSER = ComposerConfig(
    style_units=3, kind_units=2, reader_units=10, listener_units=8, latent_units=4, writer_units=12
)
BAR = 1920  # ticks


def groove(seed: int = 0, bars: int = 4) -> Groove:
    """Kick and snare where they belong, hats at random; snares loud and late."""
    rng = np.random.default_rng(seed)
    grid = Grid.uniform(bars)
    hits = np.zeros((len(grid), 9), dtype=np.float32)
    hits[::8, 0] = hits[4::8, 1] = 1
    hits[:, 2] = rng.random(len(grid)) < 0.6
    velocities, offsets = hits * 0.0, hits * 0.0
    velocities[:, :3] = hits[:, :3] * np.float32([90, 110, 40]) / 127
    offsets[:, 1] = 0.2 * hits[:, 1]
    return Groove(hits, velocities, offsets, grid)


def examples(count: int, start: int = 0) -> list[Example]:
    return [Example(made, made, 1) for made in (groove(start + i) for i in range(count))]


def songs(count: int, start: int = 0) -> list[Songs]:
    made = [song_of(groove(start + i), 1, 1) for i in range(count)]
    return [Songs(song, song) for song in made]


def track(seed: int = 0, bars: int = 4, *, flat: bool = False) -> DrumTrack:
    """The same beat as notes; `flat` as a machine would have it."""
    rng = np.random.default_rng(seed)
    notes = []
    for step in range(16 * bars):
        sounding = [36] * (step % 8 == 0) + [38] * (step % 8 == 4) + [42] * bool(rng.random() < 0.6)
        for pitch in sounding:
            late = 0 if flat else int(rng.integers(0, 30))
            notes.append(Note(step * BAR // 16 + late, pitch, 100 if flat else int(rng.integers(30, 120))))
    return DrumTrack((), 480, drum_map(), track_ends=(bars * BAR + 480,)).with_notes(notes)
