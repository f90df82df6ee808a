"""What a participant's page asks and answers. Whose page it is, its cookie says: no address holds an id."""

from __future__ import annotations

import dataclasses
import logging
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from ghostnote.errors import GhostnoteError
from ghostnote.studio.errors import NotFound
from ghostnote.studio.study_site import Site, participant_of, site_of
from ghostnote.study.steps import trial_number

logger = logging.getLogger("ghostnote.studio")

router = APIRouter(prefix="/api/study")
TheSite = Annotated[Site, Depends(site_of)]
Me = Annotated[str, Depends(participant_of)]
PATIENCE_SECONDS = 20.0
MIDI_REPEATS = 4


class Answering(BaseModel):
    """An answer to a step, with the key of idempotency, and the times that the page measured."""

    model_config = ConfigDict(extra="forbid")
    trial: str = Field(max_length=40)
    answer: dict[str, Any]
    key: str = Field(max_length=100)
    times: dict[str, Any] | None = None


class Noting(BaseModel):
    """Something that happened on the page."""

    model_config = ConfigDict(extra="forbid")
    trial: str = Field(max_length=40)
    kind: str = Field(max_length=40)


@router.get("/step")
async def step(site: TheSite, me: Me) -> dict[str, Any]:
    """Return what comes next; `waiting` where its loop is still being made, and the page asks again."""
    with anyio.move_on_after(PATIENCE_SECONDS) as patience:
        # Again, for what was begun ahead may be another thing than what is needed now.
        while (job := await anyio.to_thread.run_sync(site.begin_work, me)) is not None:
            await job.result()
    if patience.cancelled_caught:
        return {"waiting": True, "step": None}
    return await anyio.to_thread.run_sync(_told, site, me)


@router.post("/answers")
def answer(body: Answering, site: TheSite, me: Me) -> dict[str, Any]:
    """Take an answer; when this returns it is on disk, and the next loop is being made."""
    if trial_number(body.trial) is not None:
        site.check_heard(me, body.trial)
    site.study.answer(me, body.trial, body.answer, body.key, body.times)
    try:
        site.begin_work(me)
    except GhostnoteError:
        logger.exception("proposing ahead failed; it is tried again when the page asks")
    return {"answered": body.trial}


@router.post("/events", status_code=204)
def note(body: Noting, site: TheSite, me: Me) -> None:
    """Keep that something happened: the page was shown, left, came back, or the sound was checked."""
    site.study.note(me, body.trial, body.kind)


@router.get("/sounds/{trial}/{which}")
def sound(trial: str, which: int, site: TheSite, me: Me) -> Response:
    """Give a sound of a step that was reached, as WAV."""
    content = site.study.sound(me, trial, which)
    site.note_sent(me, trial, which)
    # Never kept by the browser: the address is the same for everybody.
    return Response(content, media_type="audio/wav")


@router.get("/link")
def own_link(me: Me) -> dict[str, str]:
    """Return the participant's own link, to go on with in another browser."""
    return {"link": f"/p/{me}"}


@router.get("/result")
def result(site: TheSite, me: Me) -> dict[str, Any]:
    """Return a participant's own result, when everything is answered."""
    own = site.study.result(me)
    return {"before": own.before, "after": own.after, "loops": list(own.liked)}


@router.get("/loops/{name}")
def loop_file(name: str, site: TheSite, me: Me) -> Response:
    """Give one of a participant's best loops to take along: `trial-12.wav` or `trial-12.mid`."""
    trial, _, suffix = name.partition(".")
    if suffix not in ("wav", "mid") or trial not in (liked := site.study.result(me).liked):
        raise NotFound(f"loop must be one of your best, as .wav or .mid; got {name[:40]!r}")
    title = f"loop-{liked.index(trial) + 1}.{suffix}"
    if suffix == "wav":
        content, kind = site.study.sound(me, trial), "audio/wav"
    else:
        content, kind = _midi_of(site, me, trial), "audio/midi"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{title}"'})


def _told(site: Site, participant: str) -> dict[str, Any]:
    step = site.step(participant)
    told = dataclasses.asdict(step)
    told["wait_seconds"] = site.pause_left(participant, step)
    return {"waiting": False, "mark": site.mark(participant), "step": told}


def _midi_of(site: Site, participant: str, trial: str) -> bytes:
    from ghostnote.explore.convert import loop_to_track, voices_of
    from ghostnote.midi import midi_bytes

    number = trial_number(trial)
    assert number is not None
    loop = site.study.loop(participant, number)
    return midi_bytes(loop_to_track(loop, voices_of(loop, site.study.bank), repeats=MIDI_REPEATS))
