"""Ghostnote: drums that a person shapes and a machine plays.

>>> import ghostnote as gn
>>> track = gn.read_midi("beat.mid")            # doctest: +SKIP
>>> human = gn.humanize(track, style="funk")    # doctest: +SKIP
>>> gn.write_midi(human, "human.mid")           # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostnote.audio import Kit, Rendering, kit_names, load_kit, render, write_audio
    from ghostnote.errors import GhostnoteError
    from ghostnote.groove import VOICES, DrumMap, DrumTrack, Feel, Grid, Groove, Note, Voice, join_tracks
    from ghostnote.midi import TrackInfo, describe, drum_map, drum_maps, read_midi, read_rhythm, write_midi
    from ghostnote.models import load_composer, load_performer
    from ghostnote.plot import plot_feel
    from ghostnote.tasks import (
        Account,
        Amounts,
        apply_groove,
        compare,
        continue_,
        drumify,
        extract_groove,
        generate,
        humanize,
        infill,
        interpolate,
        read_feel,
        transfer,
        vary,
        write_feel,
    )

__version__ = "0.1.0"

# Where each public name lives. Imported on first use, so that `import ghostnote` is quick and loads no runtime.
_HOMES = {
    "ghostnote.audio": ("Kit", "Rendering", "kit_names", "load_kit", "render", "write_audio"),
    "ghostnote.errors": ("GhostnoteError",),
    "ghostnote.groove": ("VOICES", "DrumMap", "DrumTrack", "Feel", "Grid", "Groove", "Note", "Voice", "join_tracks"),
    "ghostnote.midi": ("TrackInfo", "describe", "drum_map", "drum_maps", "read_midi", "read_rhythm", "write_midi"),
    "ghostnote.models": ("load_composer", "load_performer"),
    "ghostnote.plot": ("plot_feel",),
    "ghostnote.tasks": (
        "Account",
        "Amounts",
        "apply_groove",
        "compare",
        "continue_",
        "drumify",
        "extract_groove",
        "generate",
        "humanize",
        "infill",
        "interpolate",
        "read_feel",
        "transfer",
        "vary",
        "write_feel",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "VOICES",
    "Account",
    "Amounts",
    "DrumMap",
    "DrumTrack",
    "Feel",
    "GhostnoteError",
    "Grid",
    "Groove",
    "Kit",
    "Note",
    "Rendering",
    "TrackInfo",
    "Voice",
    "apply_groove",
    "compare",
    "continue_",
    "describe",
    "drum_map",
    "drum_maps",
    "drumify",
    "extract_groove",
    "generate",
    "humanize",
    "infill",
    "interpolate",
    "join_tracks",
    "kit_names",
    "load_composer",
    "load_kit",
    "load_performer",
    "plot_feel",
    "read_feel",
    "read_midi",
    "read_rhythm",
    "render",
    "transfer",
    "vary",
    "write_audio",
    "write_feel",
    "write_midi",
]


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'ghostnote' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
