"""Drums as analogue circuits make them: swept sines, noise through filters, banks of square waves.

Each voice is a frozen dataclass of parameters and a function that strikes it. `velocity` lies in (0, 1] and changes the
sound itself: depth of the pitch sweep, click, drive, noise and length. Levels between voices are the kit's affair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import (
    Curve,
    amplitude,
    click,
    decay_envelope,
    decaying_noise,
    dimmed,
    finish,
    modal_bank,
    saturate,
    seconds_of,
    shaped_noise,
    swept_phase,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptDrum:
    """A kick or tom of one oscillator whose pitch falls.

    Args:
        pitch_hz: where the pitch comes to rest.
        decay_seconds: T60 of the tone at full velocity.
        hold_seconds: how long it stays loud before it falls.
        sweep_octaves, sweep_seconds: height of the fall at full velocity, and its time constant.
        snap_octaves, snap_seconds: a second, much quicker fall on top, which is heard as the beater.
        drive: how hard the tone is bent by saturation at full velocity; adds odd harmonics.
        click_db, click_hz: level and colour of the trigger pulse.
        noise_db, noise, noise_decay_seconds: level, spectrum and T60 of the noise beside the tone.
    """

    pitch_hz: float
    decay_seconds: float
    hold_seconds: float = 0.0
    sweep_octaves: float = 1.0
    sweep_seconds: float = 0.03
    snap_octaves: float = 0.0
    snap_seconds: float = 0.004
    drive: float = 0.0
    click_db: float = -24.0
    click_hz: float = 3_000.0
    noise_db: float = -200.0
    noise: Curve = ((20.0, 0.0), (20_000.0, 0.0))
    noise_decay_seconds: float = 0.1


def strike_swept_drum(
    drum: SweptDrum, velocity: float, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return one hit, `(frames,)`."""
    decay = drum.decay_seconds * (0.72 + 0.28 * velocity)
    t = seconds_of(drum.hold_seconds + decay + 0.03, sample_rate_hz)
    pitch = drum.pitch_hz * (1.0 + 0.002 * rng.standard_normal())
    effort = 0.3 + 0.7 * velocity
    sweeps = tuple(
        (pitch * (2.0 ** (octaves * effort) - 1.0), tau)
        for octaves, tau in ((drum.sweep_octaves, drum.sweep_seconds), (drum.snap_octaves, drum.snap_seconds))
        if octaves > 0
    )
    envelope = decay_envelope(np.maximum(t - drum.hold_seconds, 0.0), decay)
    envelope *= -np.expm1(-t / 0.0006)
    # A slight cosine start gives the front edge its push; a pure sine begins too politely.
    tone = np.sin(swept_phase(t, pitch, sweeps) + 0.35) * envelope
    if drum.drive > 0:
        drive = drum.drive * velocity**0.7
        tone = saturate(tone, drive)
    level = amplitude(drum.click_db - 14.0 * (1.0 - velocity) + rng.normal(0.0, 0.7))
    sound = tone + level * click(t, drum.click_hz, 0.012, sample_rate_hz, rng)
    if drum.noise_db > -100:
        noise = shaped_noise(t, dimmed(drum.noise, 6.0 * (1.0 - velocity)), sample_rate_hz, rng)
        level = amplitude(drum.noise_db - 6.0 * (1.0 - velocity))
        sound = sound + noise * level * decay_envelope(t, drum.noise_decay_seconds, attack_seconds=0.0008)
    return finish(sound, sample_rate_hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class TonedNoise:
    """A snare (or clap, or rim) of a few short tones and a burst of noise.

    Args:
        tones: `(hertz, level_db, decay_seconds)` of each.
        sweep_octaves, sweep_seconds: fall of all tones at full velocity.
        noise: spectrum of the noise at full velocity, dB.
        noise_db: its level beside the tones.
        noise_decays: T60 over frequency.
        noise_attack_seconds: time constant of its rise.
        snap_db: level of a 5 ms burst at the front.
        softening_db: how many dB per octave above 1 kHz the noise loses towards velocity 0.
        drive: saturation of the whole at full velocity.
    """

    tones: tuple[tuple[float, float, float], ...]
    noise: Curve
    noise_decays: Curve
    noise_db: float = -6.0
    noise_attack_seconds: float = 0.0005
    sweep_octaves: float = 0.4
    sweep_seconds: float = 0.012
    snap_db: float = -12.0
    softening_db: float = 4.0
    drive: float = 0.0


def strike_toned_noise(
    snare: TonedNoise, velocity: float, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return one hit, `(frames,)`."""
    stretch = 0.75 + 0.25 * velocity
    longest = max([decay for _, _, decay in snare.tones] + [decay for _, decay in snare.noise_decays])
    t = seconds_of(longest * stretch + 0.02, sample_rate_hz)
    tone = np.zeros(len(t))
    bend = 2.0 ** (snare.sweep_octaves * (0.3 + 0.7 * velocity)) - 1.0
    for hertz, level_db, decay in snare.tones:
        pitch = hertz * (1.0 + 0.003 * rng.standard_normal())
        phase = swept_phase(t, pitch, ((pitch * bend, snare.sweep_seconds),))
        tone += np.sin(phase + 0.2) * amplitude(level_db) * decay_envelope(t, decay * stretch, attack_seconds=0.0004)
    colour = dimmed(snare.noise, snare.softening_db * (1.0 - velocity))
    decays = tuple((hertz, decay * stretch) for hertz, decay in snare.noise_decays)
    rises = ((20.0, snare.noise_attack_seconds), (20_000.0, snare.noise_attack_seconds))
    noise = decaying_noise(t, colour, decays, sample_rate_hz, rng, rises_seconds=rises)
    snap = shaped_noise(t, colour, sample_rate_hz, rng) * decay_envelope(t, 0.018)
    sound = tone + noise * amplitude(snare.noise_db - 1.5 * (1.0 - velocity) + rng.normal(0.0, 0.5))
    sound += snap * amplitude(snare.snap_db - 8.0 * (1.0 - velocity))
    return finish(saturate(sound, snare.drive * velocity), sample_rate_hz)


@dataclass(frozen=True, slots=True)
class MetalBand:
    """One filtered and enveloped copy of the square-wave bank.

    Args:
        low_hz, high_hz: edges of the band, where it is 3 dB down.
        level_db: of the band.
        decay_seconds: T60.
        attack_seconds: time constant of the rise.
    """

    low_hz: float
    high_hz: float
    level_db: float
    decay_seconds: float
    attack_seconds: float = 0.0002


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalBank:
    """A hi-hat or cymbal of detuned square waves in bands.

    The squares are built from their odd harmonics below the Nyquist frequency, so they do not alias, and run freely:
    each hit meets them at other phases, as in a circuit.

    Args:
        oscillators_hz: fundamentals, in no simple ratio to each other.
        bands: of the bank.
        noise_db, noise, noise_decays: level, spectrum and T60 over frequency of noise mixed in.
        softening_db: loss in dB per octave above 5 kHz towards velocity 0.
        drive: saturation, which sets the squares against each other.
    """

    oscillators_hz: tuple[float, ...]
    bands: tuple[MetalBand, ...]
    noise_db: float = -12.0
    noise: Curve = ((3_000.0, -30.0), (8_000.0, 0.0), (20_000.0, 0.0))
    noise_decays: Curve = ((20.0, 0.1), (20_000.0, 0.1))
    softening_db: float = 5.0
    drive: float = 0.0


def strike_metal_bank(
    bank: MetalBank, velocity: float, sample_rate_hz: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return one hit, `(frames,)`."""
    stretch = 0.6 + 0.4 * velocity
    longest = max([band.decay_seconds for band in bank.bands] + [decay for _, decay in bank.noise_decays])
    t = seconds_of(longest * stretch + 0.01, sample_rate_hz)
    hertz, level, phase = [], [], []
    for fundamental in bank.oscillators_hz:
        pitch = fundamental * (1.0 + 0.002 * rng.standard_normal())
        harmonics = np.arange(1, max(2, int(22_000 / pitch)), 2)
        hertz.append(pitch * harmonics)
        level.append(1.0 / harmonics)
        phase.append(harmonics * rng.uniform(0, 2 * np.pi))
    f, a, p = np.concatenate(hertz), np.concatenate(level), np.concatenate(phase)
    dim = amplitude(-bank.softening_db * (1.0 - velocity) * np.maximum(np.log2(f / 5_000.0), 0.0))
    sound = np.zeros(len(t))
    for band in bank.bands:
        # Fourth-order slopes below and second-order ones above the band, as magnitudes of Butterworth filters.
        shape = 1.0 / np.sqrt(1.0 + (band.low_hz / f) ** 8) / np.sqrt(1.0 + (f / band.high_hz) ** 4)
        tone = modal_bank(f, band.decay_seconds * stretch, a * shape * dim, p, len(t), sample_rate_hz)
        if band.attack_seconds > 0:
            tone *= -np.expm1(-t / (band.attack_seconds * (1.5 - 0.5 * velocity)))
        # Each band is brought to one level first, so that `level_db` means what it says whatever the filter left.
        tone *= amplitude(band.level_db) / (np.sqrt(np.mean(tone[: max(1, len(t) // 20)] ** 2)) + 1e-9)
        sound += tone
    decays = tuple((at, decay * stretch) for at, decay in bank.noise_decays)
    colour = dimmed(bank.noise, bank.softening_db * (1.0 - velocity), pivot_hz=5_000.0)
    sound += decaying_noise(t, colour, decays, sample_rate_hz, rng) * amplitude(bank.noise_db)
    return finish(saturate(sound, bank.drive * velocity), sample_rate_hz, cut_hz=150.0)
