"""Hear loops without rendering them: the spectrum of a sum is the sum of the spectra.

Each sound is transformed once, laid round a bar of the loop's length; a hit on step s is that spectrum turned by s
steps. So a loop is a product of a small matrix that says which sound lies how many steps back, and the spectra. What
has hits off their steps is rendered first. Both ways are tested against each other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
        lags: `(lags,)`, at how many steps after the hit there is something of it.
        spectra: `(lags, values)`, what there is.
    """

    lags: np.ndarray[tuple[int], np.dtype[np.int64]]
    spectra: Array


class Hearing:
    """Turns loops into the levels that encoders read; keeps the spectra of the sounds that it met last.

    Args:
        bank: holds the sounds.
    """

    def __init__(self, bank: SoundBank) -> None:
        self._bank = bank
        self._turned: OrderedDict[tuple[Sound, int, int, int, int], _Turned] = OrderedDict()
        self._kept_bytes = 0

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
        spectra = np.zeros((len(loops), steps, FRAMES_PER_STEP * looks * 2 * len(bins())), dtype=np.float32)
        step = np.arange(steps)
        for loop, out in zip(loops, spectra, strict=True):
            back, parts = [], []
            for row, sound in enumerate(loop.sounds):
                played = loop.pattern.velocities[:, row]
                for late, on in ((0.0, played), (loop.swing, played * (step % 2))):
                    if loop.swing and not late:
                        on = played * (1 - step % 2)
                    elif late == 0.0 and on is not played:
                        continue
                    if not on.any():
                        continue
                    turned = self._turn(sound, loop, late, looks)
                    back.append(on[(step[:, None] - turned.lags) % steps])
                    parts.append(turned.spectra)
            if parts:
                np.matmul(np.concatenate(back, axis=1), np.concatenate(parts), out=out)
        shape = (len(loops), steps * FRAMES_PER_STEP * looks, 2, len(bins()))
        return bands_of(spectra.reshape(shape), looks)

    def _turn(self, sound: Sound, loop: Loop, late: float, looks: int) -> _Turned:
        frames = frames_of(loop, HEARD_RATE_HZ)
        steps = loop.pattern.steps
        delay = round(late * loop.step_seconds * HEARD_RATE_HZ)
        key = (sound, steps, frames, delay, looks)
        if key in self._turned:
            self._turned.move_to_end(key)
            return self._turned[key]
        bar = np.roll(wrapped(self._bank.audio(sound, HEARD_RATE_HZ), frames), delay)
        spectra = transform(bar, steps, looks).reshape(steps, -1)
        peak = np.abs(spectra).max(axis=1)
        lags = np.flatnonzero(peak > _SILENT + 1e-4 * peak.max())
        turned = _Turned(lags, np.ascontiguousarray(spectra[lags]))
        self._turned[key] = turned
        self._kept_bytes += turned.spectra.nbytes
        while self._kept_bytes > _MOST_KEPT_BYTES:
            self._kept_bytes -= self._turned.popitem(last=False)[1].spectra.nbytes
        return turned


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
