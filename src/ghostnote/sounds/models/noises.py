"""Claps, shakers, plain noise, glitches and worn vinyl: sounds made of noise, grains and clicks."""

from __future__ import annotations

import numpy as np

from ghostnote.audio.synthesis.elements import (
    Curve,
    Signal,
    amplitude,
    decay_envelope,
    decaying_noise,
    modal_bank,
    seconds_of,
    shaped_noise,
)
from ghostnote.sounds.models.family import Family, Parameter, Values
from ghostnote.sounds.models.shaping import DRIVE, RATE, TONE, coloured, driven, unit


def _band(centre_hz: float, octaves: float) -> Curve:
    """Return a band around `centre_hz` that is 12 dB down `octaves` away."""
    width = 2.0**octaves
    return (
        (centre_hz / width**3, -48.0),
        (centre_hz / width, -12.0),
        (centre_hz, 0.0),
        (centre_hz * width, -12.0),
        (centre_hz * width**3, -42.0),
    )


def _clap(p: Values, rng: np.random.Generator) -> Signal:
    hands = round(p["hands"])
    gap, loose = p["gap_seconds"], p["looseness"]
    starts = np.arange(hands) * gap * (1.0 + loose * rng.uniform(-0.5, 0.5, hands))
    starts = np.sort(np.maximum(starts - starts.min(), 0.0))
    t = seconds_of(float(starts[-1]) + p["decay_seconds"] + 0.02, RATE)
    clap = np.zeros(len(t))
    for start in starts:
        first = round(start * RATE)
        # Each pair of hands has its own hollow; a machine has one for all.
        centre = p["band_hz"] * 2.0 ** (0.5 * loose * rng.standard_normal())
        burst = t[: min(len(t) - first, round(0.06 * RATE))]
        level = amplitude(2.5 * loose * rng.standard_normal())
        grain = shaped_noise(burst, _band(centre, p["width_octaves"]), RATE, rng)
        clap[first : first + len(burst)] += level * grain * decay_envelope(burst, p["burst_seconds"])
    first = round(float(starts[-1]) * RATE)
    room = t[: len(t) - first]
    decays = ((300.0, 0.8 * p["decay_seconds"]), (1_500.0, p["decay_seconds"]), (12_000.0, 0.6 * p["decay_seconds"]))
    tail = decaying_noise(room, _band(p["band_hz"], 1.2 * p["width_octaves"]), decays, RATE, rng)
    clap[first:] += amplitude(p["tail_db"]) * tail
    return coloured(clap, p["drive"], p["tone_db"], 2_500.0)


CLAP = Family(
    "clap",
    "Hand claps: one machine's bursts or many loose hands, dry or with a room, down to a finger snap.",
    (
        Parameter("hands", 1.0, 7.0),
        Parameter("gap_seconds", 0.005, 0.022, "log"),
        Parameter("looseness", 0.0, 1.0),
        Parameter("burst_seconds", 0.008, 0.06, "log"),
        Parameter("band_hz", 650.0, 3_200.0, "log"),
        Parameter("width_octaves", 0.35, 1.8, "log"),
        Parameter("tail_db", -24.0, -1.0),
        Parameter("decay_seconds", 0.08, 0.8, "log"),
        DRIVE,
        TONE,
    ),
    _clap,
)


def _grains(t: Signal, per_second: float, grain_seconds: float, rng: np.random.Generator) -> Signal:
    """Return the level of many small knocks at random times, with a mean of 1; dense ones run together."""
    from scipy.signal import lfilter

    count = max(1, round(per_second * len(t) / RATE))
    knocks = np.zeros(len(t))
    np.add.at(knocks, rng.integers(0, len(t), count), rng.exponential(1.0, count))
    knocks[0] += 1.0
    pole = float(np.exp(-1.0 / (grain_seconds * RATE)))
    level = np.asarray(lfilter([1.0 - pole], [1.0, -pole], knocks))
    return np.asarray(level / (level.mean() + 1e-12))


def _shaker(p: Values, rng: np.random.Generator) -> Signal:
    attack, decay = p["attack_seconds"], p["decay_seconds"]
    back = p["gap_seconds"]
    t = seconds_of(3.0 * attack + decay + back + 0.02, RATE)
    swing = decay_envelope(t, decay) * -np.expm1(-t / attack)
    late = np.maximum(t - back, 0.0)
    swing += amplitude(p["back_db"]) * decay_envelope(late, 0.8 * decay) * -np.expm1(-late / attack)
    beads = shaped_noise(t, _band(p["band_hz"], p["width_octaves"]), RATE, rng)
    sound = unit(beads * swing * _grains(t, p["beads_per_second"], 0.0015, rng) ** 0.7)
    if p["jingle"] > 0.25:
        # Small plates: a handful of high modes, set ringing again by each knock.
        hertz = rng.uniform(0.6, 1.7, 14) * max(p["band_hz"], 3_500.0)
        ring = modal_bank(hertz, 0.3 * decay + 0.05, rng.uniform(0.3, 1.0, 14), rng.uniform(0, 6.28, 14), len(t), RATE)
        ring *= _grains(t, 0.02 * p["beads_per_second"] + 20.0, 0.01, rng) * swing**0.5
        sound = sound + (p["jingle"] - 0.25) * 1.6 * unit(ring)
    return coloured(sound, p["drive"], p["tone_db"], 5_000.0)


