"""What participants taught: a critic of each, at each stage, and of all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.critic import Encoder, Experience, Hearing, SavedCritic, combine_critics, load_encoder
from ghostnote.critic.rows import rows_of
from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.loops import Loop
from ghostnote.sounds.bank import SoundBank
from ghostnote.study.results import Person, Rating

STAGES = ("phase-1-half", "phase-1", "all")
"""After half of phase I, after phase I, and after all ratings, those of phase II among them."""

_AT_ONCE = 96


@dataclass(frozen=True)
class Liked:
    """A loop as all participants together see it.

    Args:
        participant, number: whose trial it was.
        loop: that was heard.
        score: mean P(like) over people.
        liked: what its own participant said.
    """

    participant: int
    number: int
    loop: Loop
    score: float
    liked: bool


class Embedded:
    """The loops of people as the critic's encoder hears them, each heard once.

    Args:
        people: whose loops.
        bank: holds their sounds.
        encoder: that hears; the shipped one if None.
    """

    def __init__(self, people: Sequence[Person], bank: SoundBank, encoder: Encoder | None = None) -> None:
        self.encoder = encoder or load_encoder()
        loops = {rating.loop.key: rating.loop for person in people for rating in person.ratings}
        hearing = Hearing(bank)
        self._rows: dict[str, NDArray[np.float32]] = {}
        by_steps: dict[int, list[Loop]] = {}
        for loop in loops.values():
            by_steps.setdefault(loop.pattern.steps, []).append(loop)
        for group in by_steps.values():
            for start in range(0, len(group), _AT_ONCE):
                chunk = group[start : start + _AT_ONCE]
                embeddings = self.encoder.embed(hearing.hear(chunk), rows_of(chunk))
                for loop, row in zip(chunk, embeddings, strict=True):
                    self._rows[loop.key] = row

    def of(self, loops: Sequence[Loop]) -> NDArray[np.float32]:
        """Return the embeddings `(loops, values)`."""
        return np.array([self._rows[loop.key] for loop in loops], dtype=np.float32).reshape(
            len(loops), self.encoder.values
        )

    def critic(self, ratings: Sequence[Rating]) -> SavedCritic | None:
        """Return what `ratings` taught; None if there are none."""
        if not ratings:
            return None
        liked = np.array([rating.liked for rating in ratings])
        experience = Experience(self.of([rating.loop for rating in ratings]), liked)
        return SavedCritic(self.encoder.sha256, (experience,))


def critics_at_stages(person: Person, embedded: Embedded) -> dict[str, SavedCritic]:
    """Return the critic of a participant at each stage that it reached; of the warm-up nothing is learned."""
    first = [rating for rating in person.ratings if rating.phase == "one"]
    later = [rating for rating in person.ratings if rating.phase == "two"]
    stages: Mapping[str, list[Rating]] = {
        "phase-1-half": first[: len(first) // 2],
        "phase-1": first,
        "all": [*first, *later] if later else [],
    }
    made = {name: embedded.critic(ratings) for name, ratings in stages.items()}
    return {name: critic for name, critic in made.items() if critic is not None}


def critic_of_all(people: Sequence[Person], embedded: Embedded) -> SavedCritic:
    """Return the critic that stands for all `people` with equal weight.

    Raises:
        InvalidInput: nobody rated anything.
    """
    critics = [critics_at_stages(person, embedded) for person in people]
    last = [stages.get("all", stages.get("phase-1")) for stages in critics]
    there = [critic for critic in last if critic is not None]
    if not there:
        raise InvalidInput("a critic must have learned from a rating at least; nobody rated anything yet")
    return combine_critics(there)


def most_liked(people: Sequence[Person], embedded: Embedded, count: int | None = None) -> list[Liked]:
    """Return the loops of all `people`, those first that everybody together is thought to like most; none twice.

    Args:
        people: whose loops, and whose taste.
        embedded: their loops.
        count: at most so many; all if None.
    """
    if count is not None and count < 1:
        raise InvalidParameter(f"count must be at least 1; got {count}")
    critic = critic_of_all(people, embedded)
    entries: dict[str, tuple[Person, Rating]] = {}
    for person in people:
        for rating in person.ratings:
            if rating.repeats is None:
                entries.setdefault(rating.loop.key, (person, rating))
    scores = critic.score(embedded.of([rating.loop for _, rating in entries.values()]))
    found = [
        Liked(person.number, rating.number, rating.loop, float(score), rating.liked)
        for (person, rating), score in zip(entries.values(), scores, strict=True)
    ]
    return sorted(found, key=lambda one: (-one.score, one.participant, one.number))[:count]
