"""Loops and sounds for the tests: short samples that are told apart, long ones that wrap round several times."""

import numpy as np

from ghostnote.loops import Loop, Pattern, pattern_of_text
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, Sound, SynthSound


def sound(number: int = 0, family: str = "kick") -> SynthSound:
    return SynthSound(family, (number % 10_000 / 10_000,), number)


def recording(number: int = 0, name: str = "sn_rec.wav") -> FileSound:
    return FileSound(f"{number:032x}", name)


def bank_of(**seconds: float) -> tuple[SoundBank, list[Sound]]:
    """A bank with one decaying noise for each keyword, that long."""
    bank, sounds = SoundBank(), []
    for number, length in enumerate(seconds.values()):
        frames = round(length * MASTER_RATE_HZ)
        noise = np.random.default_rng(number).standard_normal(frames)
        made = sound(number)
        bank.add(made, (0.3 * noise * np.linspace(1, 0, frames)).astype(np.float32))
        sounds.append(made)
    return bank, sounds


def loop(*rows: str, **settings) -> Loop:
    rows = rows or ("x---x---x---x---", "----x-------x---", "x-x-x-x-x-x-x-x-", "---------------x")
    return Loop(pattern_of_text(*rows), tuple(sound(i) for i in range(len(rows))), **settings)


def played_pattern(rng: np.random.Generator, steps: int = 16, rows: int = 4) -> Pattern:
    """A pattern of chance with velocities and offsets."""
    hits = rng.random((steps, rows)) < 0.4
    velocities = np.where(hits, rng.uniform(0.05, 1.0, hits.shape), 0.0)
    offsets = np.where(hits, rng.uniform(-0.5, 0.499, hits.shape), 0.0)
    return Pattern(hits.astype(np.float32), velocities.astype(np.float32), offsets.astype(np.float32))
