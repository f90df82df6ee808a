"""Tasks: each POST checks what it got and starts a job, whose result is `{"beats": [Beat, …]}`, one for each seed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool

from ghostnote.errors import InvalidParameter
from ghostnote.studio.app import Studio, studio_of
from ghostnote.studio.beats import BeatStore
from ghostnote.studio.groove_bodies import (
    Body,
    ContinueBody,
    DrumifyBody,
    GenerateBody,
    HumanizeBody,
    InfillBody,
    InterpolateBody,
    JobAnswer,
    TransferBody,
    VaryBody,
)
from ghostnote.tasks.pad import LEAST_STEPS, MOST_STEPS

router = APIRouter(prefix="/api/tasks", tags=["tasks"])

StudioOf = Annotated[Studio, Depends(studio_of)]


@router.post("/humanize", status_code=202)
async def humanize(body: HumanizeBody, studio: StudioOf) -> JobAnswer:
    """Play a beat as a drummer would."""
    return await _start("humanize", body, studio, drums=[body.beat])


@router.post("/drumify", status_code=202)
async def drumify(body: DrumifyBody, studio: StudioOf) -> JobAnswer:
    """Make drums that follow a rhythm."""
    return await _start("drumify", body, studio, any_kind=[body.beat])


@router.post("/infill", status_code=202)
async def infill(body: InfillBody, studio: StudioOf) -> JobAnswer:
    """Write voices or bars of a beat anew, to fit the rest."""
    if not body.voices and body.bars is None:
        raise InvalidParameter("voices or bars must be given: infill writes these anew")
    return await _start("infill", body, studio, drums=[body.beat])


@router.post("/transfer", status_code=202)
async def transfer(body: TransferBody, studio: StudioOf) -> JobAnswer:
    """Play the notes of one beat with the feel of another."""
    return await _start("transfer", body, studio, drums=[body.score, body.groove])


@router.post("/vary", status_code=202)
async def vary(body: VaryBody, studio: StudioOf) -> JobAnswer:
    """Make neighbours of a beat."""
    return await _start("vary", body, studio, drums=[body.beat])


@router.post("/continue", status_code=202)
async def continue_beat(body: ContinueBody, studio: StudioOf) -> JobAnswer:
    """Go on from a beat."""
    return await _start("continue_", body, studio, drums=[body.beat])


@router.post("/generate", status_code=202)
async def generate(body: GenerateBody, studio: StudioOf) -> JobAnswer:
    """Make new beats."""
    return await _start("generate", body, studio)


@router.post("/interpolate", status_code=202)
async def interpolate(body: InterpolateBody, studio: StudioOf) -> JobAnswer:
    """Make the path between two beats, or a pad between three or four, row by row."""
    if len(body.beats) > 2 and not LEAST_STEPS <= body.steps <= MOST_STEPS:
        raise InvalidParameter(f"steps of a pad must lie in {LEAST_STEPS}…{MOST_STEPS}; got {body.steps}")
    return await _start("interpolate", body, studio, drums=body.beats)


async def _start(
    call: str, body: Body, studio: Studio, *, drums: list[str] | None = None, any_kind: list[str] | None = None
) -> JobAnswer:
    """Start a job on beats that are there, and of the right kind."""
    bars = getattr(body, "bars", None)
    if isinstance(bars, list) and bars[0] > bars[1]:
        raise InvalidParameter(f"bars must be first and last, with first <= last; got {bars[0]}-{bars[1]}")

    def check() -> None:
        store = BeatStore(studio.places)
        for id in drums or ():
            store.drums(id)
        for id in any_kind or ():
            store.find(id)

    await run_in_threadpool(check)
    arguments = {"home": str(studio.home), **body.model_dump(mode="json")}
    return JobAnswer(job=studio.workers.submit(f"ghostnote.studio.calls:{call}", arguments).id)
