"""Small drum tracks for the tests of the core."""

from ghostnote.groove import VOICES, DrumMap, DrumTrack, MetreChange, Note, TempoChange

PITCHES = (36, 38, 42, 46, 43, 47, 50, 49, 51)
MAP = DrumMap("test", dict(zip(PITCHES, VOICES, strict=True)), dict(zip(VOICES, PITCHES, strict=True)))


def track_of(
    *notes: tuple[int, int, int], ticks_per_beat: int = 480, tempo_bpm: float = 120.0, metre=(4, 4)
) -> DrumTrack:
    """A track of (tick, pitch, velocity)."""
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=ticks_per_beat,
        drum_map=MAP,
        tempos=(TempoChange(0, round(60e6 / tempo_bpm)),),
        metres=(MetreChange(0, *metre),),
    )
    return empty.with_notes([Note(*note) for note in notes])
