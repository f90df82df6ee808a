"""Kick, snare, tom and rim: each a circuit (swept sines and noise) and a real skin, and the way between."""

from __future__ import annotations

import numpy as np

from ghostnote.audio.synthesis import Membrane, SweptDrum, TonedNoise, Wires
from ghostnote.audio.synthesis.elements import Curve, Signal
from ghostnote.sounds.models.family import Family, Parameter, Values
from ghostnote.sounds.models.shaping import ACOUSTIC, DRIVE, TONE, blend, coloured, seed_of, struck

_BEATER_NOISE: Curve = ((80.0, -6.0), (400.0, 0.0), (2_500.0, -4.0), (9_000.0, -16.0), (20_000.0, -30.0))


def _kick(p: Values, rng: np.random.Generator) -> Signal:
    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            SweptDrum(
                pitch_hz=p["pitch_hz"],
                decay_seconds=p["decay_seconds"],
                hold_seconds=p["hold_seconds"],
                sweep_octaves=p["sweep_octaves"],
                sweep_seconds=p["sweep_seconds"],
                snap_octaves=0.8 * p["sweep_octaves"],
                snap_seconds=0.0035,
                click_db=p["click_db"],
                click_hz=p["click_hz"],
                noise_db=p["noise_db"],
                noise=_BEATER_NOISE,
                noise_decay_seconds=0.04 + 0.2 * p["decay_seconds"],
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        return struck(
            Membrane(
                fundamental_hz=1.15 * p["pitch_hz"],
                decay_seconds=min(1.4, 0.15 + 0.9 * p["decay_seconds"]),
                damping=1.5,
                strike_radius=0.08,
                drop=0.22 * p["sweep_octaves"],
                drop_seconds=0.5 * p["sweep_seconds"],
                brightness_hz=90.0 + 0.03 * p["click_hz"],
                partner=(1.3 + 6.0 * p["hold_seconds"], -9.0),
                haze_db=-10.0 + p["noise_db"] * 0.7,
                haze=((60.0, 4.0), (150.0, -3.0), (500.0, -4.0), (2_000.0, -3.0), (5_000.0, -8.0), (12_000.0, -24.0)),
                haze_decay_seconds=0.12 + 0.4 * p["decay_seconds"],
                haze_damping=0.25,
                click_db=8.0 + p["click_db"],
                click_hz=p["click_hz"],
                click_seconds=0.018,
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 400.0)


KICK = Family(
    "kick",
    "Bass drums: booming, punchy, clicking, distorted, and real ones with a felt beater.",
    (
        Parameter("pitch_hz", 30.0, 90.0, "log"),
        Parameter("decay_seconds", 0.12, 1.8, "log"),
        Parameter("hold_seconds", 0.0, 0.1),
        Parameter("sweep_octaves", 0.2, 3.2),
        Parameter("sweep_seconds", 0.007, 0.08, "log"),
        Parameter("click_db", -40.0, -6.0),
        Parameter("click_hz", 900.0, 6_500.0, "log"),
        Parameter("noise_db", -46.0, -16.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _kick,
)


def _snare_noise(p: Values) -> Curve:
    """Return a band around `noise_hz` with soft sides: real wires have most of their energy below 2 kHz."""
    centre, slope = p["noise_hz"], p["noise_slope_db"]
    above = float(np.log2(20_000.0 / centre))
    return ((0.2 * centre, -22.0), (0.5 * centre, -6.0), (centre, 0.0), (20_000.0, -slope * above))


def _snare(p: Values, rng: np.random.Generator) -> Signal:
    pitch, decay, hiss = p["pitch_hz"], p["decay_seconds"], p["noise_decay_seconds"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            TonedNoise(
                tones=((pitch, 0.0, decay), (pitch * p["second_ratio"], -5.0, 0.6 * decay)),
                noise=_snare_noise(p),
                noise_decays=((300.0, 0.8 * hiss), (2_000.0, hiss), (16_000.0, 0.9 * hiss)),
                noise_db=p["noise_db"],
                noise_attack_seconds=0.0012,
                sweep_octaves=p["sweep_octaves"],
                sweep_seconds=0.01,
                snap_db=p["snap_db"],
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        return struck(
            Membrane(
                fundamental_hz=pitch,
                decay_seconds=0.12 + 0.8 * decay,
                damping=0.7,
                strike_radius=0.16,
                drop=0.08 * p["sweep_octaves"],
                drop_seconds=0.03,
                brightness_hz=1.8 * pitch,
                partner=(p["second_ratio"], -16.0),
                haze_db=-8.0 + 0.4 * p["noise_db"],
                haze=((150.0, -6.0), (1_000.0, 0.0), (4_000.0, -4.0), (10_000.0, -8.0), (20_000.0, -18.0)),
                haze_decay_seconds=0.06 + 0.3 * decay,
                haze_damping=0.4,
                click_db=2.0 + p["snap_db"],
                click_hz=1_500.0 + p["noise_hz"],
                wires=Wires(
                    level_db=5.0 + p["noise_db"],
                    spectrum=_snare_noise(p),
                    lag_seconds=0.008,
                    decay_seconds=hiss,
                    tail_db=-22.0,
                    tail_decay_seconds=1.6 * hiss,
                    rattle=0.5,
                ),
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 1_500.0)


SNARE = Family(
    "snare",
    "Snares: a skin's tone under noise or wires, from deep and fat to thin and cracking.",
    (
        Parameter("pitch_hz", 110.0, 380.0, "log"),
        Parameter("decay_seconds", 0.07, 0.55, "log"),
        Parameter("second_ratio", 1.35, 2.3),
        Parameter("sweep_octaves", 0.0, 1.4),
        Parameter("noise_db", -12.5, 5.5),
        Parameter("noise_decay_seconds", 0.14, 1.0, "log"),
        Parameter("noise_hz", 500.0, 4_500.0, "log"),
        Parameter("noise_slope_db", 2.5, 9.0),
        Parameter("snap_db", -30.0, -4.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _snare,
)


def _tom(p: Values, rng: np.random.Generator) -> Signal:
    pitch, decay = p["pitch_hz"], p["decay_seconds"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            SweptDrum(
                pitch_hz=pitch,
                decay_seconds=decay,
                hold_seconds=0.015,
                sweep_octaves=p["sweep_octaves"],
                sweep_seconds=p["sweep_seconds"],
                snap_octaves=0.8,
                snap_seconds=0.005,
                click_db=p["click_db"],
                click_hz=p["click_hz"],
                noise_db=p["noise_db"],
                noise=((100.0, -12.0), (500.0, 0.0), (2_500.0, -4.0), (10_000.0, -24.0)),
                noise_decay_seconds=0.05 + 0.4 * decay,
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        return struck(
            Membrane(
                fundamental_hz=pitch,
                decay_seconds=0.1 + 1.2 * decay,
                damping=p["damping"],
                strike_radius=p["strike_radius"],
                drop=0.16 * p["sweep_octaves"],
                drop_seconds=p["sweep_seconds"],
                brightness_hz=60.0 + 1.2 * pitch + 0.03 * p["click_hz"],
                partner=(1.52, -22.0),
                haze_db=2.0 + 0.8 * p["noise_db"],
                haze=((100.0, -16.0), (400.0, -4.0), (1_000.0, -1.0), (3_000.0, -2.0), (8_000.0, -9.0), (16e3, -24.0)),
                haze_decay_seconds=0.1 + 0.5 * decay,
                haze_damping=0.4,
                click_db=8.0 + p["click_db"],
                click_hz=p["click_hz"],
                click_seconds=0.014,
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 700.0)


TOM = Family(
    "tom",
    "Toms and hand drums, low to high: falling sines and struck skins.",
    (
        Parameter("pitch_hz", 58.0, 420.0, "log"),
        Parameter("decay_seconds", 0.12, 1.5, "log"),
        Parameter("sweep_octaves", 0.0, 1.8),
        Parameter("sweep_seconds", 0.015, 0.15, "log"),
        Parameter("strike_radius", 0.05, 0.8),
        Parameter("damping", 0.4, 1.5),
        Parameter("click_db", -40.0, -8.0),
        Parameter("click_hz", 900.0, 5_000.0, "log"),
        Parameter("noise_db", -42.0, -14.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _tom,
)


def _rim(p: Values, rng: np.random.Generator) -> Signal:
    pitch, decay = p["pitch_hz"], p["decay_seconds"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            TonedNoise(
                tones=(
                    (pitch, p["body_db"], 1.4 * decay),
                    (pitch * p["second_ratio"], 0.0, decay),
                    (pitch * p["second_ratio"] * 1.59, -4.0, 0.8 * decay),
                ),
                noise=((0.25 * p["noise_hz"], -20.0), (p["noise_hz"], 0.0), (20_000.0, -18.0)),
                noise_decays=((1_000.0, decay), (16_000.0, 0.7 * decay)),
                noise_db=p["noise_db"],
                sweep_octaves=0.25,
                sweep_seconds=0.003,
                snap_db=p["noise_db"] - 4.0,
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        return struck(
            Membrane(
                fundamental_hz=0.75 * pitch,
                decay_seconds=0.02 + 1.2 * decay,
                damping=0.4,
                strike_radius=0.65,
                drop=0.0,
                brightness_hz=2.5 * pitch,
                partner=(0.5 * p["second_ratio"], p["body_db"]),
                haze_db=-6.0 + p["noise_db"],
                haze=((300.0, -10.0), (0.6 * p["noise_hz"], 6.0), (2.0 * p["noise_hz"], -4.0), (20_000.0, -18.0)),
                haze_decay_seconds=0.02 + decay,
                click_db=6.0 + p["noise_db"],
                click_hz=0.7 * p["noise_hz"],
                click_seconds=0.02,
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 2_000.0)


RIM = Family(
    "rim",
    "Rim shots, side sticks and dry clicks.",
    (
        Parameter("pitch_hz", 220.0, 1_500.0, "log"),
        Parameter("second_ratio", 1.3, 4.2, "log"),
        Parameter("body_db", -20.0, 3.0),
        Parameter("decay_seconds", 0.02, 0.22, "log"),
        Parameter("noise_db", -26.0, 0.0),
        Parameter("noise_hz", 1_200.0, 8_000.0, "log"),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _rim,
)
