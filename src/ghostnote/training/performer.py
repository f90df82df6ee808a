"""The performer's network: what `ghostnote.models.performer` runs as two ONNX graphs.

A bidirectional GRU reads the score hit by hit; a second GRU plays it. Each draw is conditioned on the earlier hits that
it answers to (own step, last of each voice, own voice a beat, a bar, two bars before …), so that the joint distribution
of all velocities and offsets of a performance is factorised hit by hit: p(v₁) p(o₁|v₁) p(v₂|v₁,o₁) …
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ghostnote.models.performer import OFFSET_CLASSES, VELOCITY_CLASSES
from ghostnote.models.score import FEATURES, REFERENCES

HEARD = 2 * REFERENCES + 2


@dataclass(frozen=True)
class PerformerConfig:
    """Sizes of the network."""

    styles: int = 19  # 18 of the dataset, and 0 for none in particular
    style_units: int = 12
    reader_units: int = 128
    player_units: int = 192
    dropout: float = 0.3


class PerformerNetwork(nn.Module):
    """Reader and player.

    Shape:
        features: `(batch, hits, FEATURES)`; style: `(batch,)`; heard: `(batch, hits, HEARD)`;
        velocity: `(batch, hits, 1)`, the hit's own velocity scaled to [-1, 1], needed to draw its offset.
    """

    def __init__(self, config: PerformerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or PerformerConfig()
        both, units = 2 * config.reader_units, config.player_units
        self.style = nn.Embedding(config.styles, config.style_units)
        self.to_reader = nn.Linear(FEATURES + config.style_units, config.reader_units)
        self.reader = nn.GRU(
            config.reader_units, config.reader_units, 2, batch_first=True, bidirectional=True, dropout=config.dropout
        )
        self.drop = nn.Dropout(config.dropout)
        self.velocity_prior = nn.Linear(both, VELOCITY_CLASSES)
        self.offset_prior = nn.Linear(both, OFFSET_CLASSES)
        self.to_context = nn.Linear(both + FEATURES, units)
        self.hear = nn.Linear(HEARD, units)
        self.player = nn.GRU(units, units, batch_first=True)
        self.velocity_hidden = nn.Linear(3 * units, units)
        self.velocity_head = nn.Linear(units, VELOCITY_CLASSES)
        self.loudness = nn.Linear(2, units)
        self.offset_hidden = nn.Linear(3 * units, units)
        self.offset_head = nn.Linear(units, OFFSET_CLASSES)
        self.drop_hidden = nn.Dropout(config.dropout / 2)

    def read(self, features: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return context `(batch, hits, player_units)` and the logits of both priors."""
        styles = self.style(style)[:, None].expand(-1, features.shape[1], -1)
        seen, _ = self.reader(torch.relu(self.to_reader(torch.cat([features, styles], dim=-1))))
        seen = self.drop(seen)
        context = torch.relu(self.to_context(torch.cat([seen, features], dim=-1)))
        return context, self.velocity_prior(seen), self.offset_prior(seen)

    def velocity_logits(self, context: Tensor, heard: Tensor, played: Tensor) -> Tensor:
        """Return `(…, 127)` from context, what is heard and the player's state."""
        hidden = torch.relu(self.velocity_hidden(torch.cat([context, heard, played], dim=-1)))
        logits: Tensor = self.velocity_head(self.drop_hidden(hidden))
        return logits

    def offset_logits(self, context: Tensor, heard: Tensor, played: Tensor, velocity: Tensor) -> Tensor:
        """Return `(…, 120)`, given also the hit's own velocity."""
        context = context + self.loudness(torch.cat([velocity, velocity.square()], dim=-1))
        hidden = torch.relu(self.offset_hidden(torch.cat([context, heard, played], dim=-1)))
        logits: Tensor = self.offset_head(self.drop_hidden(hidden))
        return logits

    def forward(
        self, features: Tensor, style: Tensor, heard: Tensor, velocity: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return logits of velocity, offset, and of both priors, with the true past heard (teacher forcing)."""
        context, velocity_prior, offset_prior = self.read(features, style)
        heard = torch.relu(self.hear(heard))
        played, _ = self.player(context + heard)
        played = self.drop(played)
        return (
            self.velocity_logits(context, heard, played),
            self.offset_logits(context, heard, played, velocity),
            velocity_prior,
            offset_prior,
        )


class ReaderGraph(nn.Module):
    """What is exported as `reader.onnx`."""

    def __init__(self, network: PerformerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return context and the log-probabilities of both priors."""
        context, velocity, offset = self.network.read(features, style)
        return context, torch.log_softmax(velocity, dim=-1), torch.log_softmax(offset, dim=-1)


class PlayerGraph(nn.Module):
    """What is exported as `player.onnx`: one hit for a batch of performances, drawn by inverse transform sampling."""

    def __init__(self, network: PerformerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        context: Tensor,
        heard: Tensor,
        state: Tensor,
        chance: Tensor,
        fixed: Tensor,
        inverse_temperature: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return velocity class, offset class, each `(batch,)`, and the next state."""
        heard = torch.relu(self.network.hear(heard))
        played = self._step(context + heard, state)

        def draw(logits: Tensor, chance: Tensor, fixed: Tensor) -> Tensor:
            cumulative = torch.cumsum(torch.softmax(logits * inverse_temperature, dim=-1), dim=-1)
            # The last class catches the rounding error of the sum.
            drawn = (cumulative[:, :-1] <= chance[:, None]).to(torch.int64).sum(dim=-1)
            return torch.where(fixed >= 0, fixed, drawn)

        velocity = draw(self.network.velocity_logits(context, heard, played), chance[:, 0], fixed[:, 0])
        loudness = (2.0 * (velocity + 1).to(torch.float32) / 127.0 - 1.0)[:, None]
        offset = draw(self.network.offset_logits(context, heard, played, loudness), chance[:, 1], fixed[:, 1])
        return velocity, offset, played

    def _step(self, inputs: Tensor, state: Tensor) -> Tensor:
        """One step of `nn.GRU`, in operations that every exporter knows."""
        weights = dict(self.network.player.named_parameters())
        x = nn.functional.linear(inputs, weights["weight_ih_l0"], weights["bias_ih_l0"])
        h = nn.functional.linear(state, weights["weight_hh_l0"], weights["bias_hh_l0"])
        x_reset, x_update, x_new = x.chunk(3, dim=-1)
        h_reset, h_update, h_new = h.chunk(3, dim=-1)
        update = torch.sigmoid(x_update + h_update)
        new = torch.tanh(x_new + torch.sigmoid(x_reset + h_reset) * h_new)
        return (1.0 - update) * new + update * state
