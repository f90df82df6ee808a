"""The engine: from everything that was heard and rated to the next loop. It learns first, and proposes then.

It keeps nothing but what can be computed again (spectra, embeddings): what it proposes is a function of its settings,
its seed and what was heard. So a session that is opened again goes on as if it had never been closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic.encoder import Encoder, load_encoder
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.saved import Experience, SavedCritic
from ghostnote.critic.taste import Judgement, Taste, fit_taste
from ghostnote.explore.generators import Generator, may_replace
from ghostnote.explore.heard import Candidate, Heard
from ghostnote.explore.neighbours import Neighbours
from ghostnote.explore.search import Scored, SearchSettings, evolve, walk
from ghostnote.loops import Loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound

DEFAULT_SEARCH = SearchSettings()

_AT_ONCE, _THREADS = 96, 2
_MOST_PARENTS = 16
_REMEMBERED = 40
"""The loops heard last, which proposals should not repeat."""

_FAR_PATTERN = 0.3
"""Share of cells in which a pattern must differ to be no repetition at all; random ones differ by half."""


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
    ) -> None:
        self.settings = settings
        self._generator, self._seed, self._prior = generator, seed, prior
        self._encoder = encoder or load_encoder()
        self._hearing = Hearing(bank)
        self._neighbours = Neighbours(pool, self.embed)
        self._fitted: tuple[bytes, Taste] | None = None

    @property
    def encoder_sha256(self) -> str:
        """Identity of the encoder: embeddings of another one are of no use."""
        return self._encoder.sha256

    def embed(self, loops: Sequence[Loop]) -> NDArray[np.float32]:
        """Return embeddings `(loops, values)`, rhythm in the first half, timbre in the second."""
        found = np.empty((len(loops), self._encoder.values), dtype=np.float32)
        by_steps: dict[int, list[int]] = {}
        for index, loop in enumerate(loops):
            by_steps.setdefault(loop.pattern.steps, []).append(index)
        chunks = [
            members[start : start + _AT_ONCE]
            for members in by_steps.values()
            for start in range(0, len(members), _AT_ONCE)
        ]

        def embed_chunk(members: list[int]) -> None:
            found[members] = self._encoder.embed(self._hearing.hear([loops[index] for index in members]))

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

    def propose(self, heard: Sequence[Heard]) -> Candidate:
        """Return the next loop to be rated, given what was heard."""
        known = self._with_embeddings(heard)
        taste = self._taste(known)
        rng = np.random.default_rng([self._seed, len(known)])

        def score(loops: Sequence[Loop]) -> tuple[NDArray[np.float32], Judgement]:
            embeddings = self.embed(loops)
            return embeddings, self._judge(taste, embeddings)

        settings = self.settings
        if settings.algorithm in ("metropolis", "hill_climb"):
            found = walk(score, self._generator, settings, rng, greedy=settings.algorithm == "hill_climb")
            return _candidate(found.loops[0], found.embeddings, found.judgement, 0, found.origins[0])
        opening = self._prior is None and len(known) < settings.openers
        if opening:
            scored, _ = evolve(score, self._generator, self._near, (), replace(settings, algorithm="random"), rng)
            index = _opener(scored.embeddings, known)
            return _candidate(scored.loops[index], scored.embeddings, scored.judgement, index, "opener")
        parents = self._parents(known, taste)
        self._neighbours.refresh([loop for loop, _ in parents], rng)
        scored, merits = evolve(score, self._generator, self._near, parents, settings, rng)
        index = self._choose(scored, merits, known)
        return _candidate(scored.loops[index], scored.embeddings, scored.judgement, index, scored.origins[index])

    def experience(self, heard: Sequence[Heard]) -> SavedCritic:
        """Return the critic that learned from what was heard and rated, to be saved or shared."""
        rated = [entry for entry in self._with_embeddings(heard) if entry.liked is not None]
        embeddings = np.stack([entry.embedding for entry in rated if entry.embedding is not None])
        liked = np.array([bool(entry.liked) for entry in rated])
        return SavedCritic(self.encoder_sha256, (Experience(embeddings, liked),))

    def _near(self, sound: Sound, rng: np.random.Generator) -> Sound:
        near = self._neighbours.draw(sound, rng)
        if near is None or not may_replace(self._generator, sound, near):
            return self._generator.draw_sound(sound, rng)
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

    def _choose(self, scored: Scored, merits: NDArray[np.float64], heard: Sequence[Heard]) -> int:
        """Return the candidate of most merit, less what it repeats."""
        settings = self.settings
        values = merits.copy()
        if settings.fresh_every and len(heard) % settings.fresh_every == settings.fresh_every - 1:
            values[np.array(scored.origins) != "random"] = -np.inf
        if not heard:
            return int(values.argmax())
        # Only the best need be compared with what was heard.
        best = np.argsort(-values, kind="stable")[:200]
        spread = float(np.std(merits)) + 1e-9
        if settings.target == "surprising":
            distance = _nearest(scored.embeddings[best], np.array([entry.embedding for entry in heard]))
            good = scored.judgement.scores[best] >= min(0.5, float(np.median(scored.judgement.scores[best])))
            return int(best[np.where(good, distance, -np.inf).argmax()])
        repeated = _repetition([scored.loops[index] for index in best], [e.loop for e in heard[-_REMEMBERED:]])
        return int(best[(values[best] - 4.0 * settings.novelty * spread * repeated).argmax()])


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


def _repetition(loops: Sequence[Loop], heard: Sequence[Loop]) -> NDArray[np.float64]:
    """Return how much each of `loops` repeats one of those heard: 0 nothing … 1 its hits and its sounds."""
    alike = [other for other in heard if other.pattern.hits.shape == loops[0].pattern.hits.shape]
    if not alike:
        return np.zeros(len(loops))
    number: dict[Sound, int] = {}
    ours, theirs = (
        np.array([[number.setdefault(sound, len(number)) for sound in loop.sounds] for loop in group])
        for group in (loops, alike)
    )
    shared = (theirs[None, :, :, None] == ours[:, None, None, :]).any(axis=3).mean(axis=2)
    hits, others = (np.stack([loop.pattern.hits.ravel() for loop in group]) for group in (loops, alike))
    differ = (hits.sum(axis=1)[:, None] + others.sum(axis=1)[None] - 2.0 * hits @ others.T) / hits.shape[1]
    return np.asarray((0.5 * shared + 0.5 * np.maximum(0.0, 1.0 - differ / _FAR_PATTERN)).max(axis=1))
