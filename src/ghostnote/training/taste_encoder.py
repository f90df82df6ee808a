"""The encoder of loops: levels in, an embedding out that knows rhythm and timbre. Convolutions go round the bar.

What the rows of a loop do is read from its pattern where there is one, and told by ear where there is none.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ghostnote.critic.rows import ROW_VALUES
from ghostnote.critic.spectrum import BANDS, FRAMES_PER_STEP

TURNS = (1, 2, 4, 8)
"""Turns per bar at which the pooled steps are weighed, beside their mean: so pooling keeps when things happen."""


class TasteEncoder(nn.Module):
    """Levels of loops → embedding, and what is told of each step and each loop while training.

    Args:
        step_values, rhythm_values, timbre_values: sizes of the targets.
        frame_width, width: channels of frames, and of steps.
        gathered: what is kept of a whole loop before its latents.
        latent: size of the latents of rhythm, of rows and of timbre, each.
    """

    def __init__(
        self,
        step_values: int,
        rhythm_values: int,
        timbre_values: int,
        *,
        frame_width: int = 24,
        width: int = 64,
        gathered: int = 96,
        latent: int = 64,
    ) -> None:
        super().__init__()
        self.frames = nn.Conv1d(BANDS, frame_width, 3)
        self.steps = nn.Conv1d(frame_width, width, 6, stride=FRAMES_PER_STEP)
        self.near = nn.Conv1d(width, width, 3)
        self.far = nn.Conv1d(width, width, 3, dilation=4)
        self.tell_steps = nn.Conv1d(width, step_values, 1)
        pooled = width * (2 + 2 * len(TURNS) + 2)
        self.gather = nn.Linear(pooled, gathered)
        self.rhythm = nn.Linear(gathered, latent)
        self.rows = nn.Linear(gathered, latent)
        self.timbre = nn.Linear(gathered, latent)
        self.tell_rhythm = nn.Linear(latent, rhythm_values)
        self.tell_rows = nn.Linear(latent, ROW_VALUES)
        self.tell_timbre = nn.Linear(latent, timbre_values)
        self.dropout = nn.Dropout(0.05)
        self.row_scale: Tensor  # mean and spread of the measures of rows, in which they are told
        self.register_buffer("row_scale", torch.stack([torch.zeros(ROW_VALUES), torch.ones(ROW_VALUES)]))

    def forward(self, levels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return (steps, rhythm, rows, timbre) as told.

        Shape:
            levels: `(loops, frames, BANDS)` → `(loops, steps, step_values)`, `(loops, rhythm_values)`,
            `(loops, ROW_VALUES)`, `(loops, timbre_values)`
        """
        steps = self.step_features(levels)
        rhythm, rows, timbre = self.latents(steps)
        told = self.tell_rhythm(rhythm), self.tell_rows(rows), self.tell_timbre(timbre)
        return self.tell_steps(steps).transpose(1, 2), *told

    def step_features(self, levels: Tensor) -> Tensor:
        """Return `(loops, width, steps)`."""
        x = (levels.transpose(1, 2) + 2.0) / 1.5
        x = F.relu(self.frames(_round(x, 1, 1)))
        x = F.relu(self.steps(_round(x, 1, 1)))
        x = x + F.relu(self.near(_round(x, 1, 1)))
        return x + F.relu(self.far(_round(x, 4, 4)))

    def latents(self, steps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the latents of rhythm, rows and timbre, `(loops, latent)` each."""
        count = steps.shape[2]
        angle = torch.arange(count) * (2.0 * torch.pi / count)
        waves = torch.stack([wave(turn * angle) for turn in TURNS for wave in (torch.cos, torch.sin)], dim=1)
        mean = steps.mean(dim=2)
        spread = (steps - mean[:, :, None]).pow(2).mean(dim=2).add(1e-5).sqrt()
        turned = torch.matmul(steps, waves / count**0.5).flatten(1)
        again = [(steps * steps.roll(-lag, 2)).mean(dim=2) for lag in (4, 8)]
        pooled = torch.cat([mean, spread, turned, *again], dim=1)
        gathered = self.dropout(F.relu(self.gather(pooled)))
        return self.rhythm(gathered), self.rows(gathered), self.timbre(gathered)


class Embedding(nn.Module):
    """The product's graph: levels, and what rows do where it is known, → `(loops, values)`: rhythm, rows, timbre.

    Args:
        encoder: trained.
        rhythm, rows, timbre: `(latent, values)` and `(values,)`, which map the latents of rhythm and timbre, and the
            measures of rows, to their parts; see `embedding_of`.
    """

    def __init__(
        self,
        encoder: TasteEncoder,
        rhythm: tuple[Tensor, Tensor],
        rows: tuple[Tensor, Tensor],
        timbre: tuple[Tensor, Tensor],
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.rhythm_map, self.rhythm_shift = (nn.Parameter(part) for part in rhythm)
        self.rows_map, self.rows_shift = (nn.Parameter(part) for part in rows)
        self.timbre_map, self.timbre_shift = (nn.Parameter(part) for part in timbre)

    def forward(self, levels: Tensor, rows: Tensor, known: Tensor) -> Tensor:
        """Return embeddings.

        Shape:
            levels: `(loops, frames, BANDS)`
            rows: `(loops, ROW_VALUES)`, of `measure_rows`; they count where `known`, `(loops, 1)`, is 1 and not 0.
            output: `(loops, values)`
        """
        rhythm, by_ear, timbre = self.encoder.latents(self.encoder.step_features(levels))
        mean, spread = self.encoder.row_scale
        told = self.encoder.tell_rows(by_ear) * spread + mean
        rows = known * rows + (1.0 - known) * told
        return torch.cat(
            [
                rhythm @ self.rhythm_map + self.rhythm_shift,
                rows @ self.rows_map + self.rows_shift,
                timbre @ self.timbre_map + self.timbre_shift,
            ],
            dim=1,
        )


def _round(x: Tensor, before: int, after: int) -> Tensor:
    """Return `x`, `(loops, channels, frames)`, with its end before it and its beginning behind it."""
    return torch.cat([x[:, :, -before:], x, x[:, :, :after]], dim=2)
