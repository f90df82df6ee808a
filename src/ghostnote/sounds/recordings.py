"""One recorded one-shot: read with distrust, mixed to mono, resampled, trimmed to its onset, brought to our level."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.files import read_audio
from ghostnote.errors import InvalidAudio, StorageError
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.level import normalise
from ghostnote.sounds.sound import LONGEST_SECONDS, MASTER_RATE_HZ, FileSound

SUFFIXES = frozenset({".wav", ".wave", ".flac", ".aif", ".aiff", ".aifc", ".ogg", ".oga"})
"""Files that are taken for recordings in a folder; what they really are, their bytes tell."""

_DIGEST_STEPS = 32_768
_LONGEST_NAME = 80

_SILENCE = 10 ** (-80 / 20)
"""A peak below this is silence with noise in it."""

_ONSET = 10 ** (-40 / 20)
"""The sound begins where it first comes this near to its peak."""

_LEAD_SECONDS = 0.001
"""Kept before the onset, faded in: the first rise of a hit is part of it."""

_CUT_FADE_SECONDS = 0.05
_END_FADE_SECONDS = 0.002
_SHORTEST_SECONDS = 0.002

_LEAST_LEFT = 0.1
"""Of the louder side's energy that a mix must keep; uncorrelated sides keep half, one silent side a quarter."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A one-shot that was read.

    Args:
        sound: what it is, by its content.
        audio: `(frames,)` float32 in mono at `MASTER_RATE_HZ`, begins at its onset, as loud as every other sound.
        warnings: what was wrong with the file and could be mended.
    """

    sound: FileSound
    audio: Mono
    warnings: tuple[str, ...] = ()


def read_recording(path: str | os.PathLike[str], *, name: str | None = None) -> Recording:
    """Return the one-shot in the file at `path`.

    Stereo is mixed down; where the sides cancel each other out, the louder one is taken. What comes before the onset
    is cut off, and what comes after `LONGEST_SECONDS`.

    Args:
        path: WAV, FLAC, AIFF or OGG of at most 20 MiB, 30 s, 2 channels, 8…192 kHz.
        name: what a person shall see; the file's name without its suffix if None.

    Raises:
        InvalidAudio: the bytes are not one of the formats, are broken, beyond a limit, too short, or silent.
        StorageError: the file can not be read, or is no file.
    """
    place = Path(path)
    try:
        regular = stat.S_ISREG(place.stat().st_mode)
    except OSError as error:
        raise StorageError(f"{place} can not be read: {error.strerror}. Is the path right?") from error
    if not regular:  # reading a pipe would wait for ever
        raise StorageError(f"{place} must be a file; it is a folder, a pipe or a device")
    clip = read_audio(place)
    mono = mix_to_mono(clip.audio)
    sound = FileSound(digest_of(mono, clip.sample_rate_hz), printable_name(place.stem if name is None else name))
    try:
        audio = normalise(fit(mono, clip.sample_rate_hz))
    except InvalidAudio as error:
        raise InvalidAudio(f"{place}: {error}") from error
    return Recording(sound, audio, clip.warnings)


def mix_to_mono(audio: NDArray[np.float32]) -> Mono:
    """Return the mean of the sides of `audio`, or its louder side where the sides cancel each other out.

    Args:
        audio: `(frames, channels)`, one or two channels.

    Returns:
        `(frames,)`.
    """
    if audio.shape[1] == 1:
        return np.ascontiguousarray(audio[:, 0])
    mixed: Mono = audio.mean(axis=1, dtype=np.float32)
    energies = np.square(audio, dtype=np.float64).sum(axis=0)
    if np.square(mixed, dtype=np.float64).sum() < _LEAST_LEFT * energies.max():
        return np.ascontiguousarray(audio[:, int(energies.argmax())])
    return mixed


def digest_of(mono: Mono, sample_rate_hz: int) -> str:
    """Return the first 32 hex digits of the SHA-256 of rate and samples, in steps of 16 bits.

    It is taken of the samples as they were read, so it does not change with how we trim, resample or level.

    Args:
        mono: `(frames,)`, full scale 1.
        sample_rate_hz: of `mono`; the same samples played at another rate are another sound.
    """
    steps = np.rint(mono.astype(np.float64) * _DIGEST_STEPS).astype("<i4")
    return sha256(f"{sample_rate_hz}:".encode() + steps.tobytes()).hexdigest()[:32]


def fit(mono: Mono, sample_rate_hz: int) -> Mono:
    """Return `mono` from its onset on, at most `LONGEST_SECONDS` of it, at `MASTER_RATE_HZ`; its ends are faded.

    Args:
        mono: `(frames,)`, finite.
        sample_rate_hz: of `mono`.

    Raises:
        InvalidAudio: it is silent, or shorter than 2 ms.
    """
    level = np.abs(mono)
    peak = float(level.max(initial=0.0))
    if peak < _SILENCE:
        raise InvalidAudio("a recording must not be silent; its peak is below -80 dBFS")
    onset = int(np.argmax(level >= _ONSET * peak))
    first = max(0, onset - round(_LEAD_SECONDS * sample_rate_hz))
    longest = round(LONGEST_SECONDS * sample_rate_hz)
    cut = len(mono) - first > longest
    kept = mono[first : first + longest]
    if len(kept) < _SHORTEST_SECONDS * sample_rate_hz:
        raise InvalidAudio(
            f"a recording must last at least {1_000 * _SHORTEST_SECONDS:g} ms from its onset; got {len(kept)} samples"
        )
    at_rate = kept
    if sample_rate_hz != MASTER_RATE_HZ:
        import soxr  # loads its library, which few commands need

        at_rate = soxr.resample(kept, sample_rate_hz, MASTER_RATE_HZ, quality="HQ")
    fitted = np.array(at_rate[: round(LONGEST_SECONDS * MASTER_RATE_HZ)], dtype=np.float32)
    lead = round((onset - first) / sample_rate_hz * MASTER_RATE_HZ)
    fitted[:lead] *= _rise(lead)
    tail = min(round((_CUT_FADE_SECONDS if cut else _END_FADE_SECONDS) * MASTER_RATE_HZ), len(fitted) // 2)
    fitted[len(fitted) - tail :] *= _rise(tail)[::-1]
    return fitted


def printable_name(name: str) -> str:
    """Return `name` on one line, without what a terminal or an encoder could stumble over."""
    return "".join(c if c.isprintable() else "?" for c in name).strip()[:_LONGEST_NAME] or "unnamed"


def _rise(frames: int) -> Mono:
    """Return a raised cosine from 0 towards 1."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / max(frames, 1))).astype(np.float32)
