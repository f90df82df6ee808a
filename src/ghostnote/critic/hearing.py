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
    beside_mean,
    bins,
    filter_bands,
    looks_per_frame,
    transform,
)
from ghostnote.loops import Loop, render_loop
from ghostnote.loops.rendering import frames_of, wrapped
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound

_CHUNK = 96
"""Loops that are prepared at once."""

_MIXED_BYTES = 3 * 2**18
"""Of spectra that are mixed at once: few enough for the cache of a core, and enough for threads to go side by side."""

_SILENT = 1e-9
_MOST_KEPT_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class _Bar:
    """The shape of a bar: its steps, its frames, and the looks of each frame of levels."""

    steps: int
    frames: int
    looks: int


class _Spectra:
    """Spectra of sounds as they are heard round one shape of bar, in the rows of one table.

    Args:
        values: of a row.
    """

    def __init__(self, values: int) -> None:
        self.rows = np.empty((64, values), dtype=np.float32)
        self.lags = np.empty(64, dtype=np.int64)
        self.places: OrderedDict[tuple[str, int], tuple[int, int]] = OrderedDict()
        self._used = 0

    def add(self, key: tuple[str, int], lags: NDArray[np.int64], rows: Array) -> tuple[int, int]:
        """Keep what lasts of a sound `lags` steps after its hit, `rows`; return its first row and their number."""
        start, count = self._used, len(lags)
        if start + count > len(self.lags):  # made anew, so that who reads the old ones may go on
            more = max(start + count, len(self.lags) * 2)  # what is empty of it takes no memory yet
            before, self.rows = self.rows, np.empty((more, rows.shape[1]), np.float32)
            self.lags = np.concatenate([self.lags[:start], np.empty(more - start, np.int64)])
            self.rows[:start] = before[:start]
        self.rows[start : start + count], self.lags[start : start + count] = rows, lags
        self._used += count
        self.places[key] = start, count
        return start, count

    @property
    def used_bytes(self) -> int:
        """What its rows take."""
        return self._used * 4 * self.rows.shape[1]

    def shrunk(self) -> _Spectra:
        """Return a table of the sounds that were used last, with half of the rows."""
        kept: list[tuple[tuple[str, int], tuple[int, int]]] = []
        rows = 0
        for key, (start, count) in reversed(self.places.items()):
            rows += count
            if rows > self._used // 2:
                break
            kept.append((key, (start, count)))
        table = _Spectra(self.rows.shape[1])
        size = max(64, sum(count for _, (_, count) in kept))
        table.rows, table.lags = np.empty((size, self.rows.shape[1]), np.float32), np.empty(size, np.int64)
        for key, (start, count) in reversed(kept):
            table.add(key, self.lags[start : start + count], self.rows[start : start + count])
        return table


