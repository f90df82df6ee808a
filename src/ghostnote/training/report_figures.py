"""Figures of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ghostnote.groove import VOICES, GrooveBatch

COLOURS = ("#999999", "#D55E00", "#009E73", "#0072B2")  # Okabe-Ito: safe for colour-blind readers
REAL = "recorded drummers"


def draw_curves(
    reproductions: Mapping[str, list[dict[str, Any]]], performer: list[dict[str, Any]], folder: Path
) -> None:
    """Draw the learning curves of all models to `humanize-curves.png`."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    panels = figure.subplots(1, 1 + len(reproductions))
    for panel, (name, log) in zip(panels, reproductions.items(), strict=False):
        minutes = [row["seconds"] / 60 for row in log]
        panel.plot(minutes, [row["train_loss"] for row in log], color=COLOURS[0], label="train")
        panel.plot(minutes, [row["validation_loss"] for row in log], color=COLOURS[3], label="validation")
        panel.set(title=name, xlabel="minutes", ylabel="loss per window, nats")
        panel.legend(frameon=False)
    minutes = [row["seconds"] / 60 for row in performer]
    for i, name in enumerate(("velocity_nats", "offset_nats")):
        panels[-1].plot(
            minutes, [row["train"][i] for row in performer], color=COLOURS[i + 2], alpha=0.4, linestyle="--"
        )
        panels[-1].plot(
            minutes, [row[name] for row in performer], color=COLOURS[i + 2], label=name.replace("_nats", "")
        )
    panels[-1].set(title="Ghostnote performer", xlabel="minutes", ylabel="nats per hit (dashed: train)")
    panels[-1].legend(frameon=False)
    _save(figure, folder / "humanize-curves.png")


def draw_distributions(real: GrooveBatch, players: Mapping[str, GrooveBatch], path: Path) -> None:
    """Draw how far from the grid, and how loud, hits are: the recordings against each player."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    timing, velocity = figure.subplots(1, 2)
    for i, (name, batch) in enumerate({REAL: real, **players}.items()):
        on = batch.hits > 0
        milliseconds = (batch.offsets * batch.step_milliseconds[:, None, None])[on]
        colour, width = ("black", 2.2) if name == REAL else (COLOURS[(i - 1) % 4], 1.4)
        for panel, values, edges in (
            (timing, milliseconds, np.linspace(-100, 100, 81)),
            (velocity, batch.velocities[on] * 127, np.linspace(0.5, 127.5, 65)),
        ):
            share, _ = np.histogram(values, edges)
            panel.plot(
                (edges[1:] + edges[:-1]) / 2, 100 * share / len(values), label=name, color=colour, linewidth=width
            )
    timing.set(
        title="Microtiming of all hits", xlabel="ms from the grid (right is late)", ylabel="% of hits", ylim=(0, 12)
    )
    velocity.set(title="Velocity of all hits", xlabel="MIDI velocity", ylabel="% of hits", ylim=(0, 8))
    timing.legend(frameon=False, fontsize=8)
    _save(figure, path)


def draw_by_voice(real: GrooveBatch, players: Mapping[str, GrooveBatch], path: Path) -> None:
    """Draw median and quartiles of microtiming and velocity of each voice: the recordings against each player."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    panels = (left, right)
    for i, (name, batch) in enumerate({REAL: real, **players}.items()):
        colour = "black" if name == REAL else COLOURS[(i - 1) % 4]
        place = np.arange(len(VOICES)) + 0.15 * (i - 1.5)
        milliseconds = batch.offsets * batch.step_milliseconds[:, None, None]
        views: tuple[NDArray[Any], ...] = (milliseconds, batch.velocities * 127)
        for panel, values in zip(panels, views, strict=True):
            per_voice = [values[..., v][batch.hits[..., v] > 0] for v in range(len(VOICES))]
            middle = [np.median(x) for x in per_voice]
            low = [m - np.percentile(x, 25) for m, x in zip(middle, per_voice, strict=True)]
            high = [np.percentile(x, 75) - m for m, x in zip(middle, per_voice, strict=True)]
            panel.errorbar(place, middle, yerr=[low, high], fmt="o", color=colour, label=name, markersize=4)
    for panel, title in zip(
        panels, ("ms from the grid, median and quartiles", "velocity, median and quartiles"), strict=True
    ):
        panel.set(title=title, ylim=(-60, 60) if title.startswith("ms") else (0, 130))
        panel.set_xticks(np.arange(len(VOICES)), [voice.replace("_", "\n") for voice in VOICES], fontsize=8)
    left.axhline(0, color="#cccccc", linewidth=0.8)
    left.legend(frameon=False, fontsize=8, loc="upper right")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=110)
