"""Write the played parts that the package ships for `ghostnote demo`, the examples and the tests.

A tapped rhythm, a bass line and a drummer's pocket, made up by us, hit by hit: none is on the grid, no two are alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange, Voice
from ghostnote.midi import drum_map, write_midi

TICKS = 480
DEMOS = Path(__file__).parents[1] / "src" / "ghostnote" / "demos"
SIDE_STICK, DRUM_CHANNEL, BASS_CHANNEL = 37, 9, 1

Hit = tuple[int, int, int]  # 16th of the bar from 0, milliseconds late, velocity

# One finger on one pad, 92 bpm: early on the pushes, late on the ones, softer in between.
TAP: tuple[tuple[Hit, ...], ...] = (
    ((0, 7, 103), (3, -11, 72), (6, -5, 88), (10, -13, 76), (12, 4, 99), (15, -8, 63)),
    ((0, 3, 101), (3, -14, 68), (6, -2, 91), (9, 9, 54), (10, -9, 80), (12, 6, 95)),
    ((0, 9, 106), (3, -7, 75), (6, -6, 84), (10, -16, 79), (12, 2, 97), (15, -10, 61)),
    ((0, 5, 102), (3, -12, 70), (6, -4, 87), (10, -7, 85), (11, 11, 57), (12, 5, 94), (13, 13, 60), (14, -6, 92)),
)

E, G, A, B, D = 28, 31, 33, 35, 38
# One note at a time, 104 bpm: (16th of the bar, milliseconds late, velocity, pitch, length in 16ths).
BASS: tuple[tuple[tuple[int, int, int, int, int], ...], ...] = (
    (
        (0, 3, 111, E, 3), (3, -7, 79, E + 12, 1), (6, 4, 93, G, 2), (8, 1, 102, A, 2), (11, -5, 88, B, 1),
        (14, 6, 84, D, 2),
    ),
    (
        (0, 5, 112, E, 3), (3, -4, 77, E + 12, 1), (6, 2, 95, D, 2), (8, -2, 99, B, 2), (10, 7, 86, A, 2),
        (14, -6, 90, G, 2),
    ),
    (
        (0, 2, 110, E, 3), (3, -9, 80, E + 12, 1), (6, 5, 92, G, 2), (8, 3, 103, A, 2), (11, -3, 87, B, 1),
        (14, 4, 82, D, 2),
    ),
    (
        (0, 6, 113, E, 2), (2, -5, 74, E, 1), (6, 3, 96, G, 1), (7, 8, 66, G, 1), (8, -1, 98, A, 2),
        (12, 4, 91, B, 1), (13, 9, 70, B, 1), (14, -4, 94, D, 2),
    ),
)  # fmt: skip

# Two bars of a drummer who lays back, 80 bpm: the backbeat is late, 16ths swing, the hi-hat goes loud and soft.
POCKET: tuple[dict[Voice, tuple[Hit, ...]], ...] = (
    {
        Voice.CLOSED_HIHAT: (
            (0, 2, 96), (2, 9, 58), (3, 34, 31), (4, 5, 91), (6, 12, 55), (8, 3, 98), (10, 8, 61), (11, 31, 29),
            (12, 6, 93), (14, 11, 57), (15, 36, 33),
        ),
        Voice.SNARE: ((4, 24, 108), (7, 33, 27), (9, 29, 24), (12, 21, 111), (15, 38, 30)),
        Voice.KICK: ((0, -3, 104), (7, 27, 74), (10, 14, 95)),
    },
    {
        Voice.CLOSED_HIHAT: (
            (0, 1, 97), (2, 11, 60), (4, 7, 90), (6, 8, 54), (7, 32, 34), (8, 4, 95), (10, 13, 63), (12, 4, 92),
            (14, 9, 59),
        ),
        Voice.OPEN_HIHAT: ((15, 29, 71),),
        Voice.SNARE: ((4, 26, 110), (7, 35, 25), (9, 31, 28), (12, 22, 107)),
        Voice.KICK: ((0, -1, 106), (3, 30, 70), (8, 6, 88), (10, 16, 97)),
    },
)  # fmt: skip


def tap() -> DrumTrack:
    """Return four bars of a rhythm on one pad."""
    places = [(bar, *hit, SIDE_STICK, 1) for bar, hits in enumerate(TAP) for hit in hits]
    return track("tap", 92.0, places, DRUM_CHANNEL, len(TAP))


def bass() -> DrumTrack:
    """Return four bars of a bass line."""
    places = [(bar, *line) for bar, lines in enumerate(BASS) for line in lines]
    return track("bass", 104.0, places, BASS_CHANNEL, len(BASS))


def pocket() -> DrumTrack:
    """Return two bars of a whole kit."""
    pitches = drum_map("general_midi").pitches
    places = [
        (bar, *hit, pitches[voice], 1)
        for bar, voices in enumerate(POCKET)
        for voice, hits in voices.items()
        for hit in hits
    ]
    return track("pocket", 80.0, places, DRUM_CHANNEL, len(POCKET))


def track(
    name: str, tempo_bpm: float, places: Iterable[tuple[int, int, int, int, int, int]], channel: int, bars: int
) -> DrumTrack:
    """Return a part as a track.

    Args:
        name: of the part.
        tempo_bpm: quarter notes per minute.
        places: (bar, 16th of the bar, milliseconds late, velocity, pitch, length in 16ths); bars and 16ths from 0.
        channel: 0…15.
        bars: how long it is; a note that would be before its start is put there.
    """
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=TICKS,
        drum_map=drum_map("general_midi"),
        tempos=(TempoChange(0, round(60e6 / tempo_bpm)),),
        metres=(MetreChange(0, 4, 4),),
        others=(Event(0, b"\xff\x03" + f"Ghostnote demo: {name}".encode()),),
        track_ends=(bars * 4 * TICKS,),
        midi_format=0,
    )
    notes = []
    for bar, step, late_ms, velocity, pitch, length in places:
        tick = round((4 * bar + step / 4 + late_ms * tempo_bpm / 60_000) * TICKS)
        notes.append(Note(max(0, tick), pitch, velocity, round(0.8 * length * TICKS / 4), channel))
    return empty.with_notes(notes)


if __name__ == "__main__":
    for made, name in ((tap(), "tap"), (bass(), "bass"), (pocket(), "pocket")):
        write_midi(made, DEMOS / f"{name}.mid")
