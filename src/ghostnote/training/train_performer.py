"""Train the performer: maximum likelihood of every velocity and offset, hit by hit, on whole recordings."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ghostnote.groove import DrumTrack, Groove
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import lay_grid
from ghostnote.models.performer import offset_of_class
from ghostnote.training.performer import PerformerConfig, PerformerNetwork
from ghostnote.training.progress import Progress
from ghostnote.training.runs import Run, cosine, device, learn, on, read_weights, seed_everything
from ghostnote.training.sequences import (
    IGNORED,
    Batch,
    Recording,
    batches,
    collate,
    to_sequence,
    without_some_voices,
)


@dataclass(frozen=True)
class PerformerRecipe:
    """How the performer is trained; all numbers that matter, so that a card can state them."""

    seed: int = 0
    epochs: int = 28
    chunk_hits: int = 256
    batch_size: int = 24
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up_epochs: float = 0.5
    gradient_norm: float = 1.0
    label_width_classes: float = 1.0
    style_dropout: float = 0.15
    silent_voices: float = 0.3
    averaging: float = 0.995


@dataclass(frozen=True, eq=False)
class Example:
    """A recording to learn from: its groove on 16ths, on the grid that fits it (may be the same), and its style."""

    on_16ths: Groove
    fitted: Groove
    style: int


@dataclass(frozen=True)
class Scores:
    """Means per hit on a held-out split: negative log-likelihoods in nats, and errors of the priors' medians."""

    velocity_nats: float
    offset_nats: float
    velocity_prior_nats: float
    offset_prior_nats: float
    median_timing_mae_ms: float
    median_velocity_mae: float

    @property
    def total_nats(self) -> float:
        """What is minimised, and what the best epoch is chosen by."""
        return self.velocity_nats + self.offset_nats + self.velocity_prior_nats + self.offset_prior_nats


def example_of(track: DrumTrack, style: int) -> Example:
    """Return the training example of one recording."""
    on_16ths = encode(track, lay_grid(track, "16ths")).groove
    fitted = lay_grid(track, "auto")
    same = len(fitted) == len(on_16ths.grid)
    return Example(on_16ths, on_16ths if same else encode(track, fitted).groove, style)


