"""Acoustic drums: a struck skin as modes of a circular membrane, with beater, haze and snare wires.

Source: Fletcher and Rossing, The Physics of Musical Instruments, chapters 3 and 18: mode frequencies at the zeros of
the Bessel functions, excitation by the mode's shape under the stick, pitch that falls as the tension of a hard blow
relaxes, damping that grows with frequency. Wires follow the head that throws them and die later than it. Simplified:
air loading and the second head are folded into the fundamental's own decay and one beating partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import (
    Curve,
    Signal,
    amplitude,
    click,
    decay_envelope,
    decaying_noise,
    dimmed,
    finish,
    saturate,
    seconds_of,
    shaped_noise,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """Snare wires under the head.

    Args:
        level_db: of the wires beside the head's fundamental.
        spectrum: density at full velocity.
        lag_seconds: time constant with which the head sets them in motion.
        decay_seconds: T60 of the first part, which follows the head.
        tail_db, tail_decay_seconds: level and T60 of the rattle that stays.
        rattle: 0…1, how much the head's swing chops the noise into single knocks.
        softening_db: loss in dB per octave above 1 kHz towards velocity 0.
    """

    level_db: float
    spectrum: Curve
    lag_seconds: float = 0.006
    decay_seconds: float = 0.35
    tail_db: float = -16.0
    tail_decay_seconds: float = 0.7
    rattle: float = 0.5
    softening_db: float = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """A kick, tom or snare.

    Args:
        fundamental_hz: of the (0, 1) mode at rest.
        decay_seconds: its T60 at full velocity.
        damping: modes at `n` times the fundamental die `n ** damping` times as fast.
        strike_radius: where the stick lands, 0 the centre … 1 the rim.
        drop: relative height of the pitch at a full blow; it falls with `drop_seconds`.
        drop_seconds: time constant of that fall.
        brightness_hz: where the stick's contact rolls the spectrum off, at full velocity.
        softening_octaves: by how much that falls towards velocity 0.
        partner: ratio of a second, weaker fundamental (the other head) and its level in dB.
        haze_db, haze: level and spectrum of the dense upper modes, taken as decaying noise.
        haze_decay_seconds: T60 of the haze at 1 kHz; it falls with frequency by the power `haze_damping`.
        click_db, click_hz, click_seconds: the stick or beater itself.
        wires: of a snare.
        drive: 0 or more, how hard the close microphone and its desk saturate at full velocity.
        seed: which of many drums of this make: tuning flaws of its head.
    """

    fundamental_hz: float
    decay_seconds: float
    damping: float = 0.8
    strike_radius: float = 0.3
    drop: float = 0.08
    drop_seconds: float = 0.05
    brightness_hz: float = 800.0
    softening_octaves: float = 1.5
    partner: tuple[float, float] = (1.0, -200.0)
    haze_db: float = -20.0
    haze: Curve = ((100.0, 0.0), (2_000.0, -6.0), (20_000.0, -30.0))
    haze_decay_seconds: float = 0.4
    haze_damping: float = 0.5
    click_db: float = -20.0
    click_hz: float = 3_000.0
    click_seconds: float = 0.012
    wires: Wires | None = None
    drive: float = 0.0
    seed: int = 0


@cache
def _membrane_modes(
    orders: int = 9, radial: int = 5, highest_ratio: float = 7.0
) -> tuple[tuple[int, float, float], ...]:
    """Return `(order, zero, zero / first zero)` of the modes of an ideal membrane, lowest first."""
    from scipy.special import jn_zeros

    first = float(jn_zeros(0, 1)[0])
    found = [(m, float(zero), float(zero) / first) for m in range(orders) for zero in jn_zeros(m, radial)]
    return tuple(sorted((mode for mode in found if mode[2] <= highest_ratio), key=lambda mode: mode[2]))


def strike_membrane(
    drum: Membrane, velocity: float, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return one hit, `(frames,)`."""
    stretch = 0.8 + 0.2 * velocity
    decay = drum.decay_seconds * stretch
    haze_decays = _haze_decays(drum, stretch)
    wires_end = max(drum.wires.decay_seconds, drum.wires.tail_decay_seconds * 0.8) if drum.wires else 0.0
    t = seconds_of(max(decay, wires_end, haze_decays[0][1] * 0.7) + 0.02, sample_rate_hz)

    head = _head(drum, velocity, decay, t, sample_rate_hz, rng)
    colour = dimmed(drum.haze, 4.0 * (1.0 - velocity))
    haze = decaying_noise(t, colour, haze_decays, sample_rate_hz, rng)
    sound = head.sound + haze * amplitude(drum.haze_db - 4.0 * (1.0 - velocity) + rng.normal(0.0, 0.5))
    hardness = drum.click_hz * 2.0 ** (-0.8 * (1.0 - velocity))
    stick = click(t, hardness, drum.click_seconds, sample_rate_hz, rng)
    sound += stick * amplitude(drum.click_db - 12.0 * (1.0 - velocity) + rng.normal(0.0, 0.7))
    if drum.wires is not None:
        sound += _wires(drum.wires, velocity, head.swing, t, sample_rate_hz, rng)
    peak = np.abs(sound).max() + 1e-12
    return finish(saturate(sound / peak, drum.drive * velocity), sample_rate_hz)


