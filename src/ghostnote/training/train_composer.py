"""Train the composer: maximum likelihood of every step's set of voices, given a random part of the groove."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ghostnote.models.steps import STEPS_PER_LATENT
from ghostnote.training.chunks import ChunkBatch, Song, chunk_batches, collate_chunks
from ghostnote.training.composer import ComposerConfig, ComposerNetwork
from ghostnote.training.progress import Progress
from ghostnote.training.runs import (
    Run,
    cosine,
    device,
    half_precision,
    learn,
    on,
    read_log,
    read_weights,
    seed_everything,
)

HELD_OUT_TASKS = ("generate", "drumify", "infill")


@dataclass(frozen=True)
class ComposerRecipe:
    """How the composer is trained; all numbers that matter, so that a card can state them."""

    seed: int = 0
    epochs: int = 50
    patience_epochs: int = 20
    steps_per_batch: int = 3072
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up_epochs: float = 1.0
    gradient_norm: float = 1.0
    guess_weight: float = 0.3
    kl_weight: float = 0.3
    free_nats: float = 10.0
    averaging: float = 0.995


@dataclass(frozen=True)
class Example:
    """A recording on 16ths and on the grid that fits it (may be the same)."""

    on_16ths: Song
    fitted: Song


def train_composer(
    train: Sequence[Example],
    validation: Sequence[Example],
    folder: Path,
    recipe: ComposerRecipe | None = None,
    config: ComposerConfig | None = None,
    *,
    start: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Train until the last epoch of `recipe`; `folder` gets the log, the best weights and a state to resume from.

    Args: as `train_performer`.
    """
    recipe = recipe or ComposerRecipe()
    seed_everything(recipe.seed)
    place = device()
    network = ComposerNetwork(config)
    if start is not None:
        read_weights(network, start)
    network = network.to(place)
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    run = Run(folder, progress)
    resumed = run.resume(optimizer, network, averaged)
    held_out = [example.on_16ths for example in validation]
    if start is not None and not resumed:
        scores = score(averaged, held_out)
        run.log(**scores)
        run.keep_if_best(averaged, _total_nats(scores))
    while run.epoch < recipe.epochs and _epochs_since_best(folder) < recipe.patience_epochs:
        # A generator per epoch: an interrupted run goes on exactly as it would have.
        rng = np.random.default_rng((recipe.seed, run.epoch))
        torch.manual_seed(int(rng.integers(2**31)))
        songs = [example.fitted if rng.random() < 0.3 else example.on_16ths for example in train]
        chunks = list(chunk_batches(songs, rng, steps_per_batch=recipe.steps_per_batch))
        network.train()
        losses = []
        for i, batch in enumerate(chunks):
            rate = recipe.learning_rate * cosine(run.epoch + i / len(chunks), recipe.epochs, recipe.warm_up_epochs)
            parts = loss_parts(network, on(batch, place))
            beyond = (parts.kl - recipe.free_nats).clamp_min(0.0)
            loss = parts.patterns + recipe.guess_weight * parts.guess + recipe.kl_weight * beyond
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
            losses.append([parts.patterns.item(), parts.guess.item(), parts.kl.item()])
            run.tell((run.epoch + (i + 1) / len(chunks)) / recipe.epochs, f"epoch {run.epoch + 1} of {recipe.epochs}")
        scores = score(averaged, held_out)
        run.epoch += 1
        run.log(train=[round(float(x), 3) for x in np.mean(losses, axis=0)], **scores)
        run.keep_if_best(averaged, _total_nats(scores))
        run.save_state(optimizer, network, averaged)
    return run


def _epochs_since_best(folder: Path) -> int:
    """Return how many epochs ago the held-out nats were least, by the log, so that an interruption does not matter."""
    totals = [_total_nats(row) for row in read_log(folder)]
    return len(totals) - 1 - int(np.argmin(totals)) if totals else 0


@dataclass(frozen=True)
class LossParts:
    """Means per window of two bars: nats of the sets, of the first guess, and of the latent where it is given."""

    patterns: Tensor
    guess: Tensor
    kl: Tensor


def loss_parts(network: ComposerNetwork, batch: ChunkBatch, *, sample: bool = True) -> LossParts:
    """Return the parts of the loss; `sample` draws latents from their posterior instead of taking its mean."""
    with half_precision(batch.grid.device):  # losses are float32
        latent = network.listen(batch.grid, batch.groove)
    z = latent.mean + latent.scale * torch.randn_like(latent.scale) if sample else latent.mean
    given = batch.latent_given[..., None]
    spread = torch.cat([z * given, given], dim=-1).repeat_interleave(STEPS_PER_LATENT, dim=1)
    with half_precision(batch.grid.device):
        heard = network(batch.features, (batch.style, batch.kind, batch.density), spread, batch.memory)
    logits = network.forbid(heard.patterns, batch.must, batch.must_not, batch.some)
    nats = -torch.log_softmax(logits, dim=-1).gather(-1, batch.pattern[..., None])[..., 0]
    windows = batch.valid.sum() / STEPS_PER_LATENT
    unknown = (1.0 - batch.must - batch.must_not) * batch.valid[..., None]
    guess = nn.functional.binary_cross_entropy_with_logits(
        heard.guess, batch.groove[..., : unknown.shape[-1]], reduction="none"
    )
    kl = (latent.kl_nats() * batch.latent_given).sum() / batch.latent_given.sum().clamp_min(1.0)
    return LossParts((nats * batch.valid).sum() / windows, (guess * unknown).sum() / windows, kl)


@torch.no_grad()
def score(network: ComposerNetwork, songs: Sequence[Song]) -> dict[str, float]:
    """Return nats per two bars on held-out songs, for each task alone and for generation with the latent given."""
    network.eval()
    results: dict[str, float] = {}
    for name, task, latents in (
        *((task, task, 0.0) for task in HELD_OUT_TASKS),
        ("latent", "generate", 1.0),
    ):
        rng = np.random.default_rng(0)
        chunks = [(song, start) for song in songs for start in range(0, len(song.groove), 64)]
        sums = np.zeros(4)
        for at in range(0, len(chunks), 64):
            part = chunks[at : at + 64]
            batch = collate_chunks(
                part, 64, [task] * len(part), rng, latent_share=latents, forget_share=0.0, density_share=0.0
            )
            parts = loss_parts(network, on(batch, network.patterns.device), sample=False)
            windows = float(batch.valid.sum()) / STEPS_PER_LATENT
            sums += windows * np.array([parts.patterns.item(), parts.guess.item(), parts.kl.item(), 1.0])
        results[f"{name}_nats"] = round(float(sums[0] / sums[3]), 4)
        if latents:
            results["kl"] = round(float(sums[2] / sums[3]), 3)
    return results


def _total_nats(scores: dict[str, float]) -> float:
    """What the best epoch is chosen by."""
    return sum(value for name, value in scores.items() if name.endswith("_nats"))


def trained_composer(folder: Path, config: ComposerConfig | None = None) -> ComposerNetwork:
    """Return the best network of a run."""
    network = ComposerNetwork(config)
    read_weights(network, folder / "best.safetensors")
    return network.eval()
