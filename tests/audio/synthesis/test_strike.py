from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ghostnote.audio.kits import DEEP_ANALOGUE, DRY_ACOUSTIC, PUNCHY_ANALOGUE
from ghostnote.audio.measure import measure_sound
from ghostnote.audio.synthesis import Cymbal, Design, Membrane, MetalBank, SweptDrum, TonedNoise, strike
from ghostnote.errors import InvalidParameter
from ghostnote.groove import Voice

RATE = 44_100
FAMILIES: dict[type[Design], Design] = {
    SweptDrum: DEEP_ANALOGUE.channels[Voice.KICK].design,
    TonedNoise: PUNCHY_ANALOGUE.channels[Voice.SNARE].design,
    MetalBank: DEEP_ANALOGUE.channels[Voice.CLOSED_HIHAT].design,
    Membrane: DRY_ACOUSTIC.channels[Voice.SNARE].design,
    Cymbal: DRY_ACOUSTIC.channels[Voice.CLOSED_HIHAT].design,
}
every_family = pytest.mark.parametrize("design", FAMILIES.values(), ids=[family.__name__ for family in FAMILIES])


def hit(design: Design, velocity: float = 1.0, seed: int = 0, rate: int = RATE) -> np.ndarray:
    return strike(design, velocity, sample_rate_hz=rate, rng=np.random.default_rng(seed))


@every_family
def test_strike_is_a_function_of_its_arguments(design: Design) -> None:
    assert isinstance(design, next(family for family, d in FAMILIES.items() if d is design))
    np.testing.assert_array_equal(hit(design), hit(design))
    assert not np.array_equal(hit(design, seed=0), hit(design, seed=1))


@every_family
def test_strike_is_finite_without_constant_part_and_ends_on_zero(design: Design) -> None:
    sound = hit(design)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert sound[-1] == 0.0
    assert abs(sound.mean()) < 2e-3 * np.abs(sound).max()
    # The last milliseconds fade: no step that could click.
    assert np.abs(np.diff(sound[-100:])).max() < 1e-3 * np.abs(sound).max()


@every_family
def test_strike_sounds_within_a_millisecond(design: Design) -> None:
    sound = np.abs(hit(design))
    assert sound[: RATE // 1_000].max() > 0.01 * sound.max()


@every_family
def test_softer_hits_are_darker_and_shorter(design: Design) -> None:
    def mean(velocity: float, field: str) -> float:
        return float(np.mean([getattr(measure_sound(hit(design, velocity, seed), RATE), field) for seed in range(3)]))

    assert mean(0.2, "centroid_hz") < 0.97 * mean(1.0, "centroid_hz")
    assert mean(0.2, "decay20_seconds") < mean(1.0, "decay20_seconds")


@every_family
@pytest.mark.parametrize("rate", [22_050, 48_000, 96_000])
def test_strike_sounds_alike_at_other_rates(design: Design, rate: int) -> None:
    here, there = measure_sound(hit(design), RATE), measure_sound(hit(design, rate=rate), rate)
    if rate >= RATE:
        assert there.centroid_hz == pytest.approx(here.centroid_hz, rel=0.2)
    assert there.duration_seconds == pytest.approx(here.duration_seconds, rel=0.1)
    assert there.decay20_seconds == pytest.approx(here.decay20_seconds, rel=0.3, abs=0.01)


def test_kick_sweep_deepens_with_velocity() -> None:
    drum = replace(FAMILIES[SweptDrum], noise_db=-200.0, click_db=-200.0)  # type: ignore[type-var]

    def crossings(velocity: float) -> int:
        early = hit(drum, velocity)[: round(0.03 * RATE)]
        return int(np.count_nonzero(np.diff(np.signbit(early))))

    assert crossings(1.0) > crossings(0.2)


def test_membrane_pitch_falls_after_a_hard_hit() -> None:
    drum = Membrane(
        fundamental_hz=100.0, decay_seconds=2.0, drop=0.2, drop_seconds=0.1, haze_db=-200.0, click_db=-200.0
    )

    def pitch(sound: np.ndarray) -> float:
        ups = np.flatnonzero(np.diff(np.signbit(sound).astype(int)) == -1)
        return float((len(ups) - 1) * RATE / (ups[-1] - ups[0]))

    sound = hit(replace(drum, brightness_hz=60.0, strike_radius=0.0))
    early, late = pitch(sound[RATE // 50 : RATE // 8]), pitch(sound[RATE : RATE * 3 // 2])
    assert late == pytest.approx(100.0, rel=0.02)
    assert early > 1.05 * late


def test_wires_bring_the_highs_of_a_snare() -> None:
    snare = FAMILIES[Membrane]
    assert isinstance(snare, Membrane)
    with_wires, without = measure_sound(hit(snare), RATE), measure_sound(hit(replace(snare, wires=None)), RATE)
    assert with_wires.centroid_hz > 1.5 * without.centroid_hz
    assert with_wires.decay40_seconds > without.decay40_seconds


def test_cymbal_of_another_seed_is_another_cymbal() -> None:
    cymbal = FAMILIES[Cymbal]
    assert isinstance(cymbal, Cymbal)
    assert not np.allclose(hit(cymbal), hit(replace(cymbal, seed=99)))


@pytest.mark.parametrize("velocity", [0.0, -0.1, 100.0, float("nan")])
def test_strike_refuses_velocities_out_of_range(velocity: float) -> None:
    with pytest.raises(InvalidParameter, match=r"velocity must lie in \(0, 1\].*Divide by 127"):
        hit(FAMILIES[SweptDrum], velocity)


def test_strike_refuses_impossible_rates() -> None:
    with pytest.raises(InvalidParameter, match="sample_rate_hz must lie in 8000…192000; got 100"):
        hit(FAMILIES[SweptDrum], rate=100)
