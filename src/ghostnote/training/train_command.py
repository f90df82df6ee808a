"""`python -m ghostnote.training train RECIPE`: what `ghostnote train` runs as a child process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostnote.errors import InvalidParameter
from ghostnote.training.reproductions import REPRODUCTIONS

if TYPE_CHECKING:
    from ghostnote.training.own_data import OwnData
    from ghostnote.training.products import Trained

PRODUCTS = ("performer", "composer")
RECIPES = (*PRODUCTS, *REPRODUCTIONS)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_MOST_LISTED = 20


@dataclass(frozen=True)
class Wish:
    """What the command line asked for; see the options of `command`."""

    recipe: str
    data: Path | None
    name: str | None
    epochs: int | None
    seed: int
    from_scratch: bool
    out: Path
    archive: Path | None
    map_name: str | None
    force: bool


@click.command("train")
@click.argument("recipe", type=click.Choice(RECIPES))
@click.option("--data", type=_FOLDER)
@click.option("--name")
@click.option("--epochs", type=click.IntRange(1))
@click.option("--seed", type=click.IntRange(0), default=0)
@click.option("--from-scratch", is_flag=True)
@click.option("--out", type=_FOLDER, default=Path("runs"))
@click.option("--archive", type=click.Path(path_type=Path))
@click.option("--map", "map_name")
@click.option("--force", is_flag=True)
def command(**options: object) -> None:
    """Train a product model or a reproduction, on the dataset or on a folder of MIDI files."""
    train(Wish(**options))  # type: ignore[arg-type]  # click has checked them


def train(wish: Wish) -> None:
    """Do what `wish` says, and tell on stderr what came of it.

    Raises:
        GhostnoteError: something in the wish, the data or the installation is not right.
    """
    if wish.recipe in REPRODUCTIONS:
        _train_reproduction(wish)
    elif wish.data is None and wish.name is None:
        _train_as_shipped(wish)
    else:
        _train_own(wish)


def _train_reproduction(wish: Wish) -> None:
    from ghostnote.data import load_windows
    from ghostnote.training.progress import Progress
    from ghostnote.training.train_recurrent import RecurrentRecipe, train_recurrent

    if wish.data is not None or wish.name is not None:
        raise InvalidParameter(
            f"--data and --name go with the recipes {' and '.join(PRODUCTS)}; {wish.recipe} reproduces the paper on "
            "its own data"
        )
    reproduction = REPRODUCTIONS[wish.recipe]
    windows = [load_windows(s, archive=wish.archive, bars=reproduction.bars) for s in ("train", "validation")]
    recipe = RecurrentRecipe(seed=wish.seed, most_minutes=reproduction.minutes, most_epochs=wish.epochs)
    folder = wish.out / wish.recipe
    run = train_recurrent(windows[0], windows[1], folder, reproduction, recipe, progress=Progress(wish.recipe))
    say(f"{folder}: {run.epoch} epochs, best held-out loss {run.best:.3f}")


def _train_as_shipped(wish: Wish) -> None:
    from ghostnote.training.products import dataset_material, train_product
    from ghostnote.training.progress import Progress

    folder = wish.out / wish.recipe
    material = dataset_material(wish.archive)
    trained = train_product(
        wish.recipe, material, folder, seed=wish.seed, epochs=wish.epochs, progress=Progress(wish.recipe)
    )
    say(f"{folder}: {_told(trained)}. With --name it becomes a model of your own; `make export` ships it")


def _train_own(wish: Wish) -> None:
    from ghostnote.training.products import dataset_material, own_material, shipped_start, train_product
    from ghostnote.training.progress import Progress
    from ghostnote.training.user_models import check_new_model, claim_run, install_model

    name = wish.name or _name_of(wish)
    check_new_model(name, force=wish.force)
    start = None if wish.from_scratch or wish.data is None else shipped_start(wish.recipe)
    if start is None and wish.data is not None and not wish.from_scratch:
        say(f"note: the shipped {wish.recipe} brings no weights to go on from; beginning from scratch")
    material = dataset_material(wish.archive) if wish.data is None else own_material(_own_data(wish))
    folder = wish.out / name
    identity = {
        "recipe": wish.recipe,
        "seed": wish.seed,
        "epochs": wish.epochs,
        "data": material.account.get("sha256", material.account["name"]),
        "start": None if start is None else start.sha256,
    }
    claim_run(folder, identity)
    trained = train_product(
        wish.recipe, material, folder, seed=wish.seed, epochs=wish.epochs, start=start, progress=Progress(name)
    )
    target = install_model(wish.recipe, name, trained, material, start)
    say(f"{target}: {_told(trained)}")
    if trained.best["epoch"] == 0:
        say(
            "note: no epoch knew the held-out files better than the shipped model did before; the new model equals it. "
            "More files, or other ones, may help"
        )
    say(f"`ghostnote models use {name}` plays with it, `ghostnote models use {wish.recipe}` goes back")


def _own_data(wish: Wish) -> OwnData:
    from ghostnote.midi import drum_map
    from ghostnote.training.own_data import read_own_data
    from ghostnote.training.progress import Progress

    if wish.data is None:
        raise InvalidParameter("--data must name a folder")
    meter = Progress("reading", percent_per_line=25)
    data = read_own_data(
        wish.data,
        drum_map=None if wish.map_name is None else drum_map(wish.map_name),
        progress=lambda done, total: meter.tell(done / total, f"{done} of {total} files"),
    )
    meter.clear()
    for skipped in data.skipped[:_MOST_LISTED]:
        say(f"skipped {skipped.name}: {skipped.reason}")
    if len(data.skipped) > _MOST_LISTED:
        say(f"skipped {len(data.skipped) - _MOST_LISTED} more")
    files = (*data.train, *data.held_out)
    notes, bars = sum(len(file.track.notes) for file in files), sum(file.bars for file in files)
    say(f"{len(files)} files, {notes:,} notes, {bars:,} bars; held out: {len(data.held_out)}")
    programmed = sum(file.programmed for file in files)
    if programmed and wish.recipe == "performer":
        say(
            f"warning: {programmed} of {len(files)} files are programmed, with flat velocities and exact timing; a "
            "performer learns from them to play like a machine"
        )
    return data


def _told(trained: Trained) -> str:
    """Return how good the best epoch is, and how good the start was, in nats: less is better."""
    nats = {name: value for name, value in trained.best.items() if name.endswith("_nats")}
    first = trained.rows[0]
    told = []
    for name, value in nats.items():
        before = f"{first[name]:.2f} to " if first["epoch"] == 0 else ""
        told.append(f"{name.removesuffix('_nats').replace('_', ' ')} {before}{value:.2f}")
    return f"best epoch {trained.best['epoch']} of {trained.rows[-1]['epoch']}; held-out nats: {', '.join(told)}"


def _name_of(wish: Wish) -> str:
    """Return a name for a model trained on a folder: recipe and folder, in letters that a name may have."""
    folder = wish.data.resolve().name.lower() if wish.data is not None else ""
    letters = re.sub(r"[^a-z0-9]+", "-", folder).strip("-")[:40].strip("-")
    return f"{wish.recipe}-{letters}" if letters else f"{wish.recipe}-own"


def say(message: str) -> None:
    """Print `message` on stderr, without control characters of hostile file names."""
    click.echo("".join(c if c.isprintable() else repr(c)[1:-1] for c in message), err=True)
