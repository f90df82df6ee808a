"""Small drum tracks for the audio tests, written by hand."""

from __future__ import annotations

from ghostnote.groove import VOICES, DrumMap, DrumTrack, MetreChange, Note, TempoChange, Voice

TICKS = 480
PITCHES = {
    Voice.KICK: 36,
    Voice.SNARE: 38,
    Voice.CLOSED_HIHAT: 42,
    Voice.OPEN_HIHAT: 46,
    Voice.LOW_TOM: 43,
    Voice.MID_TOM: 47,
    Voice.HIGH_TOM: 50,
    Voice.CRASH: 49,
    Voice.RIDE: 51,
}
MAP = DrumMap(
    "test", {pitch: voice for voice, pitch in PITCHES.items()} | {37: Voice.SNARE, 44: Voice.CLOSED_HIHAT}, PITCHES
)
ROCK = {  # 16th steps of a bar → velocity
    Voice.KICK: {0: 112, 6: 96, 10: 104},
    Voice.SNARE: {4: 110, 7: 34, 12: 114, 15: 30},
    Voice.CLOSED_HIHAT: {step: 90 if step % 4 == 0 else 64 for step in range(0, 14, 2)},
    Voice.OPEN_HIHAT: {14: 88},
}


def track(
    *hits: tuple[float, int, int], tempos: tuple[TempoChange, ...] = (), metres: tuple[MetreChange, ...] = ()
) -> DrumTrack:
    """Return a track of `(beat, pitch, velocity)` hits."""
    notes = sorted((round(beat * TICKS), pitch, velocity) for beat, pitch, velocity in hits)
    return DrumTrack(tuple(Note(*note) for note in notes), TICKS, MAP, tempos=tempos, metres=metres)


def rock(bars: int = 2, late_beats: float = 0.0) -> DrumTrack:
    """Return bars of a rock beat with a crash at the front, each snare `late_beats` late."""
    hits = [(0.0, PITCHES[Voice.CRASH], 110)]
    for bar in range(bars):
        for voice, steps in ROCK.items():
            shift = late_beats if voice is Voice.SNARE else 0.0
            hits += [(bar * 4 + step / 4 + shift, PITCHES[voice], velocity) for step, velocity in steps.items()]
    return track(*hits)


def every_voice(velocity: int = 100) -> DrumTrack:
    """Return one hit of each voice, a beat apart."""
    return track(*((float(i), PITCHES[voice], velocity) for i, voice in enumerate(VOICES)))
