"""Loops: patterns with a sound for each row, their small changes, and how they sound."""

from ghostnote.loops.loop import Loop, decode_loop, encode_loop
from ghostnote.loops.mutation import MutationRates, cross, mutate, rotated, with_cell, with_sound
from ghostnote.loops.pattern import Pattern, pattern_of_text
from ghostnote.loops.rendering import play_loop, playing_gain, render_loop, render_rows

__all__ = [
    "Loop",
    "MutationRates",
    "Pattern",
    "cross",
    "decode_loop",
    "encode_loop",
    "mutate",
    "pattern_of_text",
    "play_loop",
    "playing_gain",
    "render_loop",
    "render_rows",
    "rotated",
    "with_cell",
    "with_sound",
]
