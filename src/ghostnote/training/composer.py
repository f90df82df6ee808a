"""The composer's networks: what `ghostnote.models.composer` runs as ONNX graphs.

A bidirectional LSTM reads what is given on every step; a latent for every 32 steps says what kind of beat it is; a
second LSTM writes one step after the other, drawing the *set* of voices that sound from all 512 sets at once, so that a
step is coherent and what is given can be kept exactly, by leaving out the sets that contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ghostnote.groove import VOICES
from ghostnote.models.steps import GIVEN_COLUMNS, GRID_COLUMNS, PATTERNS, REFERENCES, STEPS_PER_LATENT

MEMORY = REFERENCES * len(VOICES)
IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class ComposerConfig:
    """Sizes of the networks."""

    styles: int = 19  # 18 of the dataset, and 0 for none in particular
    style_units: int = 12
    kinds: int = 3  # 0 unknown, 1 beat, 2 fill
    kind_units: int = 4
    reader_units: int = 128
    listener_units: int = 128
    latent_units: int = 32
    writer_units: int = 256
    dropout: float = 0.3


@dataclass(frozen=True)
class Latent:
    """Posterior of what kind of beat the steps of a window are: mean and scale, each `(batch, windows, latent)`."""

    mean: Tensor
    scale: Tensor

    def kl_nats(self) -> Tensor:
        """Return the divergence from the standard normal prior, `(batch, windows)`."""
        return 0.5 * (self.mean.square() + self.scale.square() - 1.0 - 2.0 * self.scale.log()).sum(-1)


class ComposerNetwork(nn.Module):
    """Listener, reader and writer.

    Shape:
        features: `(batch, steps, GRID_COLUMNS + GIVEN_COLUMNS)`; style, kind: `(batch,)`;
        density: `(batch, 2)`, hits per beat as log2(1 + d) / 3 and whether it is given;
        latents: `(batch, steps, latent + 1)`, the last column 1 where the latent is given;
        memory: `(batch, steps, MEMORY)`, the sets of voices of the steps that each one answers to.
    """

    def __init__(self, config: ComposerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ComposerConfig()
        units, both = config.reader_units, 2 * config.reader_units
        self.style = nn.Embedding(config.styles, config.style_units)
        self.kind = nn.Embedding(config.kinds, config.kind_units)
        self.to_listener = nn.Linear(GRID_COLUMNS + 3 * len(VOICES), config.listener_units)
        self.listener = nn.LSTM(config.listener_units, config.listener_units, batch_first=True, bidirectional=True)
        self.to_mean = nn.Linear(2 * config.listener_units, config.latent_units)
        self.to_raw_scale = nn.Linear(2 * config.listener_units, config.latent_units)
        told = config.style_units + config.kind_units + 2 + config.latent_units + 1
        self.to_reader = nn.Linear(GRID_COLUMNS + GIVEN_COLUMNS + told, units)
        self.reader = nn.LSTM(units, units, 2, batch_first=True, bidirectional=True, dropout=config.dropout)
        self.drop = nn.Dropout(config.dropout)
        self.guess = nn.Linear(both, len(VOICES))
        self.to_context = nn.Linear(both + GRID_COLUMNS + told, config.writer_units)
        self.remember = nn.Linear(MEMORY, config.writer_units)
        self.writer = nn.LSTM(config.writer_units, config.writer_units, batch_first=True)
        self.hidden = nn.Linear(3 * config.writer_units, config.writer_units)
        self.head = nn.Linear(config.writer_units, len(PATTERNS))
        self.patterns: Tensor
        self.register_buffer("patterns", torch.from_numpy(PATTERNS), persistent=False)

    def listen(self, grid: Tensor, grooves: Tensor) -> Latent:
        """Return the latent of each window.

        Args:
            grid: `(batch, steps, GRID_COLUMNS)`.
            grooves: `(batch, steps, 27)`, hits, velocities, doubled offsets; steps are whole windows.
        """
        batch, steps, _ = grooves.shape
        windows = torch.cat([grid, grooves], dim=-1).reshape(-1, STEPS_PER_LATENT, GRID_COLUMNS + 3 * len(VOICES))
        heard, _ = self.listener(torch.relu(self.to_listener(windows)))
        summary = self.drop(heard.mean(dim=1))
        shape = (batch, steps // STEPS_PER_LATENT, self.config.latent_units)
        scale = nn.functional.softplus(self.to_raw_scale(summary).float()) + 1e-3
        return Latent(self.to_mean(summary).float().reshape(shape), scale.reshape(shape))

    def read(
        self, features: Tensor, style: Tensor, kind: Tensor, density: Tensor, latents: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the context of each step and the logits of a first guess of each voice."""
        told = torch.cat([self.style(style), self.kind(kind), density], dim=-1)
        told = torch.cat([told[:, None].expand(-1, features.shape[1], -1), latents], dim=-1)
        seen, _ = self.reader(torch.relu(self.to_reader(torch.cat([features, told], dim=-1))))
        seen = self.drop(seen)
        context = self.to_context(torch.cat([seen, features[..., :GRID_COLUMNS], told], dim=-1))
        return torch.relu(context), self.guess(seen)

    def pattern_logits(self, context: Tensor, remembered: Tensor, written: Tensor) -> Tensor:
        """Return `(…, 512)` from context, what is remembered and the writer's state."""
        hidden = torch.relu(self.hidden(torch.cat([context, remembered, written], dim=-1)))
        logits: Tensor = self.head(self.drop(hidden))
        return logits

    def forbid(self, logits: Tensor, must: Tensor, must_not: Tensor, some: Tensor) -> Tensor:
        """Return `logits` with the sets ruled out that contradict what is given."""
        contradictions = must @ (1.0 - self.patterns).T + must_not @ self.patterns.T
        silent = (self.patterns.sum(dim=1) == 0).float()
        return logits + IMPOSSIBLE * (contradictions + some * silent)

    def forward(self, features: Tensor, told: tuple[Tensor, Tensor, Tensor], latents: Tensor, memory: Tensor) -> Heard:
        """Return logits of sets and of the first guess, with the true past remembered (teacher forcing)."""
        context, guess = self.read(features, *told, latents)
        remembered = torch.relu(self.remember(memory))
        written, _ = self.writer(context + remembered)
        return Heard(self.pattern_logits(context, remembered, self.drop(written)).float(), guess.float())


