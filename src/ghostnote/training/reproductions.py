"""The paper's tasks as the recurrent network sees them: what is taken away, what is to come back.

Source: Gillick et al. 2019; `../shared/reference/groovae.md` lists the released configurations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ghostnote.groove import VOICES, GrooveBatch, Voice
from ghostnote.groove.transforms import tap, thin
from ghostnote.training.recurrent import Bottleneck, RecurrentConfig

MOST_NOTE_DROPOUT = 0.8
Columns = NDArray[np.float32]


@dataclass(frozen=True)
class Reproduction:
    """One model of the paper.

    Args:
        title: what reports call it.
        bottleneck: see `RecurrentConfig`.
        inputs: windows, and a generator where something is left to chance, to `(windows, steps, columns)`.
        voices: columns that are to come back.
        control: windows to what the decoder sees at every step, or None.
        bars: length of a window.
        minutes: most time of training.
    """

    title: str
    bottleneck: Bottleneck
    inputs: Callable[[GrooveBatch, np.random.Generator | None], Columns]
    voices: tuple[Voice, ...] = VOICES
    control: Callable[[GrooveBatch], Columns] | None = None
    bars: int = 2
    minutes: float = 60.0

    def targets(self, windows: GrooveBatch) -> Tensor:
        """Return `(windows, steps, 3 * voices)`: hits, velocities, doubled offsets."""
        return torch.from_numpy(_hvo(windows)[..., self._columns()])

    def controls(self, windows: GrooveBatch) -> Tensor | None:
        """Return what the decoder sees at every step."""
        return None if self.control is None else torch.from_numpy(self.control(windows))

    def config(self, example: GrooveBatch) -> RecurrentConfig:
        """Return the network's sizes for windows like those of `example`."""
        first = example.take(slice(0, 1))
        return RecurrentConfig(
            bottleneck=self.bottleneck,
            input_columns=self.inputs(first, None).shape[-1],
            output_voices=len(self.voices),
            control_columns=0 if self.control is None else self.control(first).shape[-1],
        )

    def _columns(self) -> list[int]:
        return [third * len(VOICES) + voice.column for third in range(3) for voice in self.voices]


def _hvo(windows: GrooveBatch) -> Columns:
    return np.concatenate([windows.hits, windows.velocities, 2.0 * windows.offsets], axis=-1)


def _score(windows: GrooveBatch, rng: np.random.Generator | None = None) -> Columns:
    return windows.hits


def _whole(windows: GrooveBatch, rng: np.random.Generator | None) -> Columns:
    return _hvo(windows)


def _tap(windows: GrooveBatch, rng: np.random.Generator | None) -> Columns:
    """Return hits and doubled offsets of the tap; its velocities are not given."""
    squashed = tap(windows)
    return np.concatenate([squashed.hits, 2.0 * squashed.offsets], axis=-1)


def _thinned_tap(windows: GrooveBatch, rng: np.random.Generator | None) -> Columns:
    """Return the tap with some hits dropped, if a generator is given."""
    squashed = tap(windows)
    if rng is not None:
        squashed = thin(squashed, rng.uniform(0.0, MOST_NOTE_DROPOUT, size=(len(windows), 1, 1)), rng)
    return np.concatenate([squashed.hits, 2.0 * squashed.offsets], axis=-1)


def _without_closed_hihat(windows: GrooveBatch, rng: np.random.Generator | None) -> Columns:
    columns = _hvo(windows)
    columns[..., Voice.CLOSED_HIHAT.column :: len(VOICES)] = 0.0
    return columns


REPRODUCTIONS: dict[str, Reproduction] = {
    "seq2seq": Reproduction("Seq2Seq", "deterministic", _score),
    "vib": Reproduction("VIB", "variational", _score),
    "tap2drum": Reproduction("Tap2Drum, fixed velocity", "variational", _tap, minutes=18),
    "tap2drum_dropout": Reproduction("Tap2Drum, note dropout", "variational", _thinned_tap, minutes=18),
    "infill": Reproduction("Infilling", "variational", _without_closed_hihat, voices=(Voice.CLOSED_HIHAT,), minutes=18),
    "transfer": Reproduction("Groove transfer", "variational", _whole, control=_score, minutes=18),
    "autoencoder": Reproduction("4-bar autoencoder", "variational", _whole, bars=4, minutes=27),
}
