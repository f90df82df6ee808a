"""What can be said of a drum sound in numbers: where its energy lies, how long it lasts, its lowest strong tone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """Numbers of one hit.

    Args:
        centroid_hz: mean frequency, weighted by energy, over the whole hit.
        strongest_hz: frequency of the strongest partial.
        decay20_seconds, decay40_seconds: from the loudest moment until 20 and 40 dB below it, for good; of the root
            mean square over 10 ms.
        peak_dbfs: highest sample.
        duration_seconds: from the strike to the last sample.
    """

    centroid_hz: float
    strongest_hz: float
    decay20_seconds: float
    decay40_seconds: float
    peak_dbfs: float
    duration_seconds: float


def measure_sound(sound: NDArray[np.floating], sample_rate_hz: int) -> SoundMeasures:
    """Return the measures of one hit.

    Args:
        sound: `(frames,)` or `(frames, channels)`; channels are averaged. Silence before the strike (40 dB below the
            peak) is left out.
        sample_rate_hz: of `sound`.

    Raises:
        InvalidParameter: the sound is silent.
    """
    from scipy.fft import rfft, rfftfreq
    from scipy.ndimage import uniform_filter1d

    mono = sound.mean(axis=1) if sound.ndim == 2 else sound
    mono = np.asarray(mono, dtype=np.float64)
    peak = float(np.abs(mono).max(initial=0.0))
    if peak == 0.0:
        raise InvalidParameter("a sound must not be silent to be measured; got zeros")
    mono = mono[int(np.flatnonzero(np.abs(mono) > 0.01 * peak)[0]) :]
    power = np.abs(rfft(mono)) ** 2
    hertz = rfftfreq(len(mono), 1 / sample_rate_hz)
    envelope = uniform_filter1d(mono**2, max(1, round(0.01 * sample_rate_hz)), mode="constant")
    loudest = int(envelope.argmax())

    def decay(drop_db: float) -> float:
        above = np.flatnonzero(envelope > envelope[loudest] * 10 ** (-drop_db / 10))
        return float(above[-1] - loudest) / sample_rate_hz

    return SoundMeasures(
        centroid_hz=float((power * hertz).sum() / power.sum()),
        strongest_hz=float(hertz[power.argmax()]),
        decay20_seconds=decay(20.0),
        decay40_seconds=decay(40.0),
        peak_dbfs=float(20 * np.log10(peak)),
        duration_seconds=len(mono) / sample_rate_hz,
    )
