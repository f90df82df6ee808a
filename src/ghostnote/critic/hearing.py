"""Hear loops without rendering them: the spectrum of a sum is the sum of the spectra.

Each sound is transformed once, laid round a bar of the loop's length; a hit on step s is that spectrum turned by s
steps. So a loop is a product of a small matrix that says which sound lies how many steps back, and the spectra. What
has hits off their steps is rendered first. Both ways are tested against each other.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.spectrum import (
    BANDS,
    FRAMES_PER_STEP,
    HEARD_RATE_HZ,
    Array,
    bands_of,
    bins,
    looks_per_frame,
    transform,
)
from ghostnote.loops import Loop, render_loop
from ghostnote.loops.rendering import frames_of, wrapped
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound

_CHUNK = 24
"""Loops whose spectra are worked on at once: few enough for the cache of a core."""

_SILENT = 1e-9
_MOST_KEPT_BYTES = 400 * 2**20


@dataclass(frozen=True, eq=False)
class _Turned:
    """A sound as it is heard round the bar.

    Args:
        steps_back: `(steps, lags)`, for each step those before it from which something of the sound still lasts.
        spectra: `(lags, values)`, what lasts after so many steps.
    """

    steps_back: NDArray[np.int64]
    spectra: Array


@dataclass(frozen=True, slots=True)
class _Bar:
    """The shape of a bar: its steps, its frames, and the looks of each frame of levels."""

    steps: int
    frames: int
    looks: int


class Hearing:
    """Turns loops into the levels that encoders read; keeps the spectra of the sounds that it met last.

    Threads may share it.

    Args:
        bank: holds the sounds.
    """

    def __init__(self, bank: SoundBank) -> None:
        self._bank = bank
        self._turned: OrderedDict[tuple[str, _Bar, int], _Turned] = OrderedDict()
        self._kept_bytes = 0
        self._lock = threading.Lock()

    def hear(self, loops: Sequence[Loop]) -> Array:
        """Return the levels of loops of one number of steps, `(loops, frames, BANDS)`; see `spectrum.bands_of`.

        Args:
            loops: all with as many steps; tempo, rows and sounds may differ.
        """
        levels = np.empty((len(loops), loops[0].pattern.steps * FRAMES_PER_STEP if loops else 0, BANDS), np.float32)
        straight: dict[tuple[float, float], list[int]] = {}
        for index, loop in enumerate(loops):
            if loop.pattern.is_straight:
                straight.setdefault((loop.tempo_bpm, loop.swing), []).append(index)
            else:
                levels[index] = hear_bar(
                    render_loop(loop, self._bank, HEARD_RATE_HZ), loop.pattern.steps, loop.step_seconds
                )
        for members in straight.values():
            for start in range(0, len(members), _CHUNK):
                chunk = members[start : start + _CHUNK]
                levels[chunk] = self._hear_straight([loops[index] for index in chunk])
        return levels

    def _hear_straight(self, loops: list[Loop]) -> Array:
        first = loops[0]
        steps, looks = first.pattern.steps, looks_per_frame(first.step_seconds)
        bar = _Bar(steps, frames_of(first, HEARD_RATE_HZ), looks)
        # With swing, every second step sounds from a spectrum of its own, which begins later.
        swung = round(first.swing * first.step_seconds * HEARD_RATE_HZ)
        step = np.arange(steps)
        parts = ((0, None),) if not swung else ((0, step % 2 == 0), (swung, step % 2 == 1))
        spectra = np.empty((len(loops), steps, FRAMES_PER_STEP * looks * 2 * len(bins())), dtype=np.float32)
        for loop, out in zip(loops, spectra, strict=True):
            back, turned = [], []
            played = loop.pattern.velocities.T
            for row in np.flatnonzero(loop.pattern.hits.any(axis=0)):
                for delay, which in parts:
                    on = played[row] if which is None else played[row] * which
                    sound = self._turn(loop.sounds[row], bar, delay)
                    back.append(on[sound.steps_back])
                    turned.append(sound.spectra)
            if turned:
                np.matmul(np.concatenate(back, axis=1), np.concatenate(turned), out=out)
            else:
                out[:] = 0.0
        shape = (len(loops), steps * FRAMES_PER_STEP * looks, 2, len(bins()))
        return bands_of(spectra.reshape(shape), looks)

    def _turn(self, sound: Sound, bar: _Bar, delay: int) -> _Turned:
        key = (sound.key, bar, delay)
        with self._lock:
            turned = self._turned.get(key)
            if turned is None:
                turned = self._turned[key] = self._turned_anew(sound, bar, delay)
                self._kept_bytes += turned.spectra.nbytes
                while self._kept_bytes > _MOST_KEPT_BYTES:
                    self._kept_bytes -= self._turned.popitem(last=False)[1].spectra.nbytes
            else:
                self._turned.move_to_end(key)
        return turned

    def _turned_anew(self, sound: Sound, bar: _Bar, delay: int) -> _Turned:
        audio = np.roll(wrapped(self._bank.audio(sound, HEARD_RATE_HZ), bar.frames), delay)
        spectra = transform(audio, bar.steps, bar.looks).reshape(bar.steps, -1)
        peak = np.abs(spectra).max(axis=1)
        lags = np.flatnonzero(peak > _SILENT + 1e-4 * peak.max())
        return _Turned((np.arange(bar.steps)[:, None] - lags) % bar.steps, np.ascontiguousarray(spectra[lags]))


def hear_bar(bar: Array, steps: int, step_seconds: float) -> Array:
    """Return the levels of one bar of any audio that goes round, `(frames, BANDS)`.

    Args:
        bar: `(frames,)` at `HEARD_RATE_HZ`.
        steps: that it has.
        step_seconds: their length.
    """
    looks = looks_per_frame(step_seconds)
    spectra = transform(bar, steps, looks)
    return np.asarray(bands_of(spectra.reshape(1, -1, 2, len(bins())), looks)[0])
