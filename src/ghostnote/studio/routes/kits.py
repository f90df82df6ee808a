"""Kits: how they play, one sound of them, and kits that a person set up."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove import Voice
from ghostnote.storage import writing
from ghostnote.studio.app import Studio, studio_of
from ghostnote.studio.errors import NotFound
from ghostnote.studio.freshness import kept_sound, sound_answer
from ghostnote.studio.groove_bodies import LARGEST_SEED, KitAnswer, OwnKit, OwnKitBody
from ghostnote.studio.places import Places

router = APIRouter(prefix="/api/kits", tags=["kits"])

StudioOf = Annotated[Studio, Depends(studio_of)]

_AT_ONCE = 2
_MOST_KITS = 500


@router.get("", response_model=list[KitAnswer])
def kits() -> list[dict[str, Any]]:
    """List the kits, each with the rules by which the renderer chooses layer, take and gain of a hit."""
    return _kits()


@lru_cache(maxsize=1)
def _kits() -> list[dict[str, Any]]:
    from ghostnote.studio.kit_settings import describe_kits

    return describe_kits()


@router.get("/own")
def own_kits(studio: StudioOf) -> list[OwnKit]:
    """List the kits that were set up, by title."""
    found = []
    for path in sorted(studio.places.kits.glob("*.json")):
        try:
            found.append(_read_kit(studio.places, path.stem))
        except (NotFound, InvalidInput):  # a stray file, or one of another version: the others can be listed
            continue
    return sorted(found, key=lambda kit: (kit.title, kit.id))


@router.get("/own/{id}")
def own_kit(id: str, studio: StudioOf) -> OwnKit:
    """Return a kit that was set up."""
    return _read_kit(studio.places, id)


@router.put("/own/{id}")
def keep_kit(id: str, body: OwnKitBody, studio: StudioOf) -> OwnKit:
    """Keep a kit under an id of the page's choice."""
    from ghostnote.audio import load_kit
    from ghostnote.sounds.sound import decode_sound

    load_kit(body.name)
    for own in body.voices.values():
        if own.sample is not None:
            decode_sound(own.sample)
    path = studio.places.kit(id)
    if not path.exists() and len(list(studio.places.kits.glob("*.json"))) >= _MOST_KITS:
        raise InvalidParameter(f"kits must be at most {_MOST_KITS}; there are as many. Delete one that you do not need")
    try:
        with writing(path, overwrite=True) as stream:
            stream.write(json.dumps(body.model_dump(mode="json")).encode())
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the kit can not be written to {path}: {error.strerror}") from error
    return OwnKit(id=id, **body.model_dump())


@router.delete("/own/{id}", status_code=204)
def drop_kit(id: str, studio: StudioOf) -> Response:
    """Forget a kit."""
    try:
        studio.places.kit(id).unlink()
    except FileNotFoundError:
        raise NotFound(f"kit must be one that was kept; got {id}") from None
    return Response(status_code=204)


@router.get("/{kit}/shot", response_class=Response, responses={200: {"content": {"audio/wav": {}}}})
async def shot(
    kit: str,
    request: Request,
    studio: StudioOf,
    voice: Voice,
    pitch: Annotated[int | None, Query(ge=0, le=127)] = None,
    layer: Annotated[int, Query(ge=0, le=15)] = 0,
    take: Annotated[int, Query(ge=0, le=15)] = 0,
    rate: Annotated[int, Query(ge=8_000, le=192_000)] = 48_000,
    tune: Annotated[float, Query(ge=-12.0, le=12.0)] = 0.0,
    decay: Annotated[float, Query(ge=0.2, le=2.0)] = 1.0,
    mutation: Annotated[int | None, Query(ge=0, le=LARGEST_SEED)] = None,
    sample: Annotated[str | None, Query(max_length=4_096)] = None,
) -> Response:
    """Give one take as the renderer uses it, before level and pan of the settings, times `shot_gain`.

    `sample` is the base64url of a sound's JSON.
    """
    if (kept := kept_sound(request)) is not None:
        return kept
    text = None if not sample else _decoded(sample)
    limiter = studio.part(_Shots, _Shots).limiter

    def make() -> bytes:
        return _shot(studio.places, kit, voice, pitch, layer, take, rate, tune, decay, mutation, text)

    data = await anyio.to_thread.run_sync(make, limiter=limiter)
    return sound_answer(data)


class _Shots:
    """Lets few be made at once, so that whoever else asks is not kept waiting."""

    def __init__(self) -> None:
        self.limiter = anyio.CapacityLimiter(_AT_ONCE)


@lru_cache(maxsize=64)
def _shot(
    places: Places,
    kit_name: str,
    voice: Voice,
    pitch: int | None,
    layer: int,
    take: int,
    rate: int,
    tune: float,
    decay: float,
    mutation: int | None,
    sample: str | None,
) -> bytes:
    from ghostnote.audio import KITS, OneShots
    from ghostnote.studio.kit_settings import SHOT_GAIN, shape_of
    from ghostnote.studio.own_sounds import sound_bank
    from ghostnote.studio.wave import wave_bytes

    if kit_name not in KITS:
        raise NotFound(f"kit must be one of {', '.join(KITS)}; got {kit_name[:40]!r}")
    kit = KITS[kit_name]
    for name, value, count in (("layer", layer, kit.velocity_layers), ("take", take, kit.round_robins)):
        if value >= count:
            raise InvalidParameter(f"{name} must lie in 0…{count - 1}; got {value}")
    settings = {"tune": tune, "decay": decay, "mutation": mutation, "sample": sample and json.loads(sample)}
    shaped = kit.shaped({voice: shape_of(settings, sound_bank(places).audio)})
    return wave_bytes(OneShots(shaped, rate).shot(voice, layer, take, pitch) * SHOT_GAIN, rate)


def _decoded(sample: str) -> str:
    """Return the JSON in `sample`, base64url with or without its padding."""
    import base64
    import binascii

    try:
        text = base64.b64decode(sample + "=" * (-len(sample) % 4), altchars=b"-_", validate=True).decode()
        json.loads(text)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidParameter(f"sample must be a sound's JSON in base64url; got {sample[:40]!r}") from error
    return text


def _read_kit(places: Places, id: str) -> OwnKit:
    path = places.kit(id)
    try:
        return OwnKit(id=id, **json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise NotFound(f"kit must be one that was kept; got {id}") from None
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"the kit {id} is damaged, or of a newer version") from error
