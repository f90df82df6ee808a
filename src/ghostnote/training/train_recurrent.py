"""Train the recurrent humanizers of the paper with its optimiser and losses; batch size and length are ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ghostnote.groove import VOICES, GrooveBatch
from ghostnote.training.recurrent import Bottleneck, RecurrentConfig, RecurrentHumanizer, loss_of
from ghostnote.training.runs import Run, read_weights, seed_everything


@dataclass(frozen=True)
class RecurrentRecipe:
    """How a reproduction is trained.

    The paper takes batches of 512; on two cores smaller ones buy more updates in the hour that there is.
    """

    bottleneck: Bottleneck = "deterministic"
    seed: int = 0
    batch_size: int = 128
    learning_rate: float = 1e-3
    decay: float = 0.9999
    smallest_learning_rate: float = 1e-5
    gradient_norm: float = 1.0
    patience_epochs: int = 10
    most_minutes: float = 60.0


def train_recurrent(train: GrooveBatch, validation: GrooveBatch, folder: Path, recipe: RecurrentRecipe) -> Run:
    """Train until the validation loss has not improved for `patience_epochs`, or the time is up."""
    seed_everything(recipe.seed)
    network = RecurrentHumanizer(RecurrentConfig(bottleneck=recipe.bottleneck))
    optimizer = torch.optim.Adam(network.parameters(), recipe.learning_rate)
    run = Run(folder)
    run.resume(optimizer, network)
    targets, held_out = targets_of(train), targets_of(validation)
    best_epoch = run.epoch
    while run.seconds < 60 * recipe.most_minutes and run.epoch - best_epoch < recipe.patience_epochs:
        rng = np.random.default_rng((recipe.seed, run.epoch))
        torch.manual_seed(int(rng.integers(2**31)))
        network.train()
        losses = []
        order = torch.from_numpy(rng.permutation(len(targets)))
        for start in range(0, len(order), recipe.batch_size):
            target = targets[order[start : start + recipe.batch_size]]
            rate = max(recipe.smallest_learning_rate, recipe.learning_rate * recipe.decay**run.steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = loss_of(network(target[..., : len(VOICES)], target), target, network.config)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), recipe.gradient_norm)
            optimizer.step()
            run.steps += 1
            losses.append(loss.item())
        run.epoch += 1
        validation_loss = held_out_loss(network, held_out)
        if validation_loss < run.best:
            best_epoch = run.epoch
        run.log(train_loss=round(float(np.mean(losses)), 3), validation_loss=round(validation_loss, 3))
        run.keep_if_best(network, validation_loss)
        run.save_state(optimizer, network)
    return run


def targets_of(grooves: GrooveBatch) -> Tensor:
    """Return `(grooves, steps, 27)`: hits, velocities, doubled offsets."""
    return torch.from_numpy(np.concatenate([grooves.hits, grooves.velocities, 2.0 * grooves.offsets], axis=-1))


@torch.no_grad()
def held_out_loss(network: RecurrentHumanizer, targets: Tensor) -> float:
    """Return the loss per window, teacher-forced, without dropout."""
    network.eval()
    total = 0.0
    for start in range(0, len(targets), 512):
        part = targets[start : start + 512]
        total += loss_of(network(part[..., : len(VOICES)], part), part, network.config).item() * len(part)
    return total / len(targets)


def trained_recurrent(folder: Path, bottleneck: Bottleneck) -> RecurrentHumanizer:
    """Return the best network of a run."""
    network = RecurrentHumanizer(RecurrentConfig(bottleneck=bottleneck))
    read_weights(network, folder / "best.safetensors")
    return network.eval()