SHAKER = Family(
    "shaker",
    "Shakers, maracas, cabasas and tambourines: beads, and small plates that jingle.",
    (
        Parameter("band_hz", 2_200.0, 11_000.0, "log"),
        Parameter("width_octaves", 0.3, 1.4, "log"),
        Parameter("attack_seconds", 0.001, 0.03, "log"),
        Parameter("decay_seconds", 0.04, 0.5, "log"),
        Parameter("beads_per_second", 120.0, 8_000.0, "log"),
        Parameter("gap_seconds", 0.03, 0.14),
        Parameter("back_db", -50.0, -2.0),
        Parameter("jingle", 0.0, 1.0),
        DRIVE,
        TONE,
    ),
    _shaker,
)


def _noise(p: Values, rng: np.random.Generator) -> Signal:
    decay, centre = p["decay_seconds"], p["band_hz"]
    t = seconds_of(p["hold_seconds"] + decay + 0.02, RATE)
    lows, highs = 2.0 ** p["highs_last"], 2.0 ** -p["highs_last"]
    wanted = ((0.3 * centre, decay / lows), (centre, decay), (3.0 * centre, decay / highs))
    decays = tuple((f, float(np.clip(d, 0.02, decay))) for f, d in wanted)
    body = decaying_noise(t, _band(centre, p["width_octaves"]), decays, RATE, rng)
    ring = modal_bank(centre, 0.8 * decay, 1.0, rng.uniform(0, 6.28), len(t), RATE)
    ring *= 1.0 + 0.7 * shaped_noise(t, ((30.0, 10.0), (300.0, 0.0), (900.0, -60.0)), RATE, rng)
    sound = unit(body) + p["resonance"] ** 2 * unit(ring)
    chop = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * p["chop_hz"] * t + 0.1))
    sound *= 1.0 - p["chop"] * (1.0 - chop) if p["chop"] > 0.5 else 1.0
    gate = np.where(t < p["hold_seconds"], 1.0, decay_envelope(np.maximum(t - p["hold_seconds"], 0.0), 0.6 * decay))
    return coloured(sound * gate, p["drive"], p["tone_db"], 2_000.0)


NOISE = Family(
    "noise",
    "Bursts of noise: thuds, hisses, whistles, gated and chopped.",
    (
        Parameter("band_hz", 150.0, 9_000.0, "log"),
        Parameter("width_octaves", 0.1, 2.2, "log"),
        Parameter("decay_seconds", 0.07, 1.3, "log"),
        Parameter("hold_seconds", 0.0, 0.1),
        Parameter("highs_last", -2.0, 2.0),
        Parameter("resonance", 0.0, 1.0),
        Parameter("chop", 0.0, 1.0),
        Parameter("chop_hz", 18.0, 180.0, "log"),
        DRIVE,
        TONE,
    ),
    _noise,
)


def _crushed(signal: Signal, bits: float, rate_hz: float) -> Signal:
    """Return `signal` in steps: of level (`bits`), and of time, each value held until the next at `rate_hz`."""
    held = np.floor(np.arange(len(signal)) * rate_hz / RATE) * RATE / rate_hz
    coarse = unit(signal)[np.minimum(held.astype(np.int64), len(signal) - 1)]
    steps = 2.0 ** (bits - 1.0)
    crushed = np.asarray(np.round(coarse * steps) / steps)
    # A soft sound between two steps would be nothing at all.
    return crushed if crushed.any() else unit(signal)


def _glitch(p: Values, rng: np.random.Generator) -> Signal:
    repeats = round(p["repeats"])
    gaps = p["gap_seconds"] * p["acceleration"] ** np.arange(repeats)
    starts = np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    decay = p["grain_seconds"]
    t = seconds_of(min(float(starts[-1]) + decay + 0.01, 1.5), RATE)
    sound = np.zeros(len(t))
    for count, start in enumerate(starts):
        first = round(float(start) * RATE)
        grain = t[: max(0, min(len(t) - first, round(decay * RATE)))]
        if not len(grain):
            break
        pitch = min(p["pitch_hz"] * 2.0 ** (p["step_octaves"] * count), 14_000.0)
        cycles = pitch * grain
        # Not from zero: a multiple of `held_hz` would be read at its zeros only.
        wave = np.sin(2 * np.pi * cycles + 0.6)
        wave = (1.0 - p["squareness"]) * wave + p["squareness"] * np.sign(wave)
        hiss = shaped_noise(grain, ((40.0, -6.0), (pitch, 0.0), (16_000.0, -9.0)), RATE, rng)
        level = amplitude(-p["fade_db"] * count)
        mixed = np.sqrt(1.0 - p["noise"]) * wave + np.sqrt(p["noise"]) * hiss
        sound[first : first + len(grain)] += level * mixed * decay_envelope(grain, decay)
    return coloured(_crushed(sound, p["bits"], p["held_hz"]), 0.7 * p["drive"], p["tone_db"], 2_000.0)


