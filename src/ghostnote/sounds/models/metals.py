"""Hi-hats, cymbals and cowbells: banks of square waves, plates of many modes, and the way between."""

from __future__ import annotations

import numpy as np

from ghostnote.audio.synthesis import Cymbal, MetalBand, MetalBank
from ghostnote.audio.synthesis.elements import Curve, Signal, amplitude, click, modal_bank, seconds_of
from ghostnote.sounds.models.family import Family, Parameter, Values
from ghostnote.sounds.models.shaping import ACOUSTIC, DRIVE, RATE, TONE, blend, coloured, seed_of, struck

_METAL_HZ = (421.3, 548.9, 688.1, 803.7, 1_012.3, 1_387.1)


def _oscillators(p: Values) -> tuple[float, ...]:
    """Return six fundamentals; `spread` draws them together (a buzz) or apart (a clang)."""
    centre = 760.0
    return tuple(p["metal"] * centre * (hertz / centre) ** p["spread"] for hertz in _METAL_HZ)


def _bright(p: Values, low_db: float) -> Curve:
    """Return a plate's spectrum with its crest at `band_hz`."""
    crest = p["band_hz"]
    return (
        (0.06 * crest, low_db),
        (0.2 * crest, low_db - 2.0),
        (0.5 * crest, -7.0),
        (crest, 0.0),
        (min(2.0 * crest, 17_000.0), -4.0),
        (20_000.0, -14.0),
    )


