"""What a session's file holds, as values."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ghostnote.loops import Loop, play_loop
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ

Kind = Literal["rate", "skip", "undo"]


@dataclass(frozen=True)
class Judgement:
    """A row of the log. Rows are only ever added.

    Args:
        id: its number, in the order of the log.
        kind: `rate`, `skip`, or `undo`.
        proposal_id: of the proposal that it is about.
        liked: of a `rate`, else None.
        undoes: of an `undo`, the row that it takes back, else None.
        key: the idempotency key that came with it, if any.
        made_at: UTC, ISO 8601.
    """

    id: int
    kind: Kind
    proposal_id: int
    liked: bool | None
    undoes: int | None
    key: str | None
    made_at: str


@dataclass(frozen=True, eq=False)
class Proposal:
    """A loop that the session proposed, or that was added to it.

    Args:
        id: its number, counted from 1.
        loop: what to play.
        score: P(like) when it was proposed, 0…1.
        uncertainty: standard deviation of that probability, 0…1.
        origin: which part of the search it comes from; `edited` if it was added.
        embedding: `(values,)`, by `encoder`.
        encoder: SHA-256 of the critic's encoder.
        made_at: UTC, ISO 8601.
        bank: holds its sounds.
    """

    id: int
    loop: Loop
    score: float
    uncertainty: float
    origin: str
    embedding: NDArray[np.float32] = field(repr=False)
    encoder: str = field(repr=False)
    made_at: str
    bank: SoundBank = field(repr=False)

    def audio(self, sample_rate_hz: int = MASTER_RATE_HZ, repeats: int = 1) -> Mono:
        """Return the loop as a person hears it, `(frames * repeats,)`; it goes round without a seam.

        Raises:
            InvalidParameter: a number is out of range, or a recording is missing.
        """
        return play_loop(self.loop, self.bank, sample_rate_hz, repeats=repeats)


@dataclass(frozen=True)
class HistoryItem:
    """A proposal and what the person said of it last, if that was not undone.

    Args:
        proposal: what was proposed.
        liked: None if it was not rated.
        skipped: whether it was skipped.
        judged_at: UTC, ISO 8601; None if nothing was said.
    """

    proposal: Proposal
    liked: bool | None
    skipped: bool
    judged_at: str | None


@dataclass(frozen=True)
class Counts:
    """How many proposals there are, and what was said of them; `unrated` are those that still wait."""

    proposals: int
    liked: int
    disliked: int
    skipped: int
    unrated: int


def in_force(log: Sequence[Judgement]) -> dict[int, Judgement]:
    """Return the judgement that holds for each proposal that has one: the last that was not undone."""
    undone = {row.undoes for row in log if row.undoes is not None}
    return {row.proposal_id: row for row in log if row.kind != "undo" and row.id not in undone}


def marks_of(proposals: int, log: Sequence[Judgement]) -> str:
    """Return what holds of each of so many proposals, in order: `+` liked, `-` disliked, `.` neither.

    What is proposed next depends on the session's settings, its loops and these marks alone.
    """
    standing = in_force(log)
    said = (standing[number].liked if number in standing else None for number in range(1, proposals + 1))
    return "".join("." if liked is None else "+" if liked else "-" for liked in said)


Clock = Callable[[], str]
"""Returns the time: UTC, ISO 8601."""


def utc_now() -> str:
    """Return the time: UTC, ISO 8601, to the millisecond."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def item_of(proposal: Proposal, row: Judgement | None) -> HistoryItem:
    """Return `proposal` with what holds of it."""
    if row is None:
        return HistoryItem(proposal, None, False, None)
    return HistoryItem(proposal, row.liked, row.kind == "skip", row.made_at)
