"""The performer: a score in, the velocity and microtiming of each hit out, drawn so that neighbours belong together.

Two ONNX graphs do the numbers. The *reader* sees the whole score in both directions and gives each hit a context and a
first guess of its velocity and offset. The *player* then goes through the hits in playing order; each draw hears the
hits already played that it answers to (`ScoreFeatures.references`) and a recurrent state. Music of any length is one
pass, so there are no window borders at which anything could jump.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter, InvalidWeights
from ghostnote.models.checkpoint import Checkpoint, read_checkpoint
from ghostnote.models.registry import load_chosen
from ghostnote.models.score import REFERENCES, ScoreFeatures

if TYPE_CHECKING:
    import onnxruntime

VELOCITY_CLASSES = 127  # MIDI velocities 1…127
OFFSET_CLASSES = 120  # a 16th at 480 ticks per beat
UNKNOWN = -1
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Played:
    """What the performer gave to each hit of a score.

    Args:
        velocities: `(hits,)`, integers 1…127.
        offsets: `(hits,)`, steps in [-0.5, 0.5), positive is late.
    """

    velocities: NDArray[np.int64]
    offsets: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reading:
    """The reader's view of a score.

    Args:
        context: `(hits, units)`.
        velocity_prior, offset_prior: `(hits, classes)`, log-probabilities given the score alone.
    """

    context: NDArray[np.float32]
    velocity_prior: NDArray[np.float32]
    offset_prior: NDArray[np.float32]

    def expected(self) -> Played:
        """Return the medians: the calm performance that is nearest to all others."""
        return Played(_median(self.velocity_prior) + 1, offset_of_class(_median(self.offset_prior)))

    def mean_velocities(self) -> NDArray[np.float64]:
        """Return the mean velocity of each hit over many takes, `(hits,)`, 1…127."""
        return np.asarray(np.exp(self.velocity_prior) @ np.arange(1.0, VELOCITY_CLASSES + 1))

    def mean_offsets(self) -> NDArray[np.float64]:
        """Return the mean offset of each hit over many takes, `(hits,)`, in steps."""
        return np.asarray(np.exp(self.offset_prior) @ offset_of_class(np.arange(OFFSET_CLASSES)))


def offset_of_class(classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the offsets in steps that `classes` stand for."""
    return (classes - OFFSET_CLASSES // 2) / OFFSET_CLASSES


def class_of_offset(offsets: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the nearest class of each offset in steps."""
    return (
        np.round(np.asarray(offsets, dtype=np.float64) * OFFSET_CLASSES).astype(np.int64) + OFFSET_CLASSES // 2
    ).clip(0, OFFSET_CLASSES - 1)


def memory_values(velocities: NDArray[np.int64], offset_classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return `(2, hits)`: velocities and offsets scaled as the player remembers them; 0 is the middle of both."""
    return np.array((_LOUDNESS[velocities], _LATENESS[offset_classes]))


_LOUDNESS = (2.0 * np.arange(VELOCITY_CLASSES + 1) / 127.0 - 1.0).astype(np.float32)
_LATENESS = (4.0 * offset_of_class(np.arange(OFFSET_CLASSES))).astype(np.float32)


class Performer:
    """The two graphs of a checkpoint, ready to play.

    Args:
        checkpoint: a verified card with `reader.onnx` and `player.onnx`.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.card = checkpoint.card
        self._checkpoint = checkpoint
        self._feel_graphs: dict[str, onnxruntime.InferenceSession] = {}
        self.styles: tuple[str, ...] = tuple(checkpoint.field("styles"))
        self._reader = checkpoint.session("reader.onnx")
        self._player = checkpoint.session("player.onnx")
        self._units = int(checkpoint.field("units"))
        self._temperature = float(checkpoint.field("sampling", "temperature"))

    def style_id(self, style: str | None) -> int:
        """Return the number of `style`; None means no particular one.

        Raises:
            InvalidParameter: the model knows no such style.
        """
        if style is None:
            return 0
        try:
            return 1 + self.styles.index(style.strip().lower())
        except ValueError:
            raise InvalidParameter(f"style must be one of {', '.join(self.styles)}; got {style!r}") from None

    def read(self, score: ScoreFeatures, style_id: int) -> Reading:
        """Return the reader's view of `score`."""
        return self.read_all([score], [style_id])[0]

    def read_all(self, scores: Sequence[ScoreFeatures], style_ids: Sequence[int]) -> list[Reading]:
        """Return the reader's view of each of `scores`; those with one number of hits are read at once."""
        sizes = (self._units, VELOCITY_CLASSES, OFFSET_CLASSES)
        readings = [Reading(*(np.zeros((0, size), dtype=np.float32) for size in sizes))] * len(scores)
        by_length: dict[int, list[int]] = {}
        for i, score in enumerate(scores):
            by_length.setdefault(len(score), []).append(i)
        by_length.pop(0, None)
        for members in by_length.values():
            inputs = {
                "features": np.stack([scores[i].features for i in members]),
                "style": np.array([style_ids[i] for i in members], dtype=np.int64),
            }
            context, velocity_prior, offset_prior = self._reader.run(None, inputs)
            for row, i in enumerate(members):
                readings[i] = Reading(context[row], velocity_prior[row], offset_prior[row])
        return readings

    def listen(self, score: ScoreFeatures, played: Played) -> NDArray[np.float32]:
        """Return the latent of the feel with which `score` is played, `(latent,)`.

        Raises:
            InvalidWeights: this performer has not learned to listen.
            InvalidParameter: there is no hit.
        """
        if not len(score):
            raise InvalidParameter("the score must have at least one hit to have a feel; got none")
        heard = np.column_stack([2.0 * played.velocities / 127.0 - 1.0, 4.0 * played.offsets]).astype(np.float32)
        mean, _ = self._feel_graph("listener.onnx").run(None, {"features": score.features[None], "played": heard[None]})
        latent: NDArray[np.float32] = mean[0]
        return latent

    def tint(self, reading: Reading, columns: NDArray[np.float32], latent: NDArray[np.float32]) -> Reading:
        """Return `reading` as a feel has it; `play` then plays with that feel.

        Args:
            columns: `(hits, FEEL_COLUMNS)`, what the feel's table says of each hit.
            latent: `(latent,)`, from `listen`; zeros where there is none.

        Raises:
            InvalidWeights: this performer has not learned to play with a feel.
            InvalidParameter: the latent has another length.
        """
        if latent.shape != (self.feel_units,):
            raise InvalidParameter(f"latent must have {self.feel_units} numbers for this performer; got {latent.shape}")
        if not len(reading.context):
            return reading
        tinted = self._feel_graph("tint.onnx").run(
            None,
            {
                "context": reading.context[None],
                "velocity_prior": reading.velocity_prior[None],
                "offset_prior": reading.offset_prior[None],
                "columns": columns[None],
                "latent": latent[None],
            },
        )
        return Reading(*(values[0] for values in tinted))

    @property
    def feel_units(self) -> int:
        """How many numbers the latent of a feel has.

        Raises:
            InvalidWeights: this performer has not learned to play with a feel.
        """
        if "feel" not in self.card:
            raise InvalidWeights(
                f"a performer must have learned to play with a given feel for this; {self._checkpoint.folder.name!r} "
                "has not. `ghostnote models use performer` goes back to the shipped one, which has"
            )
        return int(self._checkpoint.field("feel", "latent_units"))

    def _feel_graph(self, name: str) -> onnxruntime.InferenceSession:
        """Return a graph that only feels need, loaded once."""
        if name not in self._feel_graphs:
            self._feel_graphs[name] = self._checkpoint.session(name)
        return self._feel_graphs[name]

    def play(
        self,
        scores: Sequence[ScoreFeatures],
        readings: Sequence[Reading],
        rngs: Sequence[np.random.Generator],
        *,
        temperature: float = 1.0,
        known: Sequence[Played | None] | None = None,
        progress: Progress | None = None,
    ) -> list[Played]:
        """Draw one performance per score, all at once.

        Args:
            scores: may differ in length, or be the same one several times for several takes.
            readings: from `read`, one per score.
            rngs: one per score; a score's result depends on its own generator alone.
            temperature: 1 is the model's natural variety, smaller is calmer; 0 takes the median of each draw.
            known: values that are given, the rest is drawn to fit; `UNKNOWN` marks free velocities, NaN free offsets.
            progress: called with (hits done, hits in all).

        Returns:
            For each score what was drawn, with known values repeated at the model's resolution.
        """
        if not temperature >= 0:
            raise InvalidParameter(f"temperature must be at least 0; got {temperature}")
        order = sorted(range(len(scores)), key=lambda i: -len(scores[i]))
        lengths = np.array([len(scores[i]) for i in order], dtype=np.int64)
        takes, longest = len(order), int(lengths.max(initial=0))
        stage = _Stage.empty(longest, takes, self._units)
        for row, i in enumerate(order):
            stage.place(row, scores[i], readings[i], rngs[i], known[i] if known is not None else None)
        if temperature == 0:
            stage.chance[:] = 0.5
        memory = np.zeros((2, takes * (longest + 1)), dtype=np.float32)  # the last place of each row stays silent
        places = np.arange(takes) * (longest + 1)
        heard = np.zeros((takes, 2 * REFERENCES + 2), dtype=np.float32)
        state = np.zeros((takes, self._units), dtype=np.float32)
        drawn = np.zeros((longest, takes, 2), dtype=np.int64)
        inputs: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            "inverse_temperature": np.array([1.0 / ((temperature or 1.0) * self._temperature)], dtype=np.float32),
        }
        live_rows = (lengths[None] > np.arange(longest)[:, None]).sum(axis=1)
        for t, live in enumerate(live_rows.tolist()):
            answered = stage.references[t, :live]
            heard[:live, :REFERENCES] = memory[0, answered]
            heard[:live, REFERENCES:-2] = memory[1, answered]
            if t:
                heard[:live, -2:] = memory[:, places[:live] + t - 1].T
            inputs["context"] = stage.context[t, :live]
            inputs["heard"] = heard[:live]
            inputs["state"] = state[:live]
            inputs["chance"] = stage.chance[t, :live]
            inputs["fixed"] = stage.fixed[t, :live]
            velocity, offset, state = self._player.run(None, inputs)
            drawn[t, :live, 0], drawn[t, :live, 1] = velocity, offset
            memory[:, places[:live] + t] = memory_values(velocity + 1, offset)
            if progress is not None and t % 256 == 255:
                progress(t + 1, longest)
        results: list[Played] = [Played(np.zeros(0, dtype=np.int64), np.zeros(0))] * takes
        for row, i in enumerate(order):
            mine = drawn[: lengths[row], row]
            results[i] = Played(mine[:, 0] + 1, offset_of_class(mine[:, 1]))
        return results


@dataclass(frozen=True, eq=False)
class _Stage:
    """Inputs of all takes, hit by hit: each array is `(hits, takes, …)`, so that a step is one contiguous slice."""

    context: NDArray[np.float32]
    references: NDArray[np.int64]
    chance: NDArray[np.float32]
    fixed: NDArray[np.int64]

    @classmethod
    def empty(cls, hits: int, takes: int, units: int) -> _Stage:
        return cls(
            np.zeros((hits, takes, units), dtype=np.float32),
            np.zeros((hits, takes, REFERENCES), dtype=np.int64),
            np.zeros((hits, takes, 2), dtype=np.float32),
            np.full((hits, takes, 2), UNKNOWN, dtype=np.int64),
        )

    def place(
        self, take: int, score: ScoreFeatures, reading: Reading, rng: np.random.Generator, known: Played | None
    ) -> None:
        count, room = len(score), len(self.context) + 1
        self.context[:count, take] = reading.context
        self.references[:count, take] = np.where(score.references == count, room - 1, score.references) + take * room
        self.chance[:count, take] = rng.random((count, 2), dtype=np.float32)
        if known is not None:
            loud, late = known.velocities != UNKNOWN, np.isfinite(known.offsets)
            self.fixed[:count, take, 0] = np.where(loud, known.velocities - 1, UNKNOWN)
            self.fixed[:count, take, 1] = np.where(late, class_of_offset(np.where(late, known.offsets, 0.0)), UNKNOWN)


def _median(log_probabilities: NDArray[np.float32]) -> NDArray[np.int64]:
    cumulative = np.cumsum(np.exp(log_probabilities), axis=-1)
    median: NDArray[np.int64] = (cumulative < 0.5).sum(axis=-1).clip(0, log_probabilities.shape[-1] - 1)
    return median


def load_performer(folder: Path | None = None) -> Performer:
    """Return the performer in `folder`, by default the one in use (see `registry`), loaded once per process.

    Raises:
        InvalidWeights: the files do not match their card, or the performer in use is gone or broken.
    """
    return load_chosen("performer", _load) if folder is None else _load(folder)


@lru_cache(maxsize=2)
def _load(folder: Path) -> Performer:
    return Performer(read_checkpoint(folder))
