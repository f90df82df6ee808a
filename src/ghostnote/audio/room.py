"""A small room around the kit: early reflections and a short diffuse tail, as one stereo impulse response."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import Curve, decaying_noise, seconds_of, shaped_noise

_COLOUR: Curve = ((60.0, -14.0), (200.0, -2.0), (1_000.0, 0.0), (5_000.0, -3.0), (12_000.0, -12.0), (20_000.0, -24.0))


@dataclass(frozen=True, slots=True)
class Room:
    """Args:
    decay_seconds: T60 at 1 kHz; lows ring somewhat longer, highs shorter.
    first_seconds: when the first reflection comes.
    reflections: number of early ones on each side.
    early_share: 0…1, part of the energy in them; the rest is the tail.
    seed: which room.
    """

    decay_seconds: float = 0.3
    first_seconds: float = 0.004
    reflections: int = 9
    early_share: float = 0.5
    seed: int = 0


def impulse_response(room: Room, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return the room's answer to a click, `(frames, 2)`, of unit energy in the mean of both sides."""
    rng = np.random.default_rng(room.seed)
    t = seconds_of(room.decay_seconds, sample_rate_hz)
    decays = ((125.0, 1.2), (1_000.0, 1.0), (4_000.0, 0.8), (16_000.0, 0.45))
    scaled = tuple((hertz, share * room.decay_seconds) for hertz, share in decays)
    sides = []
    for _ in range(2):
        tail = decaying_noise(t, _COLOUR, scaled, sample_rate_hz, rng)
        tail *= -np.expm1(-t / 0.012)
        early = np.zeros(len(t))
        at = room.first_seconds * (1.0 + np.cumsum(rng.exponential(0.6, room.reflections)))
        for when in at[at < t[-1] - 0.01]:
            # A wall answers with a short smear, not with a copy.
            smear = shaped_noise(t[:64], _COLOUR, sample_rate_hz, rng) * np.exp(-np.arange(64) / 8.0)[: min(64, len(t))]
            start = round(when * sample_rate_hz)
            early[start : start + 64] += smear * room.first_seconds / when
        tail /= np.sqrt(np.sum(tail**2))
        early /= np.sqrt(np.sum(early**2))
        sides.append(np.sqrt(room.early_share) * early + np.sqrt(1.0 - room.early_share) * tail)
    return np.stack(sides, axis=1).astype(np.float32)


def in_room(sound: NDArray[np.float32], room: Room, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return what the room answers to `sound` `(frames,)`: `(frames + response - 1, 2)`."""
    from scipy.fft import irfft, next_fast_len, rfft  # slow to load

    frames = len(sound) + round(room.decay_seconds * sample_rate_hz) - 1
    # Few sizes, so that the response's own transform is seldom made anew.
    quarter = 1 << max(0, frames.bit_length() - 3)
    size = next_fast_len(-(-frames // quarter) * quarter, real=True)
    response = _transfer(room, sample_rate_hz, size)
    spectrum = rfft(sound.astype(np.float32), size)
    sides = [irfft(spectrum * side, size)[:frames] for side in response]
    return np.stack(sides, axis=1)


@lru_cache(maxsize=16)
def _transfer(room: Room, sample_rate_hz: int, size: int) -> NDArray[np.complex64]:
    from scipy.fft import rfft

    return np.asarray(rfft(np.ascontiguousarray(impulse_response(room, sample_rate_hz).T), size, axis=1))
