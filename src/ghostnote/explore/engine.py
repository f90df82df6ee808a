"""The engine: from everything that was heard and rated to the next loop. It learns first, and proposes then.

It keeps nothing but what can be computed again (spectra, embeddings): what it proposes is a function of its settings,
its seed and what was heard. So a session that is opened again goes on as if it had never been closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.encoder import Encoder, load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.rows import rows_of
from ghostnote.critic.saved import Experience, SavedCritic
from ghostnote.critic.taste import Judgement, Taste, fit_taste
from ghostnote.errors import InvalidParameter
from ghostnote.explore.controls import Controls
from ghostnote.explore.generators import Generator, may_replace
from ghostnote.explore.heard import Candidate, Heard
from ghostnote.explore.neighbours import Neighbours
from ghostnote.explore.novelty import Novelty
from ghostnote.explore.search import WALKS, Scored, SearchSettings, evolve, walk
from ghostnote.explore.steering import Steered
from ghostnote.loops import Loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound

DEFAULT_SEARCH = SearchSettings()

_AT_ONCE, _FEW, _THREADS = 96, 24, 2
_MOST_PARENTS = 16


class Engine:
    """Proposes loops to a person.

    Args:
        generator: of fresh loops.
        bank: holds their sounds.
        settings: how to search.
        seed: ≥ 0; another seed is another path.
        prior: a critic to go on from, of the person or of others.
        pool: sounds among which near ones are sought; without, any may take another's place.
        encoder: that hears; the shipped one if None.
        hearing: keeps what was heard of sounds; one of its own if None. Engines over one bank may share it.
        near: an engine's neighbours of the same pool, to share what is known of them.
        steer: makes the generator that controls ask for; none may be given to `propose` without.
    """

    def __init__(
        self,
        generator: Generator,
        bank: SoundBank,
        *,
        settings: SearchSettings = DEFAULT_SEARCH,
        seed: int = 0,
        prior: SavedCritic | None = None,
        pool: Sequence[Sound] = (),
        encoder: Encoder | None = None,
        hearing: Hearing | None = None,
        near: Neighbours | None = None,
        steer: Callable[[Controls], Steered] | None = None,
    ) -> None:
        self.settings = settings
        self._generator, self._seed, self._prior = generator, seed, prior
        self._encoder = encoder or load_encoder()
        self._hearing = hearing or Hearing(bank)
        self._neighbours = near or Neighbours(pool, self.embed)
        self._steer = steer
        self._fitted: tuple[bytes, Taste] | None = None

    @property
    def encoder_sha256(self) -> str:
        """Identity of the encoder: embeddings of another one are of no use."""
        return self._encoder.sha256

    @property
    def generator(self) -> Generator:
        """What makes its fresh loops, and draws sounds for others."""
        return self._generator

    @property
    def neighbours(self) -> Neighbours:
        """Which sounds are near others, as it hears them."""
        return self._neighbours

    def embed(self, loops: Sequence[Loop]) -> NDArray[np.float32]:
        """Return embeddings `(loops, values)`, rhythm in the first half, timbre in the second."""
        found = np.empty((len(loops), self._encoder.values), dtype=np.float32)
        by_steps: dict[int, list[int]] = {}
        for index, loop in enumerate(loops):
            by_steps.setdefault(loop.pattern.steps, []).append(index)
        chunks = [chunk for members in by_steps.values() for chunk in _shared_out(members)]

        def embed_chunk(members: list[int]) -> None:
            chunk = [loops[index] for index in members]
            found[members] = self._encoder.embed(self._hearing.hear(chunk), rows_of(chunk))

        # Nearly all of it is matrix products, which let other threads run.
        list((map if len(chunks) < 2 else _threads().map)(embed_chunk, chunks))
        return found

    def judge(self, loops: Sequence[Loop], heard: Sequence[Heard]) -> list[Candidate]:
        """Return what the critic thinks of `loops`, given what was heard."""
        if not loops:
            return []
        known = self._with_embeddings(heard)
        embeddings = self.embed(loops)
        judged = self._judge(self._taste(known), embeddings)
        return [_candidate(loop, embeddings, judged, index, "given") for index, loop in enumerate(loops)]

    def propose(self, heard: Sequence[Heard], controls: Controls | None = None) -> Candidate:
        """Return the next loop to be rated, given what was heard; `controls` say what this one is to be like."""
        steered = self._steered(controls)
        generator: Generator = steered or self._generator
        near = partial(self._near, generator)
        known = self._with_embeddings(heard)
        taste = self._taste(known)
        rng = np.random.default_rng([self._seed, len(known)])

        def score(loops: Sequence[Loop]) -> tuple[NDArray[np.float32], Judgement]:
            embeddings = self.embed(loops)
            return embeddings, self._judge(taste, embeddings)

        settings = steered.search if steered else self.settings
        if settings.algorithm in WALKS:
            found = walk(score, generator, settings, rng, greedy=settings.algorithm == "hill_climb")
            return _candidate(found.loops[0], found.embeddings, found.judgement, 0, found.origins[0])
        based = steered is not None and steered.controls.base is not None
        opening = self._prior is None and len(known) < settings.openers and not based
        if opening:
            scored, _ = evolve(score, generator, near, (), replace(settings, algorithm="random"), rng)
            index = _opener(scored.embeddings, known)
            return _candidate(scored.loops[index], scored.embeddings, scored.judgement, index, "opener")
        parents = self._parents(known, taste)
        if steered:
            parents = steered.parents(parents, np.random.default_rng([self._seed, len(known), 1]))
        self._neighbours.refresh([loop for loop, _ in parents], rng)
        novelty = Novelty(known, settings.novelty)
        scored, merits = evolve(score, generator, near, parents, settings, rng, novelty)
        if steered:
            merits = merits - (float(np.std(merits)) + 1e-9) * steered.astray(scored.loops)
        index = self._choose(scored, merits, known, settings)
        return _candidate(scored.loops[index], scored.embeddings, scored.judgement, index, scored.origins[index])

    def experience(self, heard: Sequence[Heard]) -> SavedCritic:
        """Return the critic that learned from what was heard and rated, to be saved or shared."""
        rated = [entry for entry in self._with_embeddings(heard) if entry.liked is not None]
        embeddings = np.stack([entry.embedding for entry in rated if entry.embedding is not None])
        liked = np.array([bool(entry.liked) for entry in rated])
        return SavedCritic(self.encoder_sha256, (Experience(embeddings, liked),))

    def _steered(self, controls: Controls | None) -> Steered | None:
        if controls is None or controls == Controls():
            return None
        if self._steer is None:
            raise InvalidParameter("controls must be None for an engine that nothing steers")
        return self._steer(controls)

    def _near(self, generator: Generator, sound: Sound, rng: np.random.Generator) -> Sound:
        near = self._neighbours.draw(sound, rng)
        if near is None or not may_replace(generator, sound, near):
            return generator.draw_sound(sound, rng)
        return near

    def _with_embeddings(self, heard: Sequence[Heard]) -> list[Heard]:
        missing = [index for index, entry in enumerate(heard) if entry.embedding is None]
        if not missing:
            return list(heard)
        made = self.embed([heard[index].loop for index in missing])
        whole = list(heard)
        for index, embedding in zip(missing, made, strict=True):
            whole[index] = replace(whole[index], embedding=embedding)
        return whole

    def _taste(self, heard: Sequence[Heard]) -> Taste:
        rated = [entry for entry in heard if entry.liked is not None]
        values = self._encoder.values
        embeddings = np.array([entry.embedding for entry in rated], dtype=np.float64).reshape(len(rated), values)
        liked = np.array([bool(entry.liked) for entry in rated], dtype=bool)
        key = embeddings.tobytes() + liked.tobytes()
        if self._fitted is None or self._fitted[0] != key:
            believed = None if self._prior is None else self._prior.logits(embeddings)
            self._fitted = (key, fit_taste(embeddings, liked, prior=believed))
        return self._fitted[1]

    def _judge(self, taste: Taste, embeddings: NDArray[np.float32]) -> Judgement:
        return taste.judge(embeddings, None if self._prior is None else self._prior.logits(embeddings))

    def _parents(self, heard: Sequence[Heard], taste: Taste) -> list[tuple[Loop, float]]:
        """Return the loops that were heard and are thought most of; never one that was disliked."""
        kept = [entry for entry in heard if entry.liked is not False]
        if not kept:
            return []
        judged = self._judge(taste, np.array([entry.embedding for entry in kept], dtype=np.float32))
        best = np.argsort(-judged.means, kind="stable")[:_MOST_PARENTS]
        return [(kept[index].loop, float(judged.means[index])) for index in best]

    def _choose(
        self, scored: Scored, merits: NDArray[np.float64], heard: Sequence[Heard], settings: SearchSettings
    ) -> int:
        """Return the candidate of most merit."""
        values = merits.copy()
        if settings.fresh_every and len(heard) % settings.fresh_every == settings.fresh_every - 1:
            values[np.array(scored.origins) != "random"] = -np.inf
        if not heard:
            return int(values.argmax())
        if settings.target == "surprising":
            best = np.argsort(-values, kind="stable")[:200]
            distance = _nearest(scored.embeddings[best], np.array([entry.embedding for entry in heard]))
            good = scored.judgement.scores[best] >= min(0.5, float(np.median(scored.judgement.scores[best])))
            return int(best[np.where(good, distance, -np.inf).argmax()])
        return int(values.argmax())


def _shared_out(members: list[int]) -> list[list[int]]:
    """Return `members` in equal parts, as many for each thread, so that none waits for another."""
    if len(members) <= _FEW:
        return [members]
    rounds = -(-len(members) // (_THREADS * _AT_ONCE))
    bounds = np.linspace(0, len(members), rounds * _THREADS + 1).round().astype(int).tolist()
    return [members[start:end] for start, end in pairwise(bounds)]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="hearing")


def _candidate(loop: Loop, embeddings: NDArray[np.float32], judged: Judgement, index: int, origin: str) -> Candidate:
    return Candidate(
        loop, embeddings[index].copy(), float(judged.scores[index]), float(judged.uncertainties[index]), origin
    )


def _opener(embeddings: NDArray[np.float32], heard: Sequence[Heard]) -> int:
    """Return a typical loop, far from all that was heard: the first is the most typical."""
    off = np.linalg.norm(embeddings - embeddings.mean(axis=0), axis=1)
    if not heard:
        return int(off.argmin())
    distance = _nearest(embeddings, np.array([entry.embedding for entry in heard]))
    return int(np.where(off <= np.quantile(off, 0.6), distance, -np.inf).argmax())


def _nearest(embeddings: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the distance to the nearest of `others`."""
    return np.asarray(np.linalg.norm(embeddings[:, None] - others[None], axis=2).min(axis=1), dtype=np.float64)