GLITCH = Family(
    "glitch",
    "Digital faults: stuttering grains, rising or falling, crushed to few bits and few samples.",
    (
        Parameter("pitch_hz", 60.0, 5_000.0, "log"),
        Parameter("step_octaves", -0.5, 0.5),
        Parameter("squareness", 0.0, 1.0),
        Parameter("noise", 0.0, 1.0),
        Parameter("repeats", 1.0, 12.0),
        Parameter("gap_seconds", 0.005, 0.09, "log"),
        Parameter("acceleration", 0.7, 1.3, "log"),
        Parameter("grain_seconds", 0.012, 0.3, "log"),
        Parameter("fade_db", -0.5, 5.0),
        Parameter("bits", 2.5, 12.0),
        Parameter("held_hz", 2_000.0, 40_000.0, "log"),
        DRIVE,
        TONE,
    ),
    _glitch,
)


def _vinyl(p: Values, rng: np.random.Generator) -> Signal:
    decay = p["decay_seconds"]
    t = seconds_of(decay + 0.03, RATE)
    fall = decay_envelope(t, decay)
    # The needle lands.
    thump = np.sin(2 * np.pi * p["thump_hz"] * (t - 0.25 * 0.03 * np.expm1(-t / 0.03))) * decay_envelope(t, 0.4 * decay)
    thump *= -np.expm1(-t / 0.001)
    # Dust: clicks of very different sizes at random places, each ringing for a moment.
    count = max(2, round(p["clicks_per_second"] * decay))
    at = np.floor(decay * RATE * np.sort(rng.uniform(0.0, 1.0, count)) ** 1.5).astype(np.int64)
    at[0] = 0
    knocks = np.zeros(len(t))
    np.add.at(knocks, at, rng.choice([-1.0, 1.0], count) * rng.pareto(2.5, count).clip(0.05, 6.0))
    ring_frames = seconds_of(0.012, RATE)
    ring = np.cos(2 * np.pi * p["click_hz"] * ring_frames) * decay_envelope(ring_frames, p["click_seconds"])
    from scipy.signal import oaconvolve

    dust = np.asarray(oaconvolve(knocks, ring)[: len(t)]) * fall**0.4
    # A hand on the record: a band of noise whose pitch the hand bends.
    bend = p["scratch_hz"] * 2.0 ** (p["bend_octaves"] * np.sin(np.pi * np.minimum(t / (0.5 * decay), 1.0)))
    phase = 2 * np.pi * np.cumsum(bend) / RATE
    wobble = shaped_noise(t, ((20.0, 18.0), (120.0, 8.0), (400.0, -60.0)), RATE, rng)
    groove = sum(np.sin(k * phase + 2.0 * k * wobble) / k for k in (1.0, 2.0, 3.0))
    scratch = groove * decay_envelope(t, 0.7 * decay, attack_seconds=0.002)
    hiss = shaped_noise(t, ((60.0, -10.0), (1_000.0, 0.0), (6_000.0, -3.0), (18_000.0, -16.0)), RATE, rng) * fall
    sound = amplitude(p["thump_db"]) * thump + amplitude(p["dust_db"]) * unit(dust)
    sound = sound + p["scratch"] ** 2 * unit(scratch) + amplitude(p["hiss_db"]) * unit(hiss)
    return coloured(driven(sound, 0.2), p["drive"], p["tone_db"], 2_000.0)


VINYL = Family(
    "vinyl",
    "Worn records: needle drops, crackle, hiss and scratches.",
    (
        Parameter("thump_hz", 40.0, 220.0, "log"),
        Parameter("thump_db", -40.0, 0.0),
        Parameter("clicks_per_second", 20.0, 1_200.0, "log"),
        Parameter("click_hz", 500.0, 7_000.0, "log"),
        Parameter("click_seconds", 0.0008, 0.008, "log"),
        Parameter("dust_db", -16.0, 0.0),
        Parameter("scratch", 0.0, 1.0),
        Parameter("scratch_hz", 180.0, 2_500.0, "log"),
        Parameter("bend_octaves", -2.0, 2.0),
        Parameter("hiss_db", -40.0, -4.0),
        Parameter("decay_seconds", 0.09, 1.1, "log"),
        DRIVE,
        TONE,
    ),
    _vinyl,
)
