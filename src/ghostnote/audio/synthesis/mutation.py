"""Designs near a design: all its decays longer or shorter, or all its numbers a little different.

Both are pure functions of parameters: what comes out is a design again, which can be struck at any velocity and rate.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ghostnote.audio.synthesis.analogue import MetalBank, SweptDrum, TonedNoise
from ghostnote.audio.synthesis.cymbals import Cymbal
from ghostnote.audio.synthesis.elements import Curve
from ghostnote.audio.synthesis.membranes import Membrane, Wires
from ghostnote.audio.synthesis.strike import Design

_PITCH_SEMITONES = 2.0
_DECAY_OCTAVES = 0.45
_TIME_OCTAVES = 0.5
_LEVEL_DB = 3.0
_TILT_DB_PER_OCTAVE = 1.2
_MOST_TILT_DB = 5.0

Partials = tuple[tuple[float, float, float], ...]


def lengthened(design: Design, factor: float) -> Design:
    """Return `design` with every T60 multiplied by `factor`; strike, sweeps and levels stay as they are.

    Args:
        design: of any family.
        factor: above 0; 1 gives the same design.
    """
    match design:
        case SweptDrum():
            return replace(
                design,
                decay_seconds=design.decay_seconds * factor,
                noise_decay_seconds=design.noise_decay_seconds * factor,
            )
        case TonedNoise():
            return replace(
                design, tones=_longer(design.tones, factor), noise_decays=_scaled(design.noise_decays, factor)
            )
        case MetalBank():
            bands = tuple(replace(band, decay_seconds=band.decay_seconds * factor) for band in design.bands)
            return replace(design, bands=bands, noise_decays=_scaled(design.noise_decays, factor))
        case Membrane():
            wires = design.wires and replace(
                design.wires,
                decay_seconds=design.wires.decay_seconds * factor,
                tail_decay_seconds=design.wires.tail_decay_seconds * factor,
            )
            return replace(
                design,
                decay_seconds=design.decay_seconds * factor,
                haze_decay_seconds=design.haze_decay_seconds * factor,
                wires=wires,
            )
        case Cymbal():
            return replace(
                design,
                decays=_scaled(design.decays, factor),
                partials=_longer(design.partials, factor),
                air_decays=_scaled(design.air_decays, factor),
            )


def mutated(design: Design, rng: np.random.Generator) -> Design:
    """Return a sibling of `design`: the same kind of drum by the same maker.

    Pitch changes by at most 2 semitones (all partials together), decays by a factor of at most 1.37, sweeps, clicks and
    drive by at most 1.41, levels of its parts by at most 3 dB, spectra tilt by at most 1.2 dB an octave. What a design
    draws from a seed of its own (where the modes of a cymbal lie, the flaws of a head) is drawn anew.

    Args:
        design: of any family.
        rng: says which sibling.
    """
    draw = _Draw(rng)
    pitch = 2.0 ** (draw.within(_PITCH_SEMITONES) / 12.0)
    longer = lengthened(design, 2.0 ** draw.within(_DECAY_OCTAVES))
    match longer:
        case SweptDrum():
            return replace(
                longer,
                pitch_hz=longer.pitch_hz * pitch,
                hold_seconds=longer.hold_seconds * draw.factor(),
                sweep_octaves=longer.sweep_octaves * draw.factor(),
                sweep_seconds=longer.sweep_seconds * draw.factor(),
                snap_octaves=longer.snap_octaves * draw.factor(),
                drive=longer.drive * draw.factor(),
                click_db=longer.click_db + draw.within(_LEVEL_DB),
                click_hz=longer.click_hz * draw.factor(),
                noise_db=longer.noise_db + draw.within(_LEVEL_DB),
                noise=draw.tilted(longer.noise),
            )
        case TonedNoise():
            return replace(
                longer,
                tones=draw.partials(longer.tones, pitch),
                noise=draw.tilted(longer.noise),
                noise_db=longer.noise_db + draw.within(_LEVEL_DB),
                sweep_octaves=longer.sweep_octaves * draw.factor(),
                sweep_seconds=longer.sweep_seconds * draw.factor(),
                snap_db=longer.snap_db + draw.within(_LEVEL_DB),
                drive=longer.drive * draw.factor(),
            )
        case MetalBank():
            return replace(
                longer,
                oscillators_hz=tuple(hertz * pitch * (1.0 + draw.within(0.02)) for hertz in longer.oscillators_hz),
                bands=tuple(replace(b, level_db=b.level_db + draw.within(_LEVEL_DB)) for b in longer.bands),
                noise_db=longer.noise_db + draw.within(_LEVEL_DB),
                noise=draw.tilted(longer.noise),
                drive=longer.drive * draw.factor(),
            )
        case Membrane():
            return replace(
                longer,
                fundamental_hz=longer.fundamental_hz * pitch,
                damping=longer.damping * 2.0 ** draw.within(0.2),
                strike_radius=min(0.95, max(0.02, longer.strike_radius + draw.within(0.08))),
                drop=longer.drop * draw.factor(),
                brightness_hz=longer.brightness_hz * draw.factor(),
                haze_db=longer.haze_db + draw.within(_LEVEL_DB),
                haze=draw.tilted(longer.haze),
                click_db=longer.click_db + draw.within(_LEVEL_DB),
                click_hz=longer.click_hz * draw.factor(),
                wires=longer.wires and _other_wires(longer.wires, draw),
                drive=longer.drive * draw.factor(),
                seed=draw.seed(),
            )
        case Cymbal():
            return replace(
                longer,
                lowest_hz=longer.lowest_hz * pitch,
                spectrum=draw.tilted(longer.spectrum),
                contrast_db=longer.contrast_db * draw.factor(),
                partials=draw.partials(longer.partials, pitch),
                stick_db=longer.stick_db + draw.within(_LEVEL_DB),
                stick_hz=longer.stick_hz * draw.factor(),
                air_db=longer.air_db + draw.within(_LEVEL_DB),
                seed=draw.seed(),
            )


class _Draw:
    """Small changes, drawn one after the other."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def within(self, most: float) -> float:
        """Return a number in -most…most, small ones likelier."""
        return float(most * (self._rng.random() - self._rng.random()))

    def factor(self) -> float:
        """Return a factor of at most half an octave, up or down."""
        return float(2.0 ** self.within(_TIME_OCTAVES))

    def seed(self) -> int:
        return int(self._rng.integers(2**31))

    def tilted(self, spectrum_db: Curve) -> Curve:
        """Return `spectrum_db` turned around 1 kHz."""
        tilt = self.within(_TILT_DB_PER_OCTAVE)

        def lift(hertz: float) -> float:
            return min(_MOST_TILT_DB, max(-_MOST_TILT_DB, tilt * math.log2(hertz / 1_000.0)))

        return tuple((hertz, level + lift(hertz)) for hertz, level in spectrum_db)

    def partials(self, partials: Partials, pitch: float) -> Partials:
        """Return `partials` at another pitch, each a little louder or softer."""
        return tuple((hertz * pitch, db + self.within(_LEVEL_DB), decay) for hertz, db, decay in partials)


def _other_wires(wires: Wires, draw: _Draw) -> Wires:
    return replace(
        wires,
        level_db=wires.level_db + draw.within(_LEVEL_DB),
        spectrum=draw.tilted(wires.spectrum),
        lag_seconds=wires.lag_seconds * draw.factor(),
        tail_db=wires.tail_db + draw.within(_LEVEL_DB),
        rattle=min(1.0, max(0.0, wires.rattle + draw.within(0.2))),
    )


def _scaled(curve: Curve, factor: float) -> Curve:
    return tuple((hertz, value * factor) for hertz, value in curve)


def _longer(partials: Partials, factor: float) -> Partials:
    return tuple((hertz, level_db, decay * factor) for hertz, level_db, decay in partials)
