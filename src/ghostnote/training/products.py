"""The product models as recipes: what they learn from, with which settings, on the dataset or on a user's own files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ghostnote.data import GROOVE, Performance, load_performances
from ghostnote.data.performances import BEAT_TYPES
from ghostnote.errors import InvalidWeights
from ghostnote.models.checkpoint import bundled_folder, read_checkpoint
from ghostnote.training.chunks import song_of
from ghostnote.training.composer import ComposerConfig, ComposerNetwork
from ghostnote.training.examples import example_of_performance
from ghostnote.training.own_data import OwnData
from ghostnote.training.performer import PerformerConfig, PerformerNetwork
from ghostnote.training.progress import Progress
from ghostnote.training.runs import read_log
from ghostnote.training.train_composer import ComposerRecipe, train_composer, trained_composer
from ghostnote.training.train_composer import Example as Songs
from ghostnote.training.train_performer import Example, PerformerRecipe, example_of, train_performer, trained_performer

WEIGHTS = "weights.safetensors"
_FEWEST_EPOCHS, _MOST_EPOCHS = 4, 150
Sizes = TypeVar("Sizes", PerformerConfig, ComposerConfig)


@dataclass(frozen=True, eq=False)
class Piece:
    """One recording: as the performer learns from it, and whether it is a beat or a fill (0 where unknown)."""

    example: Example
    kind: int


@dataclass(frozen=True, eq=False)
class Material:
    """What a model learns from.

    Args:
        train, held_out: recordings with at least one hit.
        account: what a card says of it.
        licence, attribution: what a card says of models made of it.
        own: whether it is a user's, and small, rather than the dataset.
    """

    train: tuple[Piece, ...]
    held_out: tuple[Piece, ...]
    account: Mapping[str, Any]
    licence: str
    attribution: str
    own: bool


@dataclass(frozen=True, eq=False)
class Start:
    """Weights to begin with.

    Args:
        path: of the weights.
        sha256: of that file.
        card: of the model that they are from.
        folder: where that model lies.
    """

    path: Path
    sha256: str
    card: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True, eq=False)
class Trained:
    """A model that was trained.

    Args:
        network: with the best weights.
        sizes, recipe: of network and training, for the card.
        rows: the run's log.
    """

    network: PerformerNetwork | ComposerNetwork
    sizes: Mapping[str, Any]
    recipe: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]

    @property
    def best(self) -> Mapping[str, Any]:
        """The row of the epoch whose weights were kept."""
        return min(self.rows, key=lambda row: sum(value for name, value in row.items() if name.endswith("_nats")))


def dataset_material(archive: Path | None) -> Material:
    """Return the Groove MIDI Dataset: all of `train`, and the 4/4 of `validation` held out."""

    def pieces(performances: list[Performance]) -> tuple[Piece, ...]:
        played = [performance for performance in performances if len(performance.ticks)]
        return tuple(Piece(example_of_performance(p), 1 + BEAT_TYPES.index(p.beat_type)) for p in played)

    train = pieces(load_performances("train", archive=archive))
    held_out = pieces(load_performances("validation", archive=archive, metre="4-4"))
    account = {"name": "Groove MIDI Dataset v1.0.0", "files": len(train), "held_out_files": len(held_out)}
    return Material(train, held_out, account, "Apache-2.0", f"Trained on the {GROOVE.attribution}", own=False)


def own_material(data: OwnData) -> Material:
    """Return a user's own files, in no particular style; the account names no file, so that a card can be shared."""
    files = (*data.train, *data.held_out)
    account = {
        "name": "the user's own MIDI files",
        "files": len(data.train),
        "notes": sum(len(file.track.notes) for file in data.train),
        "bars": sum(file.bars for file in data.train),
        "held_out_files": len(data.held_out),
        "held_out_notes": sum(len(file.track.notes) for file in data.held_out),
        "programmed_files": sum(file.programmed for file in files),
        "skipped_files": len(data.skipped),
        "sha256": data.digest,
    }
    train, held_out = (
        tuple(Piece(example_of(file.track, 0), 0) for file in part) for part in (data.train, data.held_out)
    )
    licence = "that of the user's own files"
    return Material(train, held_out, account, licence, "Trained on the user's own MIDI files.", own=True)


