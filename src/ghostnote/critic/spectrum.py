"""What a critic hears: the spectrum of a steady loop, four frames a step, in forty bands.

Two windows look at each frame: a long one below 1.5 kHz, where pitch matters, and a short one above, where the attack
does. Both are linear until the power is taken, so the spectrum of a loop is a sum of spectra of its sounds: see
`hearing`. Frames follow the loop's own steps, whatever its tempo.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter

Array = NDArray[np.float32]

HEARD_RATE_HZ = 22_050
FRAMES_PER_STEP = 4
BANDS = 40
LOWEST_HZ, HIGHEST_HZ, CROSSOVER_HZ = 40.0, 10_800.0, 1_500.0
FLOOR = 1e-6
"""Power, beside the loop's mean, below which nothing is heard: 60 dB down."""

_LONG, _SHORT = 1024, 512
_AHEAD_SECONDS = 0.006
"""Windows are centred this far behind their frame's start, so that the frame of an onset holds its attack."""

_WIDEST_HOP_SECONDS = 0.04
"""Slower loops get more looks a frame, which are averaged, so that nothing falls between the windows."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Which bins of both windows are looked at, and how they make bands.

    Args:
        long, short: indices of the bins of each window's transform.
        low: number of the bands that the long window hears.
        filters: `(bins, BANDS)`, weights of their powers, the long window's first.
    """

    long: NDArray[np.int64]
    short: NDArray[np.int64]
    low: int
    filters: Array

    def __len__(self) -> int:
        return len(self.filters)