@dataclass(frozen=True)
class Heard:
    """Logits of the sets of voices, `(batch, steps, 512)`, and of the first guess, `(batch, steps, 9)`."""

    patterns: Tensor
    guess: Tensor


class ListenerGraph(nn.Module):
    """What is exported as `listener.onnx`."""

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, grid: Tensor, grooves: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and scale of each window's latent, `(windows, latent)`."""
        latent = self.network.listen(grid, grooves)
        return latent.mean[:, 0], latent.scale[:, 0]


class ComposerReaderGraph(nn.Module):
    """What is exported as `reader.onnx`."""

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, features: Tensor, style: Tensor, kind: Tensor, density: Tensor, latents: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return context, and the first guess as probabilities."""
        context, guess = self.network.read(features, style, kind, density, latents)
        return context, guess.sigmoid()


class WriterGraph(nn.Module):
    """What is exported as `writer.onnx`: one step for a batch of beats, drawn by inverse transform sampling."""

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        context: Tensor,
        memory: Tensor,
        state: Tensor,
        must: Tensor,
        must_not: Tensor,
        some: Tensor,
        bias: Tensor,
        chance: Tensor,
        inverse_temperature: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return hits `(batch, 9)` and the next state.

        Args:
            bias: `(batch, 9)`, added to the log-odds of each voice.
            chance: `(batch, 1)`, uniform in [0, 1); negative takes the likeliest set.
            inverse_temperature: `(batch, 1)`.
        """
        network = self.network
        remembered = torch.relu(network.remember(memory))
        after = self._step(context + remembered, state)
        written = after[..., : network.config.writer_units]
        logits = network.pattern_logits(context, remembered, written) * inverse_temperature
        logits = network.forbid(logits + bias @ network.patterns.T, must, must_not, some)
        probabilities = torch.softmax(logits, dim=-1)
        # The last set catches the rounding error of the sum.
        drawn = (torch.cumsum(probabilities, dim=-1)[:, :-1] <= chance).to(torch.int64).sum(dim=-1)
        chosen = torch.where(chance[:, 0] < 0, logits.argmax(dim=-1), drawn)
        return network.patterns[chosen], after

    def _step(self, inputs: Tensor, state: Tensor) -> Tensor:
        """One step of `nn.LSTM`, in operations that every exporter knows; the state is output and cell."""
        weights = dict(self.network.writer.named_parameters())
        output, cell = state.chunk(2, dim=-1)
        gates = nn.functional.linear(inputs, weights["weight_ih_l0"], weights["bias_ih_l0"])
        gates = gates + nn.functional.linear(output, weights["weight_hh_l0"], weights["bias_hh_l0"])
        entry, forget, candidate, exit_ = gates.chunk(4, dim=-1)
        cell = torch.sigmoid(forget) * cell + torch.sigmoid(entry) * torch.tanh(candidate)
        return torch.cat([torch.sigmoid(exit_) * torch.tanh(cell), cell], dim=-1)
