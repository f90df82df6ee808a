"""Standard MIDI Files in and out, and the drum maps that give their pitches a meaning."""

from ghostnote.midi.info import TrackInfo, describe
from ghostnote.midi.maps import drum_map, drum_maps
from ghostnote.midi.read import read_midi, read_midi_bytes
from ghostnote.midi.rhythm import merge_strums, onset_map, read_rhythm, read_rhythm_bytes
from ghostnote.midi.write import midi_bytes, write_midi

__all__ = [
    "TrackInfo",
    "describe",
    "drum_map",
    "drum_maps",
    "merge_strums",
    "midi_bytes",
    "onset_map",
    "read_midi",
    "read_midi_bytes",
    "read_rhythm",
    "read_rhythm_bytes",
    "write_midi",
]
