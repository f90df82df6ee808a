"""What no model is needed for: the task done by copying. A number without such a yardstick says little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ghostnote.evaluation import find_nearest, only_voices, taps_of
from ghostnote.evaluation.feel_error import position_means
from ghostnote.evaluation.hits import STEPS_PER_BAR
from ghostnote.groove import VOICES, Groove, GrooveBatch, Voice


def drumify_by_nearest(train: GrooveBatch, windows: GrooveBatch) -> GrooveBatch:
    """Return for each window the training window whose tapped steps are nearest, as it was played."""
    places = find_nearest(taps_of(train), taps_of(windows)).places
    return _in_place_of(windows, train.take(places))


def infill_by_nearest(train: GrooveBatch, windows: GrooveBatch, voice: Voice) -> GrooveBatch:
    """Return `windows` with `voice` from the training window whose other voices' hits are nearest."""
    others = [other for other in VOICES if other != voice]
    found = train.take(find_nearest(only_voices(train, others), only_voices(windows, others)).places)
    hits, velocities, offsets = (array.copy() for array in (windows.hits, windows.velocities, windows.offsets))
    column = voice.column
    for own, other in ((hits, found.hits), (velocities, found.velocities), (offsets, found.offsets)):
        own[..., column] = other[..., column]
    return replace(windows, hits=hits, velocities=velocities, offsets=offsets)


def transfer_by_table(scores: GrooveBatch, donors: GrooveBatch) -> GrooveBatch:
    """Return `scores` with each hit as the donor plays that voice on that position in the bar, on average.

    Where the donor does not, as it plays the voice; where it never does, as it plays at all.
    """
    folds = scores.hits.shape[1] // STEPS_PER_BAR
    played = []
    for values in (donors.velocities, donors.offsets):
        table = position_means(donors.hits, values)
        for axes in (1, (1, 2)):
            count = donors.hits.sum(axis=axes, keepdims=True)
            mean = (donors.hits * values).sum(axis=axes, keepdims=True) / np.maximum(count, 1)
            table = np.where(np.isfinite(table), table, np.where(count > 0, mean, np.nan))
        played.append(np.tile(np.nan_to_num(table), (1, folds, 1)).astype(np.float32))
    return scores.with_performance(*played)


def generate_by_drawing(train: GrooveBatch, like: GrooveBatch, *, seed: int = 0) -> GrooveBatch:
    """Return for each window of `like` a training window of its style (of any, where there is none), at random.

    They keep their own tempos and recordings: what real drumming of other recordings scores.
    """
    rng = np.random.default_rng(seed)
    train = train.take(np.flatnonzero(train.hits[:, -STEPS_PER_BAR:].any(axis=(1, 2))))
    of_style = {int(style): np.flatnonzero(train.styles == style) for style in np.unique(train.styles)}
    everything = np.arange(len(train))
    places = [int(rng.choice(of_style.get(int(style), everything))) for style in like.styles]
    return train.take(np.array(places, dtype=np.int64))


def interpolate_by_dealing(first: Groove, second: Groove, *, steps: int, seed: int = 0) -> tuple[Groove, ...]:
    """Return a path on which each cell is taken over from `second` at a moment of its own, dealt at random."""
    turns = np.random.default_rng(seed).random(first.hits.shape)
    path = []
    for share in np.linspace(0.0, 1.0, steps):
        taken = turns < share
        arrays = (
            np.where(taken, getattr(second, name), getattr(first, name)) for name in ("hits", "velocities", "offsets")
        )
        hits, velocities, offsets = arrays
        path.append(Groove(hits, velocities, offsets, first.grid))
    return tuple(path)


def _in_place_of(windows: GrooveBatch, found: GrooveBatch) -> GrooveBatch:
    """Return `found` under the tempos, recordings and styles of `windows`, for which it stands."""
    return GrooveBatch(
        found.hits,
        found.velocities,
        found.offsets,
        windows.tempos_bpm,
        windows.performances,
        windows.start_bars,
        windows.styles,
    )
