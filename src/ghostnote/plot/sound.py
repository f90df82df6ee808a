"""Sound before and after: waveform and spectrogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.plot.canvas import Palette, Target, format_of, palette, require_matplotlib, save, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ghostnote.audio import Rendering

_RANGE_DB = 75.0
_WINDOW = 2048


def plot_audio(
    before: Rendering,
    after: Rendering | None,
    path_or_file: Target,
    *,
    seconds: tuple[float, float] | None = None,
    title: str | None = None,
    theme: str = "light",
    overwrite: bool = True,
) -> None:
    """Draw waveform and spectrogram of a rendering, and of another one below it.

    Args:
        before: the only rendering, or the one before.
        after: the one after, of the same sample rate.
        path_or_file: as in `plot_feel`.
        seconds: from and to; None means the first eight seconds.
        title: over the picture.
        theme: `light` or `dark`.
        overwrite: whether a file at that path may be replaced.

    Raises:
        InvalidParameter: the stretch is empty, or as in `plot_feel`.
        StorageError: as in `plot_feel`.
    """
    colours = palette(theme)
    require_matplotlib()
    kind = format_of(path_or_file)
    renderings = [before] if after is None else [before, after]
    longest = max(rendering.duration_seconds for rendering in renderings)
    begin, end = seconds or (0.0, min(8.0, longest))
    if not 0 <= begin < end or begin >= longest:
        raise InvalidParameter(f"seconds must be a stretch within 0…{longest:.1f}; got {begin:g}…{end:g}")

    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec

    heights = [0.75, 1.9, 0.2] * len(renderings)
    figure = Figure(figsize=(13.0, sum(heights) + 1.4), dpi=110, facecolor=colours.paper)
    layout = GridSpec(
        len(heights), 1, figure, height_ratios=heights, hspace=0.08, left=0.075, right=0.985,
        top=1 - 0.7 / figure.get_figheight(), bottom=0.55 / figure.get_figheight(),
    )  # fmt: skip
    for i, rendering in enumerate(renderings):
        wave, spectrum = figure.add_subplot(layout[3 * i]), figure.add_subplot(layout[3 * i + 1])
        label = "" if after is None else ("before", "after")[i]
        _draw_wave(wave, rendering, begin, end, label, colours)
        _draw_spectrogram(spectrum, rendering, begin, end, colours)
        spectrum.tick_params(labelbottom=rendering is renderings[-1])
    figure.axes[-1].set_xlabel("seconds", color=colours.faint, fontsize=9)
    write_text(
        figure, 0.075, 1 - 0.36 / figure.get_figheight(), title or "Waveform and spectrum", colours.ink, 15, "bold"
    )
    save(figure, path_or_file, kind, overwrite)


def _draw_wave(axis: Axes, rendering: Rendering, begin: float, end: float, label: str, colours: Palette) -> None:
    rate = rendering.sample_rate_hz
    mono = rendering.audio[round(begin * rate) : round(end * rate)].mean(axis=1)
    columns = min(len(mono), 2_000)
    edges = np.linspace(0, len(mono), columns, endpoint=False).astype(np.int64)
    axis.set_facecolor(colours.panel)
    if columns:
        t = begin + edges / rate
        high, low = np.maximum.reduceat(mono, edges), np.minimum.reduceat(mono, edges)
        axis.fill_between(t, low, high, color=colours.early, lw=0)
    axis.set_xlim(begin, end)
    loudest = max(1e-6, float(np.abs(rendering.audio).max(initial=0.0)))
    axis.set_ylim(-loudest, loudest)
    axis.set_axis_off()
    words = f"{rendering.loudness_lufs:.1f} LUFS, peak {rendering.true_peak_dbfs:.1f} dB"
    write_text(axis, 0.0, 1.02, f"{label}   {words}".strip(), colours.ink, 9.5, transform=axis.transAxes)


def _draw_spectrogram(axis: Axes, rendering: Rendering, begin: float, end: float, colours: Palette) -> None:
    from scipy.signal import stft

    rate = rendering.sample_rate_hz
    mono = rendering.audio[round(begin * rate) : round(end * rate)].mean(axis=1)
    hop = max(128, len(mono) // 1_600)
    padded = np.pad(mono, (0, max(0, _WINDOW - len(mono))))
    hertz, t, spectrum = stft(padded, rate, nperseg=_WINDOW, noverlap=max(0, _WINDOW - hop))
    rows = np.geomspace(40.0, min(18_000.0, 0.45 * rate), 180)
    image = on_log_rows(np.abs(spectrum) ** 2, hertz, rows)
    decibels = 10 * np.log10(image + 1e-14)
    axis.imshow(
        decibels, origin="lower", aspect="auto", cmap="magma", vmin=decibels.max() - _RANGE_DB, vmax=decibels.max(),
        extent=(begin, begin + float(t[-1]), 0, len(rows)), interpolation="bilinear",
    )  # fmt: skip
    axis.set_xlim(begin, end)
    marks = [mark for mark in (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000) if rows[0] <= mark <= rows[-1]]
    axis.set_yticks(
        [float(np.interp(np.log(mark), np.log(rows), np.arange(len(rows)))) for mark in marks],
        [f"{mark // 1000} kHz" if mark >= 1_000 else f"{mark} Hz" for mark in marks],
    )
    axis.tick_params(colors=colours.faint, length=2, labelsize=8)
    for side in axis.spines.values():
        side.set_visible(False)


def on_log_rows(
    power: NDArray[np.float64], hertz: NDArray[np.float64], rows: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `power` `(bins, columns)` on `rows` of equal musical width: the loudest bin that a row covers.

    A row narrower than a bin reads between its two neighbours.
    """
    half = np.sqrt(rows[1] / rows[0])
    place = rows / (hertz[1] - hertz[0])
    below = np.minimum(place.astype(np.int64), len(hertz) - 2)
    share = (place - below)[:, None]
    image = power[below] * (1.0 - share) + power[below + 1] * share
    for i, row in enumerate(rows):
        first, last = np.searchsorted(hertz, (row / half, row * half))
        if last > first:
            image[i] = np.maximum(image[i], power[first:last].max(axis=0))
    return np.asarray(image)
