"""Figures of the report on the explorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ghostnote.evaluation.bootstrap import Estimate
from ghostnote.evaluation.reliability import BINS
from ghostnote.training.explorer_measures import (
    WANTED_RATE,
    WINDOW,
    Measures,
    curve_of,
    gains_of,
)
from ghostnote.training.explorer_simulation import RATINGS, Run

# Okabe-Ito: safe for colour-blind readers.
GREY, VERMILION, GREEN, BLUE, ORANGE = "#8c8c8c", "#D55E00", "#009E73", "#0072B2", "#E69F00"
COLOURS = {"random": GREY, "original": ORANGE, "mended": VERMILION, "product": BLUE}
MAIN = tuple(COLOURS)


def draw_curves(by_method: Mapping[str, Sequence[Run]], path: Path) -> None:
    """Draw the running like-rate of each method: of all its runs, and of the runs that all methods have."""
    shown = [name for name in MAIN if by_method.get(name)]
    shared = set.intersection(*({(run.listener, run.seed) for run in by_method[name]} for name in shown))
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for panel, only in zip(panels, (None, shared), strict=True):
        for name in shown:
            runs = [run for run in by_method[name] if only is None or (run.listener, run.seed) in only]
            if runs:
                _draw_curve(panel, name, runs)
        panel.axhline(WANTED_RATE, color="black", linewidth=0.8, linestyle=":")
        panel.set(xlabel=f"ratings (mean of the last {WINDOW})", xlim=(WINDOW, RATINGS), ylim=(0, 1))
        panel.legend(frameon=False, fontsize=8, loc="upper left")
        _open(panel)
    panels[0].set(ylabel="share of proposals that are liked", title="all runs of each method")
    panels[1].set(title=f"the {len(shared)} runs that all of them have")
    panels[0].text(WINDOW + 0.5, WANTED_RATE + 0.01, f"{WANTED_RATE:g}", fontsize=8)
    _save(figure, path)


def _draw_curve(panel: Axes, name: str, runs: Sequence[Run]) -> None:
    mean, low, high = curve_of(runs, np.random.default_rng(0))
    at = np.arange(1, len(mean) + 1)
    panel.plot(at, mean, color=COLOURS[name], linewidth=2 if name == "product" else 1.5, label=f"{name} ({len(runs)})")
    panel.fill_between(at, low, high, color=COLOURS[name], alpha=0.15, linewidth=0)


def draw_gains(by_method: Mapping[str, Sequence[Run]], path: Path) -> None:
    """Draw θ before and after of each run, by listener: a ring for random loops, a dot for what was found."""
    shown = [name for name in MAIN if by_method.get(name)]
    listeners = list(dict.fromkeys(run.listener for name in shown for run in by_method[name]))
    order = sorted(listeners, key=lambda name: (("timbre", "rhythm", "both").index(name.split("-")[0]), _rank(name)))
    figure = Figure(figsize=(3.1 * len(shown) + 1, 6.4), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(shown), sharey=True, sharex=True))
    for panel, name in zip(panels, shown, strict=True):
        for run in by_method[name]:
            place = order.index(run.listener) + 0.22 * (run.seed - np.mean([r.seed for r in by_method[name]]))
            before, after = np.mean(run.before.liked), np.mean(run.after.liked)
            panel.plot([before, after], [place, place], color=COLOURS[name], linewidth=1.2, alpha=0.6, zorder=1)
            panel.scatter(before, place, s=22, facecolor="white", edgecolor="#666666", linewidth=0.9, zorder=2)
            marker = "o" if run.world == "synthesised" else "s"
            panel.scatter(after, place, s=26, color=COLOURS[name], marker=marker, zorder=3)
        gains = gains_of(by_method[name])
        panel.set_title(f"{name}: Δθ {gains.mean():+.2f}, {(gains <= 1e-12).mean():.0%} ≤ 0", fontsize=10)
        panel.set(xlim=(-0.03, 1.03), xlabel="share liked")
        panel.grid(axis="y", color="#eeeeee", linewidth=0.8, zorder=0)
        _open(panel)
    panels[0].set_yticks(range(len(order)), order, fontsize=8)
    panels[0].invert_yaxis()
    figure.supxlabel(
        "○ 30 random loops before · ● after 80 ratings, sounds of ours · ■ after 80 ratings, recorded sounds",
        fontsize=9,
    )
    _save(figure, path)


def _rank(name: str) -> tuple[int, str]:
    rest = name.split("-", 1)[1]
    return ({"drifting": 90, "rare": 95}.get(rest) or int(rest.split("-")[0]), rest)


def draw_reliability(measures: Mapping[str, Measures], path: Path) -> None:
    """Draw P(like) against what was said: of proposals before they were rated, and of random loops in the end."""
    shown = [name for name in MAIN if name in measures and name != "random" and measures[name].calibration is not None]
    figure = Figure(figsize=(10, 5.6), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, title, which in zip(
        panels,
        ("proposals, before they were rated", "random loops, after the last rating"),
        ("calibration", "chance_calibration"),
        strict=True,
    ):
        panel.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle=":")
        for name in shown:
            found = getattr(measures[name], which)
            if found is None:
                continue
            enough = found.counts >= 10
            p, y, n = found.predicted[enough], found.observed[enough], found.counts[enough]
            spread = 1.96 * np.sqrt(np.maximum(y * (1 - y), 0.01) / n)
            panel.errorbar(
                p, y, yerr=spread, color=COLOURS[name], linewidth=1.2, elinewidth=0.7, capsize=0, label=None, zorder=1
            )
            size = 12 + 160 * n / found.counts.sum()
            label = f"{name}: ECE {found.ece:.3f}, Brier {found.brier:.3f}"
            panel.scatter(p, y, s=size, color=COLOURS[name], label=label, zorder=2)
        panel.set(title=title, xlabel="P(like) as the critic has it", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        panel.set_xticks(np.linspace(0, 1, BINS // 2 + 1))
        panel.legend(frameon=False, fontsize=8, loc="upper left", markerscale=0.6)
        _open(panel)
    panels[0].set_ylabel("share that is liked")
    _save(figure, path)


def draw_diversity(measures: Mapping[str, Measures], path: Path, *, wanted: float = 0.7) -> None:
    """Draw how diverse the thirty loops in the end are, against random ones: patterns and sound."""
    shown = [name for name in measures if name in MAIN]
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    panel = figure.subplots()
    for i, part in enumerate(("patterns", "sound")):
        for j, name in enumerate(shown):
            estimate: Estimate = getattr(measures[name], part)
            _bar(panel, i + 0.19 * (j - (len(shown) - 1) / 2), estimate, COLOURS[name], 0.17, name if i == 0 else None)
    panel.axhline(wanted, color="black", linewidth=0.8, linestyle=":")
    panel.set(ylabel="mean distance of pairs,\nagainst random loops", ylim=(0, 1.25))
    panel.set_xticks([0, 1], ["patterns", "sound"])
    panel.tick_params(axis="x", length=0)
    panel.legend(frameon=False, fontsize=8, ncols=len(shown), loc="upper center")
    _open(panel)
    _save(figure, path)


def draw_ablations(gains: Mapping[str, tuple[Estimate, Estimate]], path: Path, *, pairs: int) -> None:
    """Draw Δθ and the like-rate over all ratings of the product and of what it is without a part.

    Args:
        gains: by name: Δθ, and the share of all rated proposals that was liked.
        path: to write.
        pairs: runs that all of them have.
    """
    figure = Figure(figsize=(10, 0.9 + 0.42 * len(gains)), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    names = list(gains)
    for k, (panel, words) in enumerate(
        zip(panels, ("Δθ after 80 ratings", "share liked of the 80 proposals on the way"), strict=True)
    ):
        for i, name in enumerate(names):
            estimate = gains[name][k]
            colour = BLUE if name == "product" else GREY if name == "random" else "#7fb4d6"
            panel.barh(i, estimate.value, color=colour, height=0.7)
            if np.isfinite(estimate.low):
                panel.plot([estimate.low, estimate.high], [i, i], color="black", linewidth=1)
        panel.axvline(gains["product"][k].value, color=BLUE, linewidth=0.8, linestyle=":")
        panel.set_title(words, fontsize=10)
        _open(panel)
    panels[0].set_yticks(range(len(names)), names, fontsize=9)
    panels[0].invert_yaxis()
    figure.supxlabel(f"{pairs} runs of the same listeners and seeds; intervals over listeners", fontsize=8)
    _save(figure, path)


def _bar(panel: Axes, at: float, estimate: Estimate, colour: str, width: float, label: str | None) -> None:
    panel.bar(at, estimate.value, width=width, color=colour, label=label)
    if np.isfinite(estimate.low):
        panel.plot([at, at], [estimate.low, estimate.high], color="black", linewidth=1)


def _open(panel: Axes) -> None:
    panel.spines[["top", "right"]].set_visible(False)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=100, metadata={"Software": None})
