"""Redraw the pictures of what the tasks do, for README.md and docs/tasks.md, with the models that the package ships.

    python docs/figures/tasks.py

Every picture is made from the package's own demonstrations, so anybody gets the same ones.
"""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

import ghostnote as gn
from ghostnote.demos import demo_path
from ghostnote.plot.canvas import THEMES
from ghostnote.plot.feel import feel_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent
DARK = THEMES["dark"]
COLOURS = 160  # a palette is a quarter of the size and looks the same
STEPS = 5


def write_picture(figure: Figure, name: str) -> None:
    """Write `figure` as a small PNG."""
    FigureCanvasAgg(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=figure.get_facecolor(), metadata={"Software": None})
    image = Image.open(picture).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(HERE / f"{name}.png", optimize=True)


def draw_feels() -> None:
    """Draw before and after of humanize, drumify, infill and transfer."""
    funk, rock, tap, pocket = (gn.read_midi(demo_path(name)) for name in ("funk", "rock", "tap", "pocket"))
    human = gn.humanize(funk, style="funk")
    drums = gn.drumify(gn.read_rhythm(demo_path("tap")), style="funk")
    beat = gn.humanize(rock, style="rock")
    filled = gn.infill(beat, bars=(4, 4), style="rock")
    played = gn.transfer(rock, pocket)
    for name, before, after, bars, title in (
        ("funk", funk, human, (1, 2), "A programmed funk beat, humanized"),
        ("drumify", tap, drums, (1, 2), "A rhythm tapped on one pad, and drums that follow it"),
        ("infill", beat, filled, (3, 5), "Bar 4 of a beat, written anew"),
        ("transfer", rock, played, (3, 4), "A programmed rock beat, with the feel of a drummer who lays back"),
    ):
        write_picture(feel_figure(before, after, bars=bars, title=title, theme="dark"), name)


def draw_interpolation() -> None:
    """Draw each step between two generated beats, and which hits come and go."""
    first, second = (gn.generate(bars=2, style=style, tempo_bpm=104) for style in ("funk", "latin"))
    path = gn.interpolate(first, second, steps=STEPS)
    cells = [cells_of(track) for track in path]
    figure = Figure(figsize=(13.0, 3.6), dpi=110, facecolor=DARK.paper)
    axes = figure.subplots(1, STEPS, sharey=True)
    for number, axis in enumerate(axes):
        before = cells[max(number - 1, 0)]
        after = cells[min(number + 1, STEPS - 1)]
        draw_cells(axis, cells[number], cells[number] - before, cells[number] - after)
        share = f"{100 * number // (STEPS - 1)} %"
        axis.set_title({0: "A", STEPS - 1: "B"}.get(number, share), color=DARK.ink, fontsize=12, fontweight="bold")
    changes = [len(a ^ b) for a, b in pairwise(cells)]
    figure.text(0.085, 0.04, "new at this step", color=DARK.early, fontsize=10, fontweight="bold")
    figure.text(0.195, 0.04, "gone at the next", color=DARK.late, fontsize=10, fontweight="bold")
    figure.text(0.305, 0.04, f"{', '.join(map(str, changes))} hits change", color=DARK.faint, fontsize=10)
    figure.subplots_adjust(left=0.085, right=0.985, top=0.9, bottom=0.16, wspace=0.05)
    write_picture(figure, "interpolate")


def cells_of(track: gn.DrumTrack) -> set[tuple[int, int]]:
    """Return (16th, voice) of every hit."""
    sixteenth = track.ticks_per_beat / 4
    voices = ((note, track.voice_of(note)) for note in track.notes)
    return {(round(note.tick / sixteenth), voice.column) for note, voice in voices if voice}


def draw_cells(
    axis: Axes, cells: set[tuple[int, int]], new: set[tuple[int, int]], leaving: set[tuple[int, int]]
) -> None:
    """Draw two bars of hits as squares."""
    axis.set_facecolor(DARK.panel)
    for place in range(0, 33, 4):
        axis.axvline(place - 0.5, color=DARK.line, lw=1.6 if place % 16 == 0 else 0.6)
    for cell in sorted(cells):
        colour = DARK.early if cell in new else DARK.late if cell in leaving else DARK.on_time
        axis.scatter(*cell, marker="s", s=16, color=colour, lw=0, zorder=3)
    axis.set_xlim(-0.8, 31.8)
    axis.set_xticks([0, 16], ["bar 1", "bar 2"])
    axis.set_yticks(range(len(gn.VOICES)), [voice.replace("_", " ").replace("hihat", "hi-hat") for voice in gn.VOICES])
    axis.tick_params(colors=DARK.faint, length=0, labelsize=9)
    for side in axis.spines.values():
        side.set_visible(False)


if __name__ == "__main__":
    draw_feels()
    draw_interpolation()
