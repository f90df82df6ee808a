"""The recurrent humanizers of GrooVAE, kept faithful so that our own model has something honest to beat.

Source: Gillick, Roberts, Engel, Eck, Bamman, "Learning to Groove with Inverse Sequence Transformations", ICML 2019:
a bidirectional LSTM of 512 units each way reads the score, a bottleneck of 256 holds the performance, a two-layer
LSTM decoder of 256 writes hits, velocities and offsets step by step. `bottleneck="deterministic"` is the paper's
Seq2Seq, `bottleneck="variational"` its variational information bottleneck (VIB).

Departures: offsets follow this project's sign (positive is late) and range ([-0.5, 0.5) steps); they are doubled at the
tanh output so that its full range is used, as in the original. The released code also drops inputs of the encoder; here
only the decoder's LSTM inputs are dropped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ghostnote.groove import VOICES

COLUMNS = len(VOICES)
Bottleneck = Literal["deterministic", "variational"]


@dataclass(frozen=True)
class RecurrentConfig:
    """Sizes and loss weights of the paper."""

    bottleneck: Bottleneck = "deterministic"
    encoder_units: int = 512
    latent_units: int = 256
    decoder_units: int = 256
    decoder_layers: int = 2
    input_keep_probability: float = 0.3
    kl_weight: float = 0.2
    free_nats: float = 48.0 * math.log(2.0)


@dataclass(frozen=True)
class Performance:
    """Decoder outputs, each of shape `(batch, steps, voices)`; `kl_nats` is `(batch,)`."""

    hit_logits: Tensor
    velocities: Tensor
    offsets: Tensor
    kl_nats: Tensor


class RecurrentHumanizer(nn.Module):
    """Score in, performance out, through one vector.

    Shape:
        score: `(batch, steps, 9)` of {0, 1}.
        target: `(batch, steps, 27)`: hits, velocities in [0, 1], doubled offsets in [-1, 1).
    """

    def __init__(self, config: RecurrentConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or RecurrentConfig()
        self.encoder = nn.LSTM(COLUMNS, config.encoder_units, batch_first=True, bidirectional=True)
        self.to_mean = nn.Linear(2 * config.encoder_units, config.latent_units)
        self.to_raw_scale = nn.Linear(2 * config.encoder_units, config.latent_units)
        state = 2 * config.decoder_layers * config.decoder_units
        self.to_initial_state = nn.Linear(config.latent_units, state)
        self.decoder = nn.ModuleList(
            nn.LSTM(
                3 * COLUMNS + config.latent_units if layer == 0 else config.decoder_units,
                config.decoder_units,
                batch_first=True,
            )
            for layer in range(config.decoder_layers)
        )
        self.to_output = nn.Linear(config.decoder_units, 3 * COLUMNS)
        self.drop = nn.Dropout(1.0 - config.input_keep_probability)

    def encode(self, score: Tensor) -> tuple[Tensor, Tensor]:
        """Return the latent's mean and standard deviation, each `(batch, latent)`."""
        _, (final, _) = self.encoder(score)
        summary = torch.cat([final[0], final[1]], dim=-1)
        return self.to_mean(summary), nn.functional.softplus(self.to_raw_scale(summary)) + 1e-6

    def latent(self, score: Tensor, *, sample: bool) -> tuple[Tensor, Tensor]:
        """Return the latent handed to the decoder and the total KL in nats, `(batch,)`."""
        mean, scale = self.encode(score)
        if self.config.bottleneck == "deterministic":
            return mean, torch.zeros(len(score))
        kl = 0.5 * (mean.square() + scale.square() - 1.0 - 2.0 * scale.log()).sum(-1)
        return (mean + scale * torch.randn_like(scale) if sample else mean), kl

    def _initial_states(self, z: Tensor) -> list[tuple[Tensor, Tensor]]:
        parts = torch.tanh(self.to_initial_state(z)).chunk(2 * self.config.decoder_layers, dim=-1)
        return [
            (parts[2 * i][None].contiguous(), parts[2 * i + 1][None].contiguous())
            for i in range(self.config.decoder_layers)
        ]

    def _run(self, inputs: Tensor, states: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        after = []
        for layer, state in zip(self.decoder, states, strict=True):
            inputs, new_state = layer(self.drop(inputs), state)
            after.append(new_state)
        return self.to_output(inputs), after

    def forward(self, score: Tensor, target: Tensor) -> Performance:
        """Decode with the true previous step as input (teacher forcing)."""
        z, kl = self.latent(score, sample=self.training)
        previous = torch.cat([torch.zeros_like(target[:, :1]), target[:, :-1]], dim=1)
        raw, _ = self._run(
            torch.cat([previous, z[:, None].expand(-1, target.shape[1], -1)], dim=-1), self._initial_states(z)
        )
        hits, velocities, offsets = _thirds(raw)
        return Performance(hits, velocities.sigmoid(), offsets.tanh(), kl)

    @torch.no_grad()
    def perform(self, score: Tensor, *, sample: bool, clamp_hits: bool) -> Performance:
        """Decode freely, feeding back the model's own output.

        Args:
            score: `(batch, steps, 9)`.
            sample: draw hits from their Bernoulli (and the latent, if variational) instead of taking the likelier.
            clamp_hits: feed back the score's hits in place of the model's. The original does not.
        """
        z, kl = self.latent(score, sample=sample)
        states = self._initial_states(z)
        step = torch.zeros(len(score), 1, 3 * COLUMNS)
        rows = []
        for t in range(score.shape[1]):
            raw, states = self._run(torch.cat([step, z[:, None]], dim=-1), states)
            rows.append(raw)
            logits, velocities, offsets = _thirds(raw)
            hits = (torch.rand_like(logits) < logits.sigmoid() if sample else logits > 0).float()
            if clamp_hits:
                hits = score[:, t : t + 1]
            heard = hits if clamp_hits else torch.ones_like(hits)
            step = torch.cat([hits, heard * velocities.sigmoid(), heard * offsets.tanh()], dim=-1)
        logits, velocities, offsets = _thirds(torch.cat(rows, dim=1))
        return Performance(logits, velocities.sigmoid(), offsets.tanh(), kl)


def loss_of(performance: Performance, target: Tensor, config: RecurrentConfig) -> Tensor:
    """Mean over the batch of the paper's loss, in nats summed over the steps of a window."""
    hits, velocities, offsets = _thirds(target)
    step_loss = (
        nn.functional.binary_cross_entropy_with_logits(performance.hit_logits, hits, reduction="none")
        + (performance.velocities - velocities).square()
        + (performance.offsets - offsets).square()
    )
    loss: Tensor = step_loss.sum((1, 2)).mean()
    if config.bottleneck == "variational":
        loss = loss + config.kl_weight * (performance.kl_nats - config.free_nats).clamp_min(0.0).mean()
    return loss


def _thirds(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    hits, velocities, offsets = torch.chunk(values, 3, dim=-1)
    return hits, velocities, offsets
