"""Where simulated listeners listen: a pool of sounds with a generator of random loops, and how its loops are heard.

Two worlds: sounds of ours, and recorded one-shots of Debian's `sonic-pi-samples`. Everything that listeners judge by is
measured here from audio and patterns, cached by sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.diversity import mean_of_pairs, pattern_distances, picture_distances, picture_of
from ghostnote.evaluation.hearing import describe_sound
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.listeners import Ear, Listener, tune
from ghostnote.evaluation.traits import Heard, measure_traits
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.pool import SoundPool
from ghostnote.loops import Loop, render_loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool
from ghostnote.sounds.recordings import read_recording
from ghostnote.sounds.sound import MASTER_RATE_HZ, Sound

WORLDS = ("synthesised", "recorded")
POOL_SIZE, POOL_SEED = 400, 20
SAMPLES = Path("/usr/share/sonic-pi/samples")
PREFIXES = ("bd", "sn", "drum", "elec", "perc", "hat", "tabla")
"""Of the names of recorded one-shots; the others there are loops, chords and atmospheres."""

TUNING_LOOPS, TUNING_SEED = 6000, 77

_DECIMALS = 3
"""Of the numbers in a fingerprint: beyond these, processors differ."""


@dataclass(frozen=True, eq=False)
class World:
    """A pool of sounds, the generator on it, and ears for its loops.

    Args:
        name: of `WORLDS`.
        generator: draws loops of the pool.
        bank: holds the sounds.
        tuning_loops: how many random loops set what is usual.
    """

    name: str
    generator: RandomGrid
    bank: SoundBank
    tuning_loops: int = TUNING_LOOPS
    _described: dict[str, Floats] = field(default_factory=dict, repr=False)
    _ears: dict[str, Ear] = field(default_factory=dict, repr=False)
    _tuning: dict[str, Floats] = field(default_factory=dict, repr=False)

    def traits(self, loops: Sequence[Loop]) -> Floats:
        """Return the traits of loops of one shape, `(loops, traits)`."""
        sounds = np.stack([[self._describe(sound) for sound in loop.sounds] for loop in loops])
        hits, velocities = (
            np.stack([getattr(loop.pattern, name) for loop in loops]).astype(np.float64)
            for name in ("hits", "velocities")
        )
        return measure_traits(Heard(hits, velocities, sounds))

    def random_traits(self) -> Floats:
        """Return the traits of `tuning_loops` random loops: what is usual here."""
        if "random" not in self._tuning:
            rng = np.random.default_rng(TUNING_SEED)
            self._tuning["random"] = self.traits([self.generator.draw(rng) for _ in range(self.tuning_loops)])
        return self._tuning["random"]

    def ear(self, listener: Listener) -> Ear:
        """Return the ear of `listener` in this world."""
        known = repr(listener)
        if known not in self._ears:
            self._ears[known] = tune(listener, self.random_traits())
        return self._ears[known]

    def fingerprint(self, listener: Listener) -> str:
        """Return what tells whether a run is still about the same sounds and the same taste."""
        ear = self.ear(listener)
        numbers = np.concatenate([ear.mean, ear.deviation, ear.thresholds]).round(_DECIMALS) + 0.0  # no -0
        return hashlib.sha256(numbers.tobytes() + repr(listener).encode()).hexdigest()[:16]

    def diversity(self, loops: Sequence[Loop]) -> tuple[float, float]:
        """Return the mean distance of pairs of `loops`: of patterns, 0…1, and of sound, in dB."""
        patterns = pattern_distances(np.stack([loop.pattern.hits for loop in loops]).astype(np.float64))
        bars = [render_loop(loop, self.bank).astype(np.float64) for loop in loops]
        pictures = np.stack([picture_of(bar, MASTER_RATE_HZ) for bar in bars])
        return mean_of_pairs(patterns), mean_of_pairs(picture_distances(pictures))

    def _describe(self, sound: Sound) -> Floats:
        if sound.key not in self._described:
            self._described[sound.key] = describe_sound(self.bank.audio(sound).astype(np.float64), MASTER_RATE_HZ)
        return self._described[sound.key]


def open_world(
    name: str, *, samples: Path = SAMPLES, pool_size: int = POOL_SIZE, tuning_loops: int = TUNING_LOOPS
) -> World:
    """Return a world.

    Args:
        name: of `WORLDS`.
        samples: folder of recorded one-shots, for the recorded one.
        pool_size: number of sounds, for the synthesised one.
        tuning_loops: how many random loops set what is usual.

    Raises:
        InvalidParameter: there is no such world, or its recordings are not installed.
    """
    if name == "synthesised":
        return _world(name, draw_pool(pool_size, POOL_SEED), SoundBank(), tuning_loops)
    if name != "recorded":
        raise InvalidParameter(f"world must be one of {', '.join(WORLDS)}; got {name!r}")
    paths = sorted(path for prefix in PREFIXES for path in samples.glob(f"{prefix}_*.flac"))
    if len(paths) < 20:
        raise InvalidParameter(
            f"recorded one-shots must lie in {samples}; {len(paths)} are there. "
            "Install Debian's sonic-pi-samples: `apt-get install sonic-pi-samples`"
        )
    recordings = {recording.sound.key: recording for recording in map(read_recording, paths)}
    bank = SoundBank()
    for recording in recordings.values():
        bank.add(recording.sound, recording.audio)
    return _world(name, [recording.sound for recording in recordings.values()], bank, tuning_loops)


def _world(name: str, sounds: Sequence[Sound], bank: SoundBank, tuning_loops: int) -> World:
    """Return the world with DeepDrummer's generator: 16 steps, 4 rows, density 0.5, 120 bpm."""
    return World(name, RandomGrid(SoundPool(sounds, bank)), bank, tuning_loops)
