"""Our own one-shots: families of parametric models, drawn, mutated and synthesised from a few numbers.

A sound is a family, a position in [0, 1] for each of its parameters, and a seed. No family has a role in a loop: any
may sound in any row. See docs/sounds.md for the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import Signal, finish
from ghostnote.errors import InvalidParameter
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.level import normalise
from ghostnote.sounds.models.drums import KICK, RIM, SNARE, TOM
from ghostnote.sounds.models.family import Family, Parameter
from ghostnote.sounds.models.metals import CLOSED_HAT, COWBELL, CRASH, OPEN_HAT, RIDE
from ghostnote.sounds.models.noises import CLAP, GLITCH, NOISE, SHAKER, VINYL
from ghostnote.sounds.models.tones import BELL, FM, GLASS, WOOD
from ghostnote.sounds.sound import LONGEST_SECONDS, MASTER_RATE_HZ, SynthSound

__all__ = ["FAMILIES", "Family", "Parameter", "draw_pool", "draw_sound", "mutate_sound", "synthesize"]

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            KICK,
            SNARE,
            CLAP,
            RIM,
            CLOSED_HAT,
            OPEN_HAT,
            CRASH,
            RIDE,
            TOM,
            COWBELL,
            SHAKER,
            NOISE,
            FM,
            WOOD,
            GLASS,
            BELL,
            GLITCH,
            VINYL,
        )
    }
)
"""All families by name."""

SYNTHESIS_VERSION = 1
"""Must grow whenever `synthesize` gives any sound other samples: kept ones (`pool_cache`) are then made again."""

MOVED_SHARE = 0.6
"""Share of a sound's values that one mutation moves; at least one."""

NEW_SEED_SHARE = 0.1
"""Share of mutations that also draw a new seed."""

_STARTS_AT = 0.01  # of the peak: what comes before is silence in front
_ENDS_AT = 0.001  # of the peak: what comes after is silence behind
_ROOM_SECONDS = 0.06
_FADE_SECONDS = 0.02
_LONG_FADE_SECONDS = 0.4


def synthesize(sound: SynthSound) -> Mono:
    """Return the samples of `sound`, `(frames,)` float32 in mono at `MASTER_RATE_HZ`.

    The hit starts at once, lasts at most `LONGEST_SECONDS`, ends on exact zero, and is as loud as all others (see
    `ghostnote.sounds.level`). The same sound gives the same samples.

    Raises:
        InvalidParameter: no family has that name, or it has another number of parameters.
    """
    family = family_of(sound)
    rng = np.random.default_rng(sound.seed)
    hit = family.play(family.values(sound.values), rng)
    # Room behind it, for what the filter that takes out the constant part still gives when the hit is over.
    room = np.pad(np.asarray(hit, dtype=np.float64), (0, round(_ROOM_SECONDS * MASTER_RATE_HZ)))
    return normalise(_trimmed(finish(room, MASTER_RATE_HZ, fade_seconds=0.002)))


def family_of(sound: SynthSound) -> Family:
    """Return the family of `sound`.

    Raises:
        InvalidParameter: no family has that name, or it has another number of parameters.
    """
    family = _named(sound.family)
    if len(sound.values) != len(family.parameters):
        raise InvalidParameter(
            f"values of a sound of the family {family.name!r} must be {len(family.parameters)} "
            f"({', '.join(knob.name for knob in family.parameters)}); got {len(sound.values)}. "
            "Was it saved by another version?"
        )
    return family


def draw_sound(rng: np.random.Generator, family: str | None = None) -> SynthSound:
    """Return a random sound.

    Args:
        rng: source of the draw.
        family: of the sound; None draws one, all equally likely.

    Raises:
        InvalidParameter: no family has that name.
    """
    drawn = _named(list(FAMILIES)[int(rng.integers(len(FAMILIES)))] if family is None else family)
    values = tuple(float(value) for value in rng.uniform(0.0, 1.0, len(drawn.parameters)))
    return SynthSound(drawn.name, values, _drawn_seed(rng))


def mutate_sound(sound: SynthSound, rng: np.random.Generator, amount: float = 0.15) -> SynthSound:
    """Return a neighbour of `sound`: of the same family, with some of its values moved.

    Args:
        sound: to start from.
        rng: source of the change.
        amount: standard deviation of each move, in (0, 1]; moves beyond the border are reflected.

    Raises:
        InvalidParameter: `amount` is out of range, or as `synthesize`.
    """
    if not 0.0 < amount <= 1.0:
        raise InvalidParameter(f"amount must lie in (0, 1]; got {amount}")
    family = family_of(sound)
    moved = rng.random(len(family.parameters)) < MOVED_SHARE
    moved[int(rng.integers(len(moved)))] = True
    values = np.asarray(sound.values) + moved * rng.normal(0.0, amount, len(moved))
    seed = _drawn_seed(rng) if rng.random() < NEW_SEED_SHARE else sound.seed
    return SynthSound(family.name, tuple(float(value) for value in _reflected(values)), seed)


def draw_pool(count: int, seed: int) -> tuple[SynthSound, ...]:
    """Return `count` distinct sounds, families evenly mixed; a larger pool of the same seed begins with the smaller.

    Args:
        count: 0 or more.
        seed: ≥ 0; the same seed is the same pool.

    Raises:
        InvalidParameter: `count` or `seed` is negative.
    """
    if count < 0 or seed < 0:
        raise InvalidParameter(f"count and seed of a pool must be 0 or more; got {count} and {seed}")
    rng = np.random.default_rng(seed)
    names = list(FAMILIES)
    pool: dict[str, SynthSound] = {}
    while len(pool) < count:
        # One of each family, in an order of its own, so that any stretch of the pool is mixed.
        for index in rng.permutation(len(names)):
            sound = draw_sound(rng, names[index])
            while sound.key in pool:
                sound = draw_sound(rng, names[index])
            pool[sound.key] = sound
    return tuple(pool.values())[:count]


def _named(name: str) -> Family:
    if name not in FAMILIES:
        raise InvalidParameter(f"family must be one of {', '.join(FAMILIES)}; got {name!r}")
    return FAMILIES[name]


def _drawn_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _reflected(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 - np.abs(1.0 - np.mod(values, 2.0)))


def _trimmed(hit: Signal | Mono) -> Signal:
    """Return `hit` without silence in front and behind, faded to exact zero within `LONGEST_SECONDS`."""
    level = np.abs(hit)
    loud = level.max(initial=0.0)
    first = int(np.argmax(level > _STARTS_AT * loud))
    last = int(len(level) - np.argmax(level[::-1] > _ENDS_AT * loud))
    longest = round(LONGEST_SECONDS * MASTER_RATE_HZ)
    fade_seconds = _LONG_FADE_SECONDS if last - first > longest else _FADE_SECONDS
    kept = np.array(hit[first : min(last, first + longest)], dtype=np.float64)
    fade = max(1, min(len(kept) // 3, round(fade_seconds * MASTER_RATE_HZ)))
    kept[-fade:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade))
    kept[-1] = 0.0
    return kept
