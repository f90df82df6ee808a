"""The networks of feel: a listener that sums a passage up, and a tint that lets the performer play with that feel.

The performer itself stays as it is, weight by weight: the tint changes only the context that its reader gave each hit.
Without a feel, it plays exactly as before.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ghostnote.models.feel import FEEL_COLUMNS
from ghostnote.models.performer import OFFSET_CLASSES, VELOCITY_CLASSES
from ghostnote.models.score import FEATURES


@dataclass(frozen=True)
class FeelConfig:
    """Sizes of the networks."""

    listener_units: int = 96
    latent_units: int = 32
    hidden_units: int = 160
    context_units: int = 192
    dropout: float = 0.2


class FeelNetwork(nn.Module):
    """Listener and tint.

    Shape:
        features: `(batch, hits, FEATURES)`; played: `(batch, hits, 2)`, velocity in [-1, 1] and 4 · offset;
        here: `(batch, hits)`, 1 where there is a hit; latent: `(batch, latent)`;
        columns: `(batch, hits, FEEL_COLUMNS)`, what the table says; context: `(batch, hits, context)`.
    """

    def __init__(self, config: FeelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or FeelConfig()
        units, hidden = config.listener_units, config.hidden_units
        self.to_listener = nn.Linear(FEATURES + 2, units)
        self.listener = nn.LSTM(units, units, batch_first=True, bidirectional=True)
        self.to_mean = nn.Linear(2 * units, config.latent_units)
        self.to_raw_scale = nn.Linear(2 * units, config.latent_units)
        self.drop = nn.Dropout(config.dropout)
        self.from_feel = nn.Linear(config.latent_units + FEEL_COLUMNS + config.context_units, hidden)
        self.between = nn.Linear(hidden, hidden)
        self.to_gain = _silent(nn.Linear(hidden, config.context_units))
        self.to_shift = _silent(nn.Linear(hidden, config.context_units))
        self.to_velocity = _silent(nn.Linear(hidden, VELOCITY_CLASSES))
        self.to_offset = _silent(nn.Linear(hidden, OFFSET_CLASSES))

    def listen(self, features: Tensor, played: Tensor, here: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and scale of the latent, `(batch, latent)`."""
        heard, _ = self.listener(torch.relu(self.to_listener(torch.cat([features, played], dim=-1))))
        weight = here[..., None]
        summary = self.drop((heard * weight).sum(dim=1) / weight.sum(dim=1).clamp_min(1.0))
        return self.to_mean(summary).float(), nn.functional.softplus(self.to_raw_scale(summary).float()) + 1e-3

    def tint(
        self, context: Tensor, velocity_prior: Tensor, offset_prior: Tensor, columns: Tensor, latent: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return context and logits of both priors as this feel has them."""
        spread = latent[:, None].expand(-1, context.shape[1], -1)
        hidden = torch.relu(self.from_feel(torch.cat([context, columns, spread], dim=-1)))
        hidden = self.drop(torch.relu(self.between(hidden)))
        tinted = context * (1.0 + self.to_gain(hidden)) + self.to_shift(hidden)
        return tinted, velocity_prior + self.to_velocity(hidden), offset_prior + self.to_offset(hidden)


class FeelListenerGraph(nn.Module):
    """What is exported as `listener.onnx`, for one passage at a time."""

    def __init__(self, network: FeelNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor, played: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and scale of the latent."""
        return self.network.listen(features, played, torch.ones_like(played[..., 0]))


class TintGraph(nn.Module):
    """What is exported as `tint.onnx`."""

    def __init__(self, network: FeelNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, context: Tensor, velocity_prior: Tensor, offset_prior: Tensor, columns: Tensor, latent: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return context and log-probabilities of both priors as this feel has them."""
        tinted, velocity, offset = self.network.tint(context, velocity_prior, offset_prior, columns, latent)
        return tinted, torch.log_softmax(velocity, dim=-1), torch.log_softmax(offset, dim=-1)


def _silent(layer: nn.Linear) -> nn.Linear:
    """Return `layer` with weights of zero: at first a feel changes nothing."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
