"""What those see who run a study, and those who took part: never an arm before the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """A participant as the operator sees it: how far, never which arm.

    Args:
        number: from 1.
        step: where it is.
        done, steps: how many steps are done, of how many.
        answers: trials that were answered.
        enrolled_at, last_at: UTC, ISO 8601.
        finished: whether all is answered.
    """

    number: int
    step: str
    done: int
    steps: int
    answers: int
    enrolled_at: str
    last_at: str
    finished: bool


@dataclass(frozen=True)
class Progress:
    """A study as the operator sees it.

    Args:
        planned: participants that are let in at most.
        enrolled, finished: how many.
        enough: whether the stopping rule, stated beforehand, says so.
        participants: each of them.
    """

    planned: int
    enrolled: int
    finished: int
    enough: bool
    participants: tuple[Seen, ...]


@dataclass(frozen=True)
class OwnResult:
    """What a participant may see at the end.

    Args:
        before, after: shares of liked loops, None in a listening test.
        liked: ids of the liked trials, best first, whose loops may be taken along.
    """

    before: float | None
    after: float | None
    liked: tuple[str, ...]