def shipped_start(kind: str) -> Start | None:
    """Return the weights of the shipped model of `kind`, or None where the installation has none.

    Raises:
        InvalidWeights: they are not what the card says.
    """
    folder = bundled_folder(kind)
    checkpoint = read_checkpoint(folder)
    if WEIGHTS not in checkpoint.card["files"]:
        return None
    checkpoint.content(WEIGHTS)
    return Start(folder / WEIGHTS, checkpoint.field("files", WEIGHTS, "sha256"), checkpoint.card, folder)


def train_product(
    kind: str,
    material: Material,
    folder: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    start: Start | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train a model of `kind` on `material`, and return it with its best weights.

    Args:
        kind: "performer" or "composer".
        folder: of the run.
        epochs: None chooses them by how much there is to learn from.
        start: weights to go on from; None begins with random ones.
    """
    begin = None if start is None else start.path
    if kind == "performer":
        sizes = _sizes(start, PerformerConfig)
        recipe = performer_recipe(material, seed=seed, epochs=epochs, fine_tune=start is not None)
        examples, checked = ([piece.example for piece in part] for part in (material.train, material.held_out))
        train_performer(examples, checked, folder, recipe, sizes, start=begin, progress=progress)
        return Trained(trained_performer(folder, sizes), asdict(sizes), asdict(recipe), read_log(folder))
    widths = _sizes(start, ComposerConfig)
    plan = composer_recipe(material, seed=seed, epochs=epochs, fine_tune=start is not None)
    songs, sung = ([songs_of(piece) for piece in part] for part in (material.train, material.held_out))
    train_composer(songs, sung, folder, plan, widths, start=begin, progress=progress)
    return Trained(trained_composer(folder, widths), asdict(widths), asdict(plan), read_log(folder))


def songs_of(piece: Piece) -> Songs:
    """Return `piece` as the composer learns from it."""
    example = piece.example
    on_16ths = song_of(example.on_16ths, example.style, piece.kind)
    same = example.fitted is example.on_16ths
    return Songs(on_16ths, on_16ths if same else song_of(example.fitted, example.style, piece.kind))


def performer_recipe(material: Material, *, seed: int, epochs: int | None, fine_tune: bool) -> PerformerRecipe:
    """Return the settings for `material`: own files get a smaller learning rate, and epochs by how many they are."""
    recipe = PerformerRecipe(seed=seed)
    if material.own:
        chunks = sum(math.ceil(piece.example.on_16ths.hits.sum() / recipe.chunk_hits) for piece in material.train)
        steps = 150 if fine_tune else 2000
        recipe = replace(recipe, epochs=_epochs(steps, chunks / recipe.batch_size))
    if fine_tune:
        recipe = replace(recipe, learning_rate=recipe.learning_rate / 2)
    return recipe if epochs is None else replace(recipe, epochs=epochs)


def composer_recipe(material: Material, *, seed: int, epochs: int | None, fine_tune: bool) -> ComposerRecipe:
    """Return the settings for `material`, as `performer_recipe` does."""
    recipe = ComposerRecipe(seed=seed)
    if material.own:
        batches = sum(len(piece.example.on_16ths.grid) for piece in material.train) / recipe.steps_per_batch
        recipe = replace(recipe, epochs=_epochs(300 if fine_tune else 3000, batches))
    if fine_tune:
        recipe = replace(recipe, learning_rate=recipe.learning_rate / 4)
    return recipe if epochs is None else replace(recipe, epochs=epochs)


def _epochs(steps: int, batches: float) -> int:
    """Return the epochs that make about `steps` updates, within reason."""
    return min(max(math.ceil(steps / max(batches, 1.0)), _FEWEST_EPOCHS), _MOST_EPOCHS)


def _sizes(start: Start | None, config: type[Sizes]) -> Sizes:
    """Return the sizes of the network that `start` is from, as its card states them; the usual ones without."""
    stated = {} if start is None else start.card.get("architecture", {})
    if not isinstance(stated, dict):
        raise InvalidWeights(f"architecture must be a table in the model's card; got {stated!r}")
    names = {part.name for part in fields(config)}
    return config(**{name: value for name, value in stated.items() if name in names})
