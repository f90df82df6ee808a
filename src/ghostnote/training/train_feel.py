"""Train the feel networks: the frozen performer plays one passage of a recording with the feel of another."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.groove import Groove
from ghostnote.groove.feel import keys_at
from ghostnote.models.feel import FEEL_COLUMNS, columns_of_table
from ghostnote.models.performer import offset_of_class
from ghostnote.models.score import FEATURES
from ghostnote.training.feel import FeelConfig, FeelNetwork
from ghostnote.training.performer import PerformerNetwork
from ghostnote.training.progress import Progress
from ghostnote.training.runs import Run, cosine, device, half_precision, learn, on, read_weights, seed_everything
from ghostnote.training.sequences import IGNORED, Batch, Recording, collate, to_sequence
from ghostnote.training.train_performer import cross_entropy, median_class


@dataclass(frozen=True)
class FeelRecipe:
    """How the feel networks are trained."""

    seed: int = 0
    epochs: int = 12
    batch_size: int = 24
    target_hits: int = 192
    most_donor_hits: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up_epochs: float = 0.5
    gradient_norm: float = 1.0
    label_width_classes: float = 1.0
    own_passage: float = 0.1
    without_latent: float = 0.1
    without_table: float = 0.1
    kl_weight: float = 1e-4
    averaging: float = 0.99


@dataclass(frozen=True, eq=False)
class Passages:
    """A recording that targets and donors are taken from.

    Args:
        sequence: as the performer sees it.
        keys: `(hits, 2)`, position in the bar and voice.
        offsets: `(hits,)`, in 16ths of a beat's quarter.
        bars: `(hits,)`.
        tempo_bpm: of the recording.
    """

    sequence: Recording
    keys: NDArray[np.int64]
    offsets: NDArray[np.float64]
    bars: NDArray[np.int64]
    tempo_bpm: float


@dataclass(frozen=True, eq=False)
class Pair:
    """Hits `start:stop` to be played with the feel of hits `donor_start:donor_stop` of the same recording."""

    passages: Passages
    start: int
    stop: int
    donor_start: int
    donor_stop: int


def passages_of(groove: Groove, style: int) -> Passages:
    """Return `groove` as passages to learn from."""
    steps, voices = np.nonzero(groove.hits)
    return Passages(
        to_sequence(groove, style),
        keys_at(groove.grid, steps, voices),
        groove.offsets[steps, voices] * groove.grid.lengths_beats[steps] * 4.0,
        groove.grid.bars[steps],
        float(groove.grid.tempos_bpm[0]),
    )


def draw_pair(passages: Passages, rng: np.random.Generator, recipe: FeelRecipe) -> Pair | None:
    """Return a random target and a donor that shares no bar with it, or None where the recording is too short."""
    bars = passages.bars
    last = int(bars[-1]) + 1 if len(bars) else 0
    if last < 2:
        return None
    donor_bars = int(min(rng.choice([2, 2, 4, 8, 16]), max(1, last // 2)))
    donor_first = int(rng.integers(0, last - donor_bars + 1))
    before, after = donor_first, last - donor_first - donor_bars
    if rng.random() < recipe.own_passage:
        low, high = donor_first, donor_first + donor_bars
    elif rng.random() * (before + after) < before:
        low, high = 0, donor_first
    else:
        low, high = donor_first + donor_bars, last
    donor_start, donor_stop = np.searchsorted(bars, [donor_first, donor_first + donor_bars])
    start, stop = np.searchsorted(bars, [low, high])
    if donor_stop - donor_start < 2 or stop - start < 2:
        return None
    if stop - start > recipe.target_hits:
        start = int(rng.integers(start, stop - recipe.target_hits + 1))
        stop = start + recipe.target_hits
    donor_stop = min(donor_stop, donor_start + recipe.most_donor_hits)
    return Pair(passages, int(start), int(stop), int(donor_start), int(donor_stop))


@dataclass(frozen=True, eq=False)
class FeelBatch:
    """Targets and donors, padded."""

    target: Batch
    columns: Tensor
    donor_features: Tensor
    donor_played: Tensor
    donor_here: Tensor


def collate_pairs(pairs: Sequence[Pair]) -> FeelBatch:
    """Return `pairs` as one batch."""
    target = collate([(pair.passages.sequence, pair.start, pair.stop) for pair in pairs])
    columns = np.zeros((*target.velocities.shape, FEEL_COLUMNS), dtype=np.float32)
    longest = max(pair.donor_stop - pair.donor_start for pair in pairs)
    features = np.zeros((len(pairs), longest, FEATURES), dtype=np.float32)
    played = np.zeros((len(pairs), longest, 2), dtype=np.float32)
    here = np.zeros((len(pairs), longest), dtype=np.float32)
    for i, pair in enumerate(pairs):
        whole, donor = pair.passages, slice(pair.donor_start, pair.donor_stop)
        loud = whole.sequence.velocities[donor] + 1.0
        table = np.column_stack([whole.keys[donor], whole.offsets[donor], loud, np.ones(len(loud))])
        columns[i, : pair.stop - pair.start] = columns_of_table(table, whole.keys[pair.start : pair.stop])
        count = len(loud)
        features[i, :count] = whole.sequence.features[donor]
        played[i, :count] = played_columns(loud, offset_of_class(whole.sequence.offsets[donor]))
        here[i, :count] = 1.0
    return FeelBatch(target, *(torch.from_numpy(array) for array in (columns, features, played, here)))


def played_columns(velocities: NDArray[np.floating], offsets: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what the listener hears of each hit, `(hits, 2)`."""
    return np.column_stack([2.0 * velocities / 127.0 - 1.0, 4.0 * offsets])


