"""The sounds that generators draw from, and which part of a kit each could play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import Sound

RELATIVES: dict[Voice, tuple[Voice, ...]] = {
    Voice.KICK: (Voice.LOW_TOM, Voice.MID_TOM),
    Voice.SNARE: (Voice.HIGH_TOM, Voice.MID_TOM),
    Voice.CLOSED_HIHAT: (Voice.OPEN_HIHAT, Voice.RIDE),
    Voice.OPEN_HIHAT: (Voice.CLOSED_HIHAT, Voice.RIDE, Voice.CRASH),
    Voice.LOW_TOM: (Voice.MID_TOM, Voice.HIGH_TOM, Voice.KICK),
    Voice.MID_TOM: (Voice.LOW_TOM, Voice.HIGH_TOM, Voice.SNARE),
    Voice.HIGH_TOM: (Voice.MID_TOM, Voice.LOW_TOM, Voice.SNARE),
    Voice.CRASH: (Voice.RIDE, Voice.OPEN_HIHAT),
    Voice.RIDE: (Voice.CRASH, Voice.OPEN_HIHAT, Voice.CLOSED_HIHAT),
}
"""Which voices can stand in for one that is not there, the nearest first."""


class SoundPool:
    """Sounds without order or rank, to draw from.

    Args:
        sounds: at least one; those of one key count once.
        bank: holds their samples, from which the roles of recordings are heard; sounds of ours need none.
        role_of: says which voice a sound could play; `ghostnote.sounds.roles.role_of` if None. Asked once per key.

    Raises:
        InvalidParameter: there are no sounds.
    """

    def __init__(
        self, sounds: Sequence[Sound], bank: SoundBank | None = None, role_of: Callable[[Sound], Voice] | None = None
    ) -> None:
        self.sounds: tuple[Sound, ...] = tuple({sound.key: sound for sound in sounds}.values())
        if not self.sounds:
            raise InvalidParameter("a pool of sounds must hold at least one; got none")
        self._bank = bank or SoundBank()
        self._ask = role_of or self._heard_role
        self._roles: dict[str, Voice] = {}

    @classmethod
    def of(cls, sounds: SoundPool | Sequence[Sound]) -> SoundPool:
        """Return `sounds` as a pool; a pool is returned itself."""
        return sounds if isinstance(sounds, SoundPool) else cls(sounds)

    def __len__(self) -> int:
        return len(self.sounds)

    def role(self, sound: Sound) -> Voice:
        """Return the voice that `sound` could play; it need not be of the pool."""
        if sound.key not in self._roles:
            self._roles[sound.key] = self._ask(sound)
        return self._roles[sound.key]

    def of_role(self, voice: Voice) -> tuple[Sound, ...]:
        """Return the pool's sounds that could play `voice`; there may be none."""
        return self._by_role[voice]

    def draw(self, rng: np.random.Generator) -> Sound:
        """Return any of the sounds, all equally likely."""
        return self.sounds[int(rng.integers(len(self.sounds)))]

    def draw_for(self, voice: Voice, rng: np.random.Generator) -> Sound:
        """Return one of the sounds that could play `voice`, or its nearest relative; any sound if there is none."""
        for candidate in (voice, *RELATIVES[voice]):
            if fitting := self._by_role[candidate]:
                return fitting[int(rng.integers(len(fitting)))]
        return self.draw(rng)

    @cached_property
    def _by_role(self) -> dict[Voice, tuple[Sound, ...]]:
        found: dict[Voice, list[Sound]] = {voice: [] for voice in VOICES}
        for sound in self.sounds:
            found[self.role(sound)].append(sound)
        return {voice: tuple(sounds) for voice, sounds in found.items()}

    def _heard_role(self, sound: Sound) -> Voice:
        from ghostnote.sounds.roles import role_of

        return role_of(sound, self._bank.audio(sound))
