"""Figures of the report on the GrooVAE family: what a drummer would look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ghostnote.data import STYLES
from ghostnote.evaluation import profile_of
from ghostnote.evaluation.hits import Floats
from ghostnote.groove import VOICES, Groove, GrooveBatch, Voice
from ghostnote.training.grooves_text import validation_loss

# Okabe-Ito: safe for colour-blind readers.
BLACK, GREY, VERMILION, GREEN, BLUE = "#000000", "#999999", "#D55E00", "#009E73", "#0072B2"
COLOURS = (BLACK, VERMILION, BLUE, GREEN, GREY)
# From the bottom up, as drums stand on a staff.
ROWS = (
    Voice.KICK,
    Voice.SNARE,
    Voice.LOW_TOM,
    Voice.MID_TOM,
    Voice.HIGH_TOM,
    Voice.CLOSED_HIHAT,
    Voice.OPEN_HIHAT,
    Voice.RIDE,
    Voice.CRASH,
)
STEPS_PER_BEAT = 4
Values = NDArray[np.floating]
STEPS_PER_BAR = 16
_LEGEND = "large is loud · grey lines are beats, right of a line is late"


def draw_drumified(
    taps: GrooveBatch, kits: Mapping[str, GrooveBatch], place: int, path: Path, *, title: str = ""
) -> None:
    """Draw the tap of one window and what was written to it, one roll below the other."""
    figure = Figure(figsize=(11, 1.2 + 2.3 * len(kits)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1 + len(kits), 1, sharex=True, height_ratios=[0.5] + [2.3] * len(kits)))
    on = np.flatnonzero(taps.hits[place, :, 0])
    late = on + taps.offsets[place, on, 0]
    panels[0].vlines(late, -0.4, 0.4, color=BLACK, linewidth=1.6)
    panels[0].set(yticks=[0], yticklabels=["tap"], ylim=(-0.6, 0.6))
    panels[0].set_title(f"the tap that was given{title}", loc="left", fontsize=9)
    for panel, (name, kit), colour in zip(panels[1:], kits.items(), COLOURS, strict=False):
        for at in late:
            panel.axvline(at, color="#bcd9ee", linewidth=1.4, zorder=0)
        draw_roll(panel, kit.hits[place], kit.velocities[place], kit.offsets[place], colour)
        panel.set_title(name, loc="left", fontsize=9)
    _beats(panels[-1], taps.hits.shape[1])
    figure.supxlabel(f"{_LEGEND} · blue lines are the taps", fontsize=8)
    _save(figure, path)


def draw_infilled(kits: Mapping[str, GrooveBatch], voice: Voice, place: int, path: Path, *, title: str = "") -> None:
    """Draw one window several times, `voice` in colour and the rest, which was given, in grey."""
    figure = Figure(figsize=(11, 0.6 + 2.3 * len(kits)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(kits), 1, sharex=True))
    chosen = np.arange(len(VOICES)) == voice.column
    for panel, (name, kit), colour in zip(panels, kits.items(), COLOURS, strict=False):
        hits, velocities, offsets = kit.hits[place], kit.velocities[place], kit.offsets[place]
        draw_roll(panel, hits * ~chosen, velocities, offsets, "#c4c4c4")
        draw_roll(panel, hits * chosen, velocities, offsets, colour)
        panel.set_title(f"{name}{title if panel is panels[0] else ''}", loc="left", fontsize=9)
    _beats(panels[-1], next(iter(kits.values())).hits.shape[1])
    figure.supxlabel(_LEGEND, fontsize=8)
    _save(figure, path)


def draw_paths(paths: Mapping[str, Sequence[Groove]], path: Path, *, bars: int = 2) -> None:
    """Draw the grooves of one path beside each other, a row for each player, the first `bars` bars."""
    most = max(len(grooves) for grooves in paths.values())
    figure = Figure(figsize=(1.9 * most, 0.5 + 2.1 * len(paths)), layout="constrained")
    panels = np.atleast_2d(figure.subplots(len(paths), most, sharex=True, sharey=True))
    steps = bars * STEPS_PER_BAR
    for row, (name, grooves), colour in zip(panels, paths.items(), COLOURS, strict=False):
        for i, (panel, groove) in enumerate(zip(row, grooves, strict=False)):
            draw_roll(
                panel, groove.hits[:steps], groove.velocities[:steps], groove.offsets[:steps], colour, largest=14.0
            )
            share = f"{100 * i / (len(grooves) - 1):.0f} %"
            panel.set_title(f"{name}\n{share}" if i == 0 else share, loc="left", fontsize=8)
            panel.set_xticks(np.arange(0, steps + 1, STEPS_PER_BAR), [])
        row[0].set_yticks(range(len(ROWS)), [voice.replace("_", " ") for voice in ROWS], fontsize=6)
    figure.supxlabel(f"the first {bars} bars of each groove", fontsize=8)
    _save(figure, path)


def draw_styles(players: Mapping[str, GrooveBatch], path: Path) -> None:
    """Draw hits per beat and mean velocity of each style, the recordings' as bars and the players' as dots."""
    profiles = {name: profile_of(batch) for name, batch in players.items()}
    real = next(iter(profiles.values()))
    figure = Figure(figsize=(11, 5.4), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    styles = [int(style) for style in real.styles]
    for which, (name, profile) in enumerate(profiles.items()):
        rows = {int(style): i for i, style in enumerate(profile.styles)}
        here = [(x, rows[style]) for x, style in enumerate(styles) if style in rows]
        at, rows_here = np.array(here, dtype=np.int64).reshape(-1, 2).T
        for panel, values in zip(panels, (profile.hits_per_beat.sum(axis=1), profile.mean_velocities), strict=True):
            if which == 0:
                panel.bar(at, values[rows_here], color="#d9d9d9", label=name)
            else:
                shift = 0.16 * (which - len(profiles) / 2)
                colour = BLUE if name.startswith("Ghostnote") else VERMILION
                marker = "^" if name.endswith("generated") else "o"
                panel.plot(at + shift, values[rows_here], marker, color=colour, markersize=5, label=name)
    panels[0].set(ylabel="hits per beat")
    panels[1].set(ylabel="mean velocity", ylim=(0, 127))
    names = [STYLES[style] if style >= 0 else "unknown" for style in styles]
    windows = [f"{name}\n({count})" for name, count in zip(names, real.windows, strict=True)]
    panels[1].set_xticks(range(len(styles)), windows, fontsize=8, rotation=45)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", frameon=False, fontsize=8, ncols=3)
    _save(figure, path)


def draw_nearest(distances: Mapping[str, Floats], path: Path) -> None:
    """Draw the share of windows that lie within each distance of their nearest training window."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    panel = figure.subplots()
    takes = 0
    for name, values in distances.items():
        at = np.sort(values)
        share = 100 * np.arange(1, len(at) + 1) / len(at)
        if "take" in name:
            takes += 1
            panel.step(at, share, color=BLUE, linewidth=1.2, label="Ghostnote, takes" if takes == 1 else None)
        else:
            panel.step(at, share, color=BLACK if not panel.lines else VERMILION, linewidth=2.0, label=name)
    panel.set(
        xlabel="distance to the nearest training window (0: the same hits, 1: none in common)",
        ylabel="% of windows at most so far",
        xlim=(0, 1),
        ylim=(0, 100),
        title="Is anything copied?",
    )
    panel.legend(frameon=False, fontsize=8)
    _save(figure, path)


