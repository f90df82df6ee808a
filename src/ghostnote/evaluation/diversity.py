"""How different loops are from each other, in their patterns and in their sound; independent of any critic.

Both are means over all pairs. A pattern knows no order of its rows, so rows are paired off as they fit best before
cells are compared. Sound is compared as a picture of loudness over pitch and time, in dB, each loop at one level.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

import numpy as np
from scipy.fft import rfft, rfftfreq

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats

BANDS, FRAMES = 40, 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
RANGE_DB = 60.0
_WINDOW_SECONDS = 0.046


def pattern_distances(hits: Floats) -> Floats:
    """Return for each pair of patterns the share of cells that differ, rows paired off as they fit best.

    Args:
        hits: `(loops, steps, rows)`, {0, 1}, at most 5 rows.

    Returns:
        `(loops, loops)`, 0…1; two random patterns of density 0.5 and 4 rows of 16 steps differ by about 0.41.

    Raises:
        InvalidParameter: the shape is another.
    """
    if hits.ndim != 3 or hits.shape[2] > 5:
        raise InvalidParameter(f"hits must be (loops, steps, rows) with at most 5 rows; got {hits.shape}")
    loops, steps, rows = hits.shape
    on = hits.transpose(0, 2, 1).reshape(loops * rows, steps).astype(np.float64)
    count = on.sum(axis=1)
    differ = (count[:, None] + count[None, :] - 2 * on @ on.T).reshape(loops, rows, loops, rows)
    each = np.arange(rows)
    best = np.min([differ[:, each, :, list(order)].sum(axis=0) for order in permutations(range(rows))], axis=0)
    return np.asarray(best / (steps * rows))


def picture_of(bar: Floats, sample_rate_hz: int = 44_100) -> Floats:
    """Return loudness over pitch and time of a bar that goes round, `(bands, frames)`, dB below its loudest cell.

    Args:
        bar: `(frames,)`, one steady bar.
        sample_rate_hz: of `bar`.

    Returns:
        `(BANDS, FRAMES)`, mel-spaced bands and 64 parts of the bar; -RANGE_DB…0, all at the floor for silence.
    """
    samples = np.asarray(bar, dtype=np.float64)
    size = round(_WINDOW_SECONDS * sample_rate_hz)
    starts = np.round(np.arange(FRAMES) * len(samples) / FRAMES).astype(int) - size // 2
    framed = samples[(starts[:, None] + np.arange(size)) % len(samples)] * np.hanning(size)
    power = np.abs(rfft(framed, axis=1)) ** 2 @ _bands(size, sample_rate_hz)
    loudest = power.max()
    if loudest <= 0:
        return np.full((BANDS, FRAMES), -RANGE_DB)
    return np.asarray(10 * np.log10(np.maximum(power / loudest, 10 ** (-RANGE_DB / 10))).T)


def picture_distances(pictures: Floats) -> Floats:
    """Return for each pair of pictures, `(loops, bands, frames)`, their root mean square difference in dB."""
    flat = pictures.reshape(len(pictures), -1)
    square = (flat**2).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * flat @ flat.T, 0) / flat.shape[1])
    np.fill_diagonal(distance, 0.0)
    return np.asarray(distance)


def mean_of_pairs(distances: Floats) -> float:
    """Return the mean over all pairs of two different ones; NaN for fewer than two."""
    count = len(distances)
    if count < 2:
        return float("nan")
    return float(distances[np.triu_indices(count, 1)].mean())


@lru_cache(maxsize=8)
def _bands(size: int, sample_rate_hz: int) -> Floats:
    """Return triangles on the mel scale, `(bins, bands)`, each of sum 1; after O'Shaughnessy 1987."""
    edges_mel = np.linspace(_mel(LOWEST_HZ), _mel(min(HIGHEST_HZ, sample_rate_hz / 2)), BANDS + 2)
    at = 2595 * np.log10(1 + rfftfreq(size, 1 / sample_rate_hz) / 700)
    low, middle, high = edges_mel[:-2], edges_mel[1:-1], edges_mel[2:]
    up, down = (at[:, None] - low) / (middle - low), (high - at[:, None]) / (high - middle)
    triangles = np.clip(np.minimum(up, down), 0, None)
    nearest = np.abs(at[:, None] - middle).argmin(axis=0)
    triangles[nearest, np.arange(BANDS)] = np.maximum(triangles[nearest, np.arange(BANDS)], 1e-3)
    return np.asarray(triangles / triangles.sum(axis=0))


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
