"""Which part of the kit a sound could play: by its family, else by its name, else by what it sounds like.

Loops have no roles; exporting MIDI and patterns from grooves need them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from ghostnote.audio import SoundMeasures, measure_sound
from ghostnote.groove import Voice
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.sound import MASTER_RATE_HZ, Sound, SynthSound

_BY_FAMILY: Mapping[str, Voice] = MappingProxyType(
    {
        "kick": Voice.KICK,
        "snare": Voice.SNARE,
        "clap": Voice.SNARE,
        "rim": Voice.SNARE,
        "closed_hat": Voice.CLOSED_HIHAT,
        "shaker": Voice.CLOSED_HIHAT,
        "open_hat": Voice.OPEN_HIHAT,
        "crash": Voice.CRASH,
        "ride": Voice.RIDE,
        "cowbell": Voice.RIDE,
    }
)
"""Families that are one part of the kit; toms go by pitch, all others by what they sound like."""

_BY_WORD: Mapping[Voice, str] = MappingProxyType(
    {
        Voice.KICK: "bd kick kicks kik kck kd bassdrum bassdrums kickdrum kickdrums",
        Voice.SNARE: "sn sd snr snare snares clap claps cp hc snap snaps rim rims rs rimshot rimshots sidestick stick "
        "xstick",
        Voice.OPEN_HIHAT: "oh ohh openhat openhats openhh hho hhopen",
        Voice.CLOSED_HIHAT: "ch chh hhc closedhat closedhats closedhh hhclosed shaker shakers maraca maracas cabasa "
        "tambourine tambourines tamb",
        Voice.CRASH: "crash crashes splash splashes china chinas cr cc",
        Voice.RIDE: "ride rides rd cowbell cowbells cb bell bells",
    }
)
_HAT_WORDS = {"hat", "hats", "hihat", "hihats", "hh"}
_OPEN_WORDS = {"open", "op", "o", "oh", "ohh", "half", "loose", "sizzle"}
_LOW_WORDS, _HIGH_WORDS = {"lo", "low", "floor", "l"}, {"hi", "high", "small", "h"}
_TOM_WORDS = {name + ending for name in ("tom", "conga", "bongo", "tabla", "timbale", "djembe") for ending in ("", "s")}
_CYMBAL_WORDS = {"cymbal", "cymbals", "cym", "cyms"}

LOW_TOM_BELOW_HZ, HIGH_TOM_FROM_HZ = 110.0, 170.0


def role_of(sound: Sound, audio: Mono) -> Voice:
    """Return the voice that `sound` could play.

    Ours go by family, recordings by words in their names (`bd`, `kick`, `sn`, `hat open`, `tom low`, …): the words of
    the file itself first, then those of its folder too (`Kicks/01`). Whatever is left goes by its spectrum and decay.
    Not a truth about the sound: every sound may play any row of a loop.

    Args:
        sound: to find a role for.
        audio: its samples, `(frames,)` at `MASTER_RATE_HZ`.

    Raises:
        InvalidParameter: the role must be heard, and `audio` is silent.
    """
    if isinstance(sound, SynthSound):
        if sound.family in _BY_FAMILY:
            return _BY_FAMILY[sound.family]
        heard = measure_sound(audio, MASTER_RATE_HZ)
        return tom_of(heard.strongest_hz) if sound.family == "tom" else voice_heard(heard)
    for name in (sound.name.rpartition("/")[2], sound.name):
        words = _words(name)
        named = _voice_named(words)
        if named is not None:
            return named
        if words & _TOM_WORDS:
            return tom_of(measure_sound(audio, MASTER_RATE_HZ).strongest_hz)
    return voice_heard(measure_sound(audio, MASTER_RATE_HZ))


def tom_of(pitch_hz: float) -> Voice:
    """Return the tom of this pitch."""
    if pitch_hz < LOW_TOM_BELOW_HZ:
        return Voice.LOW_TOM
    return Voice.MID_TOM if pitch_hz < HIGH_TOM_FROM_HZ else Voice.HIGH_TOM


def voice_heard(heard: SoundMeasures) -> Voice:
    """Return the voice whose spectrum and decay come nearest to what was measured.

    Low is a kick, a low tone that is nearly all there is a tom; bright is a hi-hat, or a cymbal if it lasts; what lies
    between is a snare, or a ride where it rings on.
    """
    if heard.strongest_hz < 90.0 and heard.centroid_hz < 400.0:
        return Voice.KICK
    if heard.centroid_hz < 1.9 * heard.strongest_hz and heard.strongest_hz < 450.0:
        return tom_of(heard.strongest_hz)
    if heard.centroid_hz > 3_500.0:
        if heard.decay20_seconds < 0.14:
            return Voice.CLOSED_HIHAT
        return Voice.OPEN_HIHAT if heard.decay20_seconds < 0.45 else Voice.CRASH
    if heard.centroid_hz > 1_500.0 and heard.decay20_seconds > 0.35:
        return Voice.RIDE
    return Voice.SNARE


def _words(name: str) -> set[str]:
    """Return the words of a file's name in lower case, digits apart, `HiHat` as `hi`, `hat`, and both together."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    lower = [part.lower() for part in parts]
    return {*lower, *(first + second for first, second in pairwise(lower))}


def _voice_named(words: set[str]) -> Voice | None:
    """Return the voice that the words say, or None."""
    if words & _HAT_WORDS:
        return Voice.OPEN_HIHAT if words & _OPEN_WORDS else Voice.CLOSED_HIHAT
    if words & _TOM_WORDS:
        if words & _LOW_WORDS:
            return Voice.LOW_TOM
        return Voice.HIGH_TOM if words & _HIGH_WORDS else Voice.MID_TOM if words & {"mid", "medium"} else None
    if words & _CYMBAL_WORDS:
        if words & {"closed", "pedal", "foot"}:
            return Voice.CLOSED_HIHAT
        return Voice.OPEN_HIHAT if "open" in words else Voice.CRASH
    return next((voice for voice, known in _BY_WORD.items() if words & set(known.split())), None)
