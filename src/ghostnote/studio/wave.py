"""Samples as the bytes of a WAV file, for pages that play them."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_FULL_SCALE = 32_767


def wave_bytes(audio: NDArray[np.float32], sample_rate_hz: int) -> bytes:
    """Return `audio` as 16-bit WAV; what lies beyond full scale is clipped.

    Args:
        audio: `(frames,)` or `(frames, channels)`, full scale 1.
        sample_rate_hz: of `audio`.
    """
    frames = audio if audio.ndim == 2 else audio[:, None]
    steps = np.rint(frames.astype(np.float64) * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE).astype("<i2")
    data, channels = steps.tobytes(), frames.shape[1]
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, channels,
        sample_rate_hz, sample_rate_hz * channels * 2, channels * 2, 16, b"data", len(data),
    )  # fmt: skip
    return head + data
