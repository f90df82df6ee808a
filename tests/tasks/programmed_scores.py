"""Programmed scores for the tests of tasks: text in, drum track out."""

from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange, Voice
from ghostnote.midi import drum_map

FUNK = {
    "closed_hihat": "x.x.x.x.x.x.x.x.",
    "snare": "....x..x.x..x..x",
    "kick": "x..x..x...xx....",
}
SHUFFLE = {"ride": "x.xx.xx.xx.x", "snare": "...x.....x..", "kick": "x.....x....."}


def programmed(
    bar=FUNK, bars=4, tempo_bpm=100.0, velocity=100, ticks_per_beat=480, metre=(4, 4), swing_ticks=0
) -> DrumTrack:
    known = drum_map("general_midi")
    bar_ticks = ticks_per_beat * 4 * metre[0] // metre[1]
    notes = []
    for number in range(bars):
        for voice, steps in bar.items():
            for place, mark in enumerate(steps):
                if mark == "x":
                    tick = number * bar_ticks + place * bar_ticks // len(steps) + swing_ticks * (place % 2)
                    notes.append(Note(tick, known.pitches[Voice(voice)], velocity))
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=ticks_per_beat,
        drum_map=known,
        tempos=(TempoChange(0, round(60e6 / tempo_bpm)),),
        metres=(MetreChange(0, *metre),),
        track_ends=(bars * bar_ticks,),
    )
    return empty.with_notes(notes)
