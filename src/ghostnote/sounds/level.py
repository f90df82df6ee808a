"""One loudness for all one-shots, ours and recorded, so that none is chosen for being loud."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidAudio
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.sound import MASTER_RATE_HZ

TARGET_LUFS = -24.0
"""Momentary loudness of a one-shot: its first 400 ms, silence behind it if it is shorter."""

HIGHEST_PEAK = 0.95
"""No sample goes beyond; very short sounds reach it first, and stay softer than the target."""


def normalise(audio: NDArray[np.floating]) -> Mono:
    """Return `audio` as loud as all our one-shots, by a gain alone.

    The gain brings the momentary loudness to `TARGET_LUFS`, unless the peak would pass `HIGHEST_PEAK`: then it brings
    the peak there. So a click of a few milliseconds is softer than the rest, and never bent or clipped.

    Args:
        audio: `(frames,)`, one hit at `MASTER_RATE_HZ`, starting at the strike.

    Returns:
        `(frames,)` float32.

    Raises:
        InvalidAudio: it has another shape, no frames, no sound, or samples that are not finite.

    Source: loudness after ITU-R BS.1770-4.
    """
    if audio.ndim != 1 or not len(audio):
        raise InvalidAudio(f"a one-shot must have shape (frames,), one frame at least; got {audio.shape}")
    if not np.isfinite(audio).all():
        raise InvalidAudio("samples of a one-shot must be finite; got NaN or infinity. Is the file damaged?")
    # In units of its peak, so that neither very small nor very large samples lose themselves in the arithmetic.
    peak = float(np.abs(audio).max())
    if peak < 1e-8:
        raise InvalidAudio(f"a one-shot must not be silent; its highest sample is {peak:.1e}")
    whole = np.asarray(audio, dtype=np.float64) / peak
    loudness = hit_loudness_lufs(whole, MASTER_RATE_HZ)
    if not np.isfinite(loudness):
        return np.asarray(whole * HIGHEST_PEAK, dtype=np.float32)
    gain = min(float(10 ** ((TARGET_LUFS - loudness) / 20)), HIGHEST_PEAK)
    return np.asarray(whole * gain, dtype=np.float32)