class Hearing:
    """Turns loops into the levels that encoders read; keeps the spectra of the sounds of the bars that it met last.

    Threads may share it.

    Args:
        bank: holds the sounds.
    """

    def __init__(self, bank: SoundBank) -> None:
        self._bank = bank
        self._kept: OrderedDict[_Bar, _Spectra] = OrderedDict()
        self._lock = threading.Lock()

    def hear(self, loops: Sequence[Loop]) -> Array:
        """Return the levels of loops of one number of steps, `(loops, frames, BANDS)`; see `spectrum.bands_of`.

        Args:
            loops: all with as many steps; tempo, rows and sounds may differ.
        """
        levels = np.empty((len(loops), loops[0].pattern.steps * FRAMES_PER_STEP if loops else 0, BANDS), np.float32)
        straight: dict[tuple[float, float, int], list[int]] = {}
        for index, loop in enumerate(loops):
            if loop.pattern.is_straight:
                straight.setdefault((loop.tempo_bpm, loop.swing, loop.pattern.rows), []).append(index)
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
        delays = (0, swung) if swung else (0,)
        parts = np.stack([step % 2 == 0, step % 2 == 1]) if swung else np.ones((1, steps), dtype=bool)
        velocities = np.stack([loop.pattern.velocities for loop in loops]).transpose(0, 2, 1)
        played = (velocities[:, :, None] * parts).reshape(-1, steps)
        spectra, lags, places = self._spectra(
            bar, [(sound, delay) for loop in loops for sound in loop.sounds for delay in delays]
        )
        starts, counts = places.T
        ends = counts.cumsum()
        rows = np.repeat(starts - ends + counts, counts) + np.arange(ends[-1])
        # How loud each of these is in each step: as loud as the hit so many steps before.
        gains = played[np.repeat(np.arange(len(counts)), counts)[:, None], (step - lags[rows][:, None]) % steps]
        widths = counts.reshape(len(loops), -1).sum(axis=1)
        order = np.argsort(widths, kind="stable")
        filled = np.arange(widths.max()) < widths[:, None]  # what is beyond a loop's own width is silent
        numbers, loud = np.zeros(filled.shape, np.int64), np.zeros((*filled.shape, steps), np.float32)
        numbers[filled], loud[filled] = rows, gains
        levels = np.empty((len(loops), steps * FRAMES_PER_STEP, BANDS), np.float32)
        levels[order] = beside_mean(_mixed(spectra, numbers[order], loud[order], widths[order]), looks)
        return levels

    def _spectra(
        self, bar: _Bar, sounds: list[tuple[Sound, int]]
    ) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
        """Return the table of `bar`, its rows' lags, and first row and number of rows of each sound with its delay."""
        with self._lock:
            table = self._kept.get(bar)
            if table is None:
                table = self._kept[bar] = _Spectra(FRAMES_PER_STEP * bar.looks * 2 * len(bins()))
            self._kept.move_to_end(bar)
            places = []
            for sound, delay in sounds:
                key = (sound.key, delay)
                place = table.places.get(key)
                if place is None:
                    place = table.add(key, *self._turned(sound, bar, delay))
                else:
                    table.places.move_to_end(key)
                places.append(place)
            while sum(kept.used_bytes for kept in self._kept.values()) > _MOST_KEPT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)
            if table.used_bytes > _MOST_KEPT_BYTES:
                self._kept[bar] = table.shrunk()
            return table.rows, table.lags, np.array(places)

    def _turned(self, sound: Sound, bar: _Bar, delay: int) -> tuple[NDArray[np.int64], Array]:
        """Return after how many steps something of a sound still lasts, `(lags,)`, and what, `(lags, values)`."""
        audio = np.roll(wrapped(self._bank.audio(sound, HEARD_RATE_HZ), bar.frames), delay)
        spectra = transform(audio, bar.steps, bar.looks).reshape(bar.steps, -1)
        peak = np.abs(spectra).max(axis=1)
        lags = np.flatnonzero(peak > _SILENT + 1e-4 * peak.max())
        return lags, spectra[lags]


def _mixed(spectra: Array, rows: NDArray[np.int64], gains: Array, widths: NDArray[np.int64]) -> Array:
    """Return the power of the bands of loops, `(loops, looks, BANDS)`.

    Args:
        spectra: `(rows, values)`, of one step each.
        rows: `(loops, widest)`, what sounds in each loop.
        gains: `(loops, widest, steps)`, how loud.
        widths: `(loops,)`, how many rows each loop has, the fewest first: each group is as wide as its widest.
    """
    steps, values = gains.shape[2], spectra.shape[1]
    looks = steps * values // (2 * len(bins()))
    most = min(len(rows), max(1, _MIXED_BYTES // (4 * steps * values)))
    parts = np.empty((most * rows.shape[1], values), np.float32)
    sums = np.empty((most, steps, values), np.float32)
    powers = np.empty((most, looks, len(bins())), np.float32)
    bands = np.empty((len(rows), looks, BANDS), np.float32)
    for start in range(0, len(rows), most):
        group = slice(start, start + most)
        count, width = len(rows[group]), int(widths[group][-1])
        part, mixed, power = parts[: count * width].reshape(count, width, values), sums[:count], powers[:count]
        np.take(spectra, rows[group, :width], axis=0, out=part, mode="clip")
        np.matmul(gains[group, :width].transpose(0, 2, 1), part, out=mixed)
        np.square(mixed, out=mixed)
        complex_parts = mixed.reshape(count, looks, 2, -1)
        np.add(complex_parts[:, :, 0], complex_parts[:, :, 1], out=power)
        filter_bands(power, bands[group])
    return bands


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
