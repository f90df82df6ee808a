"""Write the programmed scores that the package ships for `ghostnote demo`: flat, on the grid, composed by us.

Each line is one bar of a voice; `x` is a hit. All velocities are 100 and every hit is exactly on its step: what a drum
machine would play.
"""

from __future__ import annotations

from pathlib import Path

from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange, Voice
from ghostnote.midi import drum_map, write_midi

TICKS = 480
DEMOS = Path(__file__).parents[1] / "src" / "ghostnote" / "demos"

Bar = dict[str, str]

FUNK_A: Bar = {
    "closed_hihat": "x.x.x.x.x.x.x.x.",
    "snare": "....x..x.x..x..x",
    "kick": "x..x..x...xx....",
}
FUNK_B: Bar = {
    "closed_hihat": "x.x.x.x.x.x.x...",
    "open_hihat": "..............x.",
    "snare": "....x..x.x..x...",
    "kick": "x.x...x...x..x..",
}
FUNK_FILL: Bar = {
    "closed_hihat": "x.x.x.x.........",
    "snare": "....x..xx.xx....",
    "high_tom": "............xx..",
    "low_tom": "..............xx",
    "kick": "x..x....x...x...",
}
FUNK_ONE: Bar = {**FUNK_A, "crash": "x...............", "closed_hihat": "..x.x.x.x.x.x.x."}

ROCK: Bar = {
    "closed_hihat": "x.x.x.x.x.x.x.x.",
    "snare": "....x.......x...",
    "kick": "x.......x.x.....",
}
ROCK_FILL: Bar = {
    "closed_hihat": "x.x.x.x.........",
    "snare": "....x...xxxx....",
    "mid_tom": "............xx..",
    "low_tom": "..............xx",
    "kick": "x.......x...x...",
}
ROCK_ONE: Bar = {**ROCK, "crash": "x...............", "closed_hihat": "..x.x.x.x.x.x.x."}

# Twelve steps: triplets of an 8th.
SHUFFLE: Bar = {
    "ride": "x.xx.xx.xx.x",
    "snare": "...x....xx.x",
    "kick": "x.....x.....",
}
SHUFFLE_FILL: Bar = {
    "ride": "x.xx.x......",
    "snare": "...x..xxxx..",
    "low_tom": "..........xx",
    "kick": "x.....x..x..",
}

SCORES: dict[str, tuple[float, list[Bar]]] = {
    "funk": (96.0, [FUNK_ONE, FUNK_A, FUNK_B, FUNK_A, FUNK_A, FUNK_A, FUNK_B, FUNK_FILL]),
    "rock": (118.0, [ROCK_ONE, ROCK, ROCK, ROCK, ROCK, ROCK, ROCK, ROCK_FILL]),
    "shuffle": (128.0, [SHUFFLE, SHUFFLE, SHUFFLE, SHUFFLE, SHUFFLE, SHUFFLE, SHUFFLE, SHUFFLE_FILL]),
}


def score(tempo_bpm: float, bars: list[Bar], name: str) -> DrumTrack:
    """Return `bars` as a drum track on the General MIDI map."""
    known = drum_map("general_midi")
    notes = []
    for number, bar in enumerate(bars):
        for voice, steps in bar.items():
            step = 4 * TICKS // len(steps)
            for place, mark in enumerate(steps):
                if mark == "x":
                    tick = number * 4 * TICKS + place * step
                    notes.append(Note(tick, known.pitches[Voice(voice)], 100, duration_ticks=step // 2))
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=TICKS,
        drum_map=known,
        tempos=(TempoChange(0, round(60e6 / tempo_bpm)),),
        metres=(MetreChange(0, 4, 4),),
        others=(Event(0, b"\xff\x03" + f"Ghostnote demo: {name}".encode()),),
        track_ends=(len(bars) * 4 * TICKS,),
        midi_format=0,
    )
    return empty.with_notes(notes)


if __name__ == "__main__":
    for name, (tempo_bpm, bars) in SCORES.items():
        write_midi(score(tempo_bpm, bars, name), DEMOS / f"{name}.mid")
