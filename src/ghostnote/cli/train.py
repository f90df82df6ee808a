"""`ghostnote train`: runs `python -m ghostnote.training train` as a child process; PyTorch stays out of this one."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import click

from ghostnote.cli.options import MAP
from ghostnote.errors import MissingExtra

PRODUCTS = ("performer", "composer")
REPRODUCTIONS = ("seq2seq", "vib", "tap2drum", "tap2drum_dropout", "infill", "transfer", "autoencoder")
NEEDED = ("torch", "safetensors", "onnx", "tensorboardX", "sklearn", "matplotlib")
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(epilog="In Python: python -m ghostnote.training train RECIPE, see docs/training.md")
@click.argument("recipe", type=click.Choice([*PRODUCTS, *REPRODUCTIONS]), metavar="RECIPE")
@click.option("--data", type=_FOLDER, help="Your own folder of MIDI files; the Groove MIDI Dataset without.")
@click.option("--name", metavar="NAME", help="Of your new model [default: after recipe and folder].")
@click.option("--epochs", type=click.IntRange(1), help="How often to go through it all [default: by its size].")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--from-scratch", is_flag=True, help="Do not go on from the shipped weights.")
@click.option("--out", type=_FOLDER, default=Path("runs"), show_default=True, help="Folder of logs and states.")
@click.option("--archive", type=click.Path(path_type=Path), help="Use this copy of the dataset.")
@MAP
@click.option("--force", is_flag=True, help="Replace a model of yours that has this name.")
def command(
    recipe: str,
    data: Path | None,
    name: str | None,
    epochs: int | None,
    seed: int,
    from_scratch: bool,
    out: Path,
    archive: Path | None,
    map_name: str | None,
    force: bool,
) -> None:
    """Train a model: on your own MIDI files, so that it learns your style, or on the Groove MIDI Dataset.

    RECIPE is performer (timing and dynamics) or composer (which drums sound when); or one of the paper's models that
    ours are compared with: seq2seq, vib, tap2drum, tap2drum_dropout, infill, transfer, autoencoder.

    With --data it goes on from the shipped model, holds a part of the files out to measure on, and writes a model of
    your own, which `ghostnote models use NAME` plays with. Interrupted, the same command goes on. Needs PyTorch.
    """
    require_training()
    options: list[tuple[str, object]] = [("--data", data), ("--name", name), ("--epochs", epochs), ("--seed", seed)]
    options += [("--out", out), ("--archive", archive), ("--map", map_name)]
    arguments = [recipe]
    for option, value in options:
        if value is not None:
            arguments += [option, str(value)]
    arguments += ["--from-scratch"] * from_scratch + ["--force"] * force
    sys.exit(run_training(["train", *arguments]))


def require_training() -> None:
    """Raise unless what training needs is installed.

    Raises:
        MissingExtra: something is missing.
    """
    missing = [module for module in NEEDED if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            f"training needs {', '.join(missing)}, which is not installed: pip install 'ghostnote[train]'"
        )


def run_training(arguments: list[str]) -> int:
    """Run `python -m ghostnote.training` with `arguments` and return its exit code.

    An interruption from the keyboard reaches the child by itself; it is waited for, so that it can say how to go on.
    """
    # -P: a file in the working folder that is called like a module must not take its place.
    child = subprocess.Popen([sys.executable, "-P", "-m", "ghostnote.training", *arguments])

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        while True:
            try:
                code = child.wait()
            except KeyboardInterrupt:
                continue
            return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, before)
