"""Sounds as samples, by key: what renderers and critics read from. Nothing is made before it is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from weakref import WeakMethod

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, Sound

Mono = NDArray[np.float32]

Read = Callable[[FileSound], "Mono | None"]
"""Returns the samples of a recording, or None if it does not know it."""


class SoundBank:
    """Samples of sounds, `(frames,)` float32 in mono at `MASTER_RATE_HZ`, equally loud, at most `LONGEST_SECONDS`.

    Sounds of ours are synthesised when first asked for; recordings come from `read`, or were added. Threads may share
    it.

    Args:
        read: returns the samples of a recording, or None if it does not know it.
        most_bytes: of samples that are kept; what was not asked for the longest is made or read again when it is
            needed. None keeps all: what was added and can not be made again needs that.
    """

    def __init__(self, read: Read | None = None, most_bytes: int | None = None) -> None:
        self._read = read
        self._more: list[WeakMethod[Read]] = []
        self._most_bytes = most_bytes
        self._bytes = 0
        self._audio: OrderedDict[str, Mono] = OrderedDict()
        self._at_rate: dict[str, dict[int, Mono]] = {}
        self._lock = RLock()

    def read_also(self, read: Read) -> None:
        """Ask the method `read` too for recordings, as long as its owner lives.

        A recording is known by its content, so it does not matter who has it.
        """
        with self._lock:
            self._more = [WeakMethod(read), *(known for known in self._more if known() is not None)]

    def add(self, sound: Sound, audio: Mono) -> None:
        """Keep the samples of `sound`."""
        with self._lock:
            self._forget(sound.key)
            self._audio[sound.key] = np.ascontiguousarray(audio, dtype=np.float32)
            self._grow(self._audio[sound.key].nbytes)

    def audio(self, sound: Sound, sample_rate_hz: int = MASTER_RATE_HZ) -> Mono:
        """Return the samples of `sound`, `(frames,)`; do not write into them.

        Raises:
            InvalidParameter: it is a recording that is nowhere to be found.
        """
        with self._lock:
            audio = self._audio.get(sound.key)
            if audio is None:
                made = self._make(sound)
                self.add(sound, made)
                audio = np.ascontiguousarray(made, dtype=np.float32)
            elif self._most_bytes is not None:
                self._audio.move_to_end(sound.key)
            if sample_rate_hz == MASTER_RATE_HZ:
                return audio
            at_rate = self._at_rate.get(sound.key, {}).get(sample_rate_hz)
            if at_rate is None:
                import soxr

                at_rate = soxr.resample(audio, MASTER_RATE_HZ, sample_rate_hz, quality="HQ")
                if sound.key in self._audio:
                    self._at_rate.setdefault(sound.key, {})[sample_rate_hz] = at_rate
                    self._grow(at_rate.nbytes)
            return at_rate

    def _grow(self, count: int) -> None:
        self._bytes += count
        while self._most_bytes is not None and self._bytes > self._most_bytes and len(self._audio) > 1:
            self._forget(next(iter(self._audio)))

    def _forget(self, key: str) -> None:
        if key in self._audio:
            self._bytes -= self._audio.pop(key).nbytes
            self._bytes -= sum(audio.nbytes for audio in self._at_rate.pop(key, {}).values())

    def _make(self, sound: Sound) -> Mono:
        if isinstance(sound, FileSound):
            readers = (self._read, *(known() for known in self._more))
            found = (read(sound) for read in readers if read is not None)
            audio = next((audio for audio in found if audio is not None), None)
            if audio is None:
                raise InvalidParameter(
                    f"the recording {sound.name!r} must be in a folder of sounds; it is in none. "
                    "Was it moved? `ghostnote sounds add FOLDER` finds it again by its content"
                )
            return audio
        from ghostnote.sounds.families import synthesize

        return synthesize(sound)
