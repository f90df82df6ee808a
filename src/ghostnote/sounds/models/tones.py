"""Percussion with a pitch: frequency modulation, and struck wood, glass and metal as banks of modes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.synthesis.elements import (
    Signal,
    amplitude,
    click,
    decay_envelope,
    modal_bank,
    seconds_of,
    shaped_noise,
    swept_phase,
)
from ghostnote.sounds.models.family import Family, Parameter, Values
from ghostnote.sounds.models.shaping import DRIVE, RATE, TONE, coloured, unit


def _fm(p: Values, rng: np.random.Generator) -> Signal:
    decay, pitch = p["decay_seconds"], p["pitch_hz"]
    t = seconds_of(decay + 0.02, RATE)
    sweep = ((pitch * (2.0 ** p["sweep_octaves"] - 1.0), p["sweep_seconds"]),)
    phase = swept_phase(t, pitch, sweep)
    # Sidebands beyond hearing would fold back as whistles: the depth ends where they would begin.
    highest = pitch * 2.0 ** max(0.0, p["sweep_octaves"])
    room = max(0.0, (18_000.0 - highest) / (highest * p["ratio"]) - 1.0)
    index = min(p["index"], room) * decay_envelope(t, max(0.02, p["index_decay"] * decay))
    inner = min(p["feedback"], 0.4 * room) * np.sin(phase + 0.4)
    tone = np.sin(phase + index * np.sin(phase * p["ratio"] + inner))
    tone *= decay_envelope(t, decay) * -np.expm1(-t / 0.0005)
    tone += amplitude(p["click_db"]) * click(t, min(4.0 * pitch, 6_000.0), 0.01, RATE, rng)
    return coloured(tone, p["drive"], p["tone_db"], 2_000.0)


FM = Family(
    "fm",
    "Two oscillators, one bending the other: blips, zaps, clangs, hollow drums.",
    (
        Parameter("pitch_hz", 55.0, 2_200.0, "log"),
        Parameter("ratio", 0.24, 7.3, "log"),
        Parameter("index", 0.0, 12.0),
        Parameter("index_decay", 0.08, 1.5, "log"),
        Parameter("feedback", 0.0, 1.6),
        Parameter("sweep_octaves", -1.5, 2.5),
        Parameter("sweep_seconds", 0.005, 0.12, "log"),
        Parameter("decay_seconds", 0.05, 1.1, "log"),
        Parameter("click_db", -40.0, -6.0),
        DRIVE,
        TONE,
    ),
    _fm,
)


def _struck_modes(p: Values, ratios: NDArray[np.float64], rng: np.random.Generator) -> Signal:
    """Return the modes of one body, struck: harder sticks wake higher modes, higher modes die first."""
    decay, pitch = p["decay_seconds"], p["pitch_hz"]
    t = seconds_of(decay + 0.02, RATE)
    hertz = pitch * ratios * (1.0 + 0.004 * rng.standard_normal(len(ratios)))
    level = amplitude(rng.normal(0.0, 3.0, len(ratios))) / (1.0 + (hertz / (pitch * p["hardness"])) ** 2)
    level *= np.abs(np.sin(np.pi * p["strike_place"] * (1.0 + np.arange(len(ratios))))) + 0.08
    dies = np.maximum(decay * np.maximum(ratios, 0.5) ** -p["damping"], 0.004)
    # Every real body has a twin of each mode a little beside it: they beat.
    split = 1.0 + p["beating"] * rng.normal(0.0, 0.01, len(ratios))
    phase = rng.uniform(0.0, 2 * np.pi, 2 * len(ratios))
    body = modal_bank(
        np.concatenate([hertz, hertz * split]),
        np.tile(dies, 2),
        np.concatenate([level, (0.15 + 0.75 * min(1.0, p["beating"])) * level]),
        phase,
        len(t),
        RATE,
    )
    body = unit(body) * -np.expm1(-t * pitch * 4.0)
    stick = click(t, float(np.clip(pitch * p["hardness"], 400.0, 9_000.0)), 0.01, RATE, rng)
    body += amplitude(p["click_db"]) * stick
    return body


def _modal_table(*knobs: Parameter) -> tuple[Parameter, ...]:
    return (
        *knobs,
        Parameter("hardness", 0.8, 9.0, "log"),
        Parameter("strike_place", 0.08, 0.5),
        Parameter("click_db", -40.0, -4.0),
        DRIVE,
        TONE,
    )


_BAR = np.array([1.0, 2.756, 5.404, 8.933, 13.34])
_TUNED_BAR = np.array([1.0, 3.0, 6.1, 10.0, 14.4])
_HOLLOW = np.array([1.0, 1.42, 2.31, 3.05, 4.4])


def _wood(p: Values, rng: np.random.Generator) -> Signal:
    # From a hollow block over a free bar to a tuned one, through all that lies between.
    shape = 2.0 * p["shape"]
    logs = [np.log(ratios) for ratios in (_HOLLOW, _BAR, _TUNED_BAR)]
    low = min(int(shape), 1)
    ratios = np.exp((1.0 - (shape - low)) * logs[low] + (shape - low) * logs[low + 1])
    body = _struck_modes({**p, "beating": 0.3}, ratios, rng)
    t = seconds_of(len(body) / RATE, RATE)
    pitch = p["pitch_hz"]
    hollow = shaped_noise(t, ((0.4 * pitch, -24.0), (pitch, 0.0), (2.4 * pitch, -10.0), (16_000.0, -40.0)), RATE, rng)
    body += amplitude(p["grain_db"]) * unit(hollow * decay_envelope(t, max(0.02, 0.6 * p["decay_seconds"])))
    return coloured(body, p["drive"], p["tone_db"], 2_000.0)


WOOD = Family(
    "wood",
    "Struck wood: blocks, claves, logs and bars.",
    _modal_table(
        Parameter("pitch_hz", 150.0, 2_600.0, "log"),
        Parameter("decay_seconds", 0.03, 0.4, "log"),
        Parameter("damping", 0.3, 1.6),
        Parameter("shape", 0.0, 1.0),
        Parameter("grain_db", -34.0, -6.0),
    ),
    _wood,
)


def _glass(p: Values, rng: np.random.Generator) -> Signal:
    whole = np.arange(2.0, 9.0) ** p["curve"] / 2.0 ** p["curve"]
    shards = np.sort(rng.uniform(1.0, 9.0, 8))
    ratios = np.concatenate([whole, shards])
    ratios[len(whole) :] **= 1.0 + 0.4 * p["shards"]
    body = _struck_modes(p, ratios[: len(whole) + round(8 * p["shards"])], rng)
    return coloured(body, p["drive"] * 0.7, p["tone_db"], 3_000.0)


GLASS = Family(
    "glass",
    "Struck glass and china: bottles, bowls, shards.",
    _modal_table(
        Parameter("pitch_hz", 350.0, 4_200.0, "log"),
        Parameter("decay_seconds", 0.08, 1.8, "log"),
        Parameter("damping", 0.2, 1.4),
        Parameter("curve", 1.2, 2.2),
        Parameter("shards", 0.0, 1.0),
        Parameter("beating", 0.0, 1.5),
    ),
    _glass,
)

_BELL = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.67, 3.0, 4.0, 5.33, 6.67])


def _bell(p: Values, rng: np.random.Generator) -> Signal:
    sheet = np.sort(0.5 + rng.gamma(2.0, 1.6, len(_BELL)))
    sheet[1] = 1.0
    mixed = np.exp((1.0 - p["sheet"]) * np.log(_BELL) + p["sheet"] * np.log(sheet))
    body = _struck_modes(p, mixed ** p["stretch"], rng)
    return coloured(body, p["drive"] * 0.8, p["tone_db"], 2_500.0)


BELL = Family(
    "bell",
    "Struck metal: bells, pipes, gongs, anvils and sheets.",
    _modal_table(
        Parameter("pitch_hz", 120.0, 2_400.0, "log"),
        Parameter("decay_seconds", 0.12, 2.6, "log"),
        Parameter("damping", 0.1, 1.3),
        Parameter("sheet", 0.0, 1.0),
        Parameter("stretch", 0.8, 1.45),
        Parameter("beating", 0.0, 1.5),
    ),
    _bell,
)
