"""WAV as 32-bit floats in mono: nothing is rounded or cut, and the same samples are the same bytes."""

from __future__ import annotations

import struct

import numpy as np

from ghostnote.sounds.bank import Mono

_FLOAT, _BYTES = 3, 4


def encode_wav(audio: Mono, sample_rate_hz: int) -> bytes:
    """Return the WAV file of `audio`, `(frames,)`."""
    data = np.ascontiguousarray(audio, dtype="<f4").tobytes()
    form = struct.pack("<HHIIHHH", _FLOAT, 1, sample_rate_hz, sample_rate_hz * _BYTES, _BYTES, 8 * _BYTES, 0)
    fact = struct.pack("<I", len(data) // _BYTES)
    chunks = b"".join(
        name + struct.pack("<I", len(content)) + content
        for name, content in ((b"fmt ", form), (b"fact", fact), (b"data", data))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
