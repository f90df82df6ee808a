"""What the performer model knows of a score: one row of features for every hit, in playing order.

A score is read hit by hit, not step by step, so that any metre, any mixture of 16ths and triplets and any length look
the same to the model. Beside what the score says, every hit knows *which earlier hits it answers to* (`references`):
those of its own step, the last one of each voice, and its own voice a 16th, an 8th, a beat, half a bar, a bar and two
bars before. Their velocities and offsets are what makes a performance hang together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import VOICES, Grid

_PARTS_OF_BEAT = 48  # a common multiple of 16ths and triplets: onsets become integers that can be matched
_LAGS_BEATS = (0.25, 0.5, 1.0, 2.0)
_LAGS_BARS = (1.0, 2.0)
REFERENCES = 2 * len(VOICES) + 2 + len(_LAGS_BEATS) + len(_LAGS_BARS)
FEATURES = 7 * len(VOICES) + 14 + 8 + 2 + len(_LAGS_BEATS) + len(_LAGS_BARS)


@dataclass(frozen=True, eq=False)
class ScoreFeatures:
    """A score as the performer model reads it; `hits` below is the number of hits.

    Args:
        steps, voices: `(hits,)`, the cell of each hit; ordered by step, then by voice column.
        features: `(hits, FEATURES)`, float32.
        references: `(hits, REFERENCES)`, index of an earlier hit, or `hits` where there is none.
        step_ticks: `(hits,)`, length of the hit's step in 1/480 of a beat, which bounds its offset.
    """

    steps: NDArray[np.int64]
    voices: NDArray[np.int64]
    features: NDArray[np.float32]
    references: NDArray[np.int64]
    step_ticks: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.steps)


def read_score(hits: NDArray[np.float32], grid: Grid) -> ScoreFeatures:
    """Return the features of `hits`, `(steps, voices)`, on `grid`."""
    steps, voices = np.nonzero(hits)
    count = len(steps)
    onsets = np.round(grid.onsets_beats * _PARTS_OF_BEAT).astype(np.int64)
    index = np.full(hits.shape, -1, dtype=np.int64)
    index[steps, voices] = np.arange(count)

    before = _shift(np.maximum.accumulate(index, axis=0), 1)  # last hit of each voice strictly before a step
    after = np.where(index >= 0, index, count)
    after = _shift(np.minimum.accumulate(after[::-1], axis=0)[::-1], -1, fill=count)

    own_step = index[steps]
    own_step = np.where(np.arange(len(VOICES)) < voices[:, None], own_step, -1)
    last_of_voice = before[steps]
    previous = before[steps, voices]
    chain = np.append(previous, -1)
    lags = [_at_lag(index, onsets, steps, voices, np.full(count, lag)) for lag in _LAGS_BEATS]
    lags += [_at_lag(index, onsets, steps, voices, lag * grid.bar_beats[steps]) for lag in _LAGS_BARS]
    references = np.column_stack([own_step, last_of_voice, previous, chain[previous], *lags])

    at = grid.onsets_beats[steps]
    last_any = last_of_voice.max(axis=1, initial=-1)
    next_any = after[steps].min(axis=1, initial=count)
    next_own = after[steps, voices]
    when = np.concatenate([at, [np.nan]])

    def gap(other: NDArray[np.int64], missing: int) -> NDArray[np.float64]:
        distance = np.abs(when[np.where(other == missing, count, other)] - at)
        return np.where(np.isnan(distance), 2.0, np.log2(1.0 + 4.0 * np.nan_to_num(distance)) / 3.0)

    position = grid.positions_beats[steps]
    beat_phase = 2 * np.pi * position[:, None] * np.arange(1, 5)
    bar_phase = 2 * np.pi * (position / grid.bar_beats[steps])[:, None] * np.arange(1, 4)
    bars = max(1.0, (at[-1] - at[0]) / grid.bar_beats.mean()) if count else 1.0
    use = np.log2(1.0 + np.bincount(voices, minlength=len(VOICES)) / bars) / 3.0
    ages = np.stack([gap(last_of_voice[:, v], -1) for v in range(len(VOICES))], axis=1) if count else np.zeros((0, 9))
    ahead = np.stack([gap(after[steps, v], count) for v in range(len(VOICES))], axis=1) if count else np.zeros((0, 9))
    columns: list[NDArray[Any]] = [
        np.eye(len(VOICES))[voices],
        hits[steps],
        ages,
        ahead,
        np.broadcast_to(use, (count, len(VOICES))),
        np.cos(beat_phase),
        np.sin(beat_phase),
        np.cos(bar_phase),
        np.sin(bar_phase),
        gap(last_any, -1)[:, None],
        gap(next_any, count)[:, None],
        gap(previous, -1)[:, None],
        gap(next_own, count)[:, None],
        np.log2(grid.lengths_beats[steps] / 0.25)[:, None],
        np.log2(grid.tempos_bpm[steps] / 120.0)[:, None],
        (grid.step_milliseconds[steps] / 125.0)[:, None],
        (grid.bar_beats[steps] / 4.0)[:, None],
        references >= 0,
    ]
    features = np.concatenate(columns, axis=1).astype(np.float32)
    references = np.where(references < 0, count, references)
    return ScoreFeatures(steps, voices, features, references, grid.lengths_beats[steps] * 480.0)


def _shift(values: NDArray[np.int64], by: int, fill: int = -1) -> NDArray[np.int64]:
    shifted = np.full_like(values, fill)
    if by > 0:
        shifted[by:] = values[:-by]
    else:
        shifted[:by] = values[-by:]
    return shifted


def _at_lag(
    index: NDArray[np.int64],
    onsets: NDArray[np.int64],
    steps: NDArray[np.int64],
    voices: NDArray[np.int64],
    lags_beats: NDArray[np.float64],
) -> NDArray[np.int64]:
    wanted = onsets[steps] - np.round(lags_beats * _PARTS_OF_BEAT).astype(np.int64)
    step = np.searchsorted(onsets, wanted).clip(0, len(onsets) - 1)
    found: NDArray[np.int64] = np.where(onsets[step] == wanted, index[step, voices], -1)
    return found
