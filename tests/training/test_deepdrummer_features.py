import numpy as np
import pytest
import scipy.fft
import scipy.signal
import torch

from ghostnote.training.deepdrummer_features import (
    BAR_FRAMES,
    MENDED_FEATURES,
    ORIGINAL_FEATURES,
    BarFeatures,
    FeatureSettings,
    mel_triangles,
)

BOTH = pytest.mark.parametrize("settings", [ORIGINAL_FEATURES, MENDED_FEATURES], ids=["original", "mended"])


def slow_coefficients(bar, settings: FeatureSettings):
    """The same by another way: float64, frame by frame, triangles by interpolation, decibels, scipy's DCT."""
    half = settings.transform // 2
    window = np.zeros(settings.transform)
    start = (settings.transform - settings.window) // 2
    window[start : start + settings.window] = scipy.signal.get_window("hann", settings.window, fftbins=True)
    padded = np.pad(bar.astype(np.float64), half, mode="reflect")
    frames = [padded[at : at + settings.transform] * window for at in range(0, len(bar) + 1, settings.hop)]
    powers = np.array([np.abs(np.fft.rfft(frame)) ** 2 for frame in frames])
    top_mel = 2595 * np.log10(1 + settings.highest_hz / 700)
    corners = 700 * (10 ** (np.linspace(0, top_mel, 130) / 2595) - 1)
    hz = np.arange(settings.bins) * settings.rate_hz / settings.transform
    bands = np.stack(
        [powers @ np.interp(hz, corners[b : b + 3], [0, 1, 0], left=0, right=0) for b in range(128)], axis=1
    )
    decibels = 10 * np.log10(np.maximum(bands, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - 80)
    return scipy.fft.dct(decibels, type=2, norm="ortho", axis=1)[:, :60].T


def noisy_bar(seed: int):
    rng = np.random.default_rng(seed)
    decay = np.exp(-np.arange(BAR_FRAMES) / 9_000)
    return (decay * rng.normal(0, 0.2, BAR_FRAMES)).astype(np.float32)


@BOTH
def test_features_equal_a_slow_computation(settings):
    bars = np.stack([noisy_bar(0), 0.01 * noisy_bar(1)])
    fast = BarFeatures(settings)(torch.from_numpy(bars)).numpy()
    assert fast.shape == (2, 60, 442)
    for bar, coefficients in zip(bars, fast, strict=True):
        np.testing.assert_allclose(coefficients, slow_coefficients(bar, settings), atol=0.02)


@BOTH
def test_a_bar_is_heard_the_same_in_any_batch(settings):
    features = BarFeatures(settings)
    bars = torch.from_numpy(np.stack([noisy_bar(seed) for seed in range(5)]))
    for bar, together in zip(bars, features(bars), strict=True):
        torch.testing.assert_close(features(bar[None])[0], together, atol=1e-3, rtol=0)


@BOTH
def test_silence_has_finite_features(settings):
    assert torch.isfinite(BarFeatures(settings)(torch.zeros(1, BAR_FRAMES))).all()


@pytest.mark.parametrize(
    ("settings", "shift"),
    [(ORIGINAL_FEATURES, 44_100 / 16_000), (MENDED_FEATURES, 1.0)],
    ids=["original: wrong axis", "mended: right axis"],
)
def test_where_a_tone_lands_on_the_mel_axis(settings, shift):
    """A tone of 3 kHz lands where it is, or where the fault puts it: at 3 kHz · 16 / 44.1."""
    tone = np.sin(2 * np.pi * 3_000 * np.arange(BAR_FRAMES) / 44_100).astype(np.float64)
    window = scipy.signal.get_window("hann", settings.window)
    power = np.abs(np.fft.rfft(tone[: settings.window] * window, settings.transform)) ** 2
    loudest = np.argmax(power @ mel_triangles(settings))
    top_mel = 2595 * np.log10(1 + settings.highest_hz / 700)
    centre_hz = 700 * (10 ** ((loudest + 1) * top_mel / 129 / 2595) - 1)
    assert centre_hz * shift == pytest.approx(3_000, rel=0.03)
