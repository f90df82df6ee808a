"""What DeepDrummer's critic hears of a bar: sixty cepstral coefficients, for a batch at once.

Source: the description in Alain et al. 2020 (arXiv 2008.04391), and the defaults of the library that it used: centred
frames with reflection at the ends, periodic Hann window, power spectrum, 128 triangles on the HTK mel axis that are not
normalised, decibels above -100 and at most 80 below the bar's loudest, an orthonormal DCT-II.

`ORIGINAL_FEATURES` keeps the released program's fault: they are built for 16 kHz and fed 44.1 kHz, so that a window
lasts 9 ms and the axis reaches 22.05 kHz as if it were 8. `MENDED_FEATURES` has windows of 25 ms at the real rate, on
an axis up to 16 kHz (nearly nothing of a one-shot lies above, and the bands would lie coarser below); the hop stays,
so that the shape does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.sounds.sound import MASTER_RATE_HZ

BAR_FRAMES = 2 * MASTER_RATE_HZ
COEFFICIENTS = 60
BANDS = 128
LEAST_POWER = 1e-10
RANGE_DB = 80.0
_BLOCKS = 5
_CACHED_VALUES = 2**20
_DB_PER_NEPER = 10.0 / math.log(10.0)


@dataclass(frozen=True)
class FeatureSettings:
    """How a bar is cut into frames and bands.

    Args:
        rate_hz: the rate that the mel axis is built for; right if it is that of the audio.
        window: length of a window in samples.
        transform: length of the Fourier transform in samples, at least `window`; the rest is zero.
        hop: samples from one frame to the next.
        highest_hz: end of the mel axis, at most half of `rate_hz`.
    """

    rate_hz: int
    window: int
    transform: int
    hop: int
    highest_hz: float

    @property
    def bins(self) -> int:
        """Number of frequencies of the transform."""
        return self.transform // 2 + 1


ORIGINAL_FEATURES = FeatureSettings(rate_hz=16_000, window=400, transform=400, hop=200, highest_hz=8_000.0)
MENDED_FEATURES = FeatureSettings(rate_hz=MASTER_RATE_HZ, window=1_103, transform=1_120, hop=200, highest_hz=16_000.0)


def mel_triangles(settings: FeatureSettings) -> NDArray[np.float64]:
    """Return the weight of each frequency in each band, `(bins, BANDS)`; bands narrower than a bin may be empty."""
    frequencies = np.linspace(0.0, settings.rate_hz / 2, settings.bins)
    mels = np.linspace(0.0, 2595.0 * math.log10(1.0 + settings.highest_hz / 700.0), BANDS + 2)
    corners = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    widths = np.diff(corners)
    rising = (frequencies[:, None] - corners[None, :-2]) / widths[:-1]
    falling = (corners[None, 2:] - frequencies[:, None]) / widths[1:]
    return np.maximum(0.0, np.minimum(rising, falling))


def cosine_transform() -> NDArray[np.float64]:
    """Return the orthonormal DCT-II of bands, `(BANDS, COEFFICIENTS)`."""
    angles = np.pi / BANDS * np.outer(np.arange(BANDS) + 0.5, np.arange(COEFFICIENTS))
    matrix = np.cos(angles) * math.sqrt(2.0 / BANDS)
    matrix[:, 0] /= math.sqrt(2.0)
    return matrix


class BarFeatures:
    """Bars in, cepstral coefficients out.

    The bands are a banded matrix, so they are applied in blocks; the two halves of complex numbers are squared where
    they lie, and added by that same product. A few bars go at a time, so that they stay in the processor's cache.

    Shape:
        bars: `(batch, frames)` float32, BAR_FRAMES for a bar of two seconds.
        result: `(batch, COEFFICIENTS, frames // hop + 1)`, a view whose time lies outside.
    """

    def __init__(self, settings: FeatureSettings) -> None:
        self.settings = settings
        window = torch.zeros(settings.transform)
        start = (settings.transform - settings.window) // 2
        window[start : start + settings.window] = torch.hann_window(settings.window, dtype=torch.float64).float()
        self._window = window
        self._blocks = tuple(_blocks(mel_triangles(settings)))
        self._cosines = torch.tensor(cosine_transform() * _DB_PER_NEPER, dtype=torch.float32)

    def __call__(self, bars: Tensor) -> Tensor:
        """Return the coefficients of `bars`."""
        overlap = self.settings.transform / self.settings.hop
        together = max(1, round(_CACHED_VALUES / (bars.shape[1] * overlap)))
        return torch.cat([self._coefficients(some) for some in torch.split(bars, together)]).transpose(1, 2)

    def _coefficients(self, bars: Tensor) -> Tensor:
        half = self.settings.transform // 2
        before, after = bars[:, 1 : half + 1].flip(1), bars[:, -half - 1 : -1].flip(1)
        padded = torch.cat([before, bars, after], dim=1)  # several times quicker than torch's own reflection
        frames = padded.unfold(1, self.settings.transform, self.settings.hop)
        spectrum = torch.view_as_real(torch.fft.rfft(frames * self._window)).flatten(2)
        powers = spectrum.square_().flatten(0, 1)
        bands = torch.empty(len(powers), BANDS)
        for block in self._blocks:
            torch.mm(
                powers[:, block.first : block.last],
                block.weights,
                out=bands[:, block.first_band : block.last_band],
            )
        nepers = bands.clamp_min_(LEAST_POWER).log_().view(len(bars), -1, BANDS)
        floors = nepers.amax(dim=(1, 2), keepdim=True) - RANGE_DB / _DB_PER_NEPER
        return torch.maximum(nepers, floors) @ self._cosines


@dataclass(frozen=True, eq=False)
class _Block:
    """Some neighbouring bands, and the frequencies in them (real and imaginary parts in turn)."""

    first: int
    last: int
    first_band: int
    last_band: int
    weights: Tensor


def _blocks(triangles: NDArray[np.float64]) -> list[_Block]:
    """Return `triangles` in `_BLOCKS` groups of bands, over about equally many frequencies each."""
    peaks = np.argmax(triangles, axis=0)
    edges = np.searchsorted(np.maximum.accumulate(peaks), np.linspace(0, peaks.max(), _BLOCKS + 1)[1:-1])
    blocks = []
    for first_band, last_band in zip([0, *edges], [*edges, BANDS], strict=True):
        used = np.flatnonzero(triangles[:, first_band:last_band].any(axis=1))
        first, last = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)
        weights = np.repeat(triangles[first:last, first_band:last_band], 2, axis=0)
        blocks.append(
            _Block(2 * first, 2 * last, int(first_band), int(last_band), torch.tensor(weights, dtype=torch.float32))
        )
    return blocks
