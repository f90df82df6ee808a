"""The pure core: notes, grids, grooves. It opens no file, reads no clock and uses no global randomness."""

from ghostnote.groove.clock import Clock
from ghostnote.groove.feel import Feel, FeelRow
from ghostnote.groove.hvo import Grid, Groove, GrooveBatch
from ghostnote.groove.joining import join_tracks
from ghostnote.groove.notes import DrumTrack, Event, MetreChange, Note, TempoChange
from ghostnote.groove.voices import VOICES, DrumMap, Voice

__all__ = [
    "VOICES",
    "Clock",
    "DrumMap",
    "DrumTrack",
    "Event",
    "Feel",
    "FeelRow",
    "Grid",
    "Groove",
    "GrooveBatch",
    "MetreChange",
    "Note",
    "TempoChange",
    "Voice",
    "join_tracks",
]
