"""What the composer knows of a grid and of the parts that are given: one row for every step.

Steps may be 16ths or triplets in any metre; the patterns that a step answers to are found by musical distance
(`references`): the step before, a half beat, a beat, two beats, a bar and two bars before, and the step after that of a
bar before. They are what makes a beat repeat and vary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.groove import VOICES, Grid
from ghostnote.groove.transforms import Partial, Tap

_PARTS_OF_BEAT = 48  # a common multiple of 16ths and triplets: onsets become integers that can be matched
_LAGS_BEATS = (0.5, 1.0, 2.0)
_LAGS_BARS = (1.0, 2.0)
REFERENCES = 1 + len(_LAGS_BEATS) + len(_LAGS_BARS) + 1
GRID_COLUMNS = 18
TAP_COLUMNS = 6
GIVEN_COLUMNS = 4 * len(VOICES) + TAP_COLUMNS
STEPS_PER_LATENT = 32  # two bars of 16ths in 4/4

# Every set of voices that can sound on one step, (512, 9): bit v of the row's number is voice v.
PATTERNS: NDArray[np.float32] = ((np.arange(2 ** len(VOICES))[:, None] >> np.arange(len(VOICES))) & 1).astype(
    np.float32
)


@dataclass(frozen=True, eq=False)
class StepFeatures:
    """A grid and what is given on it, as the composer reads it.

    Args:
        features: `(steps, GRID_COLUMNS + GIVEN_COLUMNS)`, float32.
        references: `(steps, REFERENCES)`, an earlier step, or `steps` where there is none.
        must: `(steps, voices)`, 1 where a hit is given.
        must_not: `(steps, voices)`, 1 where it is given that there is none.
        some: `(steps, 1)`, 1 where at least one voice must sound.
    """

    features: NDArray[np.float32]
    references: NDArray[np.int64]
    must: NDArray[np.float32]
    must_not: NDArray[np.float32]
    some: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.features)


def read_steps(partial: Partial) -> StepFeatures:
    """Return what the composer reads of `partial`; a step where the tap is silent has no hit in any unknown voice."""
    unknown = partial.unknown
    must = np.where(unknown, 0.0, partial.hits)
    must_not = np.where(unknown, 0.0, 1.0 - partial.hits)
    some = np.zeros((len(unknown), 1), dtype=bool)
    if partial.tap is not None:
        tapped = partial.tap.hits
        must_not = np.where(unknown & (tapped == 0), 1.0, must_not)
        some = (tapped > 0) & ~must.any(axis=1, keepdims=True) & unknown.any(axis=1, keepdims=True)
    features = np.concatenate([read_grid(partial.grid), _given_columns(partial)], axis=1)
    return StepFeatures(
        features.astype(np.float32),
        references_of(partial.grid),
        must.astype(np.float32),
        must_not.astype(np.float32),
        some.astype(np.float32),
    )


def read_grid(grid: Grid) -> NDArray[np.float64]:
    """Return metrical position, step length, tempo and metre of each step, `(steps, GRID_COLUMNS)`."""
    beat = 2 * np.pi * grid.positions_beats[:, None] * np.arange(1, 5)
    bar = 2 * np.pi * (grid.positions_beats / grid.bar_beats)[:, None] * np.arange(1, 4)
    return np.column_stack(
        [
            np.cos(beat),
            np.sin(beat),
            np.cos(bar),
            np.sin(bar),
            np.log2(grid.lengths_beats / 0.25),
            np.log2(grid.tempos_bpm / 120.0),
            grid.step_milliseconds / 125.0,
            grid.bar_beats / 4.0,
        ]
    )


def references_of(grid: Grid) -> NDArray[np.int64]:
    """Return the earlier steps that each step answers to, `(steps, REFERENCES)`; `steps` where there is none."""
    count = len(grid)
    onsets = np.round(grid.onsets_beats * _PARTS_OF_BEAT).astype(np.int64)
    index = np.arange(count)
    before_bar = _at(onsets, grid.bar_beats)
    after_that = np.where(before_bar < count, before_bar + 1, count)
    lags = [_at(onsets, np.full(count, lag)) for lag in _LAGS_BEATS]
    lags += [before_bar, _at(onsets, 2 * grid.bar_beats), np.where(after_that < index, after_that, count)]
    return np.column_stack([np.where(index > 0, index - 1, count), *lags])


def _at(onsets: NDArray[np.int64], lags_beats: NDArray[np.float64]) -> NDArray[np.int64]:
    wanted = onsets - np.round(lags_beats * _PARTS_OF_BEAT).astype(np.int64)
    step = np.searchsorted(onsets, wanted).clip(0, len(onsets) - 1)
    found: NDArray[np.int64] = np.where(onsets[step] == wanted, step, len(onsets))
    return found


def _given_columns(partial: Partial) -> NDArray[np.float64]:
    given = ~partial.unknown
    hits = np.where(given, partial.hits, 0.0)
    played = [np.nan_to_num(values, nan=0.0) * hits for values in (partial.velocities, partial.offsets)]
    return np.column_stack([given, hits, played[0], 2.0 * played[1], tap_columns(partial.tap, len(hits))])


def tap_columns(tap: Tap | None, steps: int) -> NDArray[np.float64]:
    """Return what is known of the tap, `(steps, TAP_COLUMNS)`, zeros where there is none."""
    if tap is None:
        return np.zeros((steps, TAP_COLUMNS))
    on = tap.hits > 0
    loud, late = on & np.isfinite(tap.velocities), on & np.isfinite(tap.offsets)
    return np.column_stack(
        [
            np.isfinite(tap.hits),
            on,
            loud,
            np.where(loud, tap.velocities, 0.0),
            late,
            np.where(late, 2.0 * tap.offsets, 0.0),
        ]
    )