@cache
def bins() -> Bins:
    """Return the bins: all of the long window's, every second of the short one's, since Hann's lobe is four wide."""
    long_hz = np.arange(_LONG // 2 + 1) * HEARD_RATE_HZ / _LONG
    short_hz = np.arange(_SHORT // 2 + 1) * HEARD_RATE_HZ / _SHORT
    edges = _from_ear(np.linspace(_to_ear(LOWEST_HZ), _to_ear(HIGHEST_HZ), BANDS + 2))
    low = int(np.searchsorted(edges[1:-1], CROSSOVER_HZ))
    long = np.flatnonzero((long_hz > edges[0]) & (long_hz < edges[low + 1]))
    short = np.flatnonzero((short_hz > edges[low]) & (short_hz < edges[-1]))[::2]
    filters = np.zeros((len(long) + len(short), BANDS))
    filters[: len(long), :low] = _triangles(long_hz[long], edges[: low + 2])
    filters[len(long) :, low:] = _triangles(short_hz[short], edges[low:])
    # A band's level is its mean power over the bins, brought to one window length, so no band depends on their number.
    filters /= np.maximum(filters.sum(axis=0), 1e-9)
    filters[: len(long)] /= float(np.sum(np.hanning(_LONG) ** 2))
    filters[len(long) :] /= float(np.sum(np.hanning(_SHORT) ** 2))
    return Bins(long, short, low, filters.astype(np.float32))


def looks_per_frame(step_seconds: float) -> int:
    """Return how many looks are averaged in each frame of a loop with steps of this length."""
    return max(1, int(np.ceil(step_seconds / FRAMES_PER_STEP / _WIDEST_HOP_SECONDS)))


def transform(bar: Array, steps: int, looks: int) -> Array:
    """Return the spectra of a bar that goes round, `(steps, frames_per_step * looks, 2, bins)`: real parts, imaginary.

    Args:
        bar: `(frames,)` at `HEARD_RATE_HZ`; its end leads into its beginning.
        steps: that the bar has.
        looks: from `looks_per_frame`.
    """
    if len(bar) < _LONG:
        raise InvalidParameter(f"a bar must have at least {_LONG} frames at {HEARD_RATE_HZ} Hz; got {len(bar)}")
    from scipy.fft import rfft

    per_step = FRAMES_PER_STEP * looks
    count = steps * per_step
    chosen = bins()
    spectra = np.zeros((count, 2, len(chosen)), dtype=np.float32)
    sounding = bar != 0
    first, last = int(sounding.argmax()), len(bar) - 1 - int(sounding[::-1].argmax())
    if not sounding[first]:
        return spectra.reshape(steps, per_step, 2, len(chosen))
    starts = np.round(np.arange(count) * (len(bar) / count)).astype(np.int64)
    starts = (starts + round(_AHEAD_SECONDS * HEARD_RATE_HZ) - _LONG // 2) % len(bar)
    # Most sounds are short beside a bar, and windows that hold nothing of them are silent.
    behind = (starts - first) % len(bar)
    heard = np.flatnonzero((behind <= last - first) | (behind > len(bar) - _LONG))
    round_again = np.concatenate([bar, bar[:_LONG]])
    start = 0
    for length, index in ((_LONG, chosen.long), (_SHORT, chosen.short)):
        windows = sliding_window_view(round_again, length)[starts[heard] + (_LONG - length) // 2]
        spectrum = rfft(windows * _window(length), axis=1)[:, index[0] : index[-1] + 1 : index[1] - index[0]]
        spectra[heard, 0, start : start + len(index)] = spectrum.real
        spectra[heard, 1, start : start + len(index)] = spectrum.imag
        start += len(index)
    return spectra.reshape(steps, per_step, 2, len(chosen))


def bands_of(spectra: Array, looks: int) -> Array:
    """Return the levels of the bands beside the loop's mean, `(loops, frames, BANDS)`, as log10 of power.

    The loop's own level is taken out: it says nothing about taste. Nothing lies below `log10(FLOOR)`.

    Args:
        spectra: `(loops, frames * looks, 2, bins)`, from `transform`.
        looks: that each frame has.
    """
    power = np.square(spectra[:, :, 0])
    power += np.square(spectra[:, :, 1])
    bands = np.empty((*power.shape[:2], BANDS), dtype=np.float32)
    filter_bands(power, bands)
    return beside_mean(bands, looks)


def filter_bands(power: Array, bands: Array) -> None:
    """Write the power of each band to `bands`.

    Args:
        power: `(loops, frames * looks, bins)`.
        bands: `(loops, frames * looks, BANDS)`.
    """
    chosen = bins()
    long, low = len(chosen.long), chosen.low
    np.matmul(power[..., :long], chosen.filters[:long, :low], out=bands[..., :low])
    np.matmul(power[..., long:], chosen.filters[long:, low:], out=bands[..., low:])


def beside_mean(bands: Array, looks: int) -> Array:
    """Return the levels of `bands`, powers `(loops, frames * looks, BANDS)`, which may be overwritten."""
    levels = bands if looks == 1 else bands.reshape(len(bands), -1, looks, BANDS).mean(axis=2)
    mean = levels.mean(axis=(1, 2), keepdims=True)
    levels /= np.maximum(mean, 1e-20)
    np.maximum(levels, FLOOR, out=levels)
    np.log(levels, out=levels)  # several times as fast as log10
    levels *= np.float32(1.0 / np.log(10.0))
    return np.asarray(levels, dtype=np.float32)


@cache
def _window(length: int) -> Array:
    return np.hanning(length + 1)[:-1].astype(np.float32)


def _to_ear(hertz: float) -> float:
    """Return the number of equivalent rectangular bandwidths below `hertz`. Source: Glasberg and Moore 1990."""
    return float(21.4 * np.log10(1 + 0.00437 * hertz))


def _from_ear(number: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((10 ** (number / 21.4) - 1) / 0.00437)


def _triangles(hertz: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `(bins, bands)`: each band rises from its lower neighbour's centre and falls to its upper one's.

    A band narrower than the bins takes the nearest bin.
    """
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rise = (hertz[:, None] - left) / (centre - left)
    fall = (right - hertz[:, None]) / (right - centre)
    shape = np.maximum(0.0, np.minimum(rise, fall))
    for band in np.flatnonzero(shape.sum(axis=0) < 0.3):
        shape[np.abs(hertz - centre[band]).argmin(), band] = 1.0
    return np.asarray(shape)
