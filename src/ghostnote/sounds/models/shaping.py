"""What all models share: levels, drive, tone, and the way from a machine to a real drum."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis import Design, strike
from ghostnote.audio.synthesis.elements import Signal, amplitude, saturate
from ghostnote.sounds.models.family import Parameter
from ghostnote.sounds.sound import MASTER_RATE_HZ

RATE = MASTER_RATE_HZ

Take = Callable[[np.random.Generator], Signal]
"""Makes one hit, `(frames,)`, at any level."""

ACOUSTIC = Parameter("acoustic", 0.0, 1.0)
"""0 a circuit, 1 a real drum; both in the middle."""

DRIVE = Parameter("drive", 0.0, 1.0)
TONE = Parameter("tone_db", -14.0, 10.0)

_MIXED = (0.38, 0.62)
"""Between these shares the machine and the real drum sound together; beyond, only one is made, which saves its time."""


def unit(signal: NDArray[np.floating]) -> Signal:
    """Return `signal` with a peak of 1, or as it is if it is silent."""
    peak = float(np.abs(signal).max(initial=0.0))
    return np.asarray(signal / peak if peak > 0 else signal, dtype=np.float64)


def driven(signal: NDArray[np.floating], drive: float) -> Signal:
    """Return `signal` through saturation, `drive` in 0…1; the upper half is plain distortion."""
    return saturate(unit(signal), 9.0 * drive**2)


def shelved(signal: Signal, hertz: float, gain_db: float) -> Signal:
    """Return `signal` with `gain_db` on what lies above `hertz`, by a shelf of first order."""
    from scipy.signal import lfilter  # slow to load

    pole = float(np.exp(-2 * np.pi * hertz / RATE))
    highs = lfilter([(1 + pole) / 2, -(1 + pole) / 2], [1.0, -pole], signal)
    return np.asarray(signal + (float(amplitude(gain_db)) - 1.0) * highs)


def coloured(signal: NDArray[np.floating], drive: float, tone_db: float, pivot_hz: float) -> Signal:
    """Return `signal` driven, then brighter or duller above `pivot_hz`."""
    return shelved(driven(signal, drive), pivot_hz, tone_db)


def blend(acoustic: float, machine: Take, drum: Take, rng: np.random.Generator) -> Signal:
    """Return the sound of `machine`, of `drum`, or in the middle of the way both, each brought to one peak."""
    # A generator each: what one draws does not change the other, so that neighbours stay neighbours.
    for_machine, for_drum = rng.spawn(2)
    low, high = _MIXED
    share = float(np.clip((acoustic - low) / (high - low), 0.0, 1.0))
    if share == 0.0:
        return unit(machine(for_machine))
    if share == 1.0:
        return unit(drum(for_drum))
    return added(
        unit(machine(for_machine)) * np.cos(0.5 * np.pi * share), unit(drum(for_drum)) * np.sin(0.5 * np.pi * share)
    )


def added(*signals: NDArray[np.floating]) -> Signal:
    """Return the sum of signals of different lengths that start together."""
    total = np.zeros(max(len(signal) for signal in signals))
    for signal in signals:
        total[: len(signal)] += signal
    return total


def struck(design: Design, rng: np.random.Generator) -> Signal:
    """Return one full hit of `design`."""
    return np.asarray(strike(design, 1.0, sample_rate_hz=RATE, rng=rng), dtype=np.float64)


def seed_of(rng: np.random.Generator) -> int:
    """Return a seed for a design that keeps its flaws by seed."""
    return int(rng.integers(2**31))
