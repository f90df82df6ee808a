"""Recordings inside a session's file: 24-bit FLAC, so that the file plays where its folders of sounds are not."""

from __future__ import annotations

import io

import numpy as np

from ghostnote.audio.files import AudioLimits, decode_audio
from ghostnote.errors import InvalidInput
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.sound import MASTER_RATE_HZ

_FULL_SCALE = 2**23
_LIMITS = AudioLimits(channels=1)


def rounded(audio: Mono) -> Mono:
    """Return `audio` as it will come back from `unpack`, so that a sound is the same before and after it was kept."""
    gain = _gain(audio)
    return np.asarray(_integers(audio, gain) * np.float32(gain / _FULL_SCALE), dtype=np.float32)


def pack(audio: Mono) -> tuple[float, bytes]:
    """Return the gain and the FLAC file that `audio`, `(frames,)` at `MASTER_RATE_HZ`, is kept as."""
    import soundfile

    gain = _gain(audio)
    stream = io.BytesIO()
    # libsndfile takes 32-bit words and keeps the upper 24 bits of them.
    soundfile.write(stream, _integers(audio, gain) << 8, MASTER_RATE_HZ, "PCM_24", format="FLAC")
    return gain, stream.getvalue()


def unpack(gain: float, flac: bytes, name: str) -> Mono:
    """Return the samples, `(frames,)`, that `pack` made `gain` and `flac` of.

    Raises:
        InvalidInput: they are damaged.
    """
    clip = decode_audio(flac, limits=_LIMITS, name=f"the recording {name!r} in the session")
    if clip.sample_rate_hz != MASTER_RATE_HZ or not np.isfinite(gain) or gain <= 0:
        raise InvalidInput(f"the recording {name!r} in the session is damaged")
    return np.asarray(clip.audio[:, 0] * np.float32(gain), dtype=np.float32)


def _gain(audio: Mono) -> float:
    """Return 1, or the power of two that brings a louder sound to full scale without rounding anything anew."""
    peak = float(np.abs(audio).max(initial=0.0))
    return float(2.0 ** np.ceil(np.log2(peak))) if peak > 1.0 else 1.0


def _integers(audio: Mono, gain: float) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    steps = np.rint(audio.astype(np.float64) / gain * _FULL_SCALE)
    return np.clip(steps, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32)
