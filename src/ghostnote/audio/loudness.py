"""Integrated loudness after ITU-R BS.1770-4 / EBU R 128: K-weighting, 400 ms blocks, two gates."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_DB = -0.691
"""Makes a full-scale 997 Hz sine in one channel read -3.01 LUFS (BS.1770-4, annex 1)."""

_HOP_SECONDS = 0.1
_HOPS_PER_BLOCK = 4
_CHUNK_HOPS = 200


def integrated_loudness_lufs(audio: NDArray[np.floating], sample_rate_hz: int) -> float:
    """Return the gated loudness of `audio`.

    Shorter than one block (0.4 s): the loudness of the whole, without gates. Silence, nothing, or all of it below the
    absolute gate: minus infinity.

    Args:
        audio: `(frames,)` or `(frames, channels)` with one or two channels, full scale 1.
        sample_rate_hz: of `audio`.

    Raises:
        InvalidParameter: another shape, or samples that are not finite.

    Source: ITU-R BS.1770-4, annex 1; EBU Tech 3341. Surround weights are left out: one and two channels weigh 1.
    """
    from scipy.signal import sosfilt  # slow to load

    frames = audio if audio.ndim == 2 else audio[:, None]
    if frames.ndim != 2 or not 1 <= frames.shape[1] <= 2:
        raise InvalidParameter(f"audio must have shape (frames,) or (frames, 1 or 2); got {audio.shape}")
    hop = max(1, round(_HOP_SECONDS * sample_rate_hz))
    sections = k_weighting(sample_rate_hz)
    state = np.zeros((len(sections), 2, frames.shape[1]))
    energies = []
    total = 0.0
    # In chunks, so that the float64 copies stay small beside the audio itself.
    for start in range(0, len(frames), hop * _CHUNK_HOPS):
        chunk = frames[start : start + hop * _CHUNK_HOPS].astype(np.float64)
        weighted, state = sosfilt(sections, chunk, axis=0, zi=state)
        power = np.einsum("fc,fc->f", weighted, weighted)
        if not np.isfinite(power).all():
            raise InvalidParameter("audio must be finite; got NaN or infinity")
        total += float(power.sum())
        whole = len(power) // hop * hop
        energies.append(power[:whole].reshape(-1, hop).sum(axis=1))
    hops = np.concatenate(energies) if energies else np.zeros(0)
    if len(hops) < _HOPS_PER_BLOCK:
        return _lufs(total / len(frames)) if len(frames) else -np.inf
    blocks = np.convolve(hops, np.ones(_HOPS_PER_BLOCK), mode="valid") / (_HOPS_PER_BLOCK * hop)
    loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return -np.inf
    return _lufs(float(loud[loud > loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)].mean()))


def hit_loudness_lufs(sound: NDArray[np.floating], sample_rate_hz: int) -> float:
    """Return the momentary loudness of one struck sound: its first 400 ms, silence behind it if it is shorter.

    Args:
        sound: `(frames,)`, starting at the strike.
        sample_rate_hz: of `sound`.
    """
    from scipy.signal import sosfilt

    block = round(0.4 * sample_rate_hz)
    weighted = sosfilt(k_weighting(sample_rate_hz), sound[:block].astype(np.float64))
    return _lufs(float(np.einsum("f,f->", weighted, weighted)) / block)


@cache
def k_weighting(sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the K-weighting filter as second-order sections `(2, 6)`: the head's shelf, then the high-pass.

    Source: BS.1770-4 gives coefficients for 48 kHz; these are their analogue prototypes under the bilinear transform,
    so any rate has the same response (parameters as derived in libebur128). At 48 kHz they give the standard's table.
    """
    shelf_hz, shelf_db, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * shelf_hz / sample_rate_hz)
    high = 10 ** (shelf_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / shelf_q + k * k
    shelf = [
        (high + band * k / shelf_q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / shelf_q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / shelf_q + k * k) / a0,
    ]
    pass_hz, pass_q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * pass_hz / sample_rate_hz)
    a0 = 1 + k / pass_q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / pass_q + k * k) / a0]
    return np.array([shelf, high_pass])


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_DB) / 10))


def _lufs(power: float) -> float:
    return float(OFFSET_DB + 10 * np.log10(power)) if power > 0 else -np.inf
