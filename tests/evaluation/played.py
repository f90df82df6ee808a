"""Grooves for the tests of evaluation: single hits that can be read in place, and random drummers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ghostnote.groove import VOICES, GrooveBatch

Hit = tuple[int, int, int, float, float]  # groove, step, voice, MIDI velocity, offset in steps


def batch_of(
    hits: Sequence[Hit], *, tempos_bpm: Sequence[float] = (120.0,), performances: Sequence[int] | None = None
) -> GrooveBatch:
    """Return two-bar grooves that hold `hits`, one groove for each tempo."""
    count = len(tempos_bpm)
    arrays = np.zeros((3, count, 32, len(VOICES)), dtype=np.float32)
    for groove, step, voice, velocity, offset in hits:
        arrays[:, groove, step, voice] = 1, velocity / 127, offset
    return GrooveBatch(
        *arrays,
        tempos_bpm=np.array(tempos_bpm, dtype=np.float64),
        performances=np.arange(count) if performances is None else np.array(performances),
        start_bars=np.zeros(count, dtype=np.int64),
        styles=np.full(count, -1),
    )


def silence(count: int = 1) -> GrooveBatch:
    return batch_of([], tempos_bpm=[120.0] * count)


def random_scores(rng: np.random.Generator, *, recordings: int, windows: int, density: float = 0.15) -> GrooveBatch:
    """Return unplayed scores (velocity 1/127, offset 0): `windows` from each of `recordings`, each at its own tempo."""
    count = recordings * windows
    hits = (rng.random((count, 32, len(VOICES))) < density).astype(np.float32)
    return GrooveBatch(
        hits=hits,
        velocities=hits / np.float32(127),
        offsets=np.zeros_like(hits),
        tempos_bpm=np.repeat(rng.uniform(70, 180, recordings), windows),
        performances=np.repeat(np.arange(recordings), windows),
        start_bars=np.tile(np.arange(windows), recordings),
        styles=np.full(count, -1),
    )


def played_by_drummers(scores: GrooveBatch, rng: np.random.Generator) -> GrooveBatch:
    """Return `scores` played with habits by recording, a drift over each window and a little noise."""
    _, recording = np.unique(scores.performances, return_inverse=True)
    habits = rng.normal(0, 0.1, (recording.max() + 1, 1, len(VOICES)))[recording]
    levels = rng.normal(0.6, 0.1, (recording.max() + 1, 1, len(VOICES)))[recording]
    drift = np.cumsum(rng.normal(0, 0.02, (len(scores), 32, 1)), axis=1)
    shape = scores.hits.shape
    offsets = habits + drift + rng.normal(0, 0.01, shape)
    velocities = levels + drift + rng.normal(0, 0.02, shape)
    return scores.with_performance(
        np.clip(velocities, 1 / 127, 1).astype(np.float32), np.clip(offsets, -0.5, 0.49).astype(np.float32)
    )


def played_note_by_note(scores: GrooveBatch, rng: np.random.Generator, *, spread: float = 0.15) -> GrooveBatch:
    """Return `scores` with every hit drawn by itself."""
    shape = scores.hits.shape
    return scores.with_performance(
        np.clip(rng.normal(0.6, spread, shape), 1 / 127, 1).astype(np.float32),
        np.clip(rng.normal(0, spread, shape), -0.5, 0.49).astype(np.float32),
    )
