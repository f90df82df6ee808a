"""`python -m ghostnote.training …`: train, export and evaluate. The make targets call it."""

from __future__ import annotations

import os
from pathlib import Path

# Several threads on few busy cores make PyTorch many times slower; this must be set before it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import click

from ghostnote.data import STYLES, load_performances, load_windows
from ghostnote.models.checkpoint import read_checkpoint
from ghostnote.training.reproductions import REPRODUCTIONS

ARCHIVE = click.option("--archive", type=click.Path(path_type=Path), default=None, help="The dataset's zip file.")
RUNS = click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)


@click.group()
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
def main(threads: int) -> None:
    """Train what Ghostnote ships, and what it is compared with."""
    import torch

    torch.set_num_threads(threads)


@main.command()
@ARCHIVE
@RUNS
def performer(archive: Path | None, runs: Path) -> None:
    """Train the product model (under an hour on one core)."""
    from ghostnote.training.examples import example_of_performance
    from ghostnote.training.train_performer import train_performer

    train = [example_of_performance(p) for p in load_performances("train", archive=archive) if len(p.ticks)]
    held_out = load_performances("validation", archive=archive, metre="4-4")
    train_performer(train, [example_of_performance(p) for p in held_out], runs / "performer")


@main.command()
@ARCHIVE
@RUNS
@click.option("--epochs", type=click.IntRange(1), default=None)
def composer(archive: Path | None, runs: Path, epochs: int | None) -> None:
    """Train the product model that writes hits (about half an hour on one core)."""
    from ghostnote.training.examples import songs_of_performance
    from ghostnote.training.train_composer import ComposerRecipe, train_composer

    train = [songs_of_performance(p) for p in load_performances("train", archive=archive) if len(p.ticks)]
    held_out = load_performances("validation", archive=archive, metre="4-4")
    recipe = ComposerRecipe(epochs=epochs) if epochs else ComposerRecipe()
    train_composer(train, [songs_of_performance(p) for p in held_out], runs / "composer", recipe)


@main.command()
@click.argument("name", type=click.Choice(list(REPRODUCTIONS)))
@click.option("--minutes", type=float, default=None, help="Stop after this time at the latest.")
@ARCHIVE
@RUNS
def recurrent(name: str, minutes: float | None, archive: Path | None, runs: Path) -> None:
    """Train a reproduction of the paper (up to an hour on one core)."""
    from ghostnote.training.train_recurrent import RecurrentRecipe, train_recurrent

    reproduction = REPRODUCTIONS[name]
    train, validation = (load_windows(s, archive=archive, bars=reproduction.bars) for s in ("train", "validation"))
    recipe = RecurrentRecipe(most_minutes=minutes or reproduction.minutes)
    train_recurrent(train, validation, runs / name, reproduction, recipe)


@main.command()
@ARCHIVE
@RUNS
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
def export(archive: Path | None, runs: Path, weights: Path) -> None:
    """Choose the performer's temperature on validation, write it as ONNX with its card."""
    import json
    from dataclasses import asdict

    from ghostnote.training.calibrate import calibrate
    from ghostnote.training.export import export_performer
    from ghostnote.training.runs import read_log
    from ghostnote.training.train_performer import PerformerRecipe, trained_performer

    rows = read_log(runs / "performer")
    best = min(rows, key=lambda row: sum(row[f"{name}_nats"] for name in NATS))
    network = trained_performer(runs / "performer")
    card = {
        "architecture": {
            "description": "hit-by-hit autoregressive GRU, see docs/adr/0007-performer.md",
            **asdict(network.config),
            "weights": sum(parameter.numel() for parameter in network.parameters()),
        },
        "data": "Groove MIDI Dataset v1.0.0, official splits: trained on all of train, chosen on the 4/4 of validation",
        "recipe": asdict(PerformerRecipe()),
        "training": {"steps": rows[-1]["steps"], "minutes": round(rows[-1]["seconds"] / 60), "hardware": "1 CPU core"},
        "validation": {key: value for key, value in best.items() if key not in ("steps", "seconds", "train")},
        "test": "see docs/results/humanize.md",
        "unfair": "Evaluations on the train and validation splits of the Groove MIDI Dataset.",
    }
    calibration = runs / "performer" / "calibration.json"
    if (
        not calibration.exists()
        or calibration.stat().st_mtime < (runs / "performer" / "best.safetensors").stat().st_mtime
    ):
        export_performer(network, weights, styles=STYLES, card={**card, "sampling": {"temperature": 1.0}})
        held_out = load_performances("validation", archive=archive, metre="4-4")
        calibrate(read_checkpoint(weights), held_out, calibration)
    measured = json.loads(calibration.read_text(encoding="utf-8"))
    sampling = {"temperature": measured["chosen"]["temperature"], "calibration": measured}
    export_performer(network, weights, styles=STYLES, card={**card, "sampling": sampling})


@main.command()
@ARCHIVE
@RUNS
@click.option("--results", type=click.Path(path_type=Path), default=Path("docs/results"), show_default=True)
@click.option(
    "--split", type=click.Choice(["test", "validation"]), default="test", show_default=True, help="Try on validation."
)
def evaluate(archive: Path | None, runs: Path, results: Path, split: str) -> None:
    """Write the report on humanizing: every row, every interval, figures."""
    from ghostnote.training.report import write_report

    write_report(archive=archive, runs=runs, results=results, split=split)


NATS = ("velocity", "offset", "velocity_prior", "offset_prior")

if __name__ == "__main__":
    main()
