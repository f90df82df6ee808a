"""Beats as sound files: what the worker process does when a beat is exported."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ghostnote.audio import Rendering, render, write_audio
from ghostnote.errors import StorageError
from ghostnote.groove import DrumTrack, join_tracks
from ghostnote.midi import drum_map
from ghostnote.studio.beat_view import reach_seconds
from ghostnote.studio.beats import BeatStore
from ghostnote.studio.kit_settings import kit_of
from ghostnote.studio.own_sounds import sound_bank
from ghostnote.studio.places import Places, download_url, safe_name

_SIDE_STICK = 37


def render_beat(arguments: dict[str, Any], report: Callable[[int, int], None]) -> dict[str, Any]:
    """Render a beat; `ghostnote.render` on the kit that the settings describe.

    Returns:
        `download` is the address of one sound file, at least as long as the beat's bars, or with stems of a zip of the
        mix and a file for each voice, which add up to it; `warnings` tell of notes that are not heard.
    """
    places = Places(Path(arguments["home"]))
    beat = BeatStore(places).find(arguments["beat"])
    kit = kit_of(arguments["kit"], sound_bank(places).audio)
    played = _as_sticks(beat.track) if beat.kind == "rhythm" else beat.track
    track = join_tracks([played] * arguments["repeats"])
    made = render(track, kit, sample_rate_hz=arguments["sample_rate_hz"], stems=arguments["stems"], progress=report)
    bars_seconds = reach_seconds(beat.track) * arguments["repeats"]
    made = _at_least(made, round(bars_seconds * made.sample_rate_hz))
    title = safe_name(beat.about.name, "beat").replace(".", " ")
    suffix = f".{arguments['format']}"
    id, path = places.new_download(f"{title}{'.zip' if arguments['stems'] else suffix}")
    try:
        if arguments["stems"]:
            _write_zip(path, made, title, suffix)
        else:
            write_audio(path, made.audio, made.sample_rate_hz)
    except BaseException:
        shutil.rmtree(path.parent)
        raise
    return {"download": download_url(id, path), "warnings": _unheard(made.unrendered_notes)}


def _as_sticks(rhythm: DrumTrack) -> DrumTrack:
    """Return a rhythm as it is heard in the page: its onsets are no voice's, so each is a side stick."""
    notes = tuple(replace(note, pitch=_SIDE_STICK) for note in rhythm.notes)
    return replace(rhythm, notes=notes, drum_map=drum_map())


def _at_least(made: Rendering, frames: int) -> Rendering:
    """Return `made` with silence behind it up to `frames`, so that it can be looped by whole bars."""
    missing = frames - len(made.audio)
    if missing <= 0:
        return made
    silence = ((0, missing), (0, 0))
    stems = None if made.stems is None else {voice: np.pad(stem, silence) for voice, stem in made.stems.items()}
    return replace(made, audio=np.pad(made.audio, silence), stems=stems)


def _write_zip(path: Path, made: Rendering, title: str, suffix: str) -> None:
    """Write mix and stems, each of its own file, into a zip; what is inside is sound, so it is stored as it is."""
    folder = path.parent / "parts"
    folder.mkdir()
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            write_audio(folder / f"mix{suffix}", made.audio, made.sample_rate_hz)
            archive.write(folder / f"mix{suffix}", f"{title}/{title}{suffix}")
            for voice, stem in (made.stems or {}).items():
                part = folder / f"{voice}{suffix}"
                # A stem may peak above the ceiling where another cancels it. WAV can tell so as floats; FLAC clips it.
                if suffix == ".flac":
                    write_audio(part, stem.clip(-1.0, 1.0), made.sample_rate_hz)
                else:
                    write_audio(part, stem, made.sample_rate_hz, sample_format="float")
                archive.write(part, f"{title}/stems/{voice}{suffix}")
                part.unlink()
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the export can not be written to {path}: {error.strerror}") from error
    finally:
        shutil.rmtree(folder)


def _unheard(notes: Mapping[int, int]) -> list[str]:
    if not notes:
        return []
    return [f"{sum(notes.values())} notes on pitches {', '.join(map(str, notes))} have no voice and are not heard"]