def train_performer(
    train: Sequence[Example],
    validation: Sequence[Example],
    folder: Path,
    recipe: PerformerRecipe | None = None,
    config: PerformerConfig | None = None,
    *,
    start: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Train until the last epoch of `recipe`; `folder` gets the log, the best weights and a state to resume from.

    Args:
        train, validation: what to learn from, and what to choose the best epoch by.
        folder: of the run; one that was interrupted goes on.
        recipe, config: the usual ones if None.
        start: weights to begin with; they compete as epoch 0. Random ones if None.
        progress: tells how far it is.
    """
    recipe = recipe or PerformerRecipe()
    seed_everything(recipe.seed)
    place = device()
    network = PerformerNetwork(config)
    if start is not None:
        read_weights(network, start)
    network = network.to(place)
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    run = Run(folder, progress)
    resumed = run.resume(optimizer, network, averaged)
    held_out = [to_sequence(example.on_16ths, example.style) for example in validation]
    tempos = [example.on_16ths.grid.tempos_bpm[0] for example in validation]
    if start is not None and not resumed:
        scores = score(averaged, held_out, tempos)
        run.log(**{k: round(v, 4) for k, v in vars(scores).items()})
        run.keep_if_best(averaged, scores.total_nats)
    while run.epoch < recipe.epochs:
        # A generator per epoch: an interrupted run goes on exactly as it would have.
        rng = np.random.default_rng((recipe.seed, run.epoch))
        sequences = [_augmented(example, rng, recipe) for example in train]
        chunks = list(
            batches(
                [sequence for sequence in sequences if len(sequence.velocities)],
                hits=recipe.chunk_hits,
                size=recipe.batch_size,
                rng=rng,
                style_dropout=recipe.style_dropout,
            )
        )
        losses = []
        network.train()
        for i, batch in enumerate(chunks):
            rate = recipe.learning_rate * cosine(run.epoch + i / len(chunks), recipe.epochs, recipe.warm_up_epochs)
            parts = loss_parts(network, on(batch, place), recipe.label_width_classes)
            loss = torch.stack(parts).sum()
            learn(
                run,
                optimizer,
                network,
                averaged,
                loss,
                rate=rate,
                gradient_norm=recipe.gradient_norm,
                averaging=recipe.averaging,
            )
            losses.append([part.item() for part in parts])
            run.tell((run.epoch + (i + 1) / len(chunks)) / recipe.epochs, f"epoch {run.epoch + 1} of {recipe.epochs}")
        scores = score(averaged, held_out, tempos)
        run.epoch += 1
        run.log(
            train=[round(float(x), 4) for x in np.mean(losses, axis=0)],
            **{k: round(v, 4) for k, v in vars(scores).items()},
        )
        run.keep_if_best(averaged, scores.total_nats)
        run.save_state(optimizer, network, averaged)
    return run


def loss_parts(network: PerformerNetwork, batch: Batch, label_width_classes: float) -> list[Tensor]:
    """Return mean nats per hit of velocity, offset, velocity prior and offset prior."""
    loudness = (2.0 * (batch.velocities.clamp_min(0) + 1).float() / 127.0 - 1.0)[..., None]
    velocity, offset, velocity_prior, offset_prior = network(batch.features, batch.style, batch.heard, loudness)
    return [
        cross_entropy(velocity, batch.velocities, label_width_classes),
        cross_entropy(offset, batch.offsets, label_width_classes),
        cross_entropy(velocity_prior, batch.velocities, label_width_classes),
        cross_entropy(offset_prior, batch.offsets, label_width_classes),
    ]


@torch.no_grad()
def score(network: PerformerNetwork, recordings: Sequence[Recording], tempos_bpm: Sequence[float]) -> Scores:
    """Return how well `network` knows `recordings`."""
    network.eval()
    sums = np.zeros(6)
    total = 0
    for recording, tempo_bpm in sorted(
        zip(recordings, tempos_bpm, strict=True), key=lambda pair: len(pair[0].velocities)
    ):
        count = len(recording.velocities)
        if not count:
            continue
        batch = on(collate([(recording, 0, count)]), network.to_context.weight.device)
        _, velocity_prior, offset_prior = network.read(batch.features, batch.style)
        offsets = offset_of_class(median_class(offset_prior)[0].cpu().numpy()) - offset_of_class(recording.offsets)
        velocities = median_class(velocity_prior)[0].cpu().numpy() - recording.velocities
        nats = [part.item() for part in loss_parts(network, batch, 0.0)]
        sums += count * np.array([*nats, np.abs(offsets).mean() * 15_000.0 / tempo_bpm, np.abs(velocities).mean()])
        total += count
    return Scores(*(float(x) for x in sums / total))


def trained_performer(folder: Path, config: PerformerConfig | None = None) -> PerformerNetwork:
    """Return the best network of a run."""
    network = PerformerNetwork(config)
    read_weights(network, folder / "best.safetensors")
    return network.eval()


def _augmented(example: Example, rng: np.random.Generator, recipe: PerformerRecipe) -> Recording:
    groove = example.fitted if rng.random() < 0.5 else example.on_16ths
    if rng.random() < recipe.silent_voices:
        groove = without_some_voices(groove, rng)
    return to_sequence(groove, example.style)


def cross_entropy(logits: Tensor, target: Tensor, width: float) -> Tensor:
    """Cross-entropy against a target smeared by a Gaussian of `width` classes: neighbours are nearly right."""
    here = target != IGNORED
    log_probability = torch.log_softmax(logits[here], dim=-1)
    if width == 0.0:
        return -log_probability.gather(1, target[here][:, None]).mean()
    distance = torch.arange(logits.shape[-1], device=logits.device)[None] - target[here][:, None]
    weight = torch.exp(-0.5 * (distance / width).square())
    return -(weight / weight.sum(dim=1, keepdim=True) * log_probability).sum(dim=1).mean()


def median_class(logits: Tensor) -> Tensor:
    """Return the class in whose middle half of the probability lies, for logits `(…, classes)`."""
    return (torch.softmax(logits, dim=-1).cumsum(dim=-1) < 0.5).sum(dim=-1).clamp_max(logits.shape[-1] - 1)
