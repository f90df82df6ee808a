from __future__ import annotations

import numpy as np
import pytest

from ghostnote.audio.measure import measure_sound
from ghostnote.errors import InvalidParameter

RATE = 44_100


def test_decaying_sine_measures_as_made() -> None:
    t = np.arange(RATE) / RATE
    sound = 0.5 * np.exp(-6.9078 / 0.6 * t) * np.sin(2 * np.pi * 440 * t)
    measures = measure_sound(np.concatenate([np.zeros(3_000), sound]), RATE)
    assert measures.strongest_hz == pytest.approx(440, abs=2)
    assert measures.centroid_hz == pytest.approx(440, abs=15)
    assert measures.decay20_seconds == pytest.approx(0.2, abs=0.01)
    assert measures.decay40_seconds == pytest.approx(0.4, abs=0.01)
    assert measures.peak_dbfs == pytest.approx(-6.0, abs=0.2)
    assert measures.duration_seconds == pytest.approx(1.0, abs=0.01)


def test_centroid_weighs_energy_over_both_channels() -> None:
    t = np.arange(RATE) / RATE
    tones = np.sin(2 * np.pi * 1_000 * t) + 2 * np.sin(2 * np.pi * 4_000 * t)
    assert measure_sound(np.stack([tones, tones], axis=1), RATE).centroid_hz == pytest.approx(3_400, rel=0.01)


def test_silence_can_not_be_measured() -> None:
    with pytest.raises(InvalidParameter, match="must not be silent"):
        measure_sound(np.zeros((100, 2)), RATE)
