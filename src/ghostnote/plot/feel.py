"""The feel of a track: a piano-roll that shows how late, how early and how loud every hit is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Clock, DrumTrack, Voice
from ghostnote.groove.grid import BarLines, bar_lines, lay_grid
from ghostnote.groove.hvo import Grid
from ghostnote.plot.canvas import Palette, Target, format_of, palette, require_matplotlib, save, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

MAX_BARS = 64

_DEFAULT_BARS = 4
_FULL_COLOUR_MS = 20.0
_ROWS: Mapping[Voice, str] = MappingProxyType(
    {
        Voice.KICK: "kick",
        Voice.SNARE: "snare",
        Voice.LOW_TOM: "low tom",
        Voice.MID_TOM: "mid tom",
        Voice.HIGH_TOM: "high tom",
        Voice.CLOSED_HIHAT: "closed hi-hat",
        Voice.OPEN_HIHAT: "open hi-hat",
        Voice.RIDE: "ride",
        Voice.CRASH: "crash",
    }
)
"""From the bottom up, as drums stand on a staff."""


def plot_feel(
    track: DrumTrack,
    other: DrumTrack | None,
    path_or_file: Target,
    *,
    bars: tuple[int, int] | None = None,
    title: str | None = None,
    theme: str = "light",
    overwrite: bool = True,
) -> None:
    """Draw the hits of `track`, and of `other` as what became of it, at their true times.

    Rows are voices. Each hit stands where it sounds, as large as it is loud; a line ties it to the grid position that
    it belongs to, and its colour says how early (blue) or late (orange) it is. Below, the same in numbers:
    milliseconds off the grid, and velocity. With `other`, the upper roll is `track` (before), the lower one `other`
    (after), and in the lanes before is hollow and grey.

    Args:
        track: the only track, or the one before.
        other: the one after, on the same bars.
        path_or_file: `.png`, `.svg` or `.pdf`, or a binary stream, which gets a PNG.
        bars: first and last bar to draw, counted from 1; None means the first four that hold hits.
        title: over the picture.
        theme: `light` or `dark`.
        overwrite: whether a file at that path may be replaced.

    Raises:
        InvalidParameter: bars are not in the track or more than 64, or the theme or the path's ending is unknown.
        StorageError: writing failed, or the file exists and `overwrite` is false.
    """
    require_matplotlib()
    kind = format_of(path_or_file)
    save(feel_figure(track, other, bars=bars, title=title, theme=theme), path_or_file, kind, overwrite)


def feel_figure(
    track: DrumTrack,
    other: DrumTrack | None = None,
    *,
    bars: tuple[int, int] | None = None,
    title: str | None = None,
    theme: str = "light",
) -> Figure:
    """Return the picture that `plot_feel` writes, for a notebook or further drawing; see there."""
    colours = palette(theme)
    score = _longer(track, other)
    lines = bar_lines(score)
    first, last = _chosen_bars(track, lines, bars)
    start = float(lines.starts_beats[first - 1])
    stop = float(lines.starts_beats[last - 1] + lines.lengths_beats[last - 1])
    grid = lay_grid(score)
    tracks = [track] if other is None else [track, other]
    feels = [feel_between(each, grid, start, stop) for each in tracks]

    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec

    roll_height = 2.7 if other is None else 2.35
    heights = [roll_height] * len(feels) + [1.25, 1.0]
    figure = Figure(figsize=(13.0, sum(heights) + 1.75), dpi=110, facecolor=colours.paper)
    layout = GridSpec(
        len(heights), 1, figure, height_ratios=heights, hspace=0.16, left=0.085, right=0.985,
        top=1 - 1.0 / figure.get_figheight(), bottom=0.55 / figure.get_figheight(),
    )  # fmt: skip
    axes = [figure.add_subplot(layout[0])]
    axes += [figure.add_subplot(layout[i], sharex=axes[0]) for i in range(1, len(heights))]
    for axis in axes:
        _draw_grid(axis, lines, grid, start, stop, colours)
    labels = [None] if other is None else ["before", "after"]
    for axis, feel, label in zip(axes, feels, labels, strict=False):
        _draw_roll(axis, feel, label, colours)
    _draw_timing(axes[-2], feels, colours)
    _draw_velocity(axes[-1], feels, colours)
    _label_bars(axes, lines, first, last, colours)
    _draw_header(figure, track, feels, first, last, title, colours)
    return figure


# --- what is drawn


@dataclass(frozen=True, eq=False)
class Feel:
    """Hits against the grid.

    Args:
        beats: `(hits,)`, where each sounds, in quarter notes from the file's start.
        grid_beats: `(hits,)`, the grid position nearest to it.
        late_ms: `(hits,)`, from there to it, negative is early.
        rows: `(hits,)`, place of its voice from the bottom of the picture, -1 for unmapped pitches.
        velocities: `(hits,)`, 1…127.
    """

    beats: NDArray[np.float64]
    grid_beats: NDArray[np.float64]
    late_ms: NDArray[np.float64]
    rows: NDArray[np.int64]
    velocities: NDArray[np.int64]


def feel_between(track: DrumTrack, grid: Grid, start: float, stop: float) -> Feel:
    """Return the hits of `track` whose grid position lies from `start` up to, not on, `stop` (in beats)."""
    ticks = np.array([note.tick for note in track.notes], dtype=np.float64)
    beats = ticks / track.ticks_per_beat
    # Borders between grid positions lie half-way, so a hit belongs to the nearest one.
    middles = (grid.onsets_beats[1:] + grid.onsets_beats[:-1]) / 2
    nearest = grid.onsets_beats[np.searchsorted(middles, beats, side="right")]
    seen = (nearest >= start - 1e-9) & (nearest < stop - 1e-9)
    clock = Clock.of(track)
    late = clock.tick_to_seconds(ticks) - clock.tick_to_seconds(nearest * track.ticks_per_beat)
    order = list(_ROWS)
    rows = [order.index(voice) if (voice := track.voice_of(note)) else -1 for note in track.notes]
    return Feel(
        beats[seen],
        nearest[seen],
        1000.0 * late[seen],
        np.array(rows, dtype=np.int64)[seen],
        np.array([note.velocity for note in track.notes], dtype=np.int64)[seen],
    )


def _longer(track: DrumTrack, other: DrumTrack | None) -> DrumTrack:
    """Return the track whose bars cover both: `track` itself unless `other` goes on for more than a bar after it."""
    if other is None or not other.notes:
        return track
    end = bar_lines(track)
    covered = float(end.starts_beats[-1] + end.lengths_beats[-1])
    return other if other.notes[-1].tick / other.ticks_per_beat >= covered else track


def _chosen_bars(track: DrumTrack, lines: BarLines, bars: tuple[int, int] | None) -> tuple[int, int]:
    # `bar_lines` goes one bar beyond the last hit, for what is played late; there is nothing to see in it.
    most = max(1, len(lines) - 1)
    if bars is None:
        beat = track.notes[0].tick / track.ticks_per_beat if track.notes else 0.0
        first = int(np.searchsorted(lines.starts_beats, beat + 0.125, side="right"))
        return min(first, most), min(first + _DEFAULT_BARS - 1, most)
    first, last = bars
    if not 1 <= first <= last <= most:
        raise InvalidParameter(f"bars must lie in 1…{most}, first before last; got {first}-{last}")
    if last - first >= MAX_BARS:
        raise InvalidParameter(f"a picture holds at most {MAX_BARS} bars; got {last - first + 1}")
    return first, last


def _colour_map(colours: Palette) -> LinearSegmentedColormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("feel", [colours.early, colours.on_time, colours.late])


def _shades(late_ms: NDArray[np.float64], colours: Palette) -> list[tuple[float, float, float, float]]:
    """Return a colour for each deviation; it is full at `_FULL_COLOUR_MS`."""
    share = np.clip(late_ms / (2 * _FULL_COLOUR_MS) + 0.5, 0.0, 1.0)
    return [(r, g, b, a) for r, g, b, a in _colour_map(colours)(share)]


# --- the parts of `plot_feel`


def _draw_grid(axis: Axes, lines: BarLines, grid: Grid, start: float, stop: float, colours: Palette) -> None:
    axis.set_facecolor(colours.panel)
    for side in axis.spines.values():
        side.set_visible(False)
    axis.tick_params(colors=colours.faint, length=0, labelsize=9)
    seen = (grid.onsets_beats >= start) & (grid.onsets_beats < stop)
    bars = lines.starts_beats[(lines.starts_beats >= start) & (lines.starts_beats <= stop)]
    on_beat = np.isclose(grid.positions_beats % 1.0, 0.0)
    dense = np.count_nonzero(seen) > 400
    for places, width, alpha in (
        (grid.onsets_beats[seen & ~on_beat], 0.0 if dense else 0.5, 0.75),
        (grid.onsets_beats[seen & on_beat], 0.9, 0.95),
        (np.append(bars, stop), 1.8, 1.0),
    ):
        axis.vlines(
            places, 0, 1, transform=axis.get_xaxis_transform(), color=colours.line, lw=width, alpha=alpha, zorder=1
        )
    margin = 0.02 * (stop - start)
    axis.set_xlim(start - margin, stop + margin * 0.4)


def _draw_roll(axis: Axes, feel: Feel, label: str | None, colours: Palette) -> None:
    shades = _shades(feel.late_ms, colours)
    lowest = -1 if (feel.rows < 0).any() else 0
    axis.hlines(
        range(lowest, len(_ROWS)), 0, 1, transform=axis.get_yaxis_transform(), color=colours.line, lw=0.5, alpha=0.6
    )
    # The tie to the grid: where the hit would be if a machine played it, and from there to where it is.
    axis.hlines(feel.rows, feel.grid_beats, feel.beats, colors=shades, lw=2.4, zorder=3)
    axis.vlines(feel.grid_beats, feel.rows - 0.24, feel.rows + 0.24, colors=colours.faint, lw=0.9, zorder=2)
    axis.scatter(
        feel.beats,
        feel.rows,
        s=8 + 150 * (feel.velocities / 127.0) ** 2,
        c=shades,
        lw=0.7,
        edgecolors=colours.panel,
        zorder=4,
    )
    names = (["other"] if lowest else []) + list(_ROWS.values())
    axis.set_yticks(range(lowest, len(_ROWS)), names)
    played = {int(row) for row in feel.rows}
    for row, tick in zip(range(lowest, len(_ROWS)), axis.get_yticklabels(), strict=True):
        tick.set_color(colours.ink if row in played else colours.ghost)
    axis.set_ylim(lowest - 0.6, len(_ROWS) - 0.4)
    if label:
        write_text(axis, 0.004, 1.015, label, colours.ink, 10, "bold", transform=axis.transAxes)


def _draw_timing(axis: Axes, feels: list[Feel], colours: Palette) -> None:
    reach = max([10.0, *(float(np.abs(feel.late_ms).max(initial=0.0)) for feel in feels)]) * 1.15
    axis.axhline(0, color=colours.faint, lw=1.0, zorder=2)
    if len(feels) > 1:
        axis.scatter(
            feels[0].beats, feels[0].late_ms, s=15, facecolors="none", edgecolors=colours.ghost, lw=0.8, zorder=3
        )
    feel = feels[-1]
    shades = _shades(feel.late_ms, colours)
    axis.vlines(feel.beats, 0, feel.late_ms, colors=shades, lw=1.3, zorder=3)
    axis.scatter(feel.beats, feel.late_ms, s=17, c=shades, lw=0, zorder=4)
    axis.set_ylim(-reach, reach)
    step = next(step for step in (5, 10, 20, 50, 100, 200, 500, 10_000) if reach / step <= 3)
    ticks = np.arange(-int(reach // step), int(reach // step) + 1) * step
    axis.set_yticks(ticks, [f"{tick:+d}" if tick else "0" for tick in ticks])
    write_text(axis, 0.004, 0.94, "late", colours.late, 9, "bold", transform=axis.transAxes, va="top")
    write_text(axis, 0.004, 0.06, "early", colours.early, 9, "bold", transform=axis.transAxes, va="bottom")
    axis.set_ylabel("ms off the grid", color=colours.faint, fontsize=9)


def _draw_velocity(axis: Axes, feels: list[Feel], colours: Palette) -> None:
    if len(feels) > 1:
        axis.scatter(
            feels[0].beats, feels[0].velocities, s=15, facecolors="none", edgecolors=colours.ghost, lw=0.8, zorder=3
        )
    feel = feels[-1]
    axis.vlines(feel.beats, 0, feel.velocities, colors=colours.faint, lw=1.1, alpha=0.55, zorder=3)
    axis.scatter(feel.beats, feel.velocities, s=17, color=colours.ink, lw=0, zorder=4)
    axis.set_ylim(0, 134)
    axis.set_yticks([1, 64, 127], ["1", "64", "127"])
    axis.set_ylabel("velocity", color=colours.faint, fontsize=9)


def _label_bars(axes: list[Axes], lines: BarLines, first: int, last: int, colours: Palette) -> None:
    bars = range(first, last + 1)
    every = max(1, len(bars) // 16)
    for axis in axes[:-1]:
        axis.tick_params(which="both", labelbottom=False, length=0)
    axes[-1].set_xticks(
        [float(lines.starts_beats[bar - 1]) for bar in bars if (bar - first) % every == 0],
        [f"bar {bar}" for bar in bars if (bar - first) % every == 0],
        ha="left",
    )
    for label in axes[-1].get_xticklabels():
        label.set_color(colours.ink)
    if len(bars) <= _DEFAULT_BARS:
        # Beats are counted from 1 in quarter notes, whatever the metre's denominator.
        places = [(float(lines.starts_beats[bar - 1]), int(np.ceil(lines.lengths_beats[bar - 1]))) for bar in bars]
        beats = [(start + beat, beat + 1) for start, count in places for beat in range(1, count)]
        axes[-1].set_xticks(
            [at for at, _ in beats], [str(beat) for _, beat in beats], minor=True, ha="left", fontsize=8
        )
        axes[-1].tick_params(which="minor", length=0, colors=colours.faint)


def _draw_header(
    figure: Figure, track: DrumTrack, feels: list[Feel], first: int, last: int, title: str | None, colours: Palette
) -> None:
    height = figure.get_figheight()
    tempo = float(Clock.of(track).tempo_bpm_at(0, track.ticks_per_beat))
    counted = f"bar {first}" if first == last else f"bars {first}–{last}"
    steady = "" if len({change.microseconds_per_beat for change in track.tempos}) < 2 else " at first"
    parts = [f"{counted} · {tempo:g} bpm{steady}"]
    for feel, label in zip(feels, ("",) if len(feels) == 1 else ("before: ", "after: "), strict=True):
        parts.append(label + _in_words(feel))
    write_text(figure, 0.085, 1 - 0.36 / height, title or "Feel", colours.ink, 15, "bold")
    write_text(figure, 0.085, 1 - 0.62 / height, "   |   ".join(parts), colours.faint, 9.5)

    # Legends: colour for time, size for velocity.
    bar = figure.add_axes((0.80, 1 - 0.36 / height, 0.12, 0.10 / height))
    bar.imshow(np.linspace(0, 1, 128)[None, :], aspect="auto", cmap=_colour_map(colours))
    bar.set_axis_off()
    full = f"{_FULL_COLOUR_MS:g} ms"
    for x, words, side, colour in (
        (0.795, f"{full} early", "right", colours.early),
        (0.925, f"{full} late", "left", colours.late),
    ):
        write_text(figure, x, 1 - 0.31 / height, words, colour, 9, "bold", ha=side, va="center")
    sizes = figure.add_axes((0.80, 1 - 0.70 / height, 0.12, 0.24 / height))
    loud = np.array([20, 50, 80, 110, 127])
    sizes.scatter(np.arange(5), np.zeros(5), s=8 + 150 * (loud / 127.0) ** 2, color=colours.on_time, lw=0)
    sizes.set_xlim(-0.5, 4.5)
    sizes.set_axis_off()
    write_text(figure, 0.795, 1 - 0.58 / height, "soft", colours.faint, 9, ha="right", va="center")
    write_text(figure, 0.925, 1 - 0.58 / height, "loud", colours.faint, 9, ha="left", va="center")


def _in_words(feel: Feel) -> str:
    if not len(feel.late_ms):
        return "no hits"
    mean, spread = float(feel.late_ms.mean()), float(feel.late_ms.std())
    if np.abs(feel.late_ms).max() < 0.5:
        return f"{len(feel.late_ms)} hits on the grid"
    where = "centred" if abs(mean) < 0.5 else f"{abs(mean):.0f} ms {'late' if mean > 0 else 'early'}"
    return f"{len(feel.late_ms)} hits, {where} ± {spread:.0f} ms"


# --- the parts of `plot_audio`
