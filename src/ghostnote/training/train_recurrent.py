"""Train the recurrent models of the paper with its optimiser and losses; batch size and length are ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ghostnote.groove import GrooveBatch
from ghostnote.training.progress import Progress
from ghostnote.training.recurrent import RecurrentNetwork, loss_of
from ghostnote.training.reproductions import REPRODUCTIONS, Reproduction
from ghostnote.training.runs import Run, device, half_precision, read_weights, seed_everything


@dataclass(frozen=True)
class RecurrentRecipe:
    """How a reproduction is trained.

    The paper takes batches of 512; on two cores smaller ones buy more updates in the time that there is. Matrix
    products are computed in bfloat16 where the processor can, with weights and losses in float32: twice as fast.
    """

    seed: int = 0
    batch_size: int = 128
    learning_rate: float = 1e-3
    decay: float = 0.9999
    smallest_learning_rate: float = 1e-5
    gradient_norm: float = 1.0
    patience_epochs: int = 10
    most_minutes: float = 60.0
    most_epochs: int | None = None


def train_recurrent(
    train: GrooveBatch,
    validation: GrooveBatch,
    folder: Path,
    reproduction: Reproduction,
    recipe: RecurrentRecipe | None = None,
    *,
    progress: Progress | None = None,
) -> Run:
    """Train until the validation loss has not improved for `patience_epochs`, or time or epochs are used up."""
    recipe = recipe or RecurrentRecipe(most_minutes=reproduction.minutes)
    seed_everything(recipe.seed)
    network = RecurrentNetwork(reproduction.config(train)).to(device())
    optimizer = torch.optim.Adam(network.parameters(), recipe.learning_rate)
    run = Run(folder, progress)
    run.resume(optimizer, network)
    best_epoch = run.epoch
    while _share_done(run, recipe) < 1.0 and run.epoch - best_epoch < recipe.patience_epochs:
        rng = np.random.default_rng((recipe.seed, run.epoch))
        torch.manual_seed(int(rng.integers(2**31)))
        network.train()
        losses = []
        order = rng.permutation(len(train))
        for start in range(0, len(order), recipe.batch_size):
            part = train.take(order[start : start + recipe.batch_size])
            rate = max(recipe.smallest_learning_rate, recipe.learning_rate * recipe.decay**run.steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = _loss(network, part, reproduction, rng)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), recipe.gradient_norm)
            optimizer.step()
            run.steps += 1
            losses.append(loss.item())
            run.tell(_share_done(run, recipe), f"epoch {run.epoch + 1}, {start / len(order):.0%}, may stop sooner")
        run.epoch += 1
        validation_loss = held_out_loss(network, validation, reproduction)
        if validation_loss < run.best:
            best_epoch = run.epoch
        run.log(train_loss=round(float(np.mean(losses)), 3), validation_loss=round(validation_loss, 3))
        run.keep_if_best(network, validation_loss)
        run.save_state(optimizer, network)
    return run


def _share_done(run: Run, recipe: RecurrentRecipe) -> float:
    """Return the share of the time or of the epochs that is used up."""
    epochs = run.epoch / recipe.most_epochs if recipe.most_epochs else 0.0
    return max(run.seconds / (60 * recipe.most_minutes), epochs)


def _loss(
    network: RecurrentNetwork, windows: GrooveBatch, reproduction: Reproduction, rng: np.random.Generator | None
) -> Tensor:
    place = network.to_mean.weight.device
    inputs, target = torch.from_numpy(reproduction.inputs(windows, rng)), reproduction.targets(windows)
    controls = reproduction.controls(windows)
    inputs, target = inputs.to(place), target.to(place)
    with half_precision(place):
        performance = network(inputs, target, None if controls is None else controls.to(place))
    return loss_of(performance, target, network.config)


@torch.no_grad()
def held_out_loss(network: RecurrentNetwork, windows: GrooveBatch, reproduction: Reproduction) -> float:
    """Return the loss per window, teacher-forced, without dropout."""
    network.eval()
    total = 0.0
    for start in range(0, len(windows), 512):
        part = windows.take(slice(start, start + 512))
        total += _loss(network, part, reproduction, None).item() * len(part)
    return total / len(windows)


def trained_recurrent(folder: Path, name: str, example: GrooveBatch) -> RecurrentNetwork:
    """Return the best network of the run of reproduction `name`, for windows like those of `example`."""
    network = RecurrentNetwork(REPRODUCTIONS[name].config(example))
    read_weights(network, folder / "best.safetensors")
    return network.eval()
