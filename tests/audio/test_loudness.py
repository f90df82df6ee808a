from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import sosfreqz
from scores import rock

from ghostnote.audio import DEFAULT_KIT, integrated_loudness_lufs, render
from ghostnote.audio.loudness import hit_loudness_lufs, k_weighting
from ghostnote.errors import InvalidParameter


def sine(hertz: float, seconds: float, rate: int, level_dbfs: float = 0.0) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return (10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def test_full_scale_sine_in_one_channel_reads_minus_three() -> None:
    # BS.1770-4, annex 1: "a 0 dB FS, 997 Hz sine wave applied to the left, centre or right channel reads -3.01 LKFS".
    assert integrated_loudness_lufs(sine(997, 5, 48_000), 48_000) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_stereo_sine_at_minus_23_reads_minus_23(rate: int) -> None:
    # EBU Tech 3341, test case 1: 1 kHz at -23 dBFS in both channels.
    tone = sine(1_000, 20, rate, -23.0)
    assert integrated_loudness_lufs(np.stack([tone, tone], axis=1), rate) == pytest.approx(-23.0, abs=0.1)


def test_relative_gate_leaves_out_the_quiet() -> None:
    # EBU Tech 3341, test case 3: 10 s at -36, 60 s at -23, 10 s at -36 dBFS read -23 LUFS.
    tone = np.concatenate([sine(1_000, s, 48_000, level) for s, level in ((10, -36), (60, -23), (10, -36))])
    assert integrated_loudness_lufs(np.stack([tone, tone], axis=1), 48_000) == pytest.approx(-23.0, abs=0.1)


def test_k_weighting_gives_the_table_of_the_standard_at_48_khz() -> None:
    shelf, high_pass = k_weighting(48_000)
    np.testing.assert_allclose(shelf[:3], [1.53512485958697, -2.69169618940638, 1.19839281085285], atol=1e-6)
    np.testing.assert_allclose(shelf[4:], [-1.69065929318241, 0.73248077421585], atol=1e-6)
    np.testing.assert_allclose(high_pass[4:], [-1.99004745483398, 0.99007225036621], atol=1e-6)


def test_k_weighting_is_the_same_at_other_rates() -> None:
    hertz = np.geomspace(30, 8_000, 40)
    here, there = (np.abs(sosfreqz(k_weighting(rate), hertz, fs=rate)[1]) for rate in (44_100, 96_000))
    np.testing.assert_allclose(20 * np.log10(here / there), 0.0, atol=0.15)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_agrees_with_pyloudnorm(rate: int, channels: int) -> None:
    rng = np.random.default_rng(0)
    bursts = np.exp(-8 * (np.arange(rate * 6) / rate % 0.75))[:, None]
    audio = 0.3 * rng.standard_normal((rate * 6, channels)) * bursts
    expected = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(audio)
    assert integrated_loudness_lufs(audio, rate) == pytest.approx(expected, abs=0.1)


def test_loudness_of_a_beat_agrees_with_pyloudnorm() -> None:
    rendering = render(rock(2), DEFAULT_KIT, loudness_lufs=-18.0)
    expected = pyloudnorm.Meter(44_100).integrated_loudness(rendering.audio.astype(np.float64))
    assert integrated_loudness_lufs(rendering.audio, 44_100) == pytest.approx(expected, abs=0.1)


def test_silence_and_nothing_are_minus_infinity() -> None:
    assert integrated_loudness_lufs(np.zeros((44_100, 2), dtype=np.float32), 44_100) == -np.inf
    assert integrated_loudness_lufs(np.zeros((0, 2), dtype=np.float32), 44_100) == -np.inf
    assert integrated_loudness_lufs(np.full((44_100, 2), 1e-6, dtype=np.float32), 44_100) == -np.inf


def test_less_than_a_block_is_measured_without_gates() -> None:
    short = sine(1_000, 0.3, 44_100, -23.0)
    assert integrated_loudness_lufs(np.stack([short, short], axis=1), 44_100) == pytest.approx(-23.0, abs=0.2)


def test_chunks_do_not_show() -> None:
    audio = np.random.default_rng(1).standard_normal((44_100 * 45, 1)).astype(np.float32) * 0.1
    head = integrated_loudness_lufs(audio[: 44_100 * 15], 44_100)
    assert integrated_loudness_lufs(audio, 44_100) == pytest.approx(head, abs=0.05)


def test_hit_loudness_counts_the_first_400_ms_only() -> None:
    tone = sine(1_000, 2.0, 48_000)
    assert hit_loudness_lufs(tone, 48_000) == pytest.approx(-3.01, abs=0.1)
    assert hit_loudness_lufs(tone[: 48_000 // 10], 48_000) == pytest.approx(-3.01 - 6.02, abs=0.2)


def test_loudness_refuses_other_shapes_and_broken_samples() -> None:
    with pytest.raises(InvalidParameter, match="shape"):
        integrated_loudness_lufs(np.zeros((10, 3)), 44_100)
    with pytest.raises(InvalidParameter, match="finite"):
        integrated_loudness_lufs(np.full((44_100, 1), np.nan), 44_100)
