"""Train the encoder of loops on loops that we draw ourselves: no data set is needed, and every answer is known."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.critic.hearing import Hearing
from ghostnote.critic.rows import measure_rows, rows_of
from ghostnote.critic.spectrum import BANDS
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool
from ghostnote.sounds.sound import Sound
from ghostnote.training.progress import Progress
from ghostnote.training.runs import Run, cosine, learn, read_weights, seed_everything
from ghostnote.training.taste_encoder import Embedding, TasteEncoder
from ghostnote.training.taste_material import STEPS, draw_loop
from ghostnote.training.taste_targets import Measures, Targets, targets_of

Array = NDArray[np.float32]
LOSSES = ("onsets", "rhythm", "rows", "timbre")
_TOLD = ("rhythm", "rows", "timbre")
_GRIDS, _GRID_ROWS, _GRID_DENSITIES = 6000, (3, 4, 4, 4, 5, 6), (0.3, 0.7)
_LEAST_SPREAD = 0.02
"""Of a measure of rows: one that hardly differs among grids of chance says nothing."""


@dataclass(frozen=True)
class TasteRecipe:
    """How the encoder is trained.

    Args:
        groups: of loops of one tempo, metre and swing, drawn once.
        group_size: loops of each.
        sounds: one-shots that all of them are drawn from; validation has others.
        epochs: passes over them.
        batch: loops of a step.
        rate: of learning, at its height.
        values: of the embedding, half of rhythm, half of timbre; half of the rhythm's are of its rows.
        row_share: of the rhythm's variance, that of its rows.
        flattening: 0 keeps the spread that the targets have along each value of the embedding, 1 makes all equal.
        seed: of everything.
    """

    groups: int = 320
    group_size: int = 256
    sounds: int = 1_500
    epochs: int = 14
    batch: int = 256
    rate: float = 2e-3
    values: int = 64
    row_share: float = 0.75
    flattening: float = 0.5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Group:
    """Loops of one shape with what is to be told of them; `Targets` says what the arrays hold.

    Args:
        levels: `(loops, frames, BANDS)`, float16.
        steps: `(loops, steps, values)`.
        rhythm, timbre: `(loops, values)`.
        rows: `(loops, ROW_VALUES)`.
    """

    levels: NDArray[np.float16]
    steps: Array
    rhythm: Array
    rows: Array
    timbre: Array


def draw_groups(
    pool: tuple[Sound, ...], count: int, size: int, seed: int, progress: Progress | None = None
) -> list[Group]:
    """Return `count` groups of `size` loops.

    Args:
        pool: to draw sounds from; each group uses a few hundred of them.
        count, size: of groups and of loops in each.
        seed: of chance.
        progress: told how far it is.
    """
    rng = np.random.default_rng(seed)
    bank = SoundBank()
    hearing, measures = Hearing(bank), Measures(bank)
    groups = []
    for number in range(count):
        usual = rng.random() < 0.4
        tempo = 120.0 if usual else float(np.round(np.exp(rng.uniform(np.log(60), np.log(200)))))
        swing = 0.0 if usual or rng.random() < 0.6 else float(rng.uniform(0.05, 0.4))
        steps = int(rng.choice(STEPS))
        few = [pool[index] for index in rng.choice(len(pool), min(160, len(pool)), replace=False)]
        loops = [draw_loop(few, rng, steps=steps, tempo_bpm=tempo, swing=swing) for _ in range(size)]
        told: list[Targets] = [targets_of(loop, measures) for loop in loops]
        groups.append(
            Group(
                hearing.hear(loops).astype(np.float16),
                np.stack([targets.steps for targets in told]),
                np.stack([targets.rhythm for targets in told]),
                rows_of(loops),
                np.stack([targets.timbre for targets in told]),
            )
        )
        if progress is not None:
            progress.tell((number + 1) / count, "drawing loops")
    return groups


@dataclass(frozen=True, eq=False)
class Scale:
    """Means and spreads of the targets over the training loops."""

    rhythm: tuple[Tensor, Tensor]
    rows: tuple[Tensor, Tensor]
    timbre: tuple[Tensor, Tensor]

    @classmethod
    def of(cls, groups: list[Group]) -> Scale:
        """Return those of `groups`."""
        parts = []
        for name in _TOLD:
            values = np.concatenate([getattr(group, name) for group in groups])
            parts.append((torch.from_numpy(values.mean(axis=0)), torch.from_numpy(values.std(axis=0) + 1e-3)))
        return cls(*parts)


def loss_of(network: TasteEncoder, group: Group, index: NDArray[np.int64], scale: Scale, tilt: Tensor | None) -> Tensor:
    """Return the losses of steps, rhythm, rows and timbre as one tensor `(4,)`."""
    levels = torch.from_numpy(group.levels[index].astype(np.float32))
    if tilt is not None:
        levels = levels + tilt
    steps, *others = network(levels)
    told = [(steps - torch.from_numpy(group.steps[index])).pow(2).mean() * 10.0]
    for output, name in zip(others, _TOLD, strict=True):
        mean, spread = getattr(scale, name)
        wanted = (torch.from_numpy(getattr(group, name)[index]) - mean) / spread
        told.append(torch.nn.functional.smooth_l1_loss(output, wanted, beta=1.0) * 2.0)
    return torch.stack(told)


def train_taste(folder: Path, recipe: TasteRecipe = TasteRecipe(), progress: Progress | None = None) -> TasteEncoder:
    """Train in `folder`, which keeps log and weights; return the encoder that was best on validation.

    Args:
        folder: of the run.
        recipe: how.
        progress: told how far it is.
    """
    rng = seed_everything(recipe.seed)
    pool = draw_pool(recipe.sounds, recipe.seed)
    others = draw_pool(400, recipe.seed + 1)
    groups = draw_groups(pool, recipe.groups, recipe.group_size, recipe.seed, progress)
    held_out = draw_groups(others, 24, recipe.group_size, recipe.seed + 1)
    scale = Scale.of(groups)
    network = new_encoder(groups[0])
    network.row_scale.copy_(torch.stack(scale.rows))
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=0.01)
    run = Run(folder, progress)
    per_epoch = recipe.groups * max(1, recipe.group_size // recipe.batch)
    for epoch in range(1, recipe.epochs + 1):
        network.train()
        total = torch.zeros(len(LOSSES))
        for done, number in enumerate(rng.permutation(len(groups))):
            group = groups[number]
            for index in np.array_split(rng.permutation(recipe.group_size), max(1, recipe.group_size // recipe.batch)):
                # Recordings come with the colours of rooms and desks: a smooth tilt over the bands, and a little noise.
                slope = torch.linspace(-1, 1, BANDS) * torch.randn(len(index), 1, 1) * 0.12
                bow = torch.cos(torch.linspace(0, 3.14159, BANDS) * torch.rand(len(index), 1, 1) * 4) * 0.1
                tilt = slope + bow * torch.randn(len(index), 1, 1)
                losses = loss_of(network, group, index, scale, tilt)
                rate = recipe.rate * cosine(epoch - 1 + done / len(groups), recipe.epochs, 0.3)
                learn(run, optimizer, network, averaged, losses.sum(), rate=rate, gradient_norm=1.0, averaging=0.998)
                total += losses.detach()
            if progress is not None:
                progress.tell((epoch - 1 + (done + 1) / len(groups)) / recipe.epochs, f"epoch {epoch}")
        run.epoch = epoch
        averaged.eval()
        with torch.no_grad():
            held = torch.stack([loss_of(averaged, g, np.arange(len(g.levels)), scale, None) for g in held_out]).mean(0)
        train = total / per_epoch
        told = {f"train_{name}": loss for name, loss in zip(LOSSES, train.tolist(), strict=True)}
        told |= dict(zip(LOSSES, held.tolist(), strict=True))
        run.log(**{name: round(loss, 4) for name, loss in told.items()})
        run.keep_if_best(averaged, float(held.sum()))
    read_weights(network, folder / "best.safetensors")
    return network.eval()


def trained_taste(folder: Path) -> TasteEncoder:
    """Return the encoder that `train_taste` left in `folder`.

    Raises:
        StorageError, InvalidWeights: as `read_weights`.
    """
    encoder = new_encoder(draw_groups(draw_pool(40, 0), 1, 1, 0)[0])
    read_weights(encoder, folder / "best.safetensors")
    return encoder.eval()


def new_encoder(group: Group) -> TasteEncoder:
    """Return an untrained encoder for targets of the shapes of `group`'s."""
    return TasteEncoder(group.steps.shape[2], group.rhythm.shape[1], group.timbre.shape[1])


