"""One door to all families of drums: a design, a velocity and a generator in, a hit out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.analogue import (
    MetalBank,
    SweptDrum,
    TonedNoise,
    strike_metal_bank,
    strike_swept_drum,
    strike_toned_noise,
)
from ghostnote.audio.synthesis.cymbals import Cymbal, strike_cymbal
from ghostnote.audio.synthesis.membranes import Membrane, strike_membrane
from ghostnote.errors import InvalidParameter

Design = SweptDrum | TonedNoise | MetalBank | Membrane | Cymbal

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000


def strike(design: Design, velocity: float, *, sample_rate_hz: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return one hit of `design`, dry and in mono.

    The same design, velocity, rate and state of `rng` give the same samples. Levels are those of the model: `Kit`
    brings hits to the loudness that their velocity calls for.

    Args:
        design: parameters of any family.
        velocity: in (0, 1].
        sample_rate_hz: 8,000…192,000.
        rng: of this very hit; two states are two takes of one drum.

    Returns:
        `(frames,)` float32, without a constant part, ending on exact zero.

    Raises:
        InvalidParameter: velocity or sample rate out of range.
    """
    if not 0.0 < velocity <= 1.0:
        raise InvalidParameter(f"velocity must lie in (0, 1]; got {velocity}. Is this a MIDI velocity? Divide by 127.")
    if not LOWEST_RATE_HZ <= sample_rate_hz <= HIGHEST_RATE_HZ:
        raise InvalidParameter(f"sample_rate_hz must lie in {LOWEST_RATE_HZ}…{HIGHEST_RATE_HZ}; got {sample_rate_hz}")
    match design:
        case SweptDrum():
            return strike_swept_drum(design, velocity, sample_rate_hz, rng)
        case TonedNoise():
            return strike_toned_noise(design, velocity, sample_rate_hz, rng)
        case MetalBank():
            return strike_metal_bank(design, velocity, sample_rate_hz, rng)
        case Membrane():
            return strike_membrane(design, velocity, sample_rate_hz, rng)
        case Cymbal():
            return strike_cymbal(design, velocity, sample_rate_hz, rng)
