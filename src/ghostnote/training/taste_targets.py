"""What an encoder of loops must be able to tell: which sounds are heard, when, and what rhythm they make.

Everything is computed from the pattern and from measures of the one-shots, so that the truth is known for every loop
that we draw. `E` is the onset strength `(steps, zones)`: how much starts on each step, in each zone of frequency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio import measure_sound
from ghostnote.critic.rows import measure_lines
from ghostnote.loops import Loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.families import FAMILIES
from ghostnote.sounds.sound import MASTER_RATE_HZ, Sound, SynthSound

Array = NDArray[np.float32]

ZONE_EDGES_HZ = (120.0, 400.0, 1_500.0, 5_000.0)
ZONES = len(ZONE_EDGES_HZ) + 1
TOTAL = ZONES
"""The last column of `E`: all zones together."""


@dataclass(frozen=True, eq=False)
class SoundMeasure:
    """Numbers of one one-shot.

    Args:
        zones: `(ZONES,)`, square roots of the shares of its energy in each zone.
        timbre: `(8,)`, roughly standardised: centroid, decay by 20 dB, by 40 dB, strongest partial, flatness, crest,
            slope of the spectrum, attack.
        family: index in `FAMILIES`, -1 if unknown.
    """

    zones: Array
    timbre: Array
    family: int


def measure_one_shot(sound: Sound, audio: Mono) -> SoundMeasure:
    """Return the measures of one one-shot.

    Args:
        sound: whose family is known if it is ours.
        audio: `(frames,)` at `MASTER_RATE_HZ`.
    """
    from scipy.fft import rfft, rfftfreq

    power = np.abs(rfft(audio.astype(np.float64))) ** 2
    hertz = rfftfreq(len(audio), 1 / MASTER_RATE_HZ)
    total = power.sum() + 1e-20
    shares = np.add.reduceat(power, np.searchsorted(hertz, (0.0, *ZONE_EDGES_HZ))) / total
    bands = np.add.reduceat(power, np.searchsorted(hertz, np.geomspace(60.0, 16_000.0, 24))) + 1e-12 * total
    logs = np.log(bands)
    measures = measure_sound(audio, MASTER_RATE_HZ)
    slope = np.polyfit(np.linspace(-1, 1, 24), logs, 1)[0]
    envelope = np.abs(audio[: MASTER_RATE_HZ // 10])
    attack = int(envelope.argmax()) / MASTER_RATE_HZ
    crest = float(np.abs(audio).max() / (np.sqrt(np.mean(audio**2)) + 1e-9))
    timbre = (
        (np.log2(measures.centroid_hz + 20) - 10.0) / 2.0,
        np.log2(measures.decay20_seconds + 0.005) / 1.5 + 2.5,
        np.log2(measures.decay40_seconds + 0.005) / 1.5 + 1.5,
        (np.log2(measures.strongest_hz + 20) - 9.5) / 2.5,
        float(logs.mean() - np.log(bands.mean())) / 2.0 + 1.5,
        (np.log2(crest) - 2.8) / 0.8,
        float(slope) / 3.0,
        np.log2(attack + 0.0005) / 2.0 + 4.0,
    )
    family = list(FAMILIES).index(sound.family) if isinstance(sound, SynthSound) else -1
    return SoundMeasure(np.sqrt(shares).astype(np.float32), np.array(timbre, dtype=np.float32), family)


class Measures(dict[Sound, SoundMeasure]):
    """Measures of sounds, taken when first asked for.

    Args:
        bank: holds the sounds.
    """

    def __init__(self, bank: SoundBank) -> None:
        super().__init__()
        self._bank = bank

    def __missing__(self, sound: Sound) -> SoundMeasure:
        self[sound] = measure_one_shot(sound, self._bank.audio(sound))
        return self[sound]


@dataclass(frozen=True, eq=False)
class Targets:
    """What is to be told of one loop.

    Args:
        steps: `(steps, ZONES + 1 + families)`: `E`, and how loud each family starts on each step.
        rhythm: `(values,)`: densities, metric places, repetition, syncopation, gaps.
        timbre: `(values,)`: means and spreads of the sounds' measures weighted by how much they are heard; families.
    """

    steps: Array
    rhythm: Array
    timbre: Array


def targets_of(loop: Loop, measures: Mapping[Sound, SoundMeasure]) -> Targets:
    """Return the targets of `loop`."""
    played = loop.pattern.velocities
    each = [measures[sound] for sound in loop.sounds]
    zones = np.stack([measure.zones for measure in each])
    onsets = np.concatenate([np.sqrt(played**2 @ zones**2), np.sqrt((played**2).sum(axis=1, keepdims=True))], axis=1)
    families = np.zeros((len(played), len(FAMILIES)), dtype=np.float32)
    for row, measure in enumerate(each):
        if measure.family >= 0:
            families[:, measure.family] = np.maximum(families[:, measure.family], played[:, row])
    weight = played.sum(axis=0)
    weight = weight / max(weight.sum(), 1e-6)
    timbres = np.stack([measure.timbre for measure in each])
    mean = weight @ timbres
    spread = np.sqrt(np.maximum(weight @ (timbres - mean) ** 2, 0.0))
    heard = np.zeros(len(FAMILIES))
    for row, measure in enumerate(each):
        if measure.family >= 0:
            heard[measure.family] += weight[row]
    levels = np.sqrt(weight @ zones**2)
    return Targets(
        np.concatenate([onsets, families], axis=1).astype(np.float32),
        rhythm_of(onsets).astype(np.float32),
        np.concatenate([mean, spread, levels, np.sqrt(heard)]).astype(np.float32),
    )


def rhythm_of(onsets: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return what can be said of the rhythm of `E`, `(steps, ZONES + 1)`, as one row of numbers."""
    steps = len(onsets)
    gaps = []
    for column in (0, TOTAL):
        at = np.flatnonzero(onsets[:, column] > 0.35)
        gaps.append(float(np.diff([*at, at[0] + steps]).max()) / steps if len(at) else 1.0)
    return np.concatenate([measure_lines(onsets.astype(np.float32)).ravel(), gaps])
