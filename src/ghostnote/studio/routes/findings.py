"""What a session found: its best loops, where they lie, how it learned, and all of it as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query

from ghostnote.errors import InvalidParameter
from ghostnote.explore.records import in_force
from ghostnote.midi import drum_maps
from ghostnote.studio.exploring import ProposingOf, ShelfOf, StudioOf
from ghostnote.studio.exploring_models import ExportBody, JobStarted, Learning, ProposalText, TasteMap
from ghostnote.studio.learning import learning_curve, taste_map
from ghostnote.studio.places import download_url, safe_name
from ghostnote.studio.shelf import proposal_text

router = APIRouter(tags=["findings"])


@router.get("/sessions/{sid}/best")
async def best(
    sid: str, shelf: ShelfOf, proposing: ProposingOf, count: Annotated[int, Query(ge=1, le=500)] = 10
) -> list[ProposalText]:
    """List the liked loops that the critic, as it is now, likes most, with its present scores."""
    await anyio.to_thread.run_sync(shelf.session, sid)
    told = []
    for found in await proposing.call(sid, "best", count=count):
        shelf.learn_text(found["text"])
        item = await anyio.to_thread.run_sync(shelf.item, sid, found["id"])
        now = replace(item.proposal, score=found["score"], uncertainty=found["uncertainty"])
        told.append(proposal_text(replace(item, proposal=now), found["text"]))
    return told


@router.get("/sessions/{sid}/map")
def map_of_taste(sid: str, shelf: ShelfOf) -> TasteMap:
    """Tell where the loops and sounds of a session lie in what the critic hears."""
    return taste_map(shelf.session(sid).history())


@router.get("/sessions/{sid}/learning")
def learning(sid: str, shelf: ShelfOf) -> Learning:
    """Tell how the share of liked loops went, and what the critic had expected."""
    session = shelf.session(sid)
    scores = {item.proposal.id: item.proposal.score for item in session.history()}
    rated = sorted((row for row in in_force(session.log()).values() if row.liked is not None), key=lambda row: row.id)
    return learning_curve([(bool(row.liked), scores[row.proposal_id]) for row in rated])


@router.post("/sessions/{sid}/export", status_code=202)
async def export(sid: str, body: ExportBody, studio: StudioOf, shelf: ShelfOf, proposing: ProposingOf) -> JobStarted:
    """Begin to write loops as a zip file of WAV, MIDI, JSON and sounds; the job's result is its address."""
    session = await anyio.to_thread.run_sync(shelf.session, sid)
    if body.drum_map is not None and body.drum_map not in drum_maps():
        raise InvalidParameter(f"drum_map must be one of {', '.join(drum_maps())}; got {body.drum_map[:40]!r}")
    if body.ids is not None:
        for number in body.ids:
            await anyio.to_thread.run_sync(session.proposal, number)
    name = await anyio.to_thread.run_sync(lambda: session.name)
    folder, path = studio.places.new_download(f"{safe_name(name)}.zip")
    asked = body.model_dump()
    job = proposing.submit(
        sid, "export", urgent=False, lane=False, to=str(path), url=download_url(folder, path), **asked
    )
    return JobStarted(job=job.id)
