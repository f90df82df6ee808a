"""`python -m ghostnote.training …`: train, export and evaluate. The make targets call it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

# Several threads on few busy cores make PyTorch many times slower; this must be set before it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import click

from ghostnote.data import load_performances, load_windows
from ghostnote.errors import InvalidParameter
from ghostnote.models.registry import KINDS, chosen_name
from ghostnote.training.explorer_command import command as explorer
from ghostnote.training.explorer_command import report_command
from ghostnote.training.progress import Progress
from ghostnote.training.reproductions import REPRODUCTIONS
from ghostnote.training.shell import give_way, run
from ghostnote.training.train_command import command as train

if TYPE_CHECKING:
    from ghostnote.training.train_feel import Passages

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
    examples = [example_of_performance(p) for p in held_out]
    train_performer(train, examples, runs / "performer", progress=Progress("performer"))


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
    songs = [songs_of_performance(p) for p in held_out]
    train_composer(train, songs, runs / "composer", recipe, progress=Progress("composer"))


@main.command()
@ARCHIVE
@RUNS
def feel(archive: Path | None, runs: Path) -> None:
    """Train the feel of the performer, which must be trained already (about ten minutes on one core)."""
    from ghostnote.training.examples import example_of_performance
    from ghostnote.training.train_feel import passages_of, train_feel
    from ghostnote.training.train_performer import trained_performer

    def passages(split: str, metre: str | None) -> list[Passages]:
        examples = [example_of_performance(p) for p in load_performances(split, archive=archive, metre=metre)]
        return [passages_of(example.on_16ths, example.style) for example in examples if example.on_16ths.hits.any()]

    performer = trained_performer(runs / "performer")
    held_out = passages("validation", "4-4")
    train_feel(performer, passages("train", None), held_out, runs / "feel", progress=Progress("feel"))


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
    train_recurrent(train, validation, runs / name, reproduction, recipe, progress=Progress(name))


@main.command()
@RUNS
def taste(runs: Path) -> None:
    """Train the critic's encoder, on loops that we draw ourselves (about twelve minutes on one core)."""
    from ghostnote.training.train_taste import train_taste

    train_taste(runs / "taste", progress=Progress("taste"))


@main.command()
@ARCHIVE
@RUNS
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.argument("names", nargs=-1, type=click.Choice(["performer", "composer", "critic"]))
def export(names: tuple[str, ...], archive: Path | None, runs: Path, weights: Path) -> None:
    """Choose temperatures on validation, write the product models as ONNX with their cards."""
    from ghostnote.training.shipping import ship_composer, ship_performer, ship_taste

    if "performer" in names or not names:
        ship_performer(archive, runs, weights / "performer")
    if "composer" in names or not names:
        ship_composer(archive, runs, weights / "composer")
    if "critic" in names or not names:
        ship_taste(runs, weights / "critic")


@main.command()
@ARCHIVE
@RUNS
@click.option("--results", type=click.Path(path_type=Path), default=Path("docs/results"), show_default=True)
@click.option(
    "--split", type=click.Choice(["test", "validation"]), default="test", show_default=True, help="Try on validation."
)
@click.option("--report", type=click.Choice(["humanize", "grooves"]), default=None, help="Only this one.")
def evaluate(archive: Path | None, runs: Path, results: Path, split: str, report: str | None) -> None:
    """Write the reports: every row, every interval, figures."""
    from ghostnote.training.grooves_report import write_grooves_report
    from ghostnote.training.report import write_report

    for kind in KINDS:
        if chosen_name(kind) != kind:
            raise InvalidParameter(f"reports are about the shipped models; run `ghostnote models use {kind}` first")
    for name, write in (("humanize", write_report), ("grooves", write_grooves_report)):
        if report in (None, name):
            write(archive=archive, runs=runs, results=results, split=split)


main.add_command(train)
main.add_command(explorer)
main.add_command(report_command)

if __name__ == "__main__":
    give_way()
    run(main)
