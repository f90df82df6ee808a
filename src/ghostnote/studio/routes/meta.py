"""What this studio has: styles, voices, kits, drum maps, families of sounds, limits."""

from __future__ import annotations

from functools import lru_cache

from fastapi import APIRouter
from pydantic import BaseModel

from ghostnote import __version__
from ghostnote.studio import uploads

router = APIRouter(prefix="/api", tags=["meta"])


class VoiceText(BaseModel):
    """A voice, and what people call it."""

    name: str
    label: str
    column: int


class KitText(BaseModel):
    """A kit, and how it sounds."""

    name: str
    description: str


class Meta(BaseModel):
    """What a page needs to know once."""

    version: str
    styles: list[str]
    voices: list[VoiceText]
    kits: list[KitText]
    drum_maps: list[str]
    families: list[str]
    limits: dict[str, float]
    synthesis_rate_hz: int


@router.get("/meta")
def meta() -> Meta:
    """Tell what this studio has."""
    return _meta()


@lru_cache(maxsize=1)
def _meta() -> Meta:
    from ghostnote.audio import KITS
    from ghostnote.groove import VOICES
    from ghostnote.midi import drum_maps
    from ghostnote.midi.smf import MAX_EVENTS, MAX_TRACKS
    from ghostnote.models.checkpoint import read_checkpoint
    from ghostnote.models.registry import chosen_folder
    from ghostnote.sounds.families import FAMILIES
    from ghostnote.sounds.sound import MASTER_RATE_HZ

    plays, writes = (read_checkpoint(chosen_folder(kind)).field("styles") for kind in ("performer", "composer"))
    return Meta(
        version=__version__,
        styles=sorted(set(plays) & set(writes)),
        voices=[VoiceText(name=voice, label=_label(voice), column=voice.column) for voice in VOICES],
        kits=[KitText(name=kit.name, description=kit.description) for kit in KITS.values()],
        drum_maps=list(drum_maps()),
        families=list(FAMILIES),
        limits={
            "midi_events": MAX_EVENTS,
            "midi_tracks": MAX_TRACKS,
            "json_bytes": uploads.JSON_LIMIT_BYTES,
            "midi_bytes": uploads.MIDI_LIMIT_BYTES,
            "one_shot_bytes": uploads.ONE_SHOT_LIMIT_BYTES,
            "session_bytes": uploads.SESSION_LIMIT_BYTES,
        },
        synthesis_rate_hz=MASTER_RATE_HZ,
    )


def _label(voice: str) -> str:
    """Return what people call a voice: `Closed hi-hat`."""
    return voice.replace("_", " ").replace("hihat", "hi-hat").capitalize()
