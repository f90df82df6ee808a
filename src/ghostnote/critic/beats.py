"""Where the beats of any audio lie: onsets, a tempo, beats, and which of them begin bars of four.

Onsets are rises of the spectrum (spectral flux). The tempo is the period that their autocorrelation likes best, at the
beat, the half bar, the bar and two bars, weighed by how usual it is. Beats follow by dynamic programming, so the tempo
may move a little, and are smoothed. Bars begin where the low notes are.

Source: Ellis 2007, Beat tracking by dynamic programming. Departures: bars count for the tempo, beats are smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.spectrum import HEARD_RATE_HZ

Array = NDArray[np.float64]
Mono = NDArray[np.float32]

SLOWEST_BPM, FASTEST_BPM, USUAL_BPM = 60.0, 200.0, 120.0
BEATS_PER_BAR = 4
FRAME = 220
"""Samples between two frames of onsets: 10 ms."""

FRAMES_PER_SECOND = HEARD_RATE_HZ / FRAME
_WINDOW = 512
_BANDS = 24
_LOW_HZ = 160.0
_CHUNK_FRAMES = 8192
_EARLY_SECONDS = 0.001
"""An onset's frame lies this long before it, as measured on rendered loops."""

_SPREAD_OCTAVES = 1.0
"""Of tempos around the usual one."""

_PERIODS = ((1, 1.0), (2, 0.5), (4, 4.0), (8, 2.0))
"""How many beats later onsets should come again, and how much that counts: a bar later most of all."""

_LOW_TOO = 0.5
"""What low onsets count beside all; of the choices here these kept 89 of 90 rendered loops to a power of two."""

_AROUND_SECONDS = 3.0

_TIGHTNESS = 300.0
_SMOOTHED_BEATS = 8
"""Beats on either side by which one is smoothed."""

_LEAST_PERIODIC = 0.15
"""Autocorrelation below which there is no beat; noise, and hits at random, reach 0.10, repeated loops 0.74 and more."""

_LEAST_BEATS = 2 * BEATS_PER_BAR


