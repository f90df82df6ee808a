"""Recordings of the dataset as examples for the performer."""

from __future__ import annotations

from ghostnote.data import Performance
from ghostnote.data.performances import BEAT_TYPES
from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.midi import drum_map
from ghostnote.training.chunks import song_of
from ghostnote.training.train_composer import Example as Songs
from ghostnote.training.train_performer import Example, example_of


def track_of(performance: Performance) -> DrumTrack:
    """Return a recording as a drum track at its stated tempo and metre."""
    numerator, denominator = (int(part) for part in performance.metre.split("-"))
    track = DrumTrack(
        notes=(),
        ticks_per_beat=performance.ticks_per_beat,
        drum_map=drum_map("roland_td11"),
        tempos=(TempoChange(0, round(60e6 / performance.tempo_bpm)),),
        metres=(MetreChange(0, numerator, denominator),),
    )
    hits = zip(performance.ticks.tolist(), performance.pitches.tolist(), performance.velocities.tolist(), strict=True)
    return track.with_notes([Note(tick, pitch, velocity) for tick, pitch, velocity in hits])


def style_number(performance: Performance) -> int:
    """Return the style as the performer counts it: 0 is none in particular."""
    return performance.style_id + 1


def example_of_performance(performance: Performance) -> Example:
    """Return the training example of `performance`."""
    return example_of(track_of(performance), style_number(performance))


def songs_of_performance(performance: Performance) -> Songs:
    """Return `performance` as the composer learns from it."""
    example = example_of_performance(performance)
    kind = 1 + BEAT_TYPES.index(performance.beat_type)
    return Songs(song_of(example.on_16ths, example.style, kind), song_of(example.fitted, example.style, kind))
