"""The composer: what is given of a groove in, the hits that are missing out.

Three ONNX graphs do the numbers. The *reader* sees all that is given in both directions and gives each step a context.
The *writer* then goes from step to step and draws the set of voices that sound, out of those sets that do not
contradict what is given; it remembers the steps that this one answers to (`StepFeatures.references`). The *listener*
hears a whole groove and says what kind of beat each 32 steps are: a latent, which the reader takes as a wish.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Groove
from ghostnote.models.checkpoint import Checkpoint, read_checkpoint
from ghostnote.models.registry import load_chosen
from ghostnote.models.steps import GRID_COLUMNS, REFERENCES, STEPS_PER_LATENT, StepFeatures, read_grid

KINDS = ("beat", "fill")
Floats = NDArray[np.float32]
_AGREEING_TAKES, _TAKES_AT_ONCE, _GUESS_SHARE = 16, 4, 0.3
_AGREED, _AGREED_TAPPED = 0.42, 0.3  # where something must sound, less is enough; both chosen on validation


@dataclass(frozen=True, eq=False)
class Latents:
    """What kind of beat each window of 32 steps is.

    Args:
        mean, scale: `(windows, latent)`; the prior is the standard normal distribution.
    """

    mean: Floats
    scale: Floats

    def drawn(self, rng: np.random.Generator, amount: float = 1.0) -> Floats:
        """Return `(windows, latent)`: the mean, and `amount` times the way to a draw from the prior around it.

        0 is the mean, 1 a fresh draw from the prior; in between, mean and draw are mixed so that the spread stays.
        """
        fresh = rng.standard_normal(self.mean.shape).astype(np.float32)
        return np.asarray(np.sqrt(1.0 - amount**2) * self.mean + amount * fresh, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Request:
    """One groove to complete.

    Args:
        steps: what is given.
        rng: the result depends on this generator alone.
        style: number of the style, 0 for none in particular.
        kind: one of `KINDS`, or None.
        density: hits per beat to aim at, > 0, or None.
        latents: `(windows, latent)`, one for every 32 steps begun, or None.
        bias: `(steps, voices)`, added to the log-odds of each voice, or None.
    """

    steps: StepFeatures
    rng: np.random.Generator
    style: int = 0
    kind: str | None = None
    density: float | None = None
    latents: Floats | None = None
    bias: Floats | None = None


class Composer:
    """The graphs of a checkpoint, ready to write.

    Args:
        checkpoint: a verified card with `reader.onnx`, `writer.onnx` and `listener.onnx`.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.card = checkpoint.card
        self.styles: tuple[str, ...] = tuple(checkpoint.field("styles"))
        self.latent_units = int(checkpoint.field("latent_units"))
        self._units = int(checkpoint.field("units"))
        self._temperature = float(checkpoint.field("sampling", "temperature"))
        self._reader = checkpoint.session("reader.onnx")
        self._writer = checkpoint.session("writer.onnx")
        self._listener = checkpoint.session("listener.onnx")

    def listen(self, groove: Groove) -> Latents:
        """Return what kind of beat `groove` is, for every 32 steps begun; the last are filled up with silence."""
        count = len(groove.grid)
        windows = -(-count // STEPS_PER_LATENT)
        grid = np.zeros((windows * STEPS_PER_LATENT, GRID_COLUMNS), dtype=np.float32)
        heard = np.zeros((windows * STEPS_PER_LATENT, 3 * len(VOICES)), dtype=np.float32)
        grid[:count] = read_grid(groove.grid)
        heard[:count] = np.concatenate([groove.hits, groove.velocities, 2.0 * groove.offsets], axis=1)
        mean, scale = self._listener.run(
            None,
            {
                "grid": grid.reshape(windows, STEPS_PER_LATENT, -1),
                "grooves": heard.reshape(windows, STEPS_PER_LATENT, -1),
            },
        )
        return Latents(mean, scale)

    def guess(self, requests: Sequence[Request]) -> list[Floats]:
        """Return the probability of each hit given all that is given, but not each other: `(steps, voices)` each."""
        guesses = [guess for _, guess in self._read(requests)]
        return [
            np.where(r.steps.must > 0, 1.0, np.where(r.steps.must_not > 0, 0.0, guess)).astype(np.float32)
            for r, guess in zip(requests, guesses, strict=True)
        ]

    def agree(self, requests: Sequence[Request]) -> list[Floats]:
        """Return the calmest answer to each request, `(steps, voices)`: the hits that most takes would have.

        A hit's probability is its share in 16 takes, mixed with the reader's first guess. A hit is written where it is
        above a threshold below one half, which serves the F1 of hits better than the likeliest take does.
        """
        guesses = self.guess(requests)
        results = []
        for request, guess in zip(requests, guesses, strict=True):
            rngs = [np.random.default_rng(take) for take in range(_AGREEING_TAKES)]
            total = np.zeros_like(guess)
            for at in range(0, _AGREEING_TAKES, _TAKES_AT_ONCE):  # a few at a time: long songs take much memory
                part = self.write([replace(request, rng=rng) for rng in rngs[at : at + _TAKES_AT_ONCE]])
                total += np.sum(part, axis=0, dtype=np.float32)
            share = (1.0 - _GUESS_SHARE) * total / _AGREEING_TAKES + _GUESS_SHARE * guess
            hits = (share > np.where(request.steps.some > 0, _AGREED_TAPPED, _AGREED)).astype(np.float32)
            open_steps = np.flatnonzero((request.steps.some[:, 0] > 0) & ~hits.any(axis=1))
            hits[open_steps, share[open_steps].argmax(axis=1)] = 1.0
            results.append(hits)
        return results

    def write(self, requests: Sequence[Request], *, temperature: float = 1.0) -> list[Floats]:
        """Return the hits of each request, `(steps, voices)`, all written at once.

        Args:
            requests: may differ in length.
            temperature: 1 is the model's natural variety, smaller is calmer; 0 takes the likeliest set on each step.

        Raises:
            InvalidParameter: temperature is negative.
        """
        if not temperature >= 0:
            raise InvalidParameter(f"temperature must be at least 0; got {temperature}")
        contexts = [context for context, _ in self._read(requests)]
        order = sorted(range(len(requests)), key=lambda i: -len(requests[i].steps))
        lengths = np.array([len(requests[i].steps) for i in order], dtype=np.int64)
        takes, longest = len(order), int(lengths.max(initial=0))
        stage = _Stage.empty(longest, takes, self._units)
        for row, i in enumerate(order):
            stage.place(row, requests[i], contexts[i], calm=temperature == 0)
        rows = np.arange(takes)[:, None]
        written = np.zeros((takes, longest + 1, len(VOICES)), dtype=np.float32)  # the last step stays silent
        state = np.zeros((takes, 2 * self._units), dtype=np.float32)
        inverse = np.float32(1.0 / (temperature * self._temperature)) if temperature else np.float32(1.0)
        live_rows = (lengths[None] > np.arange(longest)[:, None]).sum(axis=1)
        for t, live in enumerate(live_rows.tolist()):
            memory = written[rows[:live], stage.references[t, :live]].reshape(live, -1)
            hits, state = self._writer.run(
                None,
                {
                    "context": stage.context[t, :live],
                    "memory": memory,
                    "state": state[:live],
                    "must": stage.must[t, :live],
                    "must_not": stage.must_not[t, :live],
                    "some": stage.some[t, :live],
                    "bias": stage.bias[t, :live],
                    "chance": stage.chance[t, :live],
                    "inverse_temperature": np.full((live, 1), inverse, dtype=np.float32),
                },
            )
            written[:live, t] = hits
        results: list[Floats] = [np.zeros((0, len(VOICES)), dtype=np.float32)] * takes
        for row, i in enumerate(order):
            results[i] = written[row, : lengths[row]]
        return results

    def _read(self, requests: Sequence[Request]) -> list[tuple[Floats, Floats]]:
        """Return context and first guess of each request; those of one length are read at once."""
        found: dict[int, tuple[Floats, Floats]] = {}
        by_length: dict[int, list[int]] = {}
        for i, request in enumerate(requests):
            by_length.setdefault(len(request.steps), []).append(i)
        for members in by_length.values():
            part = [requests[i] for i in members]
            context, guess = self._reader.run(
                None,
                {
                    "features": np.stack([request.steps.features for request in part]),
                    "style": np.array([request.style for request in part], dtype=np.int64),
                    "kind": np.array([_kind_number(request.kind) for request in part], dtype=np.int64),
                    "density": np.array([_density_columns(request.density) for request in part], dtype=np.float32),
                    "latents": np.stack([self._latent_columns(request) for request in part]),
                },
            )
            for row, i in enumerate(members):
                found[i] = (context[row], guess[row])
        return [found[i] for i in range(len(requests))]

    def _latent_columns(self, request: Request) -> Floats:
        steps = len(request.steps)
        columns = np.zeros((steps, self.latent_units + 1), dtype=np.float32)
        if request.latents is not None:
            windows = -(-steps // STEPS_PER_LATENT)
            if request.latents.shape != (windows, self.latent_units):
                raise InvalidParameter(
                    f"latents must have shape (windows, latent) = {(windows, self.latent_units)} for {steps} steps; "
                    f"got {request.latents.shape}"
                )
            columns[:, :-1] = np.repeat(request.latents, STEPS_PER_LATENT, axis=0)[:steps]
            columns[:, -1] = 1.0
        return columns


@dataclass(frozen=True, eq=False)
class _Stage:
    """Inputs of all takes, step by step: each array is `(steps, takes, …)`, so that a step is one contiguous slice."""

    context: Floats
    references: NDArray[np.int64]
    must: Floats
    must_not: Floats
    some: Floats
    bias: Floats
    chance: Floats

    @classmethod
    def empty(cls, steps: int, takes: int, units: int) -> _Stage:
        voices = len(VOICES)
        return cls(
            np.zeros((steps, takes, units), dtype=np.float32),
            np.zeros((steps, takes, REFERENCES), dtype=np.int64),
            *(np.zeros((steps, takes, width), dtype=np.float32) for width in (voices, voices, 1, voices, 1)),
        )

    def place(self, take: int, request: Request, context: Floats, *, calm: bool) -> None:
        steps, count, silent = request.steps, len(request.steps), len(self.context)
        self.context[:count, take] = context
        self.references[:count, take] = np.where(steps.references == count, silent, steps.references)
        self.must[:count, take], self.must_not[:count, take] = steps.must, steps.must_not
        self.some[:count, take] = steps.some
        if request.bias is not None:
            self.bias[:count, take] = request.bias
        self.chance[:count, take] = -1.0 if calm else request.rng.random((count, 1), dtype=np.float32)


def _kind_number(kind: str | None) -> int:
    if kind is None:
        return 0
    if kind not in KINDS:
        raise InvalidParameter(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    return 1 + KINDS.index(kind)


def _density_columns(density: float | None) -> tuple[float, float]:
    if density is None:
        return (0.0, 0.0)
    if not 0.0 < density <= 36.0:
        raise InvalidParameter(f"density must lie in 0…36 hits per beat; got {density:g}")
    return (density_column(density), 1.0)


def density_column(hits_per_beat: float) -> float:
    """Return hits per beat as the network reads them."""
    return float(np.log2(1.0 + hits_per_beat) / 3.0)


def load_composer(folder: Path | None = None) -> Composer:
    """Return the composer in `folder`, by default the one in use (see `registry`), loaded once per process.

    Raises:
        InvalidWeights: the files do not match their card, or the composer in use is gone or broken.
    """
    return load_chosen("composer", _load) if folder is None else _load(folder)


@lru_cache(maxsize=2)
def _load(folder: Path) -> Composer:
    return Composer(read_checkpoint(folder))
