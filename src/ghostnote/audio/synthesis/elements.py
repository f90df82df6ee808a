"""The elements that every voice is built of: swept sines, modal banks, decaying noise, envelopes.

All are pure functions of their arguments; what is random takes an explicit generator.

Conventions: time in seconds from the strike, `decay` always means T60, the time to fall by 60 dB. A *curve* is a tuple
of `(hertz, value)` points, read linearly over the logarithm of frequency and held flat beyond its ends.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Curve = tuple[tuple[float, float], ...]
Signal = NDArray[np.float64]

T60_NEPERS = float(np.log(1000.0))
"""Time constants in one T60: exp(-6.9) is -60 dB."""

_OCTAVES = tuple(125.0 * 2.0**i for i in range(8))

_HIGHEST = 0.46
"""Partials above this share of the sample rate are left out, so that nothing folds back."""


def seconds_of(duration_seconds: float, sample_rate_hz: int) -> Signal:
    """Return the time axis `(frames,)` of a sound, starting at 0."""
    return np.arange(max(1, round(duration_seconds * sample_rate_hz))) / sample_rate_hz


def on_curve(curve: Curve, hertz: ArrayLike) -> Signal:
    """Return the values of `curve` at `hertz` (> 0), in the shape of `hertz`."""
    points = np.asarray(curve, dtype=np.float64)
    at = np.log(np.maximum(np.asarray(hertz, dtype=np.float64), 1e-3))
    return np.asarray(np.interp(at, np.log(points[:, 0]), points[:, 1]))


def dimmed(spectrum_db: Curve, db_per_octave: float, *, pivot_hz: float = 1_000.0) -> Curve:
    """Return `spectrum_db` with `db_per_octave` taken off above `pivot_hz`: what a softer blow does."""
    knots = sorted({hertz for hertz, _ in spectrum_db} | {pivot_hz, 20_000.0})
    octaves = [max(0.0, float(np.log2(hertz / pivot_hz))) for hertz in knots]
    levels = on_curve(spectrum_db, knots)
    return tuple((h, float(db) - db_per_octave * octave) for h, db, octave in zip(knots, levels, octaves, strict=True))


def amplitude(decibels: ArrayLike) -> Signal:
    """Return the linear gain of `decibels`."""
    return np.asarray(10.0 ** (np.asarray(decibels, dtype=np.float64) / 20.0))


def decay_envelope(t: Signal, decay_seconds: float, *, attack_seconds: float = 0.0) -> Signal:
    """Return an exponential fall of `decay_seconds` (T60), after a rise with the time constant `attack_seconds`."""
    # Single precision is enough for a level and takes a third of the time.
    envelope = np.exp((-T60_NEPERS / decay_seconds * t).astype(np.float32))
    if attack_seconds > 0:
        envelope *= -np.expm1((-t / attack_seconds).astype(np.float32))
    return envelope.astype(np.float64)


def swept_phase(t: Signal, end_hz: float, sweeps: tuple[tuple[float, float], ...] = ()) -> Signal:
    """Return the phase, in radians, of a tone that falls to `end_hz`.

    The frequency is `end_hz + sum(depth_hz * exp(-t / tau_seconds))`; its integral is taken in closed form, so the
    phase is continuous and does not depend on the sample rate.

    Args:
        t: `(frames,)`, seconds.
        end_hz: the frequency that remains.
        sweeps: `(depth_hz, tau_seconds)` of each fall.
    """
    cycles = end_hz * t
    for depth_hz, tau in sweeps:
        cycles = cycles - depth_hz * tau * np.expm1(-t / tau)
    return 2.0 * np.pi * cycles


def modal_bank(
    hertz: ArrayLike,
    decays_seconds: ArrayLike,
    amplitudes: ArrayLike,
    phases: ArrayLike,
    frames: int,
    sample_rate_hz: int,
) -> Signal:
    """Return the sum of exponentially decaying sinusoids.

    `sum_k a_k exp(-t / tau_k) sin(2 pi f_k t + phase_k)`. With `t = row * block + column` each term splits into a
    factor of the row and one of the column, so that the whole bank is one matrix product: a thousand modes of three
    seconds take some ten milliseconds where direct evaluation takes seconds. Tested against direct evaluation.

    Args:
        hertz, decays_seconds, amplitudes, phases: `(modes,)` each; modes near the Nyquist frequency and above are
            left out.
        frames: length of the result.
        sample_rate_hz: of the result.
    """
    f, t60, a, phase = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (hertz, decays_seconds, amplitudes, phases))
    )
    heard = (f < _HIGHEST * sample_rate_hz) & (a != 0)
    if not heard.any():
        return np.zeros(frames)
    order = np.argsort(-t60[heard], kind="stable")
    f, t60, a, phase = (values[heard][order] for values in (f, t60, a, phase))
    block = max(1, round(float(np.sqrt(frames))))
    rows = -(-frames // block)
    pole = (-T60_NEPERS / t60 + 2j * np.pi * f) / sample_rate_hz
    # Both factors are built by repeated multiplication in complex128, where a thousand roundings stay below -250 dB;
    # the products run in float32, which leaves -120 dB of accuracy.
    fast = _powers(np.ones(len(f)), pole, block)
    jump = pole * block
    sound = np.zeros((rows, block), dtype=np.float32)
    for first, last in _stretches(rows):
        # Modes stand in the order of their lives: the dead ones, beyond -66 dB, are a tail that is left out.
        alive = int(np.count_nonzero(1.1 * t60 * sample_rate_hz > first * block))
        if not alive:
            break
        start = a[:alive] * np.exp(1j * phase[:alive] + jump[:alive] * first)
        slow = _powers(start, jump[:alive], last - first)
        sound[first:last] += _small_products(slow.real, fast.imag[:, :alive])
        sound[first:last] += _small_products(slow.imag, fast.real[:, :alive])
    return np.asarray(sound.ravel()[:frames], dtype=np.float64)


def _powers(start: ArrayLike, exponent: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """Return `start * exp(exponent * n)` for n = 0…count - 1, as `(count, len(exponent))`."""
    powers = np.empty((count, len(exponent)), dtype=np.complex128)
    powers[0], powers[1:] = start, np.exp(exponent)
    return np.multiply.accumulate(powers, axis=0, out=powers)


def _small_products(rows: Signal, columns: Signal) -> NDArray[np.float32]:
    """Return `rows @ columns.T` as a stack of products too small to be worth a second thread.

    A BLAS that spreads a millisecond of work over busy cores waits for them for tens: measured, 2 ms alone, 32 ms with
    its own threads beside a training run, 4 ms this way in both cases.
    """
    # OpenBLAS starts threads from 262,144 multiplications on.
    tall, wide = 16, 16 if rows.shape[1] <= 1_000 else 8
    left = np.zeros((-(-len(rows) // tall) * tall, rows.shape[1]), dtype=np.float32)
    right = np.zeros((-(-len(columns) // wide) * wide, rows.shape[1]), dtype=np.float32)
    left[: len(rows)], right[: len(columns)] = rows, columns
    tiles = np.matmul(
        left.reshape(-1, 1, tall, rows.shape[1]), right.reshape(-1, wide, rows.shape[1]).transpose(0, 2, 1)
    )
    whole = tiles.transpose(0, 2, 1, 3).reshape(len(left), len(right))
    return np.asarray(whole[: len(rows), : len(columns)], dtype=np.float32)


def _stretches(rows: int) -> list[tuple[int, int]]:
    """Return growing stretches `(first, last)` that cover `rows`: most modes die in the first of them."""
    bounds = sorted({0, *(round(rows * share) for share in (0.06, 0.15, 0.3, 0.5, 0.75)), rows})
    return list(pairwise(bounds))


def _density(spectrum_db: Curve, hertz: NDArray[np.floating], sample_rate_hz: int) -> Signal:
    """Return the amplitude of noise at `hertz`; nothing is made that only bats could hear."""
    heard = 1.0 / (1.0 + (hertz / 23_000.0) ** 32)
    return np.asarray(amplitude(on_curve(spectrum_db, hertz)) * heard * np.sqrt(sample_rate_hz / 44_100.0))


def shaped_noise(t: Signal, spectrum_db: Curve, sample_rate_hz: int, rng: np.random.Generator) -> Signal:
    """Return stationary Gaussian noise whose density follows `spectrum_db`.

    0 dB is the density that has unit variance at 44.1 kHz, so that the audible band is equally loud at any rate.
    """
    from scipy.fft import irfft, next_fast_len  # slow to load

    size = next_fast_len(len(t), real=True)
    hertz = np.arange(size // 2 + 1) * (sample_rate_hz / size)
    parts = rng.standard_normal((2, len(hertz)), dtype=np.float32)
    spectrum = (parts[0] + 1j * parts[1]) * _density(spectrum_db, hertz, sample_rate_hz) * np.sqrt(0.5 * size)
    spectrum[0] = 0.0
    return np.asarray(irfft(spectrum.astype(np.complex64), size)[: len(t)], dtype=np.float64)


def decaying_noise(
    t: Signal,
    spectrum_db: Curve,
    decays_seconds: Curve,
    sample_rate_hz: int,
    rng: np.random.Generator,
    *,
    rises_seconds: Curve | None = None,
) -> Signal:
    """Return noise that dies at its own speed in each octave, as struck skins and metal do.

    Args:
        t: `(frames,)`, seconds.
        spectrum_db: density at the strike.
        decays_seconds: T60 over frequency.
        sample_rate_hz: of `t`.
        rng: source of the noise.
        rises_seconds: time constant of the build-up over frequency; none means at once.
    """
    from scipy.fft import irfft, next_fast_len

    rate = sample_rate_hz
    total = np.zeros(len(t))
    low = _OCTAVES[0]
    for i, centre in enumerate(_OCTAVES):
        # Each octave is made only as long as it is heard, directly from a random spectrum.
        decay = float(on_curve(decays_seconds, centre))
        frames = min(len(t), round(1.05 * decay * rate))
        size = next_fast_len(max(frames, 16), real=True)
        first = 0 if i == 0 else int(centre / 2.0 * size / rate)
        last = size // 2 + 1 if i == len(_OCTAVES) - 1 else min(size // 2 + 1, int(centre * 2.0 * size / rate) + 1)
        if first >= last:
            continue
        hertz = np.maximum(np.arange(first, last) * (rate / size), 1.0)
        place = np.clip(np.log2(hertz / low), 0, len(_OCTAVES) - 1)
        # Neighbours cross over with equal power, so that equal decays give back plain shaped noise.
        share = np.sqrt(np.clip(1.0 - np.abs(place - i), 0.0, None))
        level = share * _density(spectrum_db, hertz, rate) * np.sqrt(0.5 * size)
        if first == 0:
            level[0] = 0.0
        parts = rng.standard_normal((2, last - first), dtype=np.float32)
        spectrum = np.zeros(size // 2 + 1, dtype=np.complex64)
        spectrum[first:last] = (parts[0] + 1j * parts[1]) * level
        band = irfft(spectrum, size)[:frames]
        rise = float(on_curve(rises_seconds, centre)) if rises_seconds else 0.0
        total[:frames] += band * decay_envelope(t[:frames], decay, attack_seconds=rise)
    return total


def click(
    t: Signal,
    hertz: float,
    decay_seconds: float,
    sample_rate_hz: int,
    rng: np.random.Generator,
    *,
    octaves: float = 2.0,
) -> Signal:
    """Return a short burst around `hertz` with a peak of 1: a stick, a beater or a trigger pulse.

    Args:
        t: `(frames,)`, seconds.
        hertz: centre.
        decay_seconds: T60.
        sample_rate_hz: of `t`.
        rng: makes each burst its own.
        octaves: distance from the centre at which the burst is 24 dB down.
    """
    width = 2.0**octaves
    frames = min(len(t), max(8, round(decay_seconds * sample_rate_hz)))
    spectrum = ((hertz / width, -24.0), (hertz, 0.0), (hertz * width, -24.0))
    # Shaped over a longer stretch than is kept, or the low edge of the band would be lost.
    burst = shaped_noise(t[: max(frames, min(len(t), 2048))], spectrum, sample_rate_hz, rng)[:frames]
    burst *= decay_envelope(t[:frames], decay_seconds)
    total = np.zeros(len(t))
    total[:frames] = burst / (np.abs(burst).max() + 1e-12)
    return total


def saturate(signal: Signal, drive: float) -> Signal:
    """Return `signal` bent by a tanh of `drive` (0 leaves it alone); small signals keep their gain."""
    return signal if drive <= 0 else np.tanh(drive * signal) / drive


def finish(
    signal: Signal, sample_rate_hz: int, *, fade_seconds: float = 0.03, cut_hz: float = 18.0
) -> NDArray[np.float32]:
    """Return the finished one-shot: no constant part, and a raised-cosine end on exact zero."""
    from scipy.signal import lfilter  # takes half a second to load, which asking for the kits' names should not cost

    pole = float(np.exp(-2 * np.pi * cut_hz / sample_rate_hz))
    clean = np.asarray(lfilter([(1 + pole) / 2, -(1 + pole) / 2], [1.0, -pole], signal))
    fade = min(len(clean), max(2, round(fade_seconds * sample_rate_hz)))
    clean[-fade:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade))
    clean[-1] = 0.0
    return clean.astype(np.float32)
