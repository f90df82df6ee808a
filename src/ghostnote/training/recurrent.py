"""The recurrent network of GrooVAE, kept faithful so that our own models have something honest to beat.

Source: Gillick, Roberts, Engel, Eck, Bamman, "Learning to Groove with Inverse Sequence Transformations", ICML 2019:
a bidirectional LSTM of 512 units each way reads what is left of a groove, a bottleneck of 256 holds the whole, a
two-layer LSTM decoder of 256 writes hits, velocities and offsets step by step. `bottleneck="deterministic"` is the
paper's Seq2Seq, `bottleneck="variational"` its variational information bottleneck (VIB). What goes in and what comes
out for each of the paper's tasks stands in `reproductions.py`.

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
    input_columns: int = COLUMNS
    output_voices: int = COLUMNS
    control_columns: int = 0
    encoder_units: int = 512
    latent_units: int = 256
    decoder_units: int = 256
    decoder_layers: int = 2
    input_keep_probability: float = 0.3
    kl_weight: float = 0.2
    free_nats: float = 48.0 * math.log(2.0)


@dataclass(frozen=True)
class Performance:
    """Decoder outputs, each of shape `(batch, steps, voices)`; `kl_nats` is `(batch,)`; `hits` when decoded freely."""

    hit_logits: Tensor
    velocities: Tensor
    offsets: Tensor
    kl_nats: Tensor
    hits: Tensor | None = None


class RecurrentNetwork(nn.Module):
    """What is left of a groove in, the groove out, through one vector.

    Shape:
        inputs: `(batch, steps, input_columns)`.
        target: `(batch, steps, 3 * output_voices)`: hits, velocities in [0, 1], doubled offsets in [-1, 1).
        control: `(batch, steps, control_columns)`, shown to the decoder at every step; None if there is none.
    """

    def __init__(self, config: RecurrentConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or RecurrentConfig()
        self.encoder = nn.LSTM(config.input_columns, config.encoder_units, batch_first=True, bidirectional=True)
        self.to_mean = nn.Linear(2 * config.encoder_units, config.latent_units)
        self.to_raw_scale = nn.Linear(2 * config.encoder_units, config.latent_units)
        state = 2 * config.decoder_layers * config.decoder_units
        self.to_initial_state = nn.Linear(config.latent_units, state)
        decoder_inputs = 3 * config.output_voices + config.latent_units + config.control_columns
        self.decoder = nn.ModuleList(
            nn.LSTM(
                decoder_inputs if layer == 0 else config.decoder_units,
                config.decoder_units,
                batch_first=True,
            )
            for layer in range(config.decoder_layers)
        )
        self.to_output = nn.Linear(config.decoder_units, 3 * config.output_voices)
        self.drop = nn.Dropout(1.0 - config.input_keep_probability)

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the latent's mean and standard deviation, each `(batch, latent)`."""
        _, (final, _) = self.encoder(inputs)
        summary = torch.cat([final[0], final[1]], dim=-1)
        return self.to_mean(summary).float(), nn.functional.softplus(self.to_raw_scale(summary).float()) + 1e-6

    def latent(self, inputs: Tensor, *, sample: bool) -> tuple[Tensor, Tensor]:
        """Return the latent handed to the decoder and the total KL in nats, `(batch,)`."""
        mean, scale = self.encode(inputs)
        if self.config.bottleneck == "deterministic":
            return mean, torch.zeros(len(inputs))
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

    def forward(self, inputs: Tensor, target: Tensor, control: Tensor | None = None) -> Performance:
        """Decode with the true previous step as input (teacher forcing)."""
        z, kl = self.latent(inputs, sample=self.training)
        previous = torch.cat([torch.zeros_like(target[:, :1]), target[:, :-1]], dim=1)
        shown = [previous, z[:, None].expand(-1, target.shape[1], -1), *([] if control is None else [control])]
        raw, _ = self._run(torch.cat(shown, dim=-1), self._initial_states(z))
        hits, velocities, offsets = _thirds(raw)
        return Performance(hits, velocities.sigmoid(), offsets.tanh(), kl)

    @torch.no_grad()
    def perform(
        self, inputs: Tensor, *, sample: bool, control: Tensor | None = None, clamp: Tensor | None = None
    ) -> Performance:
        """Decode freely from what `inputs` say, feeding back the model's own output.

        Args:
            inputs: `(batch, steps, input_columns)`.
            sample: draw hits from their Bernoulli (and the latent, if variational) instead of taking the likelier.
            control: as in `forward`.
            clamp: `(batch, steps, output_voices)`, hits to feed back in place of the model's. The original does not.
        """
        z, kl = self.latent(inputs, sample=sample)
        return self.decode(z, inputs.shape[1], sample=sample, control=control, clamp=clamp, kl_nats=kl)

    @torch.no_grad()
    def decode(
        self,
        z: Tensor,
        steps: int,
        *,
        sample: bool,
        control: Tensor | None = None,
        clamp: Tensor | None = None,
        kl_nats: Tensor | None = None,
    ) -> Performance:
        """Decode latents `(batch, latent)` freely; the hits drawn are in `hits`."""
        states = self._initial_states(z)
        step = torch.zeros(len(z), 1, 3 * self.config.output_voices)
        rows, drawn = [], []
        for t in range(steps):
            shown = [step, z[:, None], *([] if control is None else [control[:, t : t + 1]])]
            raw, states = self._run(torch.cat(shown, dim=-1), states)
            rows.append(raw)
            logits, velocities, offsets = _thirds(raw)
            hits = (torch.rand_like(logits) < logits.sigmoid() if sample else logits > 0).float()
            heard = torch.ones_like(hits)
            if clamp is not None:
                hits = heard = clamp[:, t : t + 1]
            drawn.append(hits)
            step = torch.cat([hits, heard * velocities.sigmoid(), heard * offsets.tanh()], dim=-1)
        logits, velocities, offsets = _thirds(torch.cat(rows, dim=1))
        kl = torch.zeros(len(z)) if kl_nats is None else kl_nats
        return Performance(logits, velocities.sigmoid(), offsets.tanh(), kl, torch.cat(drawn, dim=1))


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
    hits, velocities, offsets = torch.chunk(values.float(), 3, dim=-1)
    return hits, velocities, offsets
