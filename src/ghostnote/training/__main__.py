"""`python -m ghostnote.training …`: train, export and evaluate. The make targets call it."""

from __future__ import annotations

import os
from pathlib import Path

# Several threads on few busy cores make PyTorch many times slower; this must be set before it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import click

from ghostnote.data import STYLES, load_performances, load_windows

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
    """Train the product model (about half an hour on one core)."""
    from ghostnote.training.examples import example_of_performance
    from ghostnote.training.train_performer import train_performer

    train = [example_of_performance(p) for p in load_performances("train", archive=archive) if len(p.ticks)]
    held_out = load_performances("validation", archive=archive, metre="4-4")
    train_performer(train, [example_of_performance(p) for p in held_out], runs / "performer")


@main.command()
@click.argument("kind", type=click.Choice(["seq2seq", "vib"]))
@click.option("--minutes", type=float, default=60.0, show_default=True, help="Stop after this time at the latest.")
@ARCHIVE
@RUNS
def recurrent(kind: str, minutes: float, archive: Path | None, runs: Path) -> None:
    """Train a reproduction of the paper (up to an hour on one core)."""
    from ghostnote.training.train_recurrent import RecurrentRecipe, train_recurrent

    bottleneck = "deterministic" if kind == "seq2seq" else "variational"
    train_recurrent(
        load_windows("train", archive=archive),
        load_windows("validation", archive=archive),
        runs / kind,
        RecurrentRecipe(bottleneck=bottleneck, most_minutes=minutes),
    )


if __name__ == "__main__":
    main()
