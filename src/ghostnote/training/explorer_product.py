"""The product as the simulation drives it, and the same with one part taken out: encoder, head, search or openers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.encoder import Encoder, load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.taste import Judgement
from ghostnote.explore.engine import DEFAULT_SEARCH, Engine
from ghostnote.explore.heard import Candidate, Heard
from ghostnote.explore.search import SearchSettings
from ghostnote.loops import Loop
from ghostnote.training.explorer_worlds import World

if TYPE_CHECKING:
    from ghostnote.training.explorer_simulation import Explorer, MakeExplorer

_TIMES, _WIDE_BANDS = 16, 4
_STATISTICS_LOOPS = 500
_RIDGE = 1.0


class Product:
    """The engine with its memory of what was heard.

    Args:
        name: of the method.
        engine: proposes.
        at_rest: the same, set to exploit: proposes what is examined, when nothing is learned any more.
        cheap: whether it is examined at every checkpoint.
    """

    def __init__(self, name: str, engine: Engine, at_rest: Engine, *, cheap: bool = False) -> None:
        self.name, self.cheap = name, cheap
        self._engine, self._at_rest = engine, at_rest
        self._heard: list[Heard] = []
        self._proposed: Candidate | None = None

    def propose(self) -> Loop:
        """Return the next loop to be rated; all that was rated is learned first."""
        self._proposed = self._engine.propose(self._heard)
        return self._proposed.loop

    def rate(self, loop: Loop, liked: bool) -> None:
        """Remember a rating."""
        known = self._proposed
        embedding = known.embedding if known is not None and known.loop == loop else None
        self._heard.append(Heard(loop, embedding, liked))

    def final(self, count: int) -> list[Loop]:
        """Return the proposals of a session whose person hears, and says nothing more."""
        heard = list(self._heard)
        for _ in range(count):
            found = self._at_rest.propose(heard)
            heard.append(Heard(found.loop, found.embedding, None))
        return [entry.loop for entry in heard[len(self._heard) :]]

    def judge(self, loops: Sequence[Loop]) -> list[float]:
        """Return P(like) as the engine has it now."""
        if self._proposed is not None and list(loops) == [self._proposed.loop]:
            return [self._proposed.score]
        return [candidate.score for candidate in self._engine.judge(loops, self._heard)]


class Ear(Protocol):
    """What the engine needs of an encoder."""

    values: int
    sha256: str

    def embed(self, levels: NDArray[np.float32], rows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return embeddings `(loops, values)` of levels `(loops, frames, bands)`, and of rows where they are known."""
        ...


@dataclass(frozen=True, eq=False)
class Statistics:
    """Stands in for the encoder: plain statistics of the levels, nothing learned.

    First half: levels of four wide bands in each 16th, less their means (rhythm). Second half: mean and spread of each
    band over time (timbre). Each half is scaled to a mean square of 1 over random loops, as engines expect it.

    Args:
        mean, scale: `(values,)`.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    sha256: str = "statistics"

    @property
    def values(self) -> int:
        """Number of statistics."""
        return len(self.mean)

    def embed(self, levels: NDArray[np.float32], rows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return the statistics of levels, `(loops, values)`; no pattern is read."""
        return ((_statistics(levels) - self.mean) * self.scale).astype(np.float32)


