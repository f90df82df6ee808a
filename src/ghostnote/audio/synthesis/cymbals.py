"""Acoustic cymbals and hi-hats: hundreds of inharmonic modes, each with its own decay, and the stick on top.

Source: Fletcher and Rossing, The Physics of Musical Instruments, chapter 20: the density of a plate's modes is constant
over frequency; energy moves from the low modes to the high ones in the first tens of milliseconds after the stroke, so
the highs bloom late; highs die first. The modes are linear here: the bloom is an envelope, not chaos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import (
    T60_NEPERS,
    Curve,
    amplitude,
    click,
    decaying_noise,
    dimmed,
    finish,
    modal_bank,
    on_curve,
    seconds_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cymbal:
    """A crash, ride or hi-hat.

    Args:
        lowest_hz: of the modes.
        modes: how many lie between there and 18 kHz.
        spectrum: energy density over frequency at full velocity, dB.
        decays: T60 over frequency at full velocity.
        contrast_db: spread of the modes' levels; more makes single modes ring out of the wash.
        blooms: time constant of the build-up over frequency, seconds.
        bloom_depth: 0…1, how much of each mode waits for the build-up.
        partials: `(hertz, level_db, decay_seconds)` of modes that stand out: the bell, the ping of a ride.
        stick_db, stick_hz, stick_seconds: level (beside the peak), colour and T60 of the stick.
        air_db, air, air_decays: level, spectrum and T60 of noise: two hi-hats that touch, chaos of a hard crash.
        softening_db: loss in dB per octave above 1.5 kHz towards velocity 0.
        shortening: share of the decay that is lost towards velocity 0.
        seed: which of many cymbals of this make: where its modes lie.
    """

    lowest_hz: float
    modes: int
    spectrum: Curve
    decays: Curve
    contrast_db: float = 6.0
    blooms: Curve = ((100.0, 0.002), (20_000.0, 0.002))
    bloom_depth: float = 0.0
    partials: tuple[tuple[float, float, float], ...] = ()
    stick_db: float = -12.0
    stick_hz: float = 5_000.0
    stick_seconds: float = 0.01
    air_db: float = -200.0
    air: Curve = ((2_000.0, -20.0), (8_000.0, 0.0), (20_000.0, 0.0))
    air_decays: Curve = ((1_000.0, 0.1), (20_000.0, 0.1))
    softening_db: float = 4.0
    shortening: float = 0.25
    seed: int = 0


def strike_cymbal(
    cymbal: Cymbal, velocity: float, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return one hit, `(frames,)`."""
    stretch = 1.0 - cymbal.shortening * (1.0 - velocity)
    longest = max(decay for _, decay in cymbal.decays + tuple((f, d) for f, _, d in cymbal.partials))
    t = seconds_of(longest * stretch, sample_rate_hz)

    make = np.random.default_rng(cymbal.seed)
    spacing = (18_000.0 - cymbal.lowest_hz) / cymbal.modes
    hertz = cymbal.lowest_hz + spacing * (np.arange(cymbal.modes) + make.uniform(-0.5, 0.5, cymbal.modes))
    hertz = np.maximum(hertz, cymbal.lowest_hz * 0.9)
    strength = amplitude(make.normal(0.0, cymbal.contrast_db, cymbal.modes))
    strength /= np.sqrt(np.mean(strength**2))
    lasting = np.exp(make.normal(0.0, 0.05 * cymbal.contrast_db, cymbal.modes))
    # Each stroke lands elsewhere, and lifts some modes and not others.
    strength = strength * amplitude(rng.normal(0.0, 2.5, cymbal.modes))
    phase = rng.uniform(0.0, 2.0 * np.pi, cymbal.modes)
    colour = dimmed(cymbal.spectrum, cymbal.softening_db * (1.0 - velocity), pivot_hz=1_500.0)
    level = amplitude(on_curve(colour, hertz)) * strength * np.sqrt(2.0 / cymbal.modes)
    decay = on_curve(cymbal.decays, hertz) * stretch * np.minimum(lasting, 1.6)

    if cymbal.bloom_depth > 0:
        # 1 - depth * exp(-t / rise) is one more exponential on the same mode, so the bank can play it too.
        rise = on_curve(cymbal.blooms, hertz) * (1.4 - 0.4 * velocity)
        faster = 1.0 / (1.0 / decay + 1.0 / (T60_NEPERS * rise))
        hertz, phase = np.tile(hertz, 2), np.tile(phase, 2)
        level, decay = np.concatenate([level, -cymbal.bloom_depth * level]), np.concatenate([decay, faster])
    if cymbal.partials:
        at, db, t60 = np.array(cymbal.partials).T
        hertz = np.concatenate([hertz, at * (1.0 + 0.0005 * rng.standard_normal(len(at)))])
        dim = cymbal.softening_db * (1.0 - velocity) * np.maximum(np.log2(at / 1_500.0), 0.0)
        level = np.concatenate([level, amplitude(db - dim + rng.normal(0.0, 1.0, len(at)))])
        phase = np.concatenate([phase, rng.uniform(0.0, 2.0 * np.pi, len(at))])
        decay = np.concatenate([decay, t60 * stretch])
    sound = modal_bank(hertz, decay, level, phase, len(t), sample_rate_hz)

    if cymbal.air_db > -100:
        air = dimmed(cymbal.air, cymbal.softening_db * (1.0 - velocity), pivot_hz=1_500.0)
        decays = tuple((f, d * stretch) for f, d in cymbal.air_decays)
        sound += decaying_noise(t, air, decays, sample_rate_hz, rng) * amplitude(cymbal.air_db)
    peak = np.abs(sound).max() + 1e-12
    stick = click(t, cymbal.stick_hz * 2.0 ** (-0.5 * (1.0 - velocity)), cymbal.stick_seconds, sample_rate_hz, rng)
    sound += stick * peak * amplitude(cymbal.stick_db - 8.0 * (1.0 - velocity) + rng.normal(0.0, 0.7))
    return finish(sound, sample_rate_hz, fade_seconds=min(0.2, 0.25 * len(t) / sample_rate_hz), cut_hz=80.0)
