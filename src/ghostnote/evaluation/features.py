"""What a discriminator hears in a window: its values, and how timing and dynamics hang together.

Every feature belongs to a family, named `what:quantity`, so that an explanation can say which one gives a model away.
Values that do not exist (the spread of a voice that does not play) are NaN; scores being equal, on both sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from ghostnote.evaluation.hits import STEPS_PER_BAR, Floats
from ghostnote.evaluation.resolution import to_midi_velocities, to_ticks
from ghostnote.groove import VOICES, GrooveBatch

LAGS = (1, 2, 4, 8, 16)
STEPS_PER_BEAT = 4
LEAST_PAIRS = 3  # for a correlation


@dataclass(frozen=True, eq=False)
class Features:
    """A table of features.

    Args:
        values: `(grooves, features)`, float32, NaN where a feature does not exist.
        names: `(features,)`, such as `lag 4 snare: mean |Δ offsets|`.
        families: `(features,)`, such as `lags:offsets`.
    """

    values: NDArray[np.float32]
    names: tuple[str, ...]
    families: tuple[str, ...]

    def of(self, family: str) -> Features:
        """Return the columns of one family."""
        keep = [i for i, own in enumerate(self.families) if own == family]
        return Features(self.values[:, keep], tuple(self.names[i] for i in keep), (family,) * len(keep))


def window_features(batch: GrooveBatch) -> Features:
    """Return the features of each groove of `batch`, after rounding to MIDI resolution.

    Offsets are in ticks (1/120 step), velocities in MIDI units. Families: `score` (hits and tempo), and for each of
    `offsets` and `velocities`: `values` (all cells), `means`, `spreads` (by voice and over all), `same_step` (between
    voices that hit together), `lags` (between hits of a voice, and of the steps' means, 1, 2, 4, 8 and 16 steps apart)
    and `drift` (slope over the window, change from bar to bar and from beat to beat).
    """
    on = batch.hits > 0
    columns: dict[tuple[str, str], Floats] = {}
    steps = batch.hits.shape[1]
    cells = [f"step {step} {voice}" for step in range(steps) for voice in VOICES]
    columns |= {("score", f"{name}: hit"): column for name, column in _columns(cells, batch.hits)}
    columns["score", "tempo_bpm"] = batch.tempos_bpm
    rounded = {"offsets": to_ticks(batch.offsets), "velocities": to_midi_velocities(batch.velocities)}
    with np.errstate(invalid="ignore", divide="ignore"):
        for quantity, numbers in rounded.items():
            x = np.where(on, numbers, np.nan).astype(np.float64)
            own = {("values", f"{name}: {quantity}"): column for name, column in _columns(cells, x)}
            own |= _moments(x, quantity) | _same_step(x, quantity) | _lags(x, quantity) | _drift(x, quantity)
            columns |= {(f"{family}:{quantity}", name): column for (family, name), column in own.items()}
    return Features(
        values=np.stack(list(columns.values()), axis=1).astype(np.float32),
        names=tuple(name for _, name in columns),
        families=tuple(family for family, _ in columns),
    )


Columns = dict[tuple[str, str], Floats]


def _columns(names: list[str], values: NDArray[np.floating]) -> list[tuple[str, Floats]]:
    flat = values.reshape(len(values), -1).astype(np.float64)
    return list(zip(names, flat.T, strict=True))


def _moments(x: Floats, quantity: str) -> Columns:
    """Return mean and standard deviation by voice and over all voices."""
    found: Columns = {}
    for name, part in (*((str(voice), x[:, :, i]) for i, voice in enumerate(VOICES)), ("all", x.reshape(len(x), -1))):
        found["means", f"{name}: mean of {quantity}"] = _mean(part, axis=1)
        found["spreads", f"{name}: spread of {quantity}"] = _spread(part, axis=1)
    return found


def _same_step(x: Floats, quantity: str) -> Columns:
    """Return how voices that hit on one step differ."""
    found: Columns = {}
    spread = np.where(np.isfinite(x).sum(axis=2) >= 2, _spread(x, axis=2), np.nan)
    found["same_step", f"all: mean spread of {quantity}"] = _mean(spread, axis=1)
    found["same_step", f"all: largest spread of {quantity}"] = _largest(spread, axis=1)
    equal, pairs = np.zeros(len(x)), np.zeros(len(x))
    for (i, one), (j, other) in combinations(enumerate(VOICES), 2):
        apart = x[:, :, j] - x[:, :, i]
        found["same_step", f"{one}–{other}: mean Δ {quantity}"] = _mean(apart, axis=1)
        found["same_step", f"{one}–{other}: mean |Δ {quantity}|"] = _mean(abs(apart), axis=1)
        equal += (apart == 0).sum(axis=1)
        pairs += np.isfinite(apart).sum(axis=1)
    found["same_step", f"all: share of equal {quantity}"] = equal / pairs
    return found


def _lags(x: Floats, quantity: str) -> Columns:
    """Return mean absolute difference and correlation of hits some steps apart, by voice and of the steps' means."""
    found: Columns = {}
    series = [(str(voice), x[:, :, i]) for i, voice in enumerate(VOICES)] + [("step mean", _mean(x, axis=2))]
    for lag in LAGS:
        for name, values in series:
            before, after = values[:, :-lag], values[:, lag:]
            found["lags", f"lag {lag} {name}: mean |Δ {quantity}|"] = _mean(abs(after - before), axis=1)
            found["lags", f"lag {lag} {name}: correlation of {quantity}"] = _correlations(before, after)
    return found


def _drift(x: Floats, quantity: str) -> Columns:
    """Return slope over the window, change from bar to bar and movement from beat to beat, of the mean over voices."""
    found: Columns = {}
    steps = x.shape[1]
    series = _mean(x, axis=2)
    at = np.where(np.isfinite(series), np.arange(steps, dtype=np.float64), np.nan)
    at_centred = at - _mean(at, axis=1)[:, None]
    found["drift", f"slope of {quantity}"] = np.nansum(at_centred * series, axis=1) / np.nansum(at_centred**2, axis=1)
    bars = [_mean(x[:, i : i + STEPS_PER_BAR].reshape(len(x), -1), axis=1) for i in range(0, steps, STEPS_PER_BAR)]
    for i, (one, other) in enumerate(pairwise(bars)):
        found["drift", f"bar {i + 1} to {i + 2}: Δ mean {quantity}"] = other - one
        found["drift", f"bar {i + 1} to {i + 2}: |Δ mean {quantity}|"] = abs(other - one)
    starts = range(0, steps, STEPS_PER_BEAT)
    beats = np.stack([_mean(x[:, i : i + STEPS_PER_BEAT].reshape(len(x), -1), axis=1) for i in starts], axis=1)
    found["drift", f"beats: spread of mean {quantity}"] = _spread(beats, axis=1)
    found["drift", f"beats: mean |Δ mean {quantity}|"] = _mean(abs(np.diff(beats, axis=1)), axis=1)
    return found


def _mean(x: Floats, axis: int) -> Floats:
    """Return the mean of the values that exist, NaN where there is none (and no warning)."""
    return np.asarray(np.nansum(x, axis=axis) / np.isfinite(x).sum(axis=axis))


def _spread(x: Floats, axis: int) -> Floats:
    """Return the standard deviation of the values that exist, NaN where there is none."""
    return np.sqrt(_mean((x - np.expand_dims(_mean(x, axis), axis)) ** 2, axis))


def _largest(x: Floats, axis: int) -> Floats:
    """Return the largest of the values that exist, NaN where there is none."""
    return np.asarray(np.where(np.isfinite(x).any(axis=axis), np.nanmax(x, axis=axis, initial=-np.inf), np.nan))


def _correlations(one: Floats, other: Floats) -> Floats:
    """Return Pearson's r of each row over the columns where both exist; NaN below `LEAST_PAIRS` or without variance."""
    both = np.isfinite(one) & np.isfinite(other)
    n = both.sum(axis=1)
    a, b = np.where(both, one, 0.0), np.where(both, other, 0.0)
    a = np.where(both, a - (a.sum(axis=1) / np.maximum(n, 1))[:, None], 0.0)
    b = np.where(both, b - (b.sum(axis=1) / np.maximum(n, 1))[:, None], 0.0)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.where((n >= LEAST_PAIRS) & (scale > 1e-9), (a * b).sum(axis=1) / np.maximum(scale, 1e-9), np.nan)
