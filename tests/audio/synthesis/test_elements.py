from __future__ import annotations

import numpy as np
import pytest

from ghostnote.audio.synthesis.elements import (
    T60_NEPERS,
    click,
    decay_envelope,
    decaying_noise,
    dimmed,
    finish,
    modal_bank,
    on_curve,
    saturate,
    seconds_of,
    shaped_noise,
    swept_phase,
)

RATE = 44_100
FLAT = ((20.0, 0.0), (20_000.0, 0.0))


def band_db(sound: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    chosen = (hertz >= low_hz) & (hertz < high_hz)
    return float(10 * np.log10(power[chosen].mean() + 1e-30))


@pytest.mark.parametrize("frames", [1, 2, 1_000, 30_011])
def test_modal_bank_agrees_with_direct_evaluation(frames: int) -> None:
    rng = np.random.default_rng(0)
    hertz, decay = rng.uniform(30, 19_000, 80), rng.uniform(0.05, 2.0, 80)
    level, phase = rng.normal(size=80), rng.uniform(0, 6, 80)
    t = np.arange(frames) / RATE

    slow = np.zeros(frames)
    for f, t60, a, p in zip(hertz, decay, level, phase, strict=True):
        slow += a * np.exp(-T60_NEPERS / t60 * t) * np.sin(2 * np.pi * f * t + p)

    fast = modal_bank(hertz, decay, level, phase, frames, RATE)
    assert np.abs(fast - slow).max() < 1e-3 * np.abs(level).sum() / np.sqrt(80)


def test_modal_bank_leaves_out_what_would_alias() -> None:
    assert not modal_bank([30_000.0], [1.0], [1.0], [0.0], 1_000, RATE).any()
    assert modal_bank([30_000.0], [1.0], [1.0], [0.0], 1_000, 96_000).any()


def test_decay_is_sixty_decibels_in_t60() -> None:
    envelope = decay_envelope(np.array([0.0, 0.25, 0.5]), 0.5)
    np.testing.assert_allclose(20 * np.log10(envelope), [0.0, -30.0, -60.0], atol=1e-3)


def test_swept_phase_is_the_integral_of_its_frequency() -> None:
    t = seconds_of(0.2, 200_000)
    frequency = np.diff(swept_phase(t, 50.0, ((200.0, 0.03), (900.0, 0.004)))) / (2 * np.pi) * 200_000
    expected = 50 + 200 * np.exp(-t / 0.03) + 900 * np.exp(-t / 0.004)
    np.testing.assert_allclose(frequency, expected[:-1], rtol=2e-3)


def test_shaped_noise_has_unit_variance_and_its_spectrum() -> None:
    t = seconds_of(2.0, RATE)
    assert shaped_noise(t, FLAT, RATE, np.random.default_rng(1)).std() == pytest.approx(1.0, abs=0.03)
    tilted = shaped_noise(t, ((1_000.0, 0.0), (8_000.0, -30.0)), RATE, np.random.default_rng(1))
    assert band_db(tilted, 500, 1_000) - band_db(tilted, 8_000, 16_000) == pytest.approx(30.0, abs=0.7)


def test_decaying_noise_without_decay_is_shaped_noise() -> None:
    t = seconds_of(1.0, RATE)
    noise = decaying_noise(t, FLAT, ((20.0, 1e6), (20_000.0, 1e6)), RATE, np.random.default_rng(2))
    assert noise.std() == pytest.approx(1.0, abs=0.03)
    octaves = [band_db(noise, low, 2 * low) for low in (90, 180, 360, 720, 1_400, 2_900, 5_800, 10_000)]
    assert np.ptp(octaves) < 1.5


def test_decaying_noise_loses_highs_first() -> None:
    t = seconds_of(0.5, RATE)
    noise = decaying_noise(t, FLAT, ((200.0, 1.0), (10_000.0, 0.1)), RATE, np.random.default_rng(3))
    early, late = noise[: RATE // 50], noise[RATE // 10 : RATE // 5]
    assert band_db(early, 8_000, 16_000) > band_db(early, 200, 400) - 12
    assert band_db(late, 8_000, 16_000) < band_db(late, 200, 400) - 30


def test_dimmed_takes_off_only_above_the_pivot() -> None:
    soft = dimmed(FLAT, 6.0, pivot_hz=1_000.0)
    np.testing.assert_allclose(on_curve(soft, [100.0, 1_000.0, 4_000.0]), [0.0, 0.0, -12.0], atol=1e-9)


def test_click_peaks_at_one_near_its_centre() -> None:
    burst = click(seconds_of(0.1, RATE), 3_000.0, 0.012, RATE, np.random.default_rng(4))
    assert np.abs(burst).max() == pytest.approx(1.0)
    assert not burst[round(0.012 * RATE) + 1 :].any()
    assert band_db(burst, 2_000, 4_500) > band_db(burst, 12_000, 20_000) + 12


def test_saturation_keeps_small_signals_and_bends_large_ones() -> None:
    assert saturate(np.array([1e-4]), 2.0)[0] == pytest.approx(1e-4, rel=1e-6)
    assert saturate(np.array([1.0]), 2.0)[0] < 0.5
    assert saturate(np.array([0.7]), 0.0)[0] == 0.7


def test_finish_ends_on_zero_without_a_constant_part() -> None:
    done = finish(np.full(RATE, 0.5), RATE)
    assert done.dtype == np.float32
    assert done[-1] == 0.0
    assert abs(done[RATE // 2 :].mean()) < 1e-6
