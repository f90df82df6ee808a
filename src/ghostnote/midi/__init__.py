"""Standard MIDI Files in and out, and the drum maps that give their pitches a meaning."""

from ghostnote.midi.info import TrackInfo, describe
from ghostnote.midi.maps import drum_map, drum_maps
from ghostnote.midi.read import read_midi, read_midi_bytes
from ghostnote.midi.write import midi_bytes, write_midi

__all__ = [
    "TrackInfo",
    "describe",
    "drum_map",
    "drum_maps",
    "midi_bytes",
    "read_midi",
    "read_midi_bytes",
    "write_midi",
]
