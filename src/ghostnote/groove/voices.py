"""The nine voices that models see, and the maps from MIDI pitches to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ghostnote.errors import InvalidParameter


class Voice(StrEnum):
    """A part of the kit, in the column order of every `(steps, voices)` array.

    Source: the nine classes of Gillick et al. 2019.
    """

    KICK = "kick"
    SNARE = "snare"
    CLOSED_HIHAT = "closed_hihat"
    OPEN_HIHAT = "open_hihat"
    LOW_TOM = "low_tom"
    MID_TOM = "mid_tom"
    HIGH_TOM = "high_tom"
    CRASH = "crash"
    RIDE = "ride"

    @property
    def column(self) -> int:
        """Index of this voice in hits, velocities and offsets."""
        return _COLUMNS[self]

    @classmethod
    def parse(cls, name: str) -> Voice:
        """Return the voice called `name` (case and `-`/`_` do not matter).

        Raises:
            InvalidParameter: no voice has that name.
        """
        try:
            return cls(name.strip().lower().replace("-", "_").replace(" ", "_"))
        except ValueError:
            known = ", ".join(VOICES)
            raise InvalidParameter(f"voice must be one of {known}; got {name!r}") from None


VOICES: tuple[Voice, ...] = tuple(Voice)
_COLUMNS = {voice: column for column, voice in enumerate(VOICES)}


@dataclass(frozen=True)
class DrumMap:
    """Which voice a MIDI pitch belongs to, and which pitch stands for a voice when we write one.

    Args:
        name: short identifier, such as `general_midi`.
        voices: pitch in 0…127 → voice; pitches that are left out are unmapped and pass through untouched.
        pitches: voice → the pitch written for it.
    """

    name: str
    voices: Mapping[int, Voice]
    pitches: Mapping[Voice, int]

    def __post_init__(self) -> None:
        for pitch in (*self.voices, *self.pitches.values()):
            if not 0 <= pitch <= 127:
                raise InvalidParameter(f"pitches of drum map {self.name!r} must lie in 0…127; got {pitch}")
        missing = [voice for voice in VOICES if voice not in self.pitches]
        if missing:
            raise InvalidParameter(
                f"drum map {self.name!r} must give a pitch for every voice; missing: {', '.join(missing)}"
            )
        object.__setattr__(self, "voices", MappingProxyType(dict(self.voices)))
        object.__setattr__(self, "pitches", MappingProxyType(dict(self.pitches)))

    def voice_of(self, pitch: int) -> Voice | None:
        """Return the voice of `pitch`, or None if the map does not know it."""
        return self.voices.get(pitch)