@dataclass(frozen=True, eq=False)
class Onsets:
    """How much begins when, in frames of `FRAME` samples.

    Args:
        strength: `(frames,)`, ≥ 0, over all bands.
        low: `(frames,)`, of the lowest bands alone.
    """

    strength: Array
    low: Array


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats that were found.

    Args:
        seconds: `(beats,)`, ascending.
        downbeat: index, 0…3, of the first that begins a bar.
        tempo_bpm: on average.
    """

    seconds: Array
    downbeat: int
    tempo_bpm: float


def find_onsets(audio: Mono, *, goes_round: bool = False) -> Onsets:
    """Return the onsets in `audio`; frame `i` is about sample `i * FRAME`.

    Args:
        audio: `(frames,)` at `HEARD_RATE_HZ`.
        goes_round: whether its end leads into its beginning; else there is silence before it.
    """
    count = -(-len(audio) // FRAME)
    before = _WINDOW // 2 + FRAME
    after = (count - 1) * FRAME + _WINDOW // 2 - len(audio)
    padded = np.pad(audio, (before, max(after, 0) + FRAME), mode="wrap" if goes_round else "constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::FRAME][: count + 1]
    levels = np.concatenate(
        [_levels(windows[start : start + _CHUNK_FRAMES]) for start in range(0, len(windows), _CHUNK_FRAMES)]
    )
    levels = np.log1p(levels * (1000.0 / max(float(levels.mean()), 1e-20)))
    rises = np.maximum(np.diff(levels, axis=0), 0.0)
    low = int(np.searchsorted(_centres_hz(), _LOW_HZ))
    return Onsets(rises.mean(axis=1).astype(np.float64), rises[:, :low].mean(axis=1).astype(np.float64))


def find_tempo(onsets: Onsets) -> tuple[float, float]:
    """Return the tempo in bpm, and how periodic the onsets are with it: 0 not at all … 1 wholly."""
    strength = _scaled(onsets.strength) + _LOW_TOO * _scaled(onsets.low)
    likeness = _autocorrelation(_smoothed(strength - _around(strength), 1.5))
    slowest = 60.0 * FRAMES_PER_SECOND / SLOWEST_BPM
    periods = np.arange(60.0 * FRAMES_PER_SECOND / FASTEST_BPM, slowest, 0.05)
    merit, total = np.zeros(len(periods)), 0.0
    for times, weight in _PERIODS:
        if times * slowest > 0.75 * len(strength) and times > 1:
            break
        merit += weight * np.interp(periods * times, np.arange(len(likeness)), likeness, right=0.0)
        total += weight
    merit /= total
    octaves = np.log2(60.0 * FRAMES_PER_SECOND / periods / USUAL_BPM)
    best = int((np.maximum(merit, 0.0) * np.exp(-0.5 * (octaves / _SPREAD_OCTAVES) ** 2)).argmax())
    return float(60.0 * FRAMES_PER_SECOND / periods[best]), float(merit[best])


def pulse(onsets: Onsets, tempo_bpm: Array) -> Array:
    """Return how strongly onsets that go round keep to beats, 8ths and 16ths of each tempo, `(tempos,)`, ≥ 0."""
    frame = np.arange(len(onsets.strength))
    turns = np.asarray(tempo_bpm)[:, None] / 60.0 / FRAMES_PER_SECOND * frame
    found = np.zeros(len(turns))
    for times in (1, 2, 4):
        found += np.abs(np.exp(2j * np.pi * times * turns) @ onsets.strength) ** 2
    return found / max(float(onsets.strength.sum()) ** 2, 1e-20)


def count_onsets(onsets: Onsets) -> int:
    """Return how many onsets there are that are not much weaker than the strongest, 60 ms or more apart."""
    from scipy.signal import find_peaks

    strength = _smoothed(onsets.strength, 1.0)
    strength = np.roll(strength, -int(strength.argmin()))  # one that lies across the ends is one
    strength = np.pad(strength, 1)
    return len(find_peaks(strength, height=0.2 * float(strength.max()), distance=6)[0])


def track_beats(audio: Mono) -> Beats | None:
    """Return the beats of `audio`, or None if it has none that can be told.

    Args:
        audio: `(frames,)` at `HEARD_RATE_HZ`.
    """
    onsets = find_onsets(audio)
    if not onsets.strength.any():
        return None
    tempo_bpm, periodic = find_tempo(onsets)
    if periodic < _LEAST_PERIODIC:
        return None
    period = 60.0 * FRAMES_PER_SECOND / tempo_bpm
    frames = _smoothed_beats(_follow(onsets.strength, period))
    if len(frames) < _LEAST_BEATS:
        return None
    seconds = frames / FRAMES_PER_SECOND + _EARLY_SECONDS
    low = _at(onsets.low, frames)
    weights = [low[phase::BEATS_PER_BAR].mean() for phase in range(BEATS_PER_BAR)]
    return Beats(seconds, int(np.argmax(weights)), float(60.0 / np.diff(seconds).mean()))


def _follow(strength: Array, period: float) -> NDArray[np.int64]:
    """Return the frames of the beats: strong onsets, `period` frames apart as nearly as may be."""
    scaled = _smoothed(strength, 1.5)
    scaled = scaled / max(float(scaled.std()), 1e-12)
    lags = np.arange(round(period / 2), round(2 * period) + 1)
    cost = _TIGHTNESS * np.log(lags / period) ** 2
    longest = int(lags[-1])
    best = np.zeros(len(scaled) + longest)  # what lies before the beginning is worth nothing
    came_from = np.full(len(scaled), -1, dtype=np.int64)
    for frame, gain in enumerate(scaled):
        options = best[frame + longest - lags] - cost
        choice = int(options.argmax())
        if frame >= lags[choice]:
            best[frame + longest] = gain + options[choice]
            came_from[frame] = frame - lags[choice]
        else:
            best[frame + longest] = gain
    last = max(0, len(scaled) - round(period))
    at = last + int(best[longest + last :].argmax())
    beats = []
    while at >= 0:
        beats.append(at)
        at = int(came_from[at])
    return np.array(beats[::-1], dtype=np.int64)


def _smoothed_beats(frames: NDArray[np.int64]) -> Array:
    """Return beats on straight lines through their neighbours: players are steadier than frames are."""
    number = np.arange(len(frames))
    smooth = np.empty(len(frames))
    for beat in number:
        near = slice(max(0, beat - _SMOOTHED_BEATS), beat + _SMOOTHED_BEATS + 1)
        smooth[beat] = np.polyval(np.polyfit(number[near] - beat, frames[near], min(1, len(frames) - 1)), 0.0)
    return smooth


def _at(values: Array, frames: Array) -> Array:
    """Return the greatest value within three frames of each of `frames`."""
    around = np.clip(np.round(frames).astype(np.int64)[:, None] + np.arange(-3, 4), 0, len(values) - 1)
    return np.asarray(values[around].max(axis=1))


def _autocorrelation(values: Array) -> Array:
    """Return how like `values` are to themselves later, by lag; 1 at lag 0, and less overlap at long ones is mended."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = next_fast_len(2 * len(values))
    whole = irfft(np.abs(rfft(values, length)) ** 2, length)[: len(values)]
    overlap = np.maximum(np.arange(len(values), 0, -1), 0.25 * len(values)) / len(values)
    return np.asarray(whole / overlap / max(float(whole[0]), 1e-20))


def _scaled(values: Array) -> Array:
    return np.asarray(values / max(float(values.mean()), 1e-12))


def _around(values: Array) -> Array:
    """Return the mean of the seconds around each frame: that a passage is loud is no rhythm."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(values, round(_AROUND_SECONDS * FRAMES_PER_SECOND)))


def _smoothed(values: Array, deviation: float) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, deviation))


def _levels(windows: Mono) -> Mono:
    from scipy.fft import rfft

    spectrum = rfft(windows * np.hanning(_WINDOW).astype(np.float32), axis=1)
    return np.asarray((np.square(spectrum.real) + np.square(spectrum.imag)) @ _filters(), dtype=np.float32)


def _centres_hz() -> Array:
    return np.geomspace(60.0, 9_000.0, _BANDS)


@cache
def _filters() -> Mono:
    """Return `(bins, bands)`: each bin belongs to the bands that it lies nearest to, as a mean."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / HEARD_RATE_HZ)
    centres = np.log(_centres_hz())
    near = 1.0 - np.abs(np.log(np.maximum(hertz, 20.0))[:, None] - centres) / (centres[1] - centres[0])
    weights = np.maximum(near, 0.0)
    for band in np.flatnonzero(weights.sum(axis=0) < 0.3):
        weights[np.abs(hertz - np.exp(centres[band])).argmin(), band] = 1.0
    return np.asarray(weights / weights.sum(axis=0), dtype=np.float32)
