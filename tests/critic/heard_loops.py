"""Sounds, loops and audio files for the critic's tests."""

import numpy as np
import soundfile

from ghostnote.critic.spectrum import HEARD_RATE_HZ
from ghostnote.loops import Loop, Pattern, pattern_of_text, render_loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool, draw_sound
from ghostnote.sounds.sound import MASTER_RATE_HZ, SynthSound

LONG = SynthSound("kick", (0.123,), 77)
"""A noise of four seconds, longer than any bar here."""


def sounds_and_bank(seed: int = 3, count: int = 16) -> tuple[tuple, SoundBank]:
    bank = SoundBank()
    frames = 4 * MASTER_RATE_HZ
    noise = np.random.default_rng(0).standard_normal(frames) * np.linspace(0.3, 0.0, frames)
    bank.add(LONG, noise.astype(np.float32))
    return draw_pool(count, seed), bank


def random_loop(rng, sounds, *, steps=16, rows=4, density=0.4, tempo_bpm=120.0, swing=0.0, played=False) -> Loop:
    hits = (rng.random((steps, rows)) < density).astype(np.float32)
    hits[0, 0] = 1
    velocities = np.where(hits > 0, rng.uniform(0.2, 1.0, hits.shape), 0) if played else hits
    chosen = tuple(sounds[i] for i in rng.integers(0, len(sounds), rows))
    return Loop(Pattern(hits, velocities.astype(np.float32)), chosen, tempo_bpm, swing)


def steady_beat(tempo_bpm: float) -> Loop:
    """A kick on the one, a snare on two and four, hats."""
    rng = np.random.default_rng(5)
    sounds = tuple(draw_sound(rng, family) for family in ("kick", "snare", "closed_hat"))
    return Loop(pattern_of_text("x---------x-----", "----x-------x---", "x-x-x-x-x-x-x-x-"), sounds, tempo_bpm)


def audio_of(loop: Loop, bank: SoundBank, repeats: float, *, lead_seconds: float = 0.0, noise: float = 0.003, seed=0):
    """`repeats` bars at the heard rate, at half scale, in a little noise, after a lead of nothing else."""
    bar = render_loop(loop, bank, HEARD_RATE_HZ)
    played = np.tile(0.5 * bar / np.abs(bar).max(), int(np.ceil(repeats)))[: round(repeats * len(bar))]
    audio = np.concatenate([np.zeros(round(lead_seconds * HEARD_RATE_HZ), np.float32), played])
    return audio + noise * np.random.default_rng(seed).standard_normal(len(audio)).astype(np.float32)


def write_loop(path, loop: Loop, bank: SoundBank, repeats: int = 1, rate: int = 44_100, **options) -> None:
    bar = render_loop(loop, bank, rate)
    soundfile.write(path, np.tile(0.5 * bar / np.abs(bar).max(), repeats), rate, **options)


def area_under_curve(scores, good) -> float:
    """Share of pairs of a good and another one in which the good one scores higher."""
    return float(np.mean(np.asarray(scores)[good][:, None] > np.asarray(scores)[~good][None]))