def train_feel(
    performer: PerformerNetwork,
    train: Sequence[Passages],
    validation: Sequence[Passages],
    folder: Path,
    recipe: FeelRecipe | None = None,
    *,
    progress: Progress | None = None,
) -> Run:
    """Train until the last epoch of `recipe`; the performer stays as it is."""
    recipe = recipe or FeelRecipe()
    seed_everything(recipe.seed)
    place = device()
    performer.to(place).eval().requires_grad_(False)
    network = FeelNetwork(FeelConfig(context_units=performer.config.player_units)).to(place)
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    run = Run(folder, progress)
    run.resume(optimizer, network, averaged)
    held_rng = np.random.default_rng(1)
    without_own = FeelRecipe(own_passage=0.0)
    held_out = [pair for p in validation for _ in range(2) if (pair := draw_pair(p, held_rng, without_own))]
    if not run.epoch:
        # Untrained, a feel changes nothing: this row is the performer without one.
        run.log(train=[], **score_feel(performer, averaged, held_out))
    while run.epoch < recipe.epochs:
        rng = np.random.default_rng((recipe.seed, run.epoch))
        torch.manual_seed(int(rng.integers(2**31)))
        chunks = list(_batches(train, rng, recipe))
        network.train()
        losses = []
        for i, pairs in enumerate(chunks):
            rate = recipe.learning_rate * cosine(run.epoch + i / len(chunks), recipe.epochs, recipe.warm_up_epochs)
            batch = on(collate_pairs(pairs), place)
            parts = loss_parts(performer, network, batch, recipe, rng)
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
        scores = score_feel(performer, averaged, held_out)
        run.epoch += 1
        run.log(train=[round(float(x), 4) for x in np.mean(losses, axis=0)], **scores)
        run.keep_if_best(averaged, sum(value for name, value in scores.items() if name.endswith("_nats")))
        run.save_state(optimizer, network, averaged)
    return run


