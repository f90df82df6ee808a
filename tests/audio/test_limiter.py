from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ghostnote.audio.limiter import limit, limiter_gain, true_peak_dbfs
from ghostnote.errors import InvalidParameter

RATE = 44_100
samples = st.floats(-1e3, 1e3, width=32) | st.sampled_from([0.0, 0.89, 0.9, 1.0, -1.0, 5.0])


@settings(max_examples=150, deadline=None)
@given(
    audio=arrays(np.float32, st.tuples(st.integers(0, 700), st.sampled_from([1, 2])), elements=samples, fill=samples),
    ceiling=st.sampled_from([0.0, -0.1, -1.0, -12.0]),
    look_ahead=st.sampled_from([0.0001, 0.0025, 0.02]),
    release=st.sampled_from([0.001, 0.08, 2.0]),
)
def test_no_sample_exceeds_the_ceiling(audio: np.ndarray, ceiling: float, look_ahead: float, release: float) -> None:
    options = {"ceiling_dbfs": ceiling, "look_ahead_seconds": look_ahead, "release_seconds": release}
    limited = limit(audio, RATE, **options)
    assert limited.shape == audio.shape
    assert np.abs(limited).max(initial=0.0) <= 10 ** (ceiling / 20)
    # The curve alone keeps the promise; the clip after it removes rounding, nothing more.
    gain = limiter_gain(audio, RATE, **options)
    assert ((gain > 0) & (gain <= 1)).all()
    assert np.abs(audio * gain[:, None]).max(initial=0.0) <= 10 ** (ceiling / 20) * (1 + 1e-5)


def test_quiet_audio_passes_unchanged() -> None:
    audio = (0.4 * np.random.default_rng(0).uniform(-1, 1, (5_000, 2))).astype(np.float32)
    np.testing.assert_array_equal(limit(audio, RATE), audio)


def test_gain_falls_before_the_peak_and_recovers_after_it() -> None:
    audio = np.full((RATE, 2), 0.1, dtype=np.float32)
    audio[20_000] = 2.0
    gain = limiter_gain(audio, RATE, look_ahead_seconds=0.0025, release_seconds=0.05)
    assert (gain[: 20_000 - 200] == 1.0).all()
    assert 0.5 < gain[20_000 - 50] < 0.98
    assert gain[20_000] <= 0.446
    assert gain[20_000 + round(0.05 * RATE)] == pytest.approx(1 - 0.555 * np.exp(-1), abs=0.05)
    assert gain[-1] > 0.99
    assert np.abs(np.diff(gain)).max() < 0.02


def test_channels_share_one_gain() -> None:
    audio = np.full((2_000, 2), 0.2, dtype=np.float32)
    audio[1_000, 0] = 3.0
    assert limit(audio, RATE)[1_000, 1] < 0.07


def test_true_peak_is_found_between_samples() -> None:
    # A sine at a quarter of the sample rate, met 45 degrees off its peaks, reads 3 dB too low on its samples.
    sine = np.sin(np.pi / 2 * np.arange(4_000) + np.pi / 4).astype(np.float32)[:, None] * np.hanning(4_000)[:, None]
    sine = sine.astype(np.float32)
    assert 20 * np.log10(np.abs(sine).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbfs(sine) == pytest.approx(0.0, abs=0.1)
    assert true_peak_dbfs(limit(sine, RATE, ceiling_dbfs=-1.0)) == pytest.approx(-1.0, abs=0.15)


def test_true_peak_of_silence_is_minus_infinity() -> None:
    assert true_peak_dbfs(np.zeros((100, 2), dtype=np.float32)) == -np.inf
    assert true_peak_dbfs(np.zeros((0, 2), dtype=np.float32)) == -np.inf


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_limiter_refuses_what_is_not_finite(bad: float) -> None:
    audio = np.zeros((100, 2), dtype=np.float32)
    audio[50, 1] = bad
    with pytest.raises(InvalidParameter, match="audio must be finite"):
        limit(audio, RATE)


def test_limiter_refuses_numbers_out_of_range() -> None:
    audio = np.zeros((10, 2), dtype=np.float32)
    with pytest.raises(InvalidParameter, match="ceiling_dbfs <= 0"):
        limit(audio, RATE, ceiling_dbfs=1.0)
    with pytest.raises(InvalidParameter, match="shape"):
        limit(audio[:, 0], RATE)
