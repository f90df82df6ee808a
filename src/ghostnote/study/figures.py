"""The figures of a study, as pictures for papers (PNG, SVG, PDF) and for the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ghostnote.plot.canvas import Palette, Target, format_of, palette, require_matplotlib, save, write_text
from ghostnote.study.analysis import PairsAnalysis, RatingsAnalysis
from ghostnote.study.rates import bandwidth, smoothed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ghostnote.evaluation.bootstrap import Estimate

Draw = Callable[["Figure", Palette], None]


def figures_of(analysis: RatingsAnalysis | PairsAnalysis) -> dict[str, Draw]:
    """Return what draws each figure, by name; the first two are those of the text of Alain et al. 2020."""
    if isinstance(analysis, RatingsAnalysis):
        drawn: dict[str, Draw] = {
            "theta": lambda figure, colours: _theta(analysis, figure, colours),
            "delta": lambda figure, colours: _delta(analysis, figure, colours),
            "people": lambda figure, colours: _people(analysis, figure, colours),
            "arms": lambda figure, colours: _arms(analysis, figure, colours),
        }
        if analysis.learning:
            drawn["learning"] = lambda figure, colours: _learning(analysis, figure, colours)
        return drawn
    pairs: dict[str, Draw] = {}
    if analysis.scale is not None:
        pairs["preferences"] = lambda figure, colours: _matrix(analysis, figure, colours)
        pairs["scale"] = lambda figure, colours: _scale(analysis, figure, colours)
    if analysis.ratings:
        pairs["ratings"] = lambda figure, colours: _ratings(analysis, figure, colours)
    return pairs


def draw_figure(draw: Draw, target: Target, *, theme: str = "light", overwrite: bool = True) -> None:
    """Draw a figure into a file or stream; see `ghostnote.plot`.

    Raises:
        MissingExtra: matplotlib is not installed.
        StorageError: writing failed.
    """
    require_matplotlib()
    kind = "svg" if not isinstance(target, str | Path) else format_of(target)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    colours = palette(theme)
    # Text stays text, and names in the file do not change from run to run.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "ghostnote", "font.family": "sans-serif"}):
        figure = Figure(figsize=(7.2, 4.0), dpi=110, facecolor=colours.paper)
        draw(figure, colours)
        save(figure, target, kind, overwrite)


def write_figures(
    analysis: RatingsAnalysis | PairsAnalysis, folder: Path, formats: Sequence[str] = ("png", "svg"), *, force: bool
) -> list[Path]:
    """Write all figures into `folder`, each in all `formats`, and return their paths."""
    written = []
    for name, draw in figures_of(analysis).items():
        for kind in formats:
            path = folder / f"{name}.{kind}"
            draw_figure(draw, path, overwrite=force)
            written.append(path)
    return written


def _theta(analysis: RatingsAnalysis, figure: Figure, colours: Palette) -> None:
    axis = _axis(figure, colours, "Share of loops that were liked, θ", "θ of a participant", "density of participants")
    grid = np.linspace(0, 1, 401)
    counts = analysis.counts
    for name, values, colour, style in (
        (analysis.before, counts.liked_before / counts.trials_before, colours.early, "-"),
        (analysis.after, counts.liked_after / counts.trials_after, colours.late, "--"),
    ):
        density = smoothed(values, grid, 0.0, 1.0)
        axis.fill_between(grid, density, color=colour, alpha=0.18, lw=0)
        label = f"{name}: mean {values.mean():.3f}, kernels ± {bandwidth(values):.2f}"
        axis.plot(grid, density, color=colour, lw=2.0, ls=style, label=label)
        axis.axvline(float(values.mean()), color=colour, lw=1.0, ls=":")
        axis.plot(values, np.full(len(values), -0.02 * axis.get_ylim()[1]), "|", color=colour, ms=7, clip_on=False)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, None)
    _legend(axis, colours)


def _delta(analysis: RatingsAnalysis, figure: Figure, colours: Palette) -> None:
    deltas = analysis.counts.deltas
    spread = float(np.std(deltas, ddof=1)) if len(deltas) > 1 else float("nan")
    title = f"Δ = θ {analysis.after} − θ {analysis.before}: mean {deltas.mean():+.3f}, sd {spread:.3f}"
    axis = _axis(figure, colours, title, "Δ of a participant", "participants")
    edge = max(0.3, float(np.ceil(np.abs(deltas).max() * 10) / 10))
    # Bars around multiples of 0.1, so that no change has a bar of its own; counts are made of whole numbers.
    places = np.arange(-round(10 * edge), round(10 * edge) + 1)
    nearest = np.floor(10 * deltas + 0.5 + 1e-9).astype(np.int64)
    counts = np.array([int((nearest == place).sum()) for place in places])
    shades = [colours.early if place < 0 else colours.late if place > 0 else colours.ghost for place in places]
    axis.bar(places / 10, counts, width=0.092, color=shades)
    axis.axvline(0, color=colours.ink, lw=1.0)
    top = int(counts.max(initial=1)) + 1
    axis.set_yticks(range(0, top + 1, max(1, top // 8)))


def _people(analysis: RatingsAnalysis, figure: Figure, colours: Palette) -> None:
    figure.set_size_inches(7.2, max(3.0, 0.2 * len(analysis.people) + 1.4))
    axis = _axis(figure, colours, "Δ of each participant, 95 % intervals", "Δ", "participant")
    ranked = sorted(analysis.people, key=lambda person: person.delta.value)
    for place, person in enumerate(ranked):
        _interval(axis, person.delta, place + 0.12, colours.ghost)
        _interval(axis, person.believed, place - 0.14, colours.late if person.believed.value > 0 else colours.early)
    axis.axvline(0, color=colours.ink, lw=1.0)
    axis.set_yticks(range(len(ranked)), [str(person.number) for person in ranked])
    write_text(
        axis, 0.01, 1.01, "grey: as seen; colour: after the model of all", colours.faint, 8.5, transform=axis.transAxes
    )


def _arms(analysis: RatingsAnalysis, figure: Figure, colours: Palette) -> None:
    axis = _axis(figure, colours, "Phase II: share liked by arm, mean over participants", "θ", "")
    for place, arm in enumerate(reversed(analysis.arms)):
        _interval(axis, arm.rate, place, colours.late if arm.name == analysis.after else colours.early)
    axis.set_yticks(range(len(analysis.arms)), [arm.name for arm in reversed(analysis.arms)])
    axis.set_xlim(0, 1)
    axis.set_ylim(-0.7, len(analysis.arms) - 0.3)


def _learning(analysis: RatingsAnalysis, figure: Figure, colours: Palette) -> None:
    axis = _axis(figure, colours, "Phase I: share liked while it learned", "eighth of the ratings", "share liked")
    axis.plot(range(1, len(analysis.learning) + 1), analysis.learning, "o-", color=colours.late, lw=2.0)
    axis.set_ylim(0, 1)


def _matrix(analysis: PairsAnalysis, figure: Figure, colours: Palette) -> None:
    axis = _axis(figure, colours, "How often the row was preferred to the column", "", "")
    size = len(analysis.names)
    axis.imshow(np.nan_to_num(analysis.table, nan=0.5), cmap="PuOr_r", vmin=0, vmax=1, aspect="auto")
    for i in range(size):
        for j in range(size):
            if i != j and np.isfinite(analysis.table[i, j]):
                share = float(analysis.table[i, j])
                colour = "#ffffff" if abs(share - 0.5) > 0.33 else "#22252a"
                write_text(axis, j, i, f"{100 * share:.0f} %", colour, 11, ha="center", va="center")
    axis.set_xticks(range(size), list(analysis.names))
    axis.set_yticks(range(size), list(analysis.names))
    axis.grid(False)


def _scale(analysis: PairsAnalysis, figure: Figure, colours: Palette) -> None:
    assert analysis.scale is not None
    axis = _axis(figure, colours, "Bradley–Terry scale, 95 % intervals over participants", "logits", "")
    ranked = sorted(zip(analysis.scale.names, analysis.scale.values, strict=True), key=lambda one: one[1].value)
    for place, (_, value) in enumerate(ranked):
        _interval(axis, value, place, colours.late)
    axis.set_yticks(range(len(ranked)), [name for name, _ in ranked])
    axis.axvline(0, color=colours.line, lw=1.0)
    axis.set_ylim(-0.7, len(ranked) - 0.3)


def _ratings(analysis: PairsAnalysis, figure: Figure, colours: Palette) -> None:
    axis = _axis(figure, colours, "Mean ratings, 95 % intervals over participants", "0 bad … 100 as the reference", "")
    entries = list(analysis.ratings.items())[::-1]
    for place, (_, value) in enumerate(entries):
        _interval(axis, value, place, colours.late)
    axis.set_yticks(range(len(entries)), [name for name, _ in entries])
    axis.set_xlim(0, 100)
    axis.set_ylim(-0.7, len(entries) - 0.3)


def _axis(figure: Figure, colours: Palette, title: str, across: str, up: str) -> Axes:
    axis = figure.add_axes((0.13, 0.16, 0.84, 0.7))
    axis.set_facecolor(colours.paper)
    write_text(figure, 0.02, 0.94, title, colours.ink, 12, "bold")
    axis.set_xlabel(across, color=colours.faint, fontsize=9.5)
    axis.set_ylabel(up, color=colours.faint, fontsize=9.5)
    axis.tick_params(colors=colours.ink, labelsize=9, length=3)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(colours.line)
    return axis


def _interval(axis: Axes, value: Estimate, place: float, colour: str) -> None:
    if np.isfinite(value.low):
        axis.plot([value.low, value.high], [place, place], color=colour, lw=2.2, solid_capstyle="round")
    axis.plot([value.value], [place], "o", color=colour, ms=6)


def _legend(axis: Axes, colours: Palette, **options: Any) -> None:
    legend = axis.legend(frameon=False, fontsize=9, **options)
    for text in legend.get_texts():
        text.set_color(colours.ink)


CAPTIONS: Mapping[str, str] = {
    "theta": "Smoothed distributions of θ over participants; strokes below are the participants themselves.",
    "delta": "Histogram of Δ over participants.",
    "people": "Δ of each participant: as seen with Newcombe's interval, and after the hierarchical model.",
    "arms": "Share of liked loops of phase II by arm, with Student's intervals over participants.",
    "learning": "Share of liked loops in phase I; the critic learned after each rating.",
    "preferences": "Share of answers in which the row was preferred to the column, ties half.",
    "scale": "Bradley–Terry scale; intervals resample participants.",
    "ratings": "Mean ratings of each system; the hidden reference and the anchor tell who listened.",
}
