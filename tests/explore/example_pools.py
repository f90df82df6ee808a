"""Pools, patterns and tracks for the tests of generators: sounds whose family is the name of the voice they play."""

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.explore.pool import SoundPool
from ghostnote.groove import VOICES, DrumTrack, MetreChange, Note, TempoChange, Voice
from ghostnote.loops import Loop, Pattern
from ghostnote.midi import drum_map
from ghostnote.sounds.sound import Sound, SynthSound

HEARD = "heard_"  # families that do not say what they are: the role must be heard


def one_shot(voice: str, number: int = 0) -> SynthSound:
    return SynthSound(str(voice), (number / 1000,), number)


def spoken_role(sound: Sound, audio: np.ndarray) -> Voice:
    family = sound.family
    if family.startswith(HEARD):
        if not audio.any():
            raise InvalidParameter("silent")
        family = family.removeprefix(HEARD)
    return Voice(family)


def pool_of(*voices: str, each: int = 5) -> SoundPool:
    voices = voices or VOICES
    return SoundPool([one_shot(voice, i) for voice in voices for i in range(each)], role_of=spoken_role)


def voices_in(loop: Loop) -> list[str]:
    return [sound.family for sound in loop.sounds]


def played_loop(seed: int, steps: int = 16, rows: int = 4, most_offset: float = 0.3, **settings) -> Loop:
    rng = np.random.default_rng(seed)
    hits = rng.random((steps, rows)) < 0.4
    hits[0] = True
    velocities = np.where(hits, rng.integers(1, 128, hits.shape) / 127, 0.0)
    offsets = np.where(hits, np.round(rng.uniform(-most_offset, most_offset, hits.shape) * 240) / 240, 0.0)
    pattern = Pattern(hits.astype(np.float32), velocities.astype(np.float32), offsets.astype(np.float32))
    voices = [VOICES[i % 9] for i in range(rows)]
    return Loop(pattern, tuple(one_shot(v, i) for i, v in enumerate(voices)), **settings)


def track_of_bars(*bars: dict[str, str], metre=(4, 4), tempo_bpm=100.0, swing=0.0, velocity=100) -> DrumTrack:
    """A programmed track: each bar gives a text of x and - per voice, of any number of equal steps."""
    known = drum_map()
    length = 480 * 4 * metre[0] // metre[1]
    notes = []
    for number, bar in enumerate(bars):
        for voice, text in bar.items():
            for place, mark in enumerate(text):
                if mark == "x":
                    late = swing * (place % 2)
                    tick = number * length + round((place + late) * length / len(text))
                    notes.append(Note(tick, known.pitches[Voice(voice)], velocity))
    empty = DrumTrack(
        (), 480, known, (TempoChange(0, round(60e6 / tempo_bpm)),), (MetreChange(0, *metre),), track_ends=(0,)
    )
    return empty.with_notes(notes)
