import numpy as np
import pytest

from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidAudio
from ghostnote.sounds.level import HIGHEST_PEAK, TARGET_LUFS, normalise

RATE = 44_100


def _tone(seconds: float, gain: float = 1.0) -> np.ndarray:
    return gain * np.sin(2 * np.pi * 500.0 * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("gain", [1e-6, 0.01, 1.0, 3e4, 1e30])
def test_normalise_brings_any_gain_to_one_loudness(gain: float) -> None:
    level = normalise(_tone(0.5, gain))
    assert hit_loudness_lufs(level, RATE) == pytest.approx(TARGET_LUFS, abs=0.01)
    np.testing.assert_allclose(level, normalise(_tone(0.5)), atol=1e-6)


def test_normalise_keeps_float32_and_length() -> None:
    level = normalise(_tone(0.2).astype(np.float32))
    assert level.dtype == np.float32
    assert level.shape == (round(0.2 * RATE),)


@pytest.mark.parametrize("frames", [1, 2, 20])
def test_normalise_stops_clicks_at_the_highest_peak(frames: int) -> None:
    click = np.zeros(1_000)
    click[:frames] = 0.3
    level = normalise(click)
    assert np.abs(level).max() == pytest.approx(HIGHEST_PEAK)
    assert hit_loudness_lufs(level, RATE) < TARGET_LUFS


def test_normalise_is_a_gain_alone() -> None:
    noise = np.random.default_rng(0).standard_normal(5_000)
    level = normalise(noise)
    np.testing.assert_allclose(level / level[0], noise / noise[0], rtol=1e-5, atol=1e-5)


def test_normalise_accepts_what_the_loudness_filter_can_not_hear() -> None:
    constant = np.ones(100_000) * 0.2
    assert np.isfinite(normalise(constant)).all()


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(1_000), "silent"),
        (np.full(1_000, 1e-12), "silent"),
        (np.array([0.1, np.nan]), "finite"),
        (np.array([0.1, np.inf]), "finite"),
        (np.zeros(0), "frames"),
        (np.zeros((100, 2)), "frames"),
    ],
)
def test_normalise_says_what_is_wrong(audio: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidAudio, match=message):
        normalise(audio)