def _haze_decays(drum: Membrane, stretch: float) -> Curve:
    octaves = (125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0)
    return tuple((f, drum.haze_decay_seconds * stretch * (f / 1_000.0) ** -drum.haze_damping) for f in octaves)


@dataclass(frozen=True, eq=False)
class _Head:
    """The head's sound, and the swing of its fundamental (-1…1) that the wires feel."""

    sound: Signal
    swing: Signal


def _head(
    drum: Membrane, velocity: float, decay: float, t: Signal, sample_rate_hz: int, rng: np.random.Generator
) -> _Head:
    from scipy.special import jv  # slow to load

    flaws = np.random.default_rng(drum.seed)
    contact_hz = drum.brightness_hz * 2.0 ** (-drum.softening_octaves * (1.0 - velocity))
    radius = float(np.clip(drum.strike_radius + 0.05 * rng.standard_normal(), 0.02, 0.95))
    # A blow stretches the skin by the square of its height, and the pitch with it; all modes glide together, so the
    # glide is a warp of their common time axis, in closed form.
    rise = drum.drop * velocity**1.5
    warped = t - rise * drum.drop_seconds * np.expm1(-t / drum.drop_seconds)
    sound = np.zeros(len(t))
    pitch = drum.fundamental_hz * (1.0 + 0.002 * rng.standard_normal())
    swing = np.zeros(len(t))
    partials: list[tuple[float, float, float]] = []
    for order, zero, ratio in _membrane_modes():
        level = float(jv(order, zero * radius)) / abs(float(jv(order + 1, zero)))
        # Two copies of each mode without circular symmetry, split by an uneven head: they beat.
        split = 0.006 * flaws.standard_normal() if order else 0.0
        hertz = pitch * ratio * (1.0 + 0.004 * flaws.standard_normal() * (ratio > 1))
        if order:
            share = flaws.uniform(0.3, 0.7)
            partials += [(hertz, level * share, ratio), (hertz * (1.0 + split), level * (1.0 - share), ratio)]
        else:
            partials.append((hertz, level, ratio))
    partials.append((pitch * drum.partner[0], float(amplitude(drum.partner[1])) * partials[0][1], 1.0))
    reference = abs(partials[0][1])
    for hertz, level, ratio in partials:
        level = level / reference / (1.0 + (hertz / contact_hz) ** 2)
        if hertz > 0.46 * sample_rate_hz or abs(level) < 3.2e-4:
            continue
        dies = decay * ratio**-drum.damping
        # Followed down to 70 dB below the fundamental's start, no further.
        heard = dies * (70.0 + 20.0 * np.log10(abs(level))) / 60.0
        frames = min(len(t), max(0, round(heard * sample_rate_hz)))
        cycles = hertz * warped[:frames]
        wave = np.sin((2.0 * np.pi * (cycles - np.floor(cycles))).astype(np.float32))
        partial = wave * decay_envelope(t[:frames], dies)
        sound[:frames] += level * partial
        if not swing.any():
            swing[:frames] = partial
    return _Head(sound * -np.expm1(-t / (0.25 / contact_hz)), swing)


def _wires(
    wires: Wires, velocity: float, swing: Signal, t: Signal, sample_rate_hz: int, rng: np.random.Generator
) -> Signal:
    stretch = 0.7 + 0.3 * velocity
    colour = dimmed(wires.spectrum, wires.softening_db * (1.0 - velocity))
    decays = tuple(
        (f, wires.decay_seconds * stretch * (f / 1_000.0) ** -0.12) for f in (250.0, 1_000.0, 4_000.0, 16_000.0)
    )
    body = decaying_noise(t, colour, decays, sample_rate_hz, rng)
    # What still rattles at the end moves too little to hiss.
    tail = shaped_noise(t, dimmed(colour, 3.0), sample_rate_hz, rng) * amplitude(wires.tail_db)
    tail *= decay_envelope(t, wires.tail_decay_seconds * stretch)
    lag = -np.expm1(-t / (wires.lag_seconds * (1.4 - 0.4 * velocity)))
    knocks = 1.0 - wires.rattle * np.abs(swing) ** 0.5 + 2.2 * wires.rattle * np.maximum(swing, 0.0)
    level = amplitude(wires.level_db - (1.0 - velocity) + rng.normal(0.0, 0.6))
    return (body + tail) * lag * knocks * level
