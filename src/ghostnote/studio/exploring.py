"""What the explorer's routes share: the sessions, the proposals ahead, and how one becomes what a page sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import anyio.to_thread
from fastapi import Depends

from ghostnote.explore.records import HistoryItem
from ghostnote.studio.app import Studio, studio_of
from ghostnote.studio.exploring_models import ProposalText
from ghostnote.studio.proposing import Proposing
from ghostnote.studio.shelf import Shelf, proposal_text

_DESCRIBED_HERE = 2


def shelf_of(studio: Annotated[Studio, Depends(studio_of)]) -> Shelf:
    """Return the sessions of the studio."""
    return studio.part(Shelf, lambda: Shelf(studio.places))


def proposing_of(studio: Annotated[Studio, Depends(studio_of)]) -> Proposing:
    """Return what proposes."""
    return studio.part(Proposing, lambda: Proposing(shelf_of(studio), studio.workers, studio.places))


StudioOf = Annotated[Studio, Depends(studio_of)]
ShelfOf = Annotated[Shelf, Depends(shelf_of)]
ProposingOf = Annotated[Proposing, Depends(proposing_of)]


async def proposal_texts(
    id: str, items: Sequence[HistoryItem], shelf: Shelf, proposing: Proposing
) -> list[ProposalText]:
    """Return what a page sees of proposals of a session; many that are not described yet are left to a worker."""
    lacking = shelf.unknown([item.proposal for item in items])
    if len(lacking) > _DESCRIBED_HERE:
        for text in await proposing.call(id, "describe", ids=lacking):
            shelf.learn_text(text)

    def told() -> list[ProposalText]:
        return [proposal_text(item, shelf.describe(item.proposal)) for item in items]

    return await anyio.to_thread.run_sync(told)
