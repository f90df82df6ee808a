"""Recordings to the composer's training batches: chunks of steps, of which a random part is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.groove import VOICES, Groove, Voice
from ghostnote.groove.transforms import Tap, sparse, thin
from ghostnote.models.composer import density_column
from ghostnote.models.steps import (
    GIVEN_COLUMNS,
    GRID_COLUMNS,
    REFERENCES,
    STEPS_PER_LATENT,
    read_grid,
    references_of,
    tap_columns,
)

COLUMNS = len(VOICES)
TASKS = ("generate", "drumify", "drumify_thin", "infill", "bars")
TASK_SHARES = (0.25, 0.22, 0.15, 0.28, 0.10)
MOST_NOTE_DROPOUT = 0.8


@dataclass(frozen=True, eq=False)
class Song:
    """One recording on one grid.

    Args:
        grid: `(steps, GRID_COLUMNS)`.
        groove: `(steps, 27)`: hits, velocities, doubled offsets.
        references: `(steps, REFERENCES)`.
        bar_starts: steps at which bars begin.
        beats_per_step: `(steps,)`.
        style, kind: numbers, 0 for unknown.
    """

    grid: NDArray[np.float32]
    groove: NDArray[np.float32]
    references: NDArray[np.int64]
    bar_starts: NDArray[np.int64]
    beats_per_step: NDArray[np.float64]
    style: int
    kind: int


@dataclass(frozen=True, eq=False)
class ChunkBatch:
    """What the composer trains on; `(batch, steps, …)`, see `ComposerNetwork` and `StepFeatures`."""

    grid: Tensor
    groove: Tensor
    features: Tensor
    memory: Tensor
    must: Tensor
    must_not: Tensor
    some: Tensor
    pattern: Tensor
    valid: Tensor
    style: Tensor
    kind: Tensor
    density: Tensor
    latent_given: Tensor


@dataclass(frozen=True, eq=False)
class Given:
    """What of a chunk is given: `cells` `(steps, 9)`, and the tap, if any."""

    cells: NDArray[np.bool_]
    tap: Tap | None = None


def song_of(groove: Groove, style: int, kind: int) -> Song:
    """Return `groove` as a song to learn from."""
    bars = groove.grid.bars
    return Song(
        read_grid(groove.grid).astype(np.float32),
        np.concatenate([groove.hits, groove.velocities, 2.0 * groove.offsets], axis=1),
        references_of(groove.grid),
        np.flatnonzero(np.diff(bars, prepend=-1)),
        groove.grid.lengths_beats,
        style,
        kind,
    )


def draw_given(groove: NDArray[np.float32], task: str, rng: np.random.Generator) -> Given:
    """Draw what of a chunk is given for `task`, one of `TASKS`."""
    hits = groove[:, :COLUMNS]
    steps = len(hits)
    cells = np.zeros((steps, COLUMNS), dtype=bool)
    if task == "generate":
        return Given(cells)
    if task == "infill":
        used = np.flatnonzero(hits.any(axis=0))
        if rng.random() < 0.3:
            away = np.array([Voice.CLOSED_HIHAT.column])
        elif rng.random() < 0.5 and len(used):
            away = rng.choice(used, 1)
        else:
            away = rng.choice(COLUMNS, size=rng.integers(1, COLUMNS), replace=False)
        cells[:] = True
        cells[:, away] = False
        return Given(cells)
    if task == "bars":
        start, stop = np.sort(rng.integers(0, steps + 1, size=2) // 8 * 8)
        cells[:] = True
        cells[start:stop] = False
        return Given(cells)
    chunk_tap = tap_of_columns(groove, rng)
    if task == "drumify_thin":
        amount = float(rng.uniform(0.1, MOST_NOTE_DROPOUT))
        # How loud a hit was decides whether it is dropped, even where the tap's loudness is not given.
        stays = thin(tap_of_columns(groove, None), amount, rng).hits
        return Given(cells, sparse(Tap(chunk_tap.hits * stays, chunk_tap.velocities, chunk_tap.offsets)))
    return Given(cells, chunk_tap)


def tap_of_columns(groove: NDArray[np.float32], rng: np.random.Generator | None) -> Tap:
    """Return the tap of a chunk; with a generator its velocities or offsets are sometimes unknown."""
    hits, velocities = groove[:, :COLUMNS], groove[:, COLUMNS : 2 * COLUMNS]
    offsets = np.float32(0.5) * groove[:, 2 * COLUMNS :]
    loudest = velocities.argmax(axis=1)[:, None]
    squashed = Tap(
        np.take_along_axis(hits, loudest, axis=1),
        np.take_along_axis(velocities, loudest, axis=1),
        np.take_along_axis(offsets, loudest, axis=1),
    )
    if rng is None:
        return squashed
    loud = squashed.velocities if rng.random() < 0.5 else np.full_like(squashed.hits, np.nan)
    late = squashed.offsets if rng.random() < 0.9 else np.full_like(squashed.hits, np.nan)
    return Tap(squashed.hits, loud, late)


def chunk_batches(
    songs: Sequence[Song], rng: np.random.Generator, *, steps_per_batch: int, lengths: Sequence[int] = (32, 64, 128)
) -> Iterator[ChunkBatch]:
    """Yield every song once, cut from a random bar on into chunks of one of `lengths`, in random order."""
    by_length: dict[int, list[tuple[Song, int]]] = {length: [] for length in lengths}
    for song in songs:
        length = int(rng.choice(lengths))
        first = int(rng.choice(song.bar_starts[: max(1, int(np.searchsorted(song.bar_starts, length)))]))
        starts = [0] if first else []
        starts += list(range(first, len(song.groove), length))
        by_length[length] += [(song, start) for start in starts]
    groups = []
    for length, chunks in by_length.items():
        order = rng.permutation(len(chunks))
        size = max(1, steps_per_batch // length)
        groups += [(length, [chunks[i] for i in order[at : at + size]]) for at in range(0, len(order), size)]
    for i in rng.permutation(len(groups)):
        length, chunks = groups[i]
        tasks = rng.choice(TASKS, size=len(chunks), p=TASK_SHARES)
        yield collate_chunks(chunks, length, [str(task) for task in tasks], rng)


def collate_chunks(
    chunks: Sequence[tuple[Song, int]],
    length: int,
    tasks: Sequence[str],
    rng: np.random.Generator,
    *,
    latent_share: float = 0.5,
    forget_share: float = 0.3,
    density_share: float = 0.4,
) -> ChunkBatch:
    """Return `(song, first step)` chunks of `length` steps as one batch, padded with silence."""
    size = len(chunks)
    grid = np.zeros((size, length, GRID_COLUMNS), dtype=np.float32)
    groove = np.zeros((size, length, 3 * COLUMNS), dtype=np.float32)
    references = np.full((size, length, REFERENCES), length, dtype=np.int64)
    given = np.zeros((size, length, GIVEN_COLUMNS), dtype=np.float32)
    must, must_not = np.zeros((2, size, length, COLUMNS), dtype=np.float32)
    some, valid = np.zeros((size, length, 1), dtype=np.float32), np.zeros((size, length), dtype=np.float32)
    told = np.zeros((size, 2), dtype=np.int64)
    density = np.zeros((size, 2), dtype=np.float32)
    for i, ((song, start), task) in enumerate(zip(chunks, tasks, strict=True)):
        stop = min(start + length, len(song.groove))
        count = stop - start
        grid[i, :count], groove[i, :count] = song.grid[start:stop], song.groove[start:stop]
        local = song.references[start:stop] - start
        references[i, :count] = np.where((local < 0) | (local >= count), length, local)
        valid[i, :count] = 1.0
        part = draw_given(groove[i, :count], task, rng)
        hits = groove[i, :count, :COLUMNS]
        must[i, :count] = part.cells * hits
        must_not[i, :count] = part.cells * (1.0 - hits)
        given[i, :count, : 4 * COLUMNS] = np.concatenate([part.cells, np.tile(part.cells, 3) * groove[i, :count]], 1)
        if part.tap is not None:
            must_not[i, :count] = np.maximum(must_not[i, :count], part.tap.hits == 0)
            some[i, :count] = part.tap.hits > 0
            given[i, :count, 4 * COLUMNS :] = tap_columns(part.tap, count)
        forget = rng.random(2) < forget_share
        told[i] = np.where(forget, 0, (song.style, song.kind))
        if rng.random() < density_share:
            beats = float(song.beats_per_step[start:stop].sum())
            density[i] = density_column(float(hits.sum()) / beats) + 0.02 * rng.standard_normal(), 1.0
    padded = np.concatenate([groove[..., :COLUMNS], np.zeros((size, 1, COLUMNS), dtype=np.float32)], axis=1)
    memory = padded[np.arange(size)[:, None, None], references].reshape(size, length, -1)
    pattern = (groove[..., :COLUMNS] @ (2 ** np.arange(COLUMNS))).astype(np.int64)
    latent_given = np.repeat(rng.random((size, 1)) < latent_share, length // STEPS_PER_LATENT, axis=1)
    arrays = (grid, groove, np.concatenate([grid, given], axis=-1), memory, must, must_not, some, pattern, valid)
    numbers = (told[:, 0].copy(), told[:, 1].copy(), density, latent_given.astype(np.float32))
    return ChunkBatch(*(torch.from_numpy(array) for array in (*arrays, *numbers)))
