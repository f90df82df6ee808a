"""Sounds: what there is, one-shots of the user, and audio that a session begins with."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Request

from ghostnote.errors import GhostnoteError
from ghostnote.sounds.families import FAMILIES
from ghostnote.sounds.found import find_libraries
from ghostnote.sounds.index import read_index
from ghostnote.sounds.roles import role_of
from ghostnote.sounds.sound import MASTER_RATE_HZ, encode_sound
from ghostnote.studio.exploring import ShelfOf, StudioOf
from ghostnote.studio.exploring_models import (
    FamilyText,
    HeardText,
    PlaceOfSounds,
    SampleText,
    SoundsText,
    WarmStartText,
)
from ghostnote.studio.uploads import ONE_SHOT_LIMIT_BYTES, read_body
from ghostnote.studio.warm_starts import Side, WarmStarts

router = APIRouter(prefix="/api", tags=["sounds"])

_LONGEST_NAME = 80


@router.get("/sounds")
def list_sounds(shelf: ShelfOf) -> SoundsText:
    """List families of ours, folders that the user added, libraries that are installed, and one-shots of the user."""
    return SoundsText(
        families=[FamilyText(name=family.name, about=family.description) for family in FAMILIES.values()],
        folders=_folders(),
        found=[
            PlaceOfSounds(id=library.name, name=library.title, sounds=len(library.listing.files))
            for library in find_libraries()
        ],
        samples=[SampleText(sound=encode_sound(sound), name=sound.name) for sound in shelf.samples.sounds()],
    )


@router.post("/sounds/samples", status_code=201)
async def add_sample(request: Request, shelf: ShelfOf, name: str = "one-shot") -> SampleText:
    """Take a one-shot in."""
    content = await read_body(request, ONE_SHOT_LIMIT_BYTES)

    def add() -> SampleText:
        recording = shelf.samples.add(content, _stem(name))
        shelf.bank.add(recording.sound, recording.audio)
        return SampleText(
            sound=encode_sound(recording.sound),
            name=recording.sound.name,
            role=role_of(recording.sound, recording.audio).value,
            seconds=len(recording.audio) / MASTER_RATE_HZ,
        )

    return await anyio.to_thread.run_sync(add)


@router.post("/warm-starts", status_code=201)
def begin_warm_start(studio: StudioOf) -> WarmStartText:
    """Begin to gather audio for a session to begin with."""
    return WarmStartText(id=WarmStarts.of(studio).begin())


@router.post("/warm-starts/{id}/{side}", status_code=201)
async def add_to_warm_start(id: str, side: Side, request: Request, studio: StudioOf, name: str = "audio") -> HeardText:
    """Hear a file that is liked or disliked; one that can not be used is refused, and the others stay."""
    content = await read_body(request, ONE_SHOT_LIMIT_BYTES)
    heard = await WarmStarts.of(studio).add(id, side, content, name[:_LONGEST_NAME])
    return HeardText(name=name[:_LONGEST_NAME], **heard)


def _folders() -> list[PlaceOfSounds]:
    try:
        known = read_index()
    except GhostnoteError as error:
        return [PlaceOfSounds(id="", name="sounds that were added", sounds=0, problem=str(error))]
    return [
        PlaceOfSounds(
            id=str(folder.folder),
            name=folder.label,
            sounds=sum(file.sound is not None for file in folder.files),
            problem=folder.gone or None,
        )
        for folder in known
    ]


def _stem(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return (stem if dot and len(ending) <= 4 else name)[:_LONGEST_NAME] or "one-shot"
