"""Searching for what a person will like: candidates are made, heard by the critic, and made again from the best.

All are functions of a scorer and a generator of chance. `evolve` is the product's: large batches, several generations,
a taste drawn from what is believed (Thompson). `walk` is the Markov chain of Alain et al. 2020, and its greedy sibling.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.taste import Judgement
from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import Generator, check_whole
from ghostnote.explore.novelty import Novelty
from ghostnote.loops import Loop, MutationRates, Pattern, mutate
from ghostnote.loops.mutation import flipped
from ghostnote.loops.pattern import MOST_ROWS
from ghostnote.sounds.sound import Sound

Target = Literal["good", "bad", "surprising", "unsure"]
Algorithm = Literal["evolve", "random", "metropolis", "hill_climb"]

_GENERATIONS = (0.3, 0.2, 0.15)
"""Shares of the candidates that are children, generation by generation; the rest is fresh."""

_OLD_PACES = 2
"""Tempos with swings that one search goes on with, beside a fresh one: each costs new spectra of all its sounds."""

_AT_FRESH_PACE = 100
"""Fresh loops of which those nearest to a fresh pace take it; from there on only children bring it further."""

_PARENTS = 0.07
"""How many loops have children, beside the number of fresh ones; all as often, for the best are not known that well."""

_CROSSED, _NEAR = 0.35, 0.5
"""Shares of the children that have two parents, and of those whose new sounds are like the old ones."""

_FARTHEST = 2.7
"""Standard deviations by which the drawn taste may lie off the mean at full `explore`; it grows with its square."""

_RATES = tuple(
    MutationRates(cells, sounds) for cells in (0.0, 0.02, 0.05, 0.1) for sounds in (0.0, 0.15, 0.4) if cells or sounds
)


WALKS = ("metropolis", "hill_climb")
"""The algorithms that walk, one loop after the other, as in Alain et al. 2020."""

MOST_CANDIDATES = 20_000
_MANY = 1_000_000
_WHOLE_NUMBERS = (
    ("candidates", 16, MOST_CANDIDATES),
    ("openers", 0, _MANY),
    ("fresh_every", 0, _MANY),
    ("mutations", 1, _MANY),
)


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How to search.

    Args:
        algorithm: `evolve`; `random` takes the best of fresh loops; `metropolis` and `hill_climb` as in Alain et al.
            2020.
        target: what to look for: what is `good`, what is `bad`, what is `surprising` (good and unlike all heard), or
            what the critic is `unsure` about.
        explore: 0 proposes what the critic is surest of … 1 what it would learn most from.
        candidates: how many loops are considered, 16…20,000.
        openers: how many of the first proposals are typical loops that differ from each other.
        novelty: 0 may repeat itself … 1 stays far from what was heard.
        fresh_every: one of so many proposals is no child of anything heard; 0 for never.
        mutations: length of a Markov chain.
        locked_rows: rows that keep their hits and sound.

    Raises:
        InvalidParameter: a value is out of range.
    """

    algorithm: Algorithm = "evolve"
    target: Target = "good"
    explore: float = 0.3
    candidates: int = 1_000
    openers: int = 8
    novelty: float = 0.5
    fresh_every: int = 6
    mutations: int = 100
    locked_rows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.algorithm not in get_args(Algorithm):
            raise InvalidParameter(f"algorithm must be one of {get_args(Algorithm)}; got {self.algorithm!r}")
        if self.target not in get_args(Target):
            raise InvalidParameter(f"target must be one of {get_args(Target)}; got {self.target!r}")
        for name in ("explore", "novelty"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InvalidParameter(f"{name} must lie in 0…1; got {getattr(self, name):g}. Is this a percentage?")
        for name, least, most in _WHOLE_NUMBERS:
            check_whole(name, getattr(self, name), least, most)
        for row in self.locked_rows:
            check_whole("locked_rows", row, 0, MOST_ROWS - 1)
        if self.algorithm in WALKS and self.target != "good":
            raise InvalidParameter(
                f"target must be good for {' and '.join(WALKS)}, which know no other; got {self.target!r}. "
                "Take another algorithm"
            )


@dataclass(frozen=True, eq=False)
class Scored:
    """Loops with what the critic makes of them.

    Args:
        loops: as many as the others have rows.
        embeddings: `(loops, values)`.
        judgement: of each.
        origins: of each: `random`, or `evolved`.
    """

    loops: list[Loop]
    embeddings: NDArray[np.float32]
    judgement: Judgement
    origins: list[str] = field(default_factory=list)


Score = Callable[[Sequence[Loop]], tuple[NDArray[np.float32], Judgement]]
"""Returns embeddings and judgement of loops."""

NearSound = Callable[[Sound, np.random.Generator], Sound]
"""Returns a sound like another."""


def evolve(
    score: Score,
    generator: Generator,
    near_sound: NearSound,
    parents: Sequence[tuple[Loop, float]],
    settings: SearchSettings,
    rng: np.random.Generator,
    novelty: Novelty | None = None,
) -> tuple[Scored, NDArray[np.float64]]:
    """Return all candidates of a search with their merits, `(candidates,)`.

    Args:
        score: the critic.
        generator: of fresh loops.
        near_sound: gives neighbours of sounds.
        parents: loops that were heard, with what is thought of them as logits, to begin from.
        settings: how.
        rng: of chance.
        novelty: says what loops lose for being like what was heard.
    """
    shares = _GENERATIONS if settings.algorithm == "evolve" else ()
    counts = [round(share * settings.candidates) for share in shares]
    fresh = [generator.draw(rng) for _ in range(settings.candidates - sum(counts))]
    known = {_pace(loop) for loop, _ in parents[:_OLD_PACES]}
    paces = {_pace(fresh[0]), *known}
    fresh = [_at_pace(loop, paces if n < _AT_FRESH_PACE else known or paces) for n, loop in enumerate(fresh)]
    loops, origins = list(fresh), ["random"] * len(fresh)
    embeddings, judgement = score(fresh)
    # One drawn taste for all generations.
    direction = np.random.default_rng(rng.integers(2**63)).standard_normal((embeddings.shape[1],))

    cost = None if novelty is None else novelty.among(fresh, embeddings)

    def merits_of(loops: Sequence[Loop], embeddings: NDArray[np.float32], judged: Judgement) -> NDArray[np.float64]:
        plain = _merits(settings, embeddings, judged, direction)
        return plain if cost is None else plain - cost(loops, embeddings)

    merits = merits_of(fresh, embeddings, judgement)
    shape = fresh[0].pattern.hits.shape
    elders = [(_at_pace(loop, paces), value) for loop, value in parents if loop.pattern.hits.shape == shape]
    for generation, count in enumerate(counts):
        best = np.argsort(-merits, kind="stable")[: max(2, round(_PARENTS * len(fresh)))]
        family = [(loops[index], merits[index]) for index in best] if generation or not elders else elders
        children = _children(family, count, generator, near_sound, settings, rng)
        more, judged = score(children)
        loops += children
        origins += ["evolved"] * len(children)
        embeddings = np.concatenate([embeddings, more])
        judgement = _joined(judgement, judged)
        merits = np.concatenate([merits, merits_of(children, more, judged)])
    return Scored(loops, embeddings, judgement, origins), merits


def _merits(
    settings: SearchSettings, embeddings: NDArray[np.float32], judgement: Judgement, direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much of what is looked for there is in each loop, by a taste drawn from what is believed.

    Loops that are alike deviate alike from what is believed of them: by their embeddings' shares in `direction`. What
    counts is P(like) and not its logit: among loops that are all but certain to be liked, those that are new shall win.
    """
    means, deviations = judgement.means, judgement.deviations
    if settings.target == "unsure":
        return np.asarray(0.125 * deviations - np.abs(_likely(means) - 0.5))
    lengths = np.linalg.norm(embeddings, axis=1) + 1e-9
    far = _FARTHEST * settings.explore**2
    likely = _likely(means + far * deviations * (embeddings @ direction) / lengths)
    return -likely if settings.target == "bad" else likely


def _likely(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))  # exp would overflow


def _children(
    family: Sequence[tuple[Loop, float]],
    count: int,
    generator: Generator,
    near_sound: NearSound,
    settings: SearchSettings,
    rng: np.random.Generator,
) -> list[Loop]:
    values = np.array([value for _, value in family])
    chance = np.exp((values - values.max()) / max(0.3, float(values.std())))  # of what was heard; else nearly even
    chance /= chance.sum()
    chosen = rng.choice(len(family), size=(count, 2), p=chance)
    first, second = chosen.T
    shape = family[0][0].pattern.hits.shape
    crossed, near = (rng.random(count) < share for share in (_CROSSED, _NEAR))
    taken = (rng.random((count, shape[1])) < 0.5) & crossed[:, None]
    rates = np.array([(rate.cells, rate.sounds) for rate in _RATES])[rng.integers(0, len(_RATES), count)]
    cells = rng.random((count, *shape)) < rates[:, :1, None]
    swaps = rng.random((count, shape[1])) < rates[:, 1:]
    locked_rows = [*generator.locked_rows, *settings.locked_rows]
    cells[:, :, [*locked_rows, *generator.locked_hits]] = False
    swaps[:, locked_rows] = False
    # All patterns at once: one by one, they would take longer than being heard.
    source = np.where(taken, second[:, None], first[:, None])
    hits, velocities, offsets = (
        np.stack([getattr(loop.pattern, name) for loop, _ in family]).transpose(0, 2, 1)[source, np.arange(shape[1])]
        for name in ("hits", "velocities", "offsets")
    )
    parts = flipped(hits.transpose(0, 2, 1), velocities.transpose(0, 2, 1), offsets.transpose(0, 2, 1), cells)
    elders, swapped, children = first.tolist(), swaps.tolist(), []
    for index, donors in enumerate(source.tolist()):
        draw = near_sound if near[index] else generator.draw_sound
        sounds = [family[donor][0].sounds[row] for row, donor in enumerate(donors)]
        sounds = [draw(sound, rng) if swap else sound for sound, swap in zip(sounds, swapped[index], strict=True)]
        pattern = Pattern.unchecked(*(part[index].copy() for part in parts))
        elder = family[elders[index]][0]
        children.append(Loop(pattern, tuple(sounds), elder.tempo_bpm, elder.swing, elder.seed))
    return children


def walk(
    score: Score,
    generator: Generator,
    settings: SearchSettings,
    rng: np.random.Generator,
    *,
    greedy: bool,
) -> Scored:
    """Return the end of a Markov chain of mutations, one loop.

    A mutation is taken with the probability `p' / p` of its P(like) beside the present one's; a greedy walk takes it
    if P(like) does not fall.

    Args:
        score: the critic.
        generator: of the start and of new sounds.
        settings: its `mutations` are the length.
        rng: of chance.
        greedy: hill climbing.

    Source: Alain et al. 2020, Metropolis et al. 1953.
    """
    present = generator.draw(rng)
    embedding, judged = score([present])
    locked: Collection[int] = (*generator.locked_rows, *settings.locked_rows)
    for _ in range(settings.mutations):
        other = mutate(present, generator.draw_sound, rng, locked_rows=locked, locked_hits=generator.locked_hits)
        other_embedding, other_judged = score([other])
        ratio = other_judged.scores[0] / max(judged.scores[0], 1e-12)
        if ratio >= 1.0 if greedy else rng.random() < ratio:
            present, embedding, judged = other, other_embedding, other_judged
    return Scored([present], embedding, judged, ["walked"])


def _pace(loop: Loop) -> tuple[float, float]:
    return loop.tempo_bpm, loop.swing


def _at_pace(loop: Loop, paces: Collection[tuple[float, float]]) -> Loop:
    """Return `loop` at the nearest of `paces`, with every hit on its step."""
    if _pace(loop) in paces and loop.pattern.is_straight:
        return loop
    tempo_bpm, swing = min(
        paces, key=lambda pace: (abs(np.log(pace[0] / loop.tempo_bpm)) + abs(pace[1] - loop.swing), pace)
    )
    pattern = loop.pattern if loop.pattern.is_straight else Pattern(loop.pattern.hits, loop.pattern.velocities)
    return replace(loop, pattern=pattern, tempo_bpm=tempo_bpm, swing=swing)


def _joined(first: Judgement, second: Judgement) -> Judgement:
    return Judgement(
        *(
            np.concatenate([getattr(first, name), getattr(second, name)])
            for name in ("scores", "uncertainties", "means", "deviations")
        )
    )
