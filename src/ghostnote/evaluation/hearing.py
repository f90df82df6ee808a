"""What a one-shot sounds like, in a few numbers from its samples: what simulated listeners judge sounds by.

Written without looking at any critic: nothing here is learned, and nothing was tuned to what learns from it. The
numbers are the usual ones of timbre research (brightness, decay, noisiness, roughness, attack: McAdams et al. 1995,
Peeters et al. 2011), in forms that hold for short percussive sounds.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq
from scipy.signal import hilbert

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats

QUALITIES = ("brightness", "decay", "noisiness", "low", "high", "pitch", "roughness", "attack", "fall")
"""Of a sound, in the order of `describe_sound`:

- brightness: octaves of the spectrum's centre of power above 1 kHz
- decay: log10 of the seconds from the peak until 20 dB below it for good
- noisiness: flatness of the spectrum within half octaves, log10: -0.25 is noise of any colour, tones lie far below
- low: share of the power below 150 Hz; high: share above 5 kHz
- pitch: octaves of the strongest partial below 250 Hz above 60 Hz
- roughness: how much the envelope ripples at 20…150 Hz, against its level
- attack: log10 of the seconds to the peak
- fall: octaves that the spectrum's centre falls from the first 40 ms to the rest
"""
LOW_HZ, HIGH_HZ, PITCH_HZ = 150.0, 5_000.0, (30.0, 250.0)
_ENVELOPE_RATE_HZ = 1000
_FLOOR = 1e-12


def quality(name: str) -> int:
    """Return the column of a quality."""
    return QUALITIES.index(name)


def describe_sound(audio: Floats, sample_rate_hz: int = 44_100) -> Floats:
    """Return the qualities of a one-shot, `(qualities,)` in the order of `QUALITIES`.

    Args:
        audio: `(frames,)`, at any level.
        sample_rate_hz: of `audio`.

    Raises:
        InvalidParameter: it is not one-dimensional, is empty, silent, or not finite.
    """
    samples = np.asarray(audio, dtype=np.float64)
    if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all() or not samples.any():
        raise InvalidParameter(
            f"audio of a sound must be (frames,), finite and not silent; got shape {samples.shape}. Is it stereo?"
        )
    samples = samples / np.abs(samples).max()
    power, frequencies = _spectrum(samples, sample_rate_hz)
    envelope = _envelope(samples, sample_rate_hz)
    peak = int(envelope.argmax())
    heard = np.flatnonzero(envelope >= 0.1 * envelope[peak])
    total = power.sum()
    bass = (frequencies >= PITCH_HZ[0]) & (frequencies <= PITCH_HZ[1])
    strongest = frequencies[bass][power[bass].argmax()] if bass.any() else PITCH_HZ[0]
    return np.array(
        [
            np.log2(_centre(power, frequencies) / 1000),
            np.log10((heard[-1] - peak + 1) / _ENVELOPE_RATE_HZ),
            _flatness(power, frequencies),
            power[frequencies < LOW_HZ].sum() / total,
            power[frequencies > HIGH_HZ].sum() / total,
            np.log2(strongest / 60),
            _ripple(envelope[: heard[-1] + 1]),
            np.log10((peak - heard[0] + 1) / _ENVELOPE_RATE_HZ),
            _fall(samples, sample_rate_hz),
        ]
    )


def _spectrum(samples: Floats, sample_rate_hz: int) -> tuple[Floats, Floats]:
    size = next_fast_len(max(len(samples), 32_768), real=True)
    power = np.abs(rfft(samples, size)) ** 2
    frequencies = rfftfreq(size, 1 / sample_rate_hz)
    heard = (frequencies >= 20) & (frequencies <= 16_000)
    return power[heard] + _FLOOR, frequencies[heard]


def _centre(power: Floats, frequencies: Floats) -> float:
    return float((power * frequencies).sum() / power.sum())


def _flatness(power: Floats, frequencies: Floats) -> float:
    """Return log10 of geometric over arithmetic mean of the power within half octaves, each counted by its power.

    Within half octaves, so that the colour of a noise does not matter, and a pure tone is not flat for being narrow.
    """
    starts = np.unique(np.searchsorted(frequencies, 40 * 2 ** (np.arange(18) / 2)))
    counts = np.diff(starts, append=len(power))
    inside = np.maximum(power, 1e-7 * power.max())
    total = np.add.reduceat(inside, starts)
    flat = np.add.reduceat(np.log(inside), starts) / counts - np.log(total / counts)
    return float((total @ flat) / total.sum() / np.log(10))


def _envelope(samples: Floats, sample_rate_hz: int) -> Floats:
    size = next_fast_len(len(samples) + 64)
    amplitude = np.abs(hilbert(samples, size))[: len(samples)]
    hop = max(1, round(sample_rate_hz / _ENVELOPE_RATE_HZ))
    padded = np.pad(amplitude, (0, -len(amplitude) % hop))
    return np.asarray(np.sqrt((padded.reshape(-1, hop) ** 2).mean(axis=1)) + 1e-9)


def _ripple(envelope: Floats) -> float:
    """Return log10 of what lies between 20 and 150 Hz in the envelope, against its level."""
    size = next_fast_len(max(len(envelope), 64), real=True)
    level = np.log(envelope / envelope.max() + 0.03)
    level = level - np.linspace(level[0], level[-1], len(level))
    spectrum = rfft(level, size)
    frequencies = rfftfreq(size, 1 / _ENVELOPE_RATE_HZ)
    band = irfft(np.where((frequencies >= 20) & (frequencies <= 150), spectrum, 0), size)[: len(envelope)]
    return float(np.log10(band.std() + 1e-3))


def _fall(samples: Floats, sample_rate_hz: int) -> float:
    split = round(0.04 * sample_rate_hz)
    if len(samples) < 2 * split or (samples[split:] ** 2).sum() < 1e-5 * (samples[:split] ** 2).sum():
        return 0.0
    early, late = (_centre(*_spectrum(part, sample_rate_hz)) for part in (samples[:split], samples[split:]))
    return float(np.clip(np.log2(early / late), -4, 4))
