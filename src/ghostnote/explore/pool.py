"""The sounds that generators draw from, and which part of a kit each could play."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice
from ghostnote.sounds.bank import Mono, SoundBank
from ghostnote.sounds.sound import FileSound, Sound

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

RoleOf = Callable[[Sound, Mono], Voice]
"""Says which voice a sound with these samples could play; see `ghostnote.sounds.roles.role_of`."""

_SILENCE: Mono = np.zeros(1024, dtype=np.float32)
_TOMS = (Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM)


class SoundPool:
    """Sounds without order or rank, to draw from.

    A sound may say its role by its family or name; whatever else must be heard, which is put off until nothing that
    says so is there: synthesising hundreds of sounds takes seconds.

    Args:
        sounds: at least one; those of one key count once.
        bank: holds their samples. Give the one that the critic uses, so that no sound is made twice.
        role_of: says which voice a sound could play, and raises `InvalidParameter` where it would have to hear it but
            gets silence; `ghostnote.sounds.roles.role_of` if None.

    Raises:
        InvalidParameter: there are no sounds.
    """

    def __init__(self, sounds: Sequence[Sound], bank: SoundBank | None = None, role_of: RoleOf | None = None) -> None:
        self.sounds: tuple[Sound, ...] = tuple({sound.key: sound for sound in sounds}.values())
        if not self.sounds:
            raise InvalidParameter("a pool of sounds must hold at least one; got none")
        self._bank = bank or SoundBank()
        self._role_of = role_of or _role_of
        self._said: dict[str, Voice | None] = {}
        self._roles: dict[str, Voice] = {}

    @classmethod
    def of(cls, sounds: SoundPool | Sequence[Sound]) -> SoundPool:
        """Return `sounds` as a pool; a pool is returned itself."""
        return sounds if isinstance(sounds, SoundPool) else cls(sounds)

    def __len__(self) -> int:
        return len(self.sounds)

    def said_role(self, sound: Sound) -> Voice | None:
        """Return the voice that `sound` says it is by family or name, or None; nothing is heard."""
        if sound.key not in self._said:
            try:
                self._said[sound.key] = self._role_of(sound, _SILENCE)
            except InvalidParameter:
                self._said[sound.key] = None
        return self._said[sound.key]

    def role(self, sound: Sound) -> Voice:
        """Return the voice that `sound` could play, by family, name or sound; it need not be of the pool."""
        said = self.said_role(sound)
        if said is not None:
            return said
        if sound.key not in self._roles:
            self._roles[sound.key] = self._role_of(sound, self._bank.audio(sound))
        return self._roles[sound.key]

    def of_role(self, voice: Voice) -> tuple[Sound, ...]:
        """Return the pool's sounds that say they are `voice`, or else those that sound like it; there may be none."""
        if said := self._saying[voice]:
            return said
        if voice in _TOMS and (toms := self._toms[voice]):
            return toms
        return self._by_role[voice]

    def draw(self, rng: np.random.Generator) -> Sound:
        """Return any of the sounds, all equally likely."""
        return self.sounds[int(rng.integers(len(self.sounds)))]

    def draw_for(self, voice: Voice, rng: np.random.Generator) -> Sound:
        """Return one of the sounds that could play `voice`, or its nearest relative; any sound if there is none."""
        for candidate in (voice, *RELATIVES[voice]):
            if fitting := self.of_role(candidate):
                return fitting[int(rng.integers(len(fitting)))]
        return self.draw(rng)

    @cached_property
    def _saying(self) -> dict[Voice, tuple[Sound, ...]]:
        return _grouped((said, sound) for sound in self.sounds if (said := self.said_role(sound)) is not None)

    @cached_property
    def _toms(self) -> dict[Voice, tuple[Sound, ...]]:
        """The sounds that are called toms, by what pitch is heard of them."""
        return _grouped((self.role(sound), sound) for sound in self.sounds if _is_called_tom(sound))

    @cached_property
    def _by_role(self) -> dict[Voice, tuple[Sound, ...]]:
        return _grouped((self.role(sound), sound) for sound in self.sounds)


def _grouped(pairs: Iterable[tuple[Voice, Sound]]) -> dict[Voice, tuple[Sound, ...]]:
    found: dict[Voice, list[Sound]] = {voice: [] for voice in VOICES}
    for voice, sound in pairs:
        found[voice].append(sound)
    return {voice: tuple(sounds) for voice, sounds in found.items()}


def _is_called_tom(sound: Sound) -> bool:
    return "tom" in (sound.name.lower() if isinstance(sound, FileSound) else sound.family)


def _role_of(sound: Sound, audio: Mono) -> Voice:
    from ghostnote.sounds.roles import role_of  # loads the synthesiser, which drawing any sound does not need

    return role_of(sound, audio)