def embedding_of(encoder: TasteEncoder, recipe: TasteRecipe) -> Embedding:
    """Return the graph that is shipped: the encoder, and the axes along which loops differ most.

    What it tells of rhythm and of timbre, in units of each target's spread, is turned to its principal axes. Axes along
    which loops differ more get more spread, so that a prior that knows nothing else expects taste to follow them. So
    are the measures of rows, but by how they differ among grids of chance, where most of exploring goes on.
    """
    groups = draw_groups(draw_pool(400, recipe.seed + 2), 24, recipe.group_size, recipe.seed + 2)
    half = recipe.values // 2
    with torch.no_grad():
        latents = [
            encoder.latents(encoder.step_features(torch.from_numpy(g.levels.astype(np.float32)))) for g in groups
        ]
        rhythm, _, timbre = (torch.cat(parts) for parts in zip(*latents, strict=True))
        rows = torch.from_numpy(_rows_of_grids(recipe.seed))
        mean, spread = rows.mean(dim=0), rows.std(dim=0) + _LEAST_SPREAD
        of_rows = (torch.diag(1 / spread), -mean / spread)
        of_rhythm, of_timbre = ((tell.weight, tell.bias) for tell in (encoder.tell_rhythm, encoder.tell_timbre))
        return Embedding(
            encoder,
            _axes(rhythm, of_rhythm, half // 2, 1.0 - recipe.row_share, recipe.flattening),
            _axes(rows, of_rows, half - half // 2, recipe.row_share, recipe.flattening),
            _axes(timbre, of_timbre, half, 1.0, recipe.flattening),
        ).eval()


def _axes(
    values: Tensor, linear: tuple[Tensor, Tensor], kept: int, variance: float, flattening: float
) -> tuple[Tensor, Tensor]:
    """Return the map and shift that lead `values` to their first `kept` principal axes, of `variance` together.

    Args:
        values: `(loops, inputs)`.
        linear: weight `(outputs, inputs)` and bias `(outputs,)` of what the axes are of.
        kept: number of axes.
        variance: of all axes.
        flattening: of the recipe.
    """
    weight, bias = linear
    told = values @ weight.T + bias
    mean = told.mean(dim=0)
    _, spread, axes = torch.linalg.svd(told - mean, full_matrices=False)
    spread = spread[:kept] / len(told) ** 0.5
    gain = spread ** (-flattening)
    gain = gain * (variance / (spread * gain).pow(2).sum()).sqrt()
    turn = axes[:kept].T * gain
    return weight.T @ turn, (bias - mean) @ turn


def _rows_of_grids(seed: int) -> Array:
    """Return measures of rows of grids of chance, `(_GRIDS, ROW_VALUES)`."""
    rng = np.random.default_rng(seed)
    hits = rng.random((_GRIDS, 16, max(_GRID_ROWS))) < rng.uniform(*_GRID_DENSITIES, size=(_GRIDS, 1, 1))
    rows = rng.choice(_GRID_ROWS, size=_GRIDS)
    return measure_rows(hits & (np.arange(max(_GRID_ROWS)) < rows[:, None, None]))
