"""Sounds as samples, by key: what renderers and critics read from. Nothing is made before it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, Sound

Mono = NDArray[np.float32]


class SoundBank:
    """Samples of sounds, `(frames,)` float32 in mono at `MASTER_RATE_HZ`, equally loud, at most `LONGEST_SECONDS`.

    Sounds of ours are synthesised when first asked for; recordings come from `read`, or were added.

    Args:
        read: returns the samples of a recording, or None if it does not know it.
    """

    def __init__(self, read: Callable[[FileSound], Mono | None] | None = None) -> None:
        self._read = read
        self._audio: dict[str, Mono] = {}
        self._at_rate: dict[tuple[str, int], Mono] = {}

    def add(self, sound: Sound, audio: Mono) -> None:
        """Keep the samples of `sound`."""
        self._audio[sound.key] = np.ascontiguousarray(audio, dtype=np.float32)

    def audio(self, sound: Sound, sample_rate_hz: int = MASTER_RATE_HZ) -> Mono:
        """Return the samples of `sound`, `(frames,)`; do not write into them.

        Raises:
            InvalidParameter: it is a recording that is nowhere to be found.
        """
        if sound.key not in self._audio:
            self.add(sound, self._make(sound))
        if sample_rate_hz == MASTER_RATE_HZ:
            return self._audio[sound.key]
        at = (sound.key, sample_rate_hz)
        if at not in self._at_rate:
            import soxr

            self._at_rate[at] = soxr.resample(self._audio[sound.key], MASTER_RATE_HZ, sample_rate_hz, quality="HQ")
        return self._at_rate[at]

    def _make(self, sound: Sound) -> Mono:
        if isinstance(sound, FileSound):
            audio = None if self._read is None else self._read(sound)
            if audio is None:
                raise InvalidParameter(
                    f"the recording {sound.name!r} must be in a folder of sounds; it is in none. "
                    "Was it moved? `ghostnote sounds add FOLDER` finds it again by its content"
                )
            return audio
        from ghostnote.sounds.families import synthesize

        return synthesize(sound)
