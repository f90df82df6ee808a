"""What an engine learns from and what it gives back: the words between sessions and engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop

if TYPE_CHECKING:
    from ghostnote.critic import SavedCritic
    from ghostnote.explore.controls import Controls


@dataclass(frozen=True, eq=False)
class Heard:
    """A loop that was proposed, and what the person said.

    Args:
        loop: as proposed.
        embedding: `(values,)`, of the engine's present encoder; None where it has to be computed again.
        liked: None if it was skipped, not rated yet, or the rating was undone.
    """

    loop: Loop
    embedding: NDArray[np.float32] | None
    liked: bool | None


@dataclass(frozen=True, eq=False)
class Candidate:
    """A loop and what the critic thinks of it.

    Args:
        loop: what to play.
        embedding: `(values,)`.
        score: P(like), 0…1.
        uncertainty: standard deviation of that probability, 0…1.
        origin: which part of the search it comes from, for people and reports.
    """

    loop: Loop
    embedding: NDArray[np.float32]
    score: float
    uncertainty: float
    origin: str


class Proposer(Protocol):
    """What a session needs of an engine. Both are pure: the same `heard` gives the same answer."""

    @property
    def encoder_sha256(self) -> str:
        """Identity of the encoder: embeddings of another one are of no use."""
        ...

    def propose(self, heard: Sequence[Heard], controls: Controls | None = None) -> Candidate:
        """Return the next loop to be rated; `controls` say what this one is to be like, or nothing."""
        ...

    def judge(self, loops: Sequence[Loop], heard: Sequence[Heard]) -> list[Candidate]:
        """Return what the critic thinks of `loops`."""
        ...

    def experience(self, heard: Sequence[Heard]) -> SavedCritic:
        """Return the critic that learned from what was heard and rated, to be saved or shared."""
        ...
