"""Kits as the page sets them up: settings to shapes, and how the renderer chooses its sounds, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ghostnote.audio import KITS, Kit, Sample, Shape, load_kit
from ghostnote.audio.render import CHOKE_SECONDS, SAME_STROKE_SECONDS
from ghostnote.groove import VOICES, Voice
from ghostnote.sounds.sound import MASTER_RATE_HZ, Sound, decode_sound

SHOT_GAIN = 0.5
"""With which a shot is sent as 16-bit audio: the hottest of ours peaks at 1.3."""

TAKES_TOLD = 1_024

AudioOf = Callable[[Sound], "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"]


def shape_of(settings: Mapping[str, Any], audio_of: AudioOf) -> Shape:
    """Return the shape that the settings of one voice describe.

    Args:
        settings: tune, decay, level_db, pan, sample, mutation; what is missing changes nothing.
        audio_of: gives the samples of a sound, in mono at 44.1 kHz.

    Raises:
        InvalidParameter: a number is out of range, or the sample is nowhere to be found.
        InvalidInput: the sample is no sound.
    """
    sample = settings.get("sample")
    return Shape(
        tune_semitones=float(settings.get("tune", 0.0)),
        decay=float(settings.get("decay", 1.0)),
        level_db=float(settings.get("level_db", 0.0)),
        pan=float(settings.get("pan", 0.0)),
        sample=None if sample is None else Sample(audio_of(decode_sound(sample)), MASTER_RATE_HZ),
        mutation=settings.get("mutation"),
    )


def kit_of(settings: Mapping[str, Any], audio_of: AudioOf) -> Kit:
    """Return the kit that `KitSettings` describe; errors as of `shape_of`."""
    shapes = {Voice(name): shape_of(own, audio_of) for name, own in settings["voices"].items()}
    return load_kit(settings["name"]).shaped(shapes)


def describe_kits() -> list[dict[str, Any]]:
    """Return every kit, with the rules by which `ghostnote.render` plays it, so that a page can play the same.

    A note of MIDI velocity `v` of a voice, the `n`-th of that voice from the start, sounds as the shot of layer
    `max(i for which layer_from[i] <= v)` and take `take_order[voice][n]`, times `(v / 127) ** dynamics / shot_gain`.
    """
    return [_describe(kit) for kit in KITS.values()]


def _describe(kit: Kit) -> dict[str, Any]:
    layers = [kit.layer_of(velocity) for velocity in range(1, 128)]
    voices = []
    for voice in VOICES:
        own = [pitch for pitch, channel in kit.articulations.items() if _voice_of(pitch) is voice and channel]
        voices.append(
            {
                "voice": str(voice),
                "dynamics": kit.channels[voice].dynamics,
                "articulations": [{"pitch": p, "dynamics": kit.articulations[p].dynamics} for p in sorted(own)],
            }
        )
    return {
        "name": kit.name,
        "description": kit.description,
        "layers": kit.velocity_layers,
        "takes": kit.round_robins,
        "layer_from": [layers.index(layer) + 1 for layer in range(kit.velocity_layers)],
        "gain_rule": "(velocity / 127) ** dynamics",
        "shot_gain": SHOT_GAIN,
        "voices": voices,
        "take_order": {str(voice): take_order(voice, kit.round_robins) for voice in VOICES},
        "choke": {
            "closing": str(Voice.CLOSED_HIHAT),
            "choked": str(Voice.OPEN_HIHAT),
            "seconds": CHOKE_SECONDS,
            "same_stroke_seconds": SAME_STROKE_SECONDS,
        },
    }


def take_order(voice: Voice, takes: int, seed: int = 0) -> str:
    """Return the takes of the first hits of `voice` in a render of that seed, a digit each."""
    from ghostnote.audio.render import choose_takes

    return "".join(map(str, choose_takes(voice, TAKES_TOLD, takes, seed).tolist()))


def _voice_of(pitch: int) -> Voice | None:
    from ghostnote.midi import drum_map

    return drum_map().voice_of(pitch)
