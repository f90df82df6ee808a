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
        self._at_rate: dict[str, dict[int, Mono]] = {}

    def add(self, sound: Sound, audio: Mono) -> None:
        """Keep the samples of `sound`."""
        self._audio[sound.key] = np.ascontiguousarray(audio, dtype=np.float32)
        self._at_rate.pop(sound.key, None)

    def audio(self, sound: Sound, sample_rate_hz: int = MASTER_RATE_HZ) -> Mono:
        """Return the samples of `sound`, `(frames,)`; do not write into them.

        Raises:
            InvalidParameter: it is a recording that is nowhere to be found.
        """
        if sound.key not in self._audio:
            self.add(sound, self._make(sound))
        if sample_rate_hz == MASTER_RATE_HZ:
            return self._audio[sound.key]
        at_rate = self._at_rate.setdefault(sound.key, {})
        if sample_rate_hz not in at_rate:
            import soxr

            at_rate[sample_rate_hz] = soxr.resample(
                self._audio[sound.key], MASTER_RATE_HZ, sample_rate_hz, quality="HQ"
            )
        return at_rate[sample_rate_hz]

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