def _hat(p: Values, rng: np.random.Generator) -> Signal:
    decay, crest = p["decay_seconds"], p["band_hz"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            MetalBank(
                oscillators_hz=_oscillators(p),
                bands=(
                    MetalBand(0.85 * crest, 2.0 * crest, 0.0, decay),
                    MetalBand(0.4 * crest, 0.65 * crest, p["body_db"], 0.7 * decay),
                ),
                noise_db=p["noise_db"],
                noise=((0.15 * crest, -40.0), (0.5 * crest, -14.0), (crest, 0.0), (20_000.0, 0.0)),
                noise_decays=((20.0, decay), (20_000.0, 1.1 * decay)),
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        long = 1.4 * decay
        return struck(
            Cymbal(
                lowest_hz=350.0 * p["metal"],
                modes=260,
                spectrum=_bright(p, p["body_db"]),
                decays=((300.0, 1.4 * long), (1_000.0, 1.1 * long), (10_000.0, long), (18_000.0, 0.7 * long)),
                contrast_db=3.0 + 4.0 * p["spread"],
                stick_db=p["stick_db"],
                stick_hz=0.8 * crest,
                stick_seconds=0.008,
                air_db=p["noise_db"] - 2.0,
                air=((400.0, -20.0), (0.3 * crest, -12.0), (crest, 0.0), (20_000.0, -3.0)),
                air_decays=((300.0, 0.8 * decay), (20_000.0, 0.5 * decay)),
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 6_000.0)


def _hat_table(shortest: float, longest: float) -> tuple[Parameter, ...]:
    return (
        Parameter("metal", 0.45, 2.2, "log"),
        Parameter("spread", 0.25, 1.6),
        Parameter("band_hz", 3_200.0, 11_000.0, "log"),
        Parameter("body_db", -26.0, -2.0),
        Parameter("decay_seconds", shortest, longest, "log"),
        Parameter("noise_db", -22.0, 4.0),
        Parameter("stick_db", -26.0, -3.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    )


CLOSED_HAT = Family("closed_hat", "Closed hi-hats: ticks, chips and short splashes.", _hat_table(0.03, 0.4), _hat)
OPEN_HAT = Family("open_hat", "Open hi-hats: sizzle that rings or is half choked.", _hat_table(0.4, 2.0), _hat)


def _crash(p: Values, rng: np.random.Generator) -> Signal:
    decay, crest = p["decay_seconds"], p["band_hz"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            MetalBank(
                oscillators_hz=_oscillators(p),
                bands=(
                    MetalBand(0.45 * crest, 0.85 * crest, p["body_db"] + 8.0, 1.1 * decay, 0.002),
                    MetalBand(crest, 2.2 * crest, 0.0, 0.85 * decay, 0.004),
                ),
                noise_db=p["noise_db"] + 3.0,
                noise=((0.08 * crest, -24.0), (0.3 * crest, -10.0), (crest, 0.0), (14_000.0, -2.0), (20_000.0, -8.0)),
                noise_decays=((500.0, decay), (4_000.0, 1.1 * decay), (16_000.0, 0.7 * decay)),
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        return struck(
            Cymbal(
                lowest_hz=240.0 * p["metal"],
                modes=420,
                spectrum=_bright(p, p["body_db"]),
                decays=(
                    (240.0, 1.3 * decay),
                    (1_000.0, 1.1 * decay),
                    (4e3, decay),
                    (8e3, 0.8 * decay),
                    (18e3, 0.45 * decay),
                ),
                contrast_db=3.0 + 4.0 * p["spread"],
                blooms=((240.0, 0.008), (2_000.0, 0.02), (6_000.0, 0.05), (18_000.0, 0.04)),
                bloom_depth=p["bloom"],
                stick_db=p["stick_db"],
                stick_hz=0.7 * crest,
                stick_seconds=0.02,
                air_db=p["noise_db"] - 3.0,
                air=((400.0, -12.0), (3_000.0, -3.0), (8_000.0, 0.0), (20_000.0, -8.0)),
                air_decays=((400.0, 0.15 * decay), (4_000.0, 0.3 * decay), (20_000.0, 0.12 * decay)),
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 4_000.0)


CRASH = Family(
    "crash",
    "Crashes, splashes and trashy cymbals.",
    (
        Parameter("metal", 0.5, 2.2, "log"),
        Parameter("spread", 0.25, 1.6),
        Parameter("band_hz", 2_200.0, 8_500.0, "log"),
        Parameter("body_db", -22.0, 0.0),
        Parameter("decay_seconds", 0.6, 3.4, "log"),
        Parameter("bloom", 0.0, 0.85),
        Parameter("noise_db", -20.0, 3.0),
        Parameter("stick_db", -26.0, -4.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _crash,
)


def _ride(p: Values, rng: np.random.Generator) -> Signal:
    decay, crest, ping = p["decay_seconds"], p["band_hz"], p["ping_hz"]

    def machine(rng: np.random.Generator) -> Signal:
        return struck(
            MetalBank(
                oscillators_hz=_oscillators(p),
                bands=(
                    MetalBand(0.85 * ping, 1.15 * ping, p["ping_db"] + 8.0, 0.8 * decay),
                    MetalBand(crest, 1.8 * crest, -5.0, decay, 0.002),
                    MetalBand(0.8 * ping, 2.0 * crest, 2.0 + 0.5 * p["stick_db"], 0.11),
                ),
                noise_db=p["noise_db"],
                noise=((0.3 * crest, -30.0), (crest, 0.0), (20_000.0, -4.0)),
                noise_decays=((1_000.0, 0.9 * decay), (16_000.0, 0.6 * decay)),
            ),
            rng,
        )

    def drum(rng: np.random.Generator) -> Signal:
        ratios = (0.296, 0.422, 0.66, 1.0, 1.233, 1.56, 1.96, 2.55)
        levels = (-7.0, -12.0, -8.0, 0.0, -1.0, -4.0, -8.0, -11.0)
        bell = tuple(
            (ping * ratio, p["ping_db"] + level, min(3.6, 0.6 * decay * ratio**-0.6))
            for ratio, level in zip(ratios, levels, strict=True)
        )
        return struck(
            Cymbal(
                lowest_hz=260.0 * p["metal"],
                modes=300,
                spectrum=tuple((f, db - 11.0) for f, db in _bright(p, -10.0)),
                decays=((260.0, 1.1 * decay), (1_000.0, decay), (4_000.0, 0.9 * decay), (18_000.0, 0.3 * decay)),
                contrast_db=3.0 + 4.0 * p["spread"],
                blooms=((240.0, 0.01), (18_000.0, 0.02)),
                bloom_depth=0.5,
                partials=bell,
                stick_db=p["stick_db"],
                stick_hz=0.8 * crest,
                stick_seconds=0.016,
                air_db=p["noise_db"] - 14.0,
                air_decays=((1_000.0, 0.3 * decay), (20_000.0, 0.2 * decay)),
                seed=seed_of(rng),
            ),
            rng,
        )

    return coloured(blend(p["acoustic"], machine, drum, rng), p["drive"], p["tone_db"], 4_000.0)


RIDE = Family(
    "ride",
    "Rides, bells of cymbals and pings of metal.",
    (
        Parameter("metal", 0.5, 2.2, "log"),
        Parameter("spread", 0.25, 1.6),
        Parameter("band_hz", 3_500.0, 9_500.0, "log"),
        Parameter("ping_hz", 1_100.0, 4_500.0, "log"),
        Parameter("ping_db", -24.0, -4.0),
        Parameter("decay_seconds", 0.4, 3.4, "log"),
        Parameter("noise_db", -26.0, -6.0),
        Parameter("stick_db", -24.0, 0.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _ride,
)

_COWBELL_MODES = np.array([1.0, 1.58, 2.24, 2.87, 3.46, 4.29, 5.42, 6.5])


def _cowbell(p: Values, rng: np.random.Generator) -> Signal:
    decay, pitch, bright = p["decay_seconds"], p["pitch_hz"], p["brightness_hz"]
    t = seconds_of(decay + 0.03, RATE)

    def machine(rng: np.random.Generator) -> Signal:
        odd = np.arange(1.0, 30.0, 2.0)
        hertz = np.concatenate([pitch * odd, pitch * p["second_ratio"] * odd])
        level = np.tile(odd ** -(2.0 - p["squareness"]), 2)
        level *= 1.0 / np.sqrt(1.0 + (0.7 * pitch / hertz) ** 4) / (1.0 + (hertz / bright) ** 2)
        phase = np.concatenate([odd * rng.uniform(0, 6.28), odd * rng.uniform(0, 6.28)])
        return modal_bank(hertz, decay, level, phase, len(t), RATE)

    def drum(rng: np.random.Generator) -> Signal:
        hertz = pitch * _COWBELL_MODES ** (0.6 + 0.3 * p["second_ratio"]) * (1 + 0.02 * rng.standard_normal(8))
        level = amplitude(rng.normal(0.0, 4.0, 8)) * _COWBELL_MODES**-0.7 / (1.0 + (hertz / bright) ** 2)
        dies = decay * _COWBELL_MODES ** -(1.2 - p["squareness"])
        return modal_bank(hertz, dies, level, rng.uniform(0, 6.28, 8), len(t), RATE)

    tone = blend(p["acoustic"], machine, drum, rng)
    # Loud for a moment, then a lower ring: what makes it a bell that was hit and not an organ.
    tone *= p["ring"] + (1.0 - p["ring"]) * np.exp(-t / 0.018)
    tone += float(amplitude(p["click_db"])) * click(t, 2.5 * bright**0.5 * 40.0, 0.008, RATE, rng)
    return coloured(tone, p["drive"], p["tone_db"], 2_000.0)


COWBELL = Family(
    "cowbell",
    "Cowbells and agogos: two square waves, or a folded plate.",
    (
        Parameter("pitch_hz", 260.0, 1_400.0, "log"),
        Parameter("second_ratio", 1.15, 1.95),
        Parameter("squareness", 0.0, 1.2),
        Parameter("decay_seconds", 0.06, 0.9, "log"),
        Parameter("ring", 0.15, 1.0),
        Parameter("brightness_hz", 800.0, 7_000.0, "log"),
        Parameter("click_db", -36.0, -6.0),
        DRIVE,
        TONE,
        ACOUSTIC,
    ),
    _cowbell,
)
