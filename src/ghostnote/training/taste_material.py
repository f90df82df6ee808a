"""Loops to learn to listen from: patterns of many kinds, sounds of all families, tempos, metres and swings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.sound import Sound

STEPS = (16, 16, 16, 16, 16, 12, 8, 24, 32)


def draw_loop(pool: Sequence[Sound], rng: np.random.Generator, *, steps: int, tempo_bpm: float, swing: float) -> Loop:
    """Return a loop of one of many kinds: noise, even rhythms, repeated cells, common beats with faults.

    Args:
        pool: to draw sounds from.
        rng: of chance.
        steps: 8…32.
        tempo_bpm: of the loop.
        swing: of the loop.
    """
    rows = int(rng.choice([1, 2, 3, 4, 4, 4, 4, 5, 6]))
    kind = rng.choice(["grid", "grid", "rows", "even", "cells", "beat"])
    hits = np.zeros((steps, rows), dtype=np.float32)
    if kind == "grid":
        hits[:] = rng.random(hits.shape) < (0.5 if rng.random() < 0.5 else rng.uniform(0.05, 0.8))
    else:
        for row in range(rows):
            hits[:, row] = _row(str(kind), row, steps, rng)
        hits = np.abs(hits - (rng.random(hits.shape) < rng.choice([0.0, 0.03, 0.08])))
    if not hits.any():
        hits[0, 0] = 1
    velocities = hits * (rng.uniform(0.3, 1.0, hits.shape) if rng.random() < 0.3 else 1.0)
    sounds = tuple(pool[index] for index in rng.integers(0, len(pool), rows))
    return Loop(Pattern(hits, velocities.astype(np.float32)), sounds, tempo_bpm, swing)


def _row(kind: str, row: int, steps: int, rng: np.random.Generator) -> NDArray[np.float32]:
    step = np.arange(steps)
    if kind == "rows":
        return (rng.random(steps) < rng.uniform(0.0, 0.9)).astype(np.float32)
    if kind == "even":
        count = int(rng.integers(1, steps + 1))
        even = (step * count % steps < count).astype(np.float32)
        return np.roll(even, int(rng.integers(0, steps)))
    if kind == "cells":
        cell = rng.random(int(rng.choice([2, 3, 4, 8]))) < rng.uniform(0.15, 0.7)
        return np.resize(cell, steps).astype(np.float32)
    common = (
        step % 4 == 0,
        step % 8 == 4,
        step % 2 == 0,
        step % 4 == 2,
        np.isin(step % 16, (0, 10)),
        np.isin(step % 16, (0, 3, 6, 10, 12)),
        np.isin(step % 16, (0, 7, 10)),
        np.ones(steps, dtype=bool),
        step % 8 == 0,
        step == 0,
    )
    return common[int(rng.integers(0, len(common)))].astype(np.float32)
