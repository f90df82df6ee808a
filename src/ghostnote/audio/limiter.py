"""A look-ahead peak limiter whose result never exceeds its ceiling."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter

_BLOCK = 16
"""Samples for which one gain is computed; between blocks the gain runs in straight lines."""

_CHUNK_BLOCKS = 4096
"""Blocks that are looked at together, so that the working set stays in the cache."""

_TAPS = 16
_PHASES = 4
_FLOOR = 0.7
"""Below this share of the threshold no peak between samples is looked for: it would have to rise by 3 dB, as that of a
pure tone at a quarter of the sample rate does and that of a drum does not."""


def limit(
    audio: NDArray[np.float32],
    sample_rate_hz: int,
    *,
    ceiling_dbfs: float = -1.0,
    look_ahead_seconds: float = 0.0025,
    release_seconds: float = 0.08,
) -> NDArray[np.float32]:
    """Return `audio` with its peaks turned down to `ceiling_dbfs`; all channels share one gain.

    Args:
        audio: `(frames, channels)`, of any level.
        sample_rate_hz: of `audio`.
        ceiling_dbfs: at most 0; no sample of the result exceeds it.
        look_ahead_seconds: how long before a peak the gain begins to fall.
        release_seconds: time constant with which it recovers.

    Raises:
        InvalidParameter: a number is out of range, or samples are not finite.
    """
    gain = limiter_gain(
        audio,
        sample_rate_hz,
        ceiling_dbfs=ceiling_dbfs,
        look_ahead_seconds=look_ahead_seconds,
        release_seconds=release_seconds,
    )
    return apply_gain(audio, gain, ceiling_dbfs)


def apply_gain(audio: NDArray[np.float32], gain: NDArray[np.float32], ceiling_dbfs: float) -> NDArray[np.float32]:
    """Return `audio * gain`; what rounding leaves above the ceiling, a part in ten million, is cut."""
    limited = audio * gain[:, None]
    ceiling = np.nextafter(np.float32(10 ** (ceiling_dbfs / 20)), np.float32(0))
    return np.clip(limited, -ceiling, ceiling, out=limited)


def limiter_gain(
    audio: NDArray[np.float32],
    sample_rate_hz: int,
    *,
    ceiling_dbfs: float = -1.0,
    look_ahead_seconds: float = 0.0025,
    release_seconds: float = 0.08,
) -> NDArray[np.float32]:
    """Return the gain `(frames,)`, in (0, 1], that `limit` applies.

    The reduction that each block needs is held over the look-ahead, falls exponentially, and is averaged over a window
    no longer than the hold. An average of values that are all large enough is large enough, and so is every point of a
    straight line between two such: the guarantee follows from the construction, not from a clipper at the end.

    Args:
        audio, sample_rate_hz, ceiling_dbfs, look_ahead_seconds, release_seconds: as in `limit`.

    Raises:
        InvalidParameter: as `limit`.
    """
    if audio.ndim != 2:
        raise InvalidParameter(f"audio must have shape (frames, channels); got {audio.shape}")
    if ceiling_dbfs > 0 or look_ahead_seconds <= 0 or release_seconds <= 0:
        raise InvalidParameter(
            "a limiter needs ceiling_dbfs <= 0 and positive look_ahead_seconds and release_seconds; "
            f"got {ceiling_dbfs}, {look_ahead_seconds}, {release_seconds}"
        )
    frames = len(audio)
    if frames == 0:
        return np.ones(0, dtype=np.float32)
    ceiling = 10 ** (ceiling_dbfs / 20)
    peaks = _block_peaks(audio, ceiling)
    if not np.isfinite(peaks).all():
        raise InvalidParameter("audio must be finite; got NaN or infinity")
    needed = 1.0 - ceiling / np.maximum(peaks, ceiling)
    if not needed.any():
        return np.ones(frames, dtype=np.float32)

    from scipy.ndimage import maximum_filter1d  # slow to load

    # Gains stand on the borders between blocks; a border serves the blocks on both its sides.
    at_border = np.maximum(np.append(needed, 0.0), np.insert(needed, 0, 0.0))
    ahead = max(1, round(look_ahead_seconds * sample_rate_hz / _BLOCK))
    held = maximum_filter1d(at_border, ahead + 1, origin=-((ahead + 1) // 2), mode="constant")
    released = _release(held, _BLOCK / (release_seconds * sample_rate_hz))
    window = np.hanning(ahead + 3)[1:-1]
    padded = np.concatenate([np.full(ahead, released[0]), released])
    smooth = np.convolve(padded, window / window.sum(), mode="valid")

    gains = (1.0 - np.maximum(smooth, at_border)).astype(np.float32)
    ramp = np.arange(_BLOCK, dtype=np.float32) / _BLOCK
    lines = gains[:-1, None] + np.diff(gains)[:, None] * ramp
    return np.asarray(lines.ravel()[:frames], dtype=np.float32)


def true_peak_dbfs(audio: NDArray[np.float32]) -> float:
    """Return the highest level between and on the samples, in dB of full scale; silence gives minus infinity.

    Args:
        audio: `(frames, channels)`.

    Source: ITU-R BS.1770-4, annex 2: fourfold oversampling, which reads a true peak up to 0.6 dB too low.
    """
    highest = max(float(audio.max(initial=0.0)), -float(audio.min(initial=0.0)))
    if highest == 0.0:
        return -np.inf
    return float(20 * np.log10(_block_peaks(audio, highest).max()))


def _release(held: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return `e[i] = max(held[i], e[i - 1] * exp(-rate))`, as a running maximum of logarithms."""
    slope = rate * np.arange(len(held))
    logs = np.log(np.maximum(held, 1e-12)) + slope
    return np.asarray(np.maximum(np.exp(np.maximum.accumulate(logs) - slope), held))


