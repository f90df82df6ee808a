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
    from ghostnote.critic import SavedCritic, combine_critics, read_critic, write_critic
    from ghostnote.critic.warm_start import warm_start
    from ghostnote.errors import GhostnoteError
    from ghostnote.explore.controls import Controls
    from ghostnote.explore.session import Session
    from ghostnote.explore.settings import SessionSettings
    from ghostnote.groove import VOICES, DrumMap, DrumTrack, Feel, Grid, Groove, Note, Voice, join_tracks
    from ghostnote.loops import Loop, Pattern, play_loop, with_cell, with_sound
    from ghostnote.midi import TrackInfo, describe, drum_map, drum_maps, read_midi, read_rhythm, write_midi
    from ghostnote.models import load_composer, load_performer
    from ghostnote.plot import plot_feel
    from ghostnote.sounds.bank import SoundBank
    from ghostnote.sounds.families import draw_sound, mutate_sound
    from ghostnote.study.loading import load_study
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
        interpolate_pad,
        read_feel,
        transfer,
        vary,
        write_feel,
    )

__version__ = "0.1.0"

# Where each public name lives. Imported on first use, so that `import ghostnote` is quick and loads no runtime.
_HOMES = {
    "ghostnote.audio": ("Kit", "Rendering", "kit_names", "load_kit", "render", "write_audio"),
    "ghostnote.critic": ("SavedCritic", "combine_critics", "read_critic", "write_critic"),
    "ghostnote.critic.warm_start": ("warm_start",),
    "ghostnote.errors": ("GhostnoteError",),
    "ghostnote.explore.controls": ("Controls",),
    "ghostnote.explore.session": ("Session",),
    "ghostnote.explore.settings": ("SessionSettings",),
    "ghostnote.groove": ("VOICES", "DrumMap", "DrumTrack", "Feel", "Grid", "Groove", "Note", "Voice", "join_tracks"),
    "ghostnote.loops": ("Loop", "Pattern", "play_loop", "with_cell", "with_sound"),
    "ghostnote.midi": ("TrackInfo", "describe", "drum_map", "drum_maps", "read_midi", "read_rhythm", "write_midi"),
    "ghostnote.models": ("load_composer", "load_performer"),
    "ghostnote.plot": ("plot_feel",),
    "ghostnote.sounds.bank": ("SoundBank",),
    "ghostnote.sounds.families": ("draw_sound", "mutate_sound"),
    "ghostnote.study.loading": ("load_study",),
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
        "interpolate_pad",
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
    "Controls",
    "DrumMap",
    "DrumTrack",
    "Feel",
    "GhostnoteError",
    "Grid",
    "Groove",
    "Kit",
    "Loop",
    "Note",
    "Pattern",
    "Rendering",
    "SavedCritic",
    "Session",
    "SessionSettings",
    "SoundBank",
    "TrackInfo",
    "Voice",
    "apply_groove",
    "combine_critics",
    "compare",
    "continue_",
    "describe",
    "draw_sound",
    "drum_map",
    "drum_maps",
    "drumify",
    "extract_groove",
    "generate",
    "humanize",
    "infill",
    "interpolate",
    "interpolate_pad",
    "join_tracks",
    "kit_names",
    "load_composer",
    "load_kit",
    "load_performer",
    "load_study",
    "mutate_sound",
    "play_loop",
    "plot_feel",
    "read_critic",
    "read_feel",
    "read_midi",
    "read_rhythm",
    "render",
    "transfer",
    "vary",
    "warm_start",
    "with_cell",
    "with_sound",
    "write_audio",
    "write_critic",
    "write_feel",
    "write_midi",
]


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'ghostnote' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
