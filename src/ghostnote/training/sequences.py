"""Recordings to training sequences: what the performer reads, hears and should play, hit by hit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.groove import VOICES, Groove
from ghostnote.models.performer import class_of_offset, memory_values
from ghostnote.models.score import FEATURES, read_score
from ghostnote.training.performer import HEARD

IGNORED = -100


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording as the network sees it.

    Args:
        features: `(hits, FEATURES)`.
        heard: `(hits, HEARD)`, what the player remembers before each hit.
        velocities, offsets: `(hits,)`, classes.
        style: number of the style, 0 for none.
    """

    features: NDArray[np.float32]
    heard: NDArray[np.float32]
    velocities: NDArray[np.int64]
    offsets: NDArray[np.int64]
    style: int


@dataclass(frozen=True, eq=False)
class Batch:
    """Padded chunks; shapes as in `PerformerNetwork`, targets are `IGNORED` where there is no hit."""

    features: Tensor
    heard: Tensor
    velocities: Tensor
    offsets: Tensor
    style: Tensor


def to_sequence(groove: Groove, style: int) -> Recording:
    """Return the training sequence of a whole recording seen on its grid."""
    score = read_score(groove.hits, groove.grid)
    cells = (score.steps, score.voices)
    velocities = np.round(groove.velocities[cells] * 127).astype(np.int64).clip(1, 127)
    offsets = class_of_offset(groove.offsets[cells])
    memory = np.concatenate([memory_values(velocities, offsets), np.zeros((2, 1), dtype=np.float32)], axis=1)
    before = np.concatenate([np.zeros((2, 1), dtype=np.float32), memory[:, : max(len(score) - 1, 0)]], axis=1)
    before = before[:, : len(score)]
    heard = np.concatenate([memory[0][score.references], memory[1][score.references], before.T], axis=1)
    return Recording(score.features, heard.astype(np.float32), velocities - 1, offsets, style)


def without_some_voices(groove: Groove, rng: np.random.Generator) -> Groove:
    """Return `groove` with a random part of its kit silent, so that the model also meets the sparse scores of users."""
    used = np.flatnonzero(groove.hits.any(axis=0))
    if len(used) < 2:
        return groove
    silent = rng.choice(used, size=rng.integers(1, len(used)), replace=False)
    keep = ~np.isin(np.arange(len(VOICES)), silent)
    return Groove(groove.hits * keep, groove.velocities * keep, groove.offsets * keep, groove.grid)


def batches(
    sequences: Sequence[Recording], *, hits: int, size: int, rng: np.random.Generator, style_dropout: float
) -> Iterator[Batch]:
    """Yield every recording once, cut at random places into chunks of at most `hits`, in random order."""
    chunks: list[tuple[Recording, int, int]] = []
    for sequence in sequences:
        count = len(sequence.velocities)
        start = -int(rng.integers(0, hits)) if count > hits else 0
        while start < count:
            chunks.append((sequence, max(start, 0), min(start + hits, count)))
            start += hits
    order = rng.permutation(len(chunks))
    # Chunks of like length go together, so that little is padded.
    ranked = sorted(order, key=lambda i: (chunks[i][2] - chunks[i][1]) // 64)
    groups = [ranked[i : i + size] for i in range(0, len(ranked), size)]
    for g in rng.permutation(len(groups)):
        yield collate([chunks[i] for i in groups[g]], rng, style_dropout)


def collate(
    chunks: Sequence[tuple[Recording, int, int]], rng: np.random.Generator | None = None, style_dropout: float = 0.0
) -> Batch:
    """Return `(sequence, start, stop)` chunks as one padded batch."""
    longest = max(stop - start for _, start, stop in chunks)
    shape = (len(chunks), longest)
    features = np.zeros((*shape, FEATURES), dtype=np.float32)
    heard = np.zeros((*shape, HEARD), dtype=np.float32)
    velocities = np.full(shape, IGNORED, dtype=np.int64)
    offsets = np.full(shape, IGNORED, dtype=np.int64)
    style = np.zeros(len(chunks), dtype=np.int64)
    for i, (sequence, start, stop) in enumerate(chunks):
        count = stop - start
        features[i, :count] = sequence.features[start:stop]
        heard[i, :count] = sequence.heard[start:stop]
        velocities[i, :count] = sequence.velocities[start:stop]
        offsets[i, :count] = sequence.offsets[start:stop]
        forget = rng is not None and rng.random() < style_dropout
        style[i] = 0 if forget else sequence.style
    return Batch(*(torch.from_numpy(array) for array in (features, heard, velocities, offsets, style)))