def _block_peaks(audio: NDArray[np.float32], threshold: float) -> NDArray[np.float64]:
    """Return the peak of each block over all channels; near `threshold` and above, also between samples."""
    blocks = -(-len(audio) // _BLOCK)
    peaks = np.zeros(blocks)
    for first in range(0, blocks, _CHUNK_BLOCKS):
        last = min(first + _CHUNK_BLOCKS, blocks)
        peaks[first:last] = _peaks_of_chunk(audio, first * _BLOCK, last - first, threshold)
    return peaks


def _peaks_of_chunk(audio: NDArray[np.float32], start: int, blocks: int, threshold: float) -> NDArray[np.float32]:
    channels = audio.shape[1]
    margin = _TAPS // 2
    padded = np.zeros((blocks * _BLOCK + 2 * margin, channels), dtype=np.float32)
    before = min(margin, start)
    inside = audio[start - before : start + blocks * _BLOCK + margin]
    padded[margin - before : margin - before + len(inside)] = inside
    folded = np.abs(padded[margin : margin + blocks * _BLOCK]).reshape(blocks, _BLOCK * channels)
    while folded.shape[1] > channels:
        # Halving is several times as fast as a reduction over so short an axis.
        folded = np.maximum(folded[:, : folded.shape[1] // 2], folded[:, folded.shape[1] // 2 :])
    peaks: NDArray[np.float32] = folded.max(axis=1)
    hot = np.flatnonzero(peaks > _FLOOR * threshold)
    if not len(hot):
        return peaks
    index = hot[:, None] * _BLOCK + np.arange(_BLOCK + 2 * margin)
    for channel in range(channels):
        stretch = padded[index, channel]
        for taps in _interpolators():
            between = np.zeros((len(hot), _BLOCK), dtype=np.float32)
            for k, tap in enumerate(taps):
                between += tap * stretch[:, k + 1 : k + 1 + _BLOCK]
            peaks[hot] = np.maximum(peaks[hot], np.abs(between).max(axis=1))
    return peaks


@cache
def _interpolators() -> NDArray[np.float32]:
    """Return windowed-sinc filters `(3, _TAPS)` for the points a quarter, a half and three quarters after a sample."""
    # Tap k stands on sample k - 7 around the block's own; the window ends just beyond the outermost tap.
    distance = np.arange(_TAPS)[None, :] - (_TAPS // 2 - 1) - np.arange(1, _PHASES)[:, None] / _PHASES
    window = np.i0(5.0 * np.sqrt(np.clip(1.0 - (distance / (_TAPS / 2 + 0.5)) ** 2, 0.0, None)))
    taps = np.sinc(distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), dtype=np.float32)
