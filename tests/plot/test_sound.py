from __future__ import annotations

import io

import numpy as np
import pytest

from ghostnote.audio import Rendering
from ghostnote.errors import InvalidParameter
from ghostnote.plot import plot_audio
from ghostnote.plot.sound import on_log_rows

RATE = 22_050


def rendering(hertz: float = 440.0, seconds: float = 1.0) -> Rendering:
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    audio = np.stack([tone, tone], axis=1).astype(np.float32)
    return Rendering(audio, RATE, loudness_lufs=-9.7, peak_dbfs=-6.0, true_peak_dbfs=-6.0, gain_db=0.0, limited_db=0.0)


@pytest.mark.parametrize("after", [None, rendering(880.0, 0.5)])
def test_sound_is_drawn_before_and_after(after: Rendering | None) -> None:
    stream = io.BytesIO()
    plot_audio(rendering(), after, stream, theme="dark")
    assert stream.getvalue().startswith(b"\x89PNG")


def test_silence_and_very_short_sounds_are_drawn() -> None:
    quiet = rendering()
    quiet.audio[:] = 0.0
    for sound in (quiet, rendering(seconds=0.01)):
        plot_audio(sound, None, io.BytesIO())


def test_rows_are_of_equal_musical_width_and_keep_peaks() -> None:
    hertz = np.linspace(0, RATE / 2, 1_025)
    rows = np.geomspace(40, 9_000, 100)
    power = np.zeros((len(hertz), 1))
    power[np.searchsorted(hertz, 3_000)] = 1.0
    image = on_log_rows(power, hertz, rows)
    assert image.max() == 1.0
    assert rows[image[:, 0].argmax()] == pytest.approx(3_000, rel=0.06)


def test_a_stretch_outside_of_the_sound_is_refused() -> None:
    with pytest.raises(InvalidParameter, match=r"within 0…1\.0; got 2…3"):
        plot_audio(rendering(), None, io.BytesIO(), seconds=(2.0, 3.0))
