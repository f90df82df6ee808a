"""A kit: voices → designs with level, place and room; and the one-shots that a render asks of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.audio.room import Room, in_room
from ghostnote.audio.shaping import Shape, shaped_hit
from ghostnote.audio.synthesis import Design, strike
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice

_QUIET_DB = -66.0
"""A one-shot ends where it stays this far below its own peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One sound of a kit and its place in the mix.

    Args:
        design: what is struck.
        level_lufs: momentary loudness of one full hit; only differences between channels matter in the end.
        pan: -1 left … 1 right, as the audience sees the kit.
        room_db: energy of the room beside the direct sound.
        dynamics: loudness falls by `20 * dynamics * log10(velocity)` dB.
    """

    design: Design
    level_lufs: float
    pan: float = 0.0
    room_db: float = -18.0
    dynamics: float = 1.5


@dataclass(frozen=True)
class Kit:
    """Voices → sounds, as data; nothing is synthesised until a render asks for it.

    Args:
        name: identifier.
        description: one sentence for people who choose.
        channels: of all nine voices.
        articulations: MIDI pitch → a sound that differs from its voice's own (side stick, pedal hat, bell).
        room: shared by all channels.
        velocity_layers: number of timbres between the softest and the hardest hit; the gain between is continuous.
        round_robins: takes of each layer; no take follows itself.
        seed: of all takes.
        shapes: what a musician changed of single voices; see `shaped`.

    Raises:
        InvalidParameter: a voice is missing, or a number is out of range.
    """

    name: str
    description: str
    channels: Mapping[Voice, Channel]
    articulations: Mapping[int, Channel] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    velocity_layers: int = 6
    round_robins: int = 3
    seed: int = 0
    shapes: Mapping[Voice, Shape] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [voice for voice in VOICES if voice not in self.channels]
        if missing:
            raise InvalidParameter(
                f"kit {self.name!r} must have a channel for every voice; missing: {', '.join(missing)}"
            )
        if self.velocity_layers < 1 or self.round_robins < 1:
            raise InvalidParameter(
                f"velocity_layers and round_robins must be at least 1; got {self.velocity_layers}, {self.round_robins}"
            )
        object.__setattr__(self, "channels", MappingProxyType(dict(self.channels)))
        object.__setattr__(self, "articulations", MappingProxyType(dict(self.articulations)))
        object.__setattr__(self, "shapes", MappingProxyType(dict(self.shapes)))

    def shaped(self, shapes: Mapping[Voice, Shape]) -> Kit:
        """Return this kit with each of `shapes` in place of what was changed of that voice, its articulations too."""
        return replace(self, shapes={**self.shapes, **shapes})

    def channel_of(self, voice: Voice, pitch: int | None = None) -> Channel:
        """Return the channel that plays `pitch`, or the voice's own."""
        return self.articulations.get(pitch, self.channels[voice]) if pitch is not None else self.channels[voice]

    def layer_of(self, velocity: int) -> int:
        """Return the layer, from 0, that plays the MIDI `velocity` (1…127)."""
        return min(self.velocity_layers - 1, (velocity - 1) * self.velocity_layers // 127)


@dataclass(frozen=True, eq=False)
class OneShots:
    """The sounds of one kit at one sample rate, made when first asked for and kept.

    Args:
        kit: whose sounds.
        sample_rate_hz: of all of them.
    """

    kit: Kit
    sample_rate_hz: int
    _made: dict[tuple[Voice, int | None, int, int], NDArray[np.float32]] = field(default_factory=dict)

    def sound(self, voice: Voice, layer: int, take: int, pitch: int | None = None) -> NDArray[np.float32]:
        """Return one take, `(frames, 2)`, panned and in its room, at its channel's level for a full hit.

        Args:
            voice: which voice.
            layer: from `Kit.layer_of`.
            take: 0…`round_robins` - 1.
            pitch: of the note; matters only where the kit has an articulation for it.
        """
        key = (voice, pitch if pitch in self.kit.articulations else None, layer, take)
        if key not in self._made:
            shape = self.kit.shapes.get(voice)
            dry = self.shot(voice, layer, take, pitch)
            self._made[key] = dry if shape is None else dry * shape.sides
        return self._made[key]

    def shot(self, voice: Voice, layer: int, take: int, pitch: int | None = None) -> NDArray[np.float32]:
        """Return `sound` as it is before the level and the pan of the voice's `Shape`, made anew; same arguments."""
        return _make(
            self.kit, voice, pitch if pitch in self.kit.articulations else None, layer, take, self.sample_rate_hz
        )

    def gain(self, voice: Voice, velocity: int, pitch: int | None = None) -> float:
        """Return the linear gain of a hit of the MIDI `velocity` on top of `sound`."""
        return float((velocity / 127.0) ** self.kit.channel_of(voice, pitch).dynamics)


def _make(
    kit: Kit,
    voice: Voice,
    pitch: int | None,
    layer: int,
    take: int,
    sample_rate_hz: int,
) -> NDArray[np.float32]:
    channel = kit.channel_of(voice, pitch)
    shape = kit.shapes.get(voice)
    identity = (voice.column, 0 if pitch is None else pitch + 1)
    seed = (kit.seed, *identity, layer, take)
    velocity = (layer + 1) / kit.velocity_layers
    if shape is not None and shape.changes_sound:
        dry = shaped_hit(
            channel.design,
            shape,
            velocity,
            channel.level_lufs,
            sample_rate_hz=sample_rate_hz,
            seed=seed,
            identity=identity,
        )
    else:
        rng = np.random.default_rng(seed)
        dry = strike(channel.design, velocity, sample_rate_hz=sample_rate_hz, rng=rng)
        # Loudness, not peak, is what two takes and two layers must agree in; half a decibel stays as human unevenness.
        wanted = channel.level_lufs + rng.normal(0.0, 0.35)
        dry = dry * np.float32(10 ** ((wanted - hit_loudness_lufs(dry, sample_rate_hz)) / 20))
    angle = (channel.pan + 1.0) * math.pi / 4.0
    sides = np.array([math.cos(angle), math.sin(angle)], dtype=np.float32)
    if channel.room_db <= -100:
        return _trimmed(dry[:, None] * sides, sample_rate_hz)
    # The room sits around the drum: half of it stays central, so that a panned drum is not answered from one side only.
    wet_sides = (0.5 + 0.5 * sides * np.float32(math.sqrt(2.0))) * np.float32(
        10 ** (channel.room_db / 20) / math.sqrt(2)
    )
    wet = in_room(dry, kit.room, sample_rate_hz) * wet_sides
    wet[: len(dry)] += dry[:, None] * sides
    return _trimmed(wet, sample_rate_hz)


def _trimmed(sound: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    level = np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1]))
    heard = np.flatnonzero(level > level.max() * 10 ** (_QUIET_DB / 20))
    end = min(len(sound), int(heard[-1]) + 1 + round(0.02 * sample_rate_hz)) if len(heard) else 1
    fade = min(end, round(0.03 * sample_rate_hz))
    kept = np.ascontiguousarray(sound[:end])
    kept[end - fade :] *= (0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade, dtype=np.float32)))[:, None]
    kept[-1] = 0.0
    return kept
