"""What a one-shot is: made by us from numbers, or the user's own recording, known by its content."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from ghostnote.errors import InvalidInput, InvalidParameter

MASTER_RATE_HZ = 44_100
"""Sounds are kept at this rate, in mono."""

LONGEST_SECONDS = 4.0
"""A one-shot in a loop ends here, faded."""

_DIGEST = re.compile(r"[0-9a-f]{32}")
_FAMILY = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class SynthSound:
    """A sound of ours: what its family's model is to be played with.

    Args:
        family: one of `ghostnote.sounds.FAMILIES`.
        values: the model's parameters, each in [0, 1], in the order of the family's table; kept to four decimals.
        seed: ≥ 0, of what is random in it (noise, flaws).

    Its `key` is its identity: the same key is the same samples.
    """

    family: str
    values: tuple[float, ...]
    seed: int = 0
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _FAMILY.fullmatch(self.family):
            raise InvalidParameter(f"family must be the name of a family of sounds; got {self.family!r}")
        if not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in self.values):
            raise InvalidParameter(f"values of a sound must lie in [0, 1]; got {self.values}")
        if not 0 <= self.seed < 2**63:
            raise InvalidParameter(f"seed of a sound must lie in 0…2^63 - 1; got {self.seed}")
        values = tuple(round(float(value), 4) + 0.0 for value in self.values)
        numbers = ",".join(f"{value:.4f}" for value in values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "key", f"synth:{self.family}:{numbers}:{self.seed}")

    @property
    def name(self) -> str:
        """What a person sees: the family and a number that tells its sounds apart."""
        from hashlib import sha256

        return f"{self.family.replace('_', ' ')} {int(sha256(self.key.encode()).hexdigest()[:4], 16)}"


@dataclass(frozen=True, slots=True)
class FileSound:
    """A recording, known by what is in it, wherever its file lies.

    Args:
        digest: first 32 hex digits of the SHA-256 of its mono samples as `ghostnote.sounds` reads them.
        name: what a person sees; not part of the identity.
    """

    digest: str
    name: str

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise InvalidParameter(f"digest of a sound must be 32 hex digits; got {self.digest!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileSound) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def key(self) -> str:
        """Identity: the same key is the same samples."""
        return f"file:{self.digest}"


Sound = SynthSound | FileSound


def encode_sound(sound: Sound) -> dict[str, Any]:
    """Return `sound` as JSON values."""
    if isinstance(sound, SynthSound):
        return {"kind": "synth", "family": sound.family, "values": list(sound.values), "seed": sound.seed}
    return {"kind": "file", "digest": sound.digest, "name": sound.name}


def decode_sound(value: Any) -> Sound:
    """Return the sound that `encode_sound` made `value` of.

    Raises:
        InvalidInput: it is none.
    """
    try:
        if value["kind"] == "synth":
            return SynthSound(str(value["family"]), tuple(map(float, value["values"])), int(value["seed"]))
        if value["kind"] == "file":
            return FileSound(str(value["digest"]), str(value["name"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"a sound must have kind and family or digest; got {str(value)[:120]}: {error}") from error
    raise InvalidInput(f"kind of a sound must be synth or file; got {str(value['kind'])[:40]!r}")
