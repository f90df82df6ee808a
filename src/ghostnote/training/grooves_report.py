"""The report on the GrooVAE family: for every task yardsticks, the paper's model and the product, on one split."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.data import STYLES, load_performances, load_windows, windows_of
from ghostnote.evaluation import taps_of
from ghostnote.groove import GrooveBatch, Voice
from ghostnote.training import grooves_figures as figures
from ghostnote.training.grooves_material import Material
from ghostnote.training.grooves_prior import REAL, measure_generate, measure_interpolate
from ghostnote.training.grooves_sections import measure_drumify, measure_infill, measure_transfer
from ghostnote.training.grooves_text import (
    Section,
    format_section,
    format_styles,
    format_targets,
    format_training,
    numbers_of,
)
from ghostnote.training.reproductions import REPRODUCTIONS
from ghostnote.training.runs import read_log

REPRODUCED = ("tap2drum", "tap2drum_dropout", "infill", "transfer", "autoencoder")
OWN = {"composer": "Ghostnote composer", "feel": "Ghostnote feel", "performer": "Ghostnote performer"}
_LIVELY = 4.0  # hits per beat, about the dataset's mean: a window to show must have something to see


def write_grooves_report(
    *, archive: Path | None, runs: Path, results: Path, split: str = "test", resamples: int = 1000
) -> None:
    """Measure every task on `split`; write `grooves.md`, `grooves.json` and the figures to `results`."""
    began = time.monotonic()

    def say(message: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {message}", flush=True)  # noqa: T201 - a command

    results.mkdir(parents=True, exist_ok=True)
    performances = load_performances(split, archive=archive, metre="4-4")
    real = windows_of(performances)
    material = Material(performances, real, load_windows("train", archive=archive), runs, say, resamples)
    sections = {
        "drumify": measure_drumify(material),
        "infill": measure_infill(material),
        "transfer": measure_transfer(material),
    }
    sections["generate"], distances = measure_generate(material)
    sections["interpolate"], paths = measure_interpolate(material)
    logs = {f"{REPRODUCTIONS[name].title}, reproduced": read_log(runs / name) for name in REPRODUCED}
    logs |= {title: read_log(runs / name) for name, title in OWN.items()}
    players = _players(material, sections)

    say("figures")
    place = choose_example(real)
    label = describe(real, place)
    kits = {REAL: real, **sections["drumify"].shown}
    figures.draw_drumified(taps_of(real), kits, place, results / "grooves-drumify.png", title=label)
    place = choose_example(real, voice=Voice.CLOSED_HIHAT)
    filled = {REAL: real, **sections["infill"].shown}
    label = describe(real, place)
    figures.draw_infilled(filled, Voice.CLOSED_HIHAT, place, results / "grooves-infill.png", title=label)
    figures.draw_paths(paths, results / "grooves-interpolate.png")
    figures.draw_styles(players, results / "grooves-styles.png")
    figures.draw_nearest(distances, results / "grooves-nearest.png")
    figures.draw_learning(logs, results / "grooves-curves.png")

    text = format_report(split, real, sections, players, logs, minutes=(time.monotonic() - began) / 60)
    (results / "grooves.md").write_text(text, encoding="utf-8")
    numbers = numbers_of(sections)
    (results / "grooves.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    say(f"written to {results}")


def choose_example(real: GrooveBatch, *, voice: Voice | None = None, seed: int = 0) -> int:
    """Return a window to show, drawn before anything is played: lively, and with a hit a beat of `voice` if given."""
    beats = real.hits.shape[1] / figures.STEPS_PER_BEAT
    fits = real.hits.sum(axis=(1, 2)) >= _LIVELY * beats
    if voice is not None:
        fits &= real.hits[..., voice.column].sum(axis=1) >= beats
    places = np.flatnonzero(fits) if fits.any() else np.arange(len(real))
    return int(np.random.default_rng(seed).choice(places))


def describe(real: GrooveBatch, place: int) -> str:
    """Return where a window comes from, for a figure's title."""
    style = STYLES[real.styles[place]] if real.styles[place] >= 0 else "unknown style"
    bar = int(real.start_bars[place]) + 1
    return f" (recording {real.performances[place]}, bar {bar}, {style}, {real.tempos_bpm[place]:.0f} bpm)"


def _players(material: Material, sections: Mapping[str, Section]) -> dict[str, GrooveBatch]:
    """Return who is in the table and the figure of styles, without windows that end in padding."""
    full = material.full
    here = np.isin(material.real.performances, full.performances)
    players = {REAL: full}
    players |= {f"{name}, generated": batch for name, batch in sections["generate"].shown.items() if name != REAL}
    players |= {f"{name}, drumified": batch.take(here) for name, batch in sections["drumify"].shown.items()}
    return players


def format_report(
    split: str,
    real: GrooveBatch,
    sections: Mapping[str, Section],
    players: Mapping[str, GrooveBatch],
    logs: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    minutes: float,
) -> str:
    """Return the whole report as Markdown."""
    chosen = "Nothing was chosen" if split == "test" else "Models were chosen"
    lines = [
        "# Drumify, infill, transfer, generate, interpolate: results",
        "",
        "Written by `make evaluate`; do not edit. All numbers are defined in [metrics](../metrics.md).",
        "",
        f"{split.capitalize()} split of the Groove MIDI Dataset, {len(real):,} windows of two bars (zero-padded, hop "
        f"of one bar), {int(real.hits.sum()):,} hits after the nine-voice, loudest-hit reduction. {chosen} on this "
        "split. In brackets: 95 % bootstrap intervals over recordings.",
        "",
        "*Best guess* takes the likeliest, *one sample* and *take* are drawn: what a user gets. Hits are scored over "
        "all windows together, errors over the hits that both have. The discriminator (gradient boosting on the values "
        "of a window and on features of its coherence, cross-validated by recording) says how well real and generated "
        "windows can be told apart: 0.5 is not at all, 1 always. It is the same for all rows. Rows without a model "
        "copy from the training split, or from the input; they show what a number is worth.",
        "",
        "## Targets",
        "",
        "Takes are three seeds; figures of takes are their mean unless said otherwise.",
        "",
        *format_targets(target for section in sections.values() for target in section.targets),
        "",
    ]
    for section in sections.values():
        lines += format_section(section)
    lines += [
        "## Styles",
        "",
        "Hits per beat of the whole kit / mean velocity, by style. *Density profile* and *velocity profile* in the "
        "tables above are the distances of these, voice by voice. The paper's models know no style.",
        "",
        *format_styles(players),
        "",
        "![Density and loudness of each style](grooves-styles.png)",
        "",
        "## Training",
        "",
        "Minutes are wall time on one core that was shared with other work. A loss that still fell at the end means "
        "that the row shows what the network reaches in these steps, not its best. Losses of different models do not "
        "compare: nats per window for the reproductions, nats of all tasks together for ours.",
        "",
        *format_training(logs),
        "",
        "![Learning curves](grooves-curves.png)",
        "",
        f"Evaluated in {minutes:.0f} minutes on {platform.machine()}, {platform.system()}, Python "
        f"{platform.python_version()}.",
        "",
    ]
    return "\n".join(lines)