def _batches(train: Sequence[Passages], rng: np.random.Generator, recipe: FeelRecipe) -> Iterator[list[Pair]]:
    """Yield random pairs, more of long recordings, about as many hits in an epoch as there are."""
    pairs = []
    for passages in train:
        for _ in range(3 + len(passages.bars) // recipe.target_hits):
            pair = draw_pair(passages, rng, recipe)
            if pair is not None:
                pairs.append(pair)
    ranked = sorted(rng.permutation(len(pairs)), key=lambda i: (pairs[i].stop - pairs[i].start) // 32)
    groups = [ranked[i : i + recipe.batch_size] for i in range(0, len(ranked), recipe.batch_size)]
    for g in rng.permutation(len(groups)):
        yield [pairs[i] for i in groups[g]]


def loss_parts(
    performer: PerformerNetwork,
    network: FeelNetwork,
    batch: FeelBatch,
    recipe: FeelRecipe,
    rng: np.random.Generator | None,
) -> list[Tensor]:
    """Return mean nats per hit of velocity, offset and both priors, and the weighted KL; with `rng`, for training."""
    target, place = batch.target, batch.columns.device
    with half_precision(place):
        mean, scale = network.listen(batch.donor_features, batch.donor_played, batch.donor_here)
        latent, columns = mean, batch.columns
        if rng is not None:
            size = len(columns)
            latent = mean + scale * torch.randn_like(scale)
            latent = latent * torch.from_numpy(rng.random((size, 1)) >= recipe.without_latent).to(place)
            columns = columns * torch.from_numpy(rng.random((size, 1, 1)) >= recipe.without_table).to(place)
        with torch.no_grad():
            context, velocity_prior, offset_prior = performer.read(target.features, target.style)
            heard = torch.relu(performer.hear(target.heard))
        context, velocity_prior, offset_prior = network.tint(context, velocity_prior, offset_prior, columns, latent)
        played, _ = performer.player(context + heard)
        velocity = performer.velocity_logits(context, heard, played)
        loudness = (2.0 * (target.velocities.clamp_min(0) + 1).float() / 127.0 - 1.0)[..., None]
        offset = performer.offset_logits(context, heard, played, loudness)
    width = recipe.label_width_classes if rng is not None else 0.0
    kl = 0.5 * (mean.square() + scale.square() - 1.0 - 2.0 * scale.log()).sum(-1).mean()
    return [
        cross_entropy(velocity.float(), target.velocities, width),
        cross_entropy(offset.float(), target.offsets, width),
        cross_entropy(velocity_prior.float(), target.velocities, width),
        cross_entropy(offset_prior.float(), target.offsets, width),
        recipe.kl_weight * kl,
    ]


@torch.no_grad()
def score_feel(performer: PerformerNetwork, network: FeelNetwork, pairs: Sequence[Pair]) -> dict[str, float]:
    """Return nats per hit on held-out pairs, and the errors of the medians in ms and velocity."""
    network.eval()
    sums, total = np.zeros(6), 0
    recipe = FeelRecipe()
    ranked = sorted(pairs, key=lambda pair: pair.stop - pair.start)
    for at in range(0, len(ranked), 24):
        part = ranked[at : at + 24]
        batch = on(collate_pairs(part), network.to_mean.weight.device)
        nats = [value.item() for value in loss_parts(performer, network, batch, recipe, None)[:4]]
        mean, _ = network.listen(batch.donor_features, batch.donor_played, batch.donor_here)
        read = performer.read(batch.target.features, batch.target.style)
        _, velocity_prior, offset_prior = network.tint(*read, batch.columns, mean)
        here = batch.target.velocities != IGNORED
        step_ms = torch.tensor([15_000.0 / pair.passages.tempo_bpm for pair in part], device=here.device)
        ms = step_ms[:, None].expand_as(here)[here]
        late = (median_class(offset_prior)[here] - batch.target.offsets[here]).abs() / 120.0 * ms
        loud = (median_class(velocity_prior)[here] - batch.target.velocities[here]).abs().float()
        count = int(here.sum())
        sums += count * np.array([*nats, late.mean().item(), loud.mean().item()])
        total += count
    names = (
        "velocity_nats",
        "offset_nats",
        "velocity_prior_nats",
        "offset_prior_nats",
        "timing_mae_ms",
        "velocity_mae",
    )
    return {name: round(float(value), 4) for name, value in zip(names, sums / total, strict=True)}


def trained_feel(folder: Path, config: FeelConfig | None = None) -> FeelNetwork:
    """Return the best network of a run."""
    network = FeelNetwork(config)
    read_weights(network, folder / "best.safetensors")
    return network.eval()
