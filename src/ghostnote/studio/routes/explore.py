"""Exploring: the next proposal, what is said of it, and what came of it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, Query

from ghostnote.explore.records import HistoryItem, Judgement
from ghostnote.explore.store import UsedKey
from ghostnote.loops import decode_loop
from ghostnote.studio.errors import Conflict
from ghostnote.studio.exploring import ProposingOf, ShelfOf, proposal_texts
from ghostnote.studio.exploring_models import (
    CountsText,
    KeyBody,
    LoopBody,
    NextBody,
    ProposalsPage,
    ProposalText,
    Rated,
    RatingBody,
    Undone,
)
from ghostnote.studio.routes import findings, loops, sessions
from ghostnote.studio.shelf import Shelf

router = APIRouter(prefix="/api")
for part in (sessions, loops, findings):
    router.include_router(part.router)

Kind = Literal["all", "liked", "disliked", "skipped", "edited"]


@router.post("/sessions/{sid}/next", tags=["exploring"])
async def next_proposal(sid: str, body: NextBody, shelf: ShelfOf, proposing: ProposingOf) -> ProposalText:
    """Give the proposal that waits for an answer, or the next one. All ratings so far are learned before."""
    controls = body.controls.model_dump(exclude_defaults=True) if body.controls else None
    item = await proposing.next(sid, controls or None, fresh=body.fresh)
    return (await proposal_texts(sid, [item], shelf, proposing))[0]


@router.post("/sessions/{sid}/proposals/{pid}/rating", tags=["exploring"])
async def rate(sid: str, pid: int, body: RatingBody, shelf: ShelfOf, proposing: ProposingOf) -> Rated:
    """Keep a rating. When this answers, it is on disk."""

    def keep() -> CountsText:
        session = shelf.session(sid)
        shelf.item(sid, pid)
        return _said(shelf, sid, lambda: session.rate(pid, liked=body.liked, key=body.key))

    counts = await anyio.to_thread.run_sync(keep)
    await proposing.answered(sid)
    return Rated(counts=counts)


@router.post("/sessions/{sid}/proposals/{pid}/skip", tags=["exploring"])
async def skip(sid: str, pid: int, body: KeyBody, shelf: ShelfOf, proposing: ProposingOf) -> Rated:
    """Keep that a proposal is neither liked nor disliked."""

    def keep() -> CountsText:
        session = shelf.session(sid)
        shelf.item(sid, pid)
        return _said(shelf, sid, lambda: session.skip(pid, key=body.key))

    counts = await anyio.to_thread.run_sync(keep)
    await proposing.answered(sid)
    return Rated(counts=counts)


@router.post("/sessions/{sid}/undo", tags=["exploring"])
async def undo(sid: str, body: KeyBody, shelf: ShelfOf, proposing: ProposingOf) -> Undone:
    """Take back the last rating or skip that still holds, and give its proposal."""
    taken: list[Judgement] = []

    def keep() -> CountsText:
        session = shelf.session(sid)
        return _said(shelf, sid, lambda: taken.append(session.undo(key=body.key)))

    counts = await anyio.to_thread.run_sync(keep)
    await proposing.answered(sid)
    item = await anyio.to_thread.run_sync(shelf.item, sid, taken[0].proposal_id)
    return Undone(proposal=(await proposal_texts(sid, [item], shelf, proposing))[0], counts=counts)


@router.post("/sessions/{sid}/loops", tags=["exploring"])
async def add_loop(sid: str, body: LoopBody, shelf: ShelfOf, proposing: ProposingOf) -> ProposalText:
    """Make an edited loop a proposal that can be rated; the one that is there already if it sounds the same."""
    decode_loop(body.loop)  # refuses here what no worker needs to see
    await anyio.to_thread.run_sync(shelf.session, sid)
    added = await proposing.call(sid, "add_loop", loop=body.loop)
    shelf.learn_text(added["text"])
    await proposing.answered(sid)
    item = await anyio.to_thread.run_sync(shelf.item, sid, added["id"])
    return (await proposal_texts(sid, [item], shelf, proposing))[0]


@router.get("/sessions/{sid}/proposals", tags=["exploring"])
async def list_proposals(
    sid: str,
    shelf: ShelfOf,
    proposing: ProposingOf,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    kind: Kind = "all",
) -> ProposalsPage:
    """List proposals in order, those whose number is above `after`, and how many there are of the kind."""
    session = await anyio.to_thread.run_sync(shelf.session, sid)
    history = await anyio.to_thread.run_sync(session.history)
    fitting = [item for item in history if _is(item, kind)]
    items = [item for item in fitting if item.proposal.id > after][:limit]
    return ProposalsPage(items=await proposal_texts(sid, items, shelf, proposing), total=len(fitting))


@router.get("/sessions/{sid}/proposals/{pid}", tags=["exploring"])
async def read_proposal(sid: str, pid: int, shelf: ShelfOf, proposing: ProposingOf) -> ProposalText:
    """Give a proposal."""
    item = await anyio.to_thread.run_sync(shelf.item, sid, pid)
    return (await proposal_texts(sid, [item], shelf, proposing))[0]


def _said(shelf: Shelf, sid: str, say: Callable[[], object]) -> CountsText:
    """Say something, and return the counts after it.

    Raises:
        Conflict: its key came with something else before.
    """
    try:
        say()
    except UsedKey as error:
        raise Conflict(str(error)) from error
    return CountsText.of(shelf.session(sid).counts)


def _is(item: HistoryItem, kind: Kind) -> bool:
    match kind:
        case "liked":
            return item.liked is True
        case "disliked":
            return item.liked is False
        case "skipped":
            return item.skipped
        case "edited":
            return item.proposal.origin == "edited"
    return True