@dataclass(frozen=True, eq=False)
class ByEar:
    """The shipped encoder, which is told no pattern: what rows do, it tells by ear as of audio from elsewhere.

    Args:
        encoder: the shipped one.
    """

    encoder: Encoder
    sha256: str = "by ear"

    @property
    def values(self) -> int:
        """Number of values of an embedding."""
        return self.encoder.values

    def embed(self, levels: NDArray[np.float32], rows: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return embeddings of levels alone, `(loops, values)`."""
        return self.encoder.embed(levels)


def _statistics(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    loops, frames, bands = levels.shape
    timed = levels.reshape(loops, _TIMES, frames // _TIMES, bands).mean(axis=2, dtype=np.float64)
    wide = np.stack([part.mean(axis=2) for part in np.array_split(timed, _WIDE_BANDS, axis=2)], axis=2)
    rhythm = (wide - wide.mean(axis=1, keepdims=True)).reshape(loops, -1)
    timbre = np.concatenate([levels.mean(axis=1), levels.std(axis=1)], axis=1, dtype=np.float64)
    half = max(rhythm.shape[1], timbre.shape[1])
    return np.concatenate([np.pad(part, ((0, 0), (0, half - part.shape[1]))) for part in (rhythm, timbre)], axis=1)


def statistics_of(world: World) -> Statistics:
    """Return the statistics, scaled by random loops of `world`."""
    rng = np.random.default_rng(5)
    hearing = Hearing(world.bank)
    found = _statistics(hearing.hear([world.generator.draw(rng) for _ in range(_STATISTICS_LOOPS)]))
    deviation = found.std(axis=0)
    used = deviation > 1e-6
    half = len(used) // 2
    share = np.repeat([max(1, used[:half].sum()), max(1, used[half:].sum())], half)
    scale = np.where(used, 1 / np.maximum(deviation, 1e-6), 0.0) / np.sqrt(share)
    return Statistics(found.mean(axis=0), scale)


@dataclass(frozen=True, eq=False)
class Logistic:
    """Stands in for the Bayesian head: logistic regression with a ridge, which knows no uncertainty.

    Args:
        weights: `(values + 1,)`, the last is the constant.
    """

    weights: NDArray[np.float64]

    def judge(self, embeddings: NDArray[np.floating[Any]], prior: NDArray[np.float64] | None = None) -> Judgement:
        """Return P(like) of loops, with no uncertainty."""
        logits = np.asarray(embeddings, dtype=np.float64) @ self.weights[:-1] + self.weights[-1]
        none = np.zeros(len(logits))
        return Judgement(1 / (1 + np.exp(-np.clip(logits, -30, 30))), none, logits, none + 1e-9)


def fit_logistic(embeddings: NDArray[np.floating[Any]], liked: NDArray[np.bool_]) -> Logistic:
    """Return the logistic regression of ratings; the prior's rate before there are both classes."""
    x = np.asarray(embeddings, dtype=np.float64)
    rate = (liked.sum() + 0.37 * 2) / (len(liked) + 2)
    weights = np.zeros(x.shape[1] + 1)
    weights[-1] = np.log(rate / (1 - rate))
    if not len(liked) or liked.all() or not liked.any():
        return Logistic(weights)
    whole = np.column_stack([x, np.ones(len(x))])
    ridge = np.full(len(weights), _RIDGE)
    ridge[-1] = 1e-2
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(whole @ weights, -30, 30)))
        gradient = whole.T @ (p - liked) + ridge * weights
        step = np.linalg.solve((whole.T * (p * (1 - p))) @ whole + np.diag(ridge), gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return Logistic(weights)


class LogisticEngine(Engine):
    """The engine with a plain head."""

    def _taste(self, heard: Sequence[Heard]) -> Any:
        rated = [entry for entry in heard if entry.liked is not None]
        embeddings = np.array([entry.embedding for entry in rated]).reshape(len(rated), self._encoder.values)
        return fit_logistic(embeddings, np.array([bool(entry.liked) for entry in rated], dtype=bool))


def product(
    name: str = "product",
    settings: SearchSettings = DEFAULT_SEARCH,
    *,
    encoder: str = "shipped",
    head: str = "bayesian",
    cheap: bool = False,
) -> MakeExplorer:
    """Return what makes the product, or an ablation of it.

    Args:
        name: of the method.
        settings: of its search.
        encoder: `shipped`, `by_ear` or `statistics`.
        head: `bayesian` or `logistic`.
        cheap: whether it is examined at every checkpoint.
    """

    def make(world: World, seed: int) -> Explorer:
        ear: Any = None
        if encoder != "shipped":
            ear = ByEar(load_encoder()) if encoder == "by_ear" else statistics_of(world)
        kind = Engine if head == "bayesian" else LogisticEngine
        at_rest = replace(settings, explore=0.0, fresh_every=0)
        engines = [_engine(kind, world, one, seed, ear) for one in (settings, at_rest)]
        return Product(name, *engines, cheap=cheap)

    return make


def _engine(kind: type[Engine], world: World, settings: SearchSettings, seed: int, ear: Encoder | None) -> Engine:
    return kind(
        world.generator, world.bank, settings=settings, seed=seed, pool=world.generator.pool.sounds, encoder=ear
    )


ABLATIONS: dict[str, MakeExplorer] = {
    "without-encoder": product("without-encoder", encoder="statistics"),
    "without-rows": product("without-rows", encoder="by_ear"),
    "without-head": product("without-head", head="logistic"),
    "best-of-random": product("best-of-random", SearchSettings(algorithm="random")),
    "hill-climb": product("hill-climb", SearchSettings(algorithm="hill_climb")),
    "metropolis": product("metropolis", SearchSettings(algorithm="metropolis")),
    "without-openers": product("without-openers", SearchSettings(openers=0)),
}
"""The product with one part taken out, or another in its place."""