def draw_learning(logs: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Draw the validation loss of every training against its time, and the training loss where it is the same sum."""
    logs = {title: log for title, log in logs.items() if log}
    columns = 4
    lines = max(1, -(-len(logs) // columns))
    figure = Figure(figsize=(12, 2.7 * lines), layout="constrained")
    panels = np.atleast_1d(figure.subplots(lines, columns)).ravel()
    for panel, (title, log) in zip(panels, logs.items(), strict=False):
        minutes = [row["seconds"] / 60 for row in log]
        if all("train_loss" in row for row in log):
            panel.plot(minutes, [row["train_loss"] for row in log], color=GREY, label="train")
        panel.plot(minutes, [validation_loss(row) for row in log], color=BLUE, label="validation")
        panel.set_title(title, fontsize=9)
        panel.set_xlabel("minutes", fontsize=8)
        panel.legend(frameon=False, fontsize=7)
    for panel in panels[len(logs) :]:
        panel.set_visible(False)
    _save(figure, path)


def draw_roll(
    panel: Axes, hits: Values, velocities: Values, offsets: Values, colour: str, *, largest: float = 60.0
) -> None:
    """Draw hits where they sound, `(steps, voices)` each, as large as they are loud."""
    order = [voice.column for voice in ROWS]
    steps, rows = np.nonzero(hits[:, order])
    columns = np.array(order)[rows]
    at = steps + offsets[steps, columns]
    panel.scatter(at, rows, s=2.0 + largest * velocities[steps, columns] ** 2, color=colour, linewidths=0)
    panel.set(yticks=range(len(ROWS)), ylim=(-0.7, len(ROWS) - 0.3), xlim=(-0.8, len(hits) - 0.2), facecolor="#fbfbf9")
    panel.set_yticklabels([voice.replace("_", " ") for voice in ROWS], fontsize=7)
    for beat in range(0, len(hits), STEPS_PER_BEAT):
        heavy = beat % STEPS_PER_BAR == 0
        panel.axvline(beat, color="#888888" if heavy else "#e4e4e4", linewidth=0.8 if heavy else 0.6, zorder=0)
    panel.tick_params(length=0)


def _beats(panel: Axes, steps: int) -> None:
    beats = range(0, steps, STEPS_PER_BEAT)
    per_bar = STEPS_PER_BAR // STEPS_PER_BEAT
    labels = [f"{i // per_bar + 1}.{i % per_bar + 1}" for i in range(len(beats))]
    panel.set_xticks(list(beats), labels, fontsize=8)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=100, metadata={"Software": None})
