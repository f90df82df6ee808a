"""The archive's list and MIDI files become recordings; nothing in it is trusted."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ghostnote.data.archive import find_info, open_archive, read_member
from ghostnote.data.performances import BEAT_TYPES, DRUM_MAP, SPLITS, Performance
from ghostnote.errors import InvalidArchive, InvalidMidi
from ghostnote.groove import DrumMap
from ghostnote.midi import drum_map, read_midi_bytes

MAX_ROWS = 20_000
MAX_BEATS = 100_000  # an hour at 1,666 bpm: more is a broken file, and would cost gigabytes as a grid
_COLUMNS = ("drummer", "session", "id", "style", "bpm", "beat_type", "time_signature", "midi_filename", "split")


def read_performances(path: Path, *, progress: Callable[[int, int], None] | None = None) -> list[Performance]:
    """Return every recording of the archive at `path`, read from its MIDI files.

    Raises:
        InvalidArchive: the list or a file that it names is missing or broken.
        StorageError: the archive can not be read.
    """
    with open_archive(path) as archive:
        info = find_info(archive)
        rows = _read_rows(archive, info)
        kit = drum_map(DRUM_MAP)
        found = []
        for index, row in enumerate(rows):
            found.append(_read_performance(archive, info.removesuffix("info.csv"), index, row, kit))
            if progress is not None:
                progress(index + 1, len(rows))
    return found


def _read_rows(archive: zipfile.ZipFile, info: str) -> list[dict[str, str]]:
    try:
        text = read_member(archive, info).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise InvalidArchive(f"{info} must have the columns {', '.join(_COLUMNS)}; missing: {', '.join(missing)}")
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidArchive(f"{info} must be a table of comma-separated values in UTF-8; {error}") from error
    if not 0 < len(rows) <= MAX_ROWS:
        raise InvalidArchive(f"{info} must list 1 to {MAX_ROWS:,} performances; got {len(rows):,}")
    return rows


def _read_performance(
    archive: zipfile.ZipFile, root: str, index: int, row: Mapping[str, str | None], kit: DrumMap
) -> Performance:
    def field(name: str, rule: str, pattern: str) -> str:
        value = row.get(name) or ""
        if not re.fullmatch(pattern, value):
            raise InvalidArchive(f"info.csv, performance {index + 1}: {name} must be {rule}; got {value[:80]!r}")
        return value

    name = field("midi_filename", "a file within the archive", r"[^\\\0]+")
    try:
        track = read_midi_bytes(read_member(archive, root + name), drum_map=kit)
    except InvalidMidi as error:
        raise InvalidArchive(f"{root}{name} must be a MIDI file; {error}") from error
    notes = track.notes
    if notes and notes[-1].tick > MAX_BEATS * track.ticks_per_beat:
        raise InvalidArchive(f"{root}{name} must last at most {MAX_BEATS:,} beats; its last hit is later")
    return Performance(
        index=index,
        id=field("id", "given", r".+"),
        drummer=field("drummer", "given", r".+"),
        session=field("session", "given", r".+"),
        styles=tuple(field("style", "words parted by /", r"[^/]+(/[^/]+)*").split("/")),
        tempo_bpm=float(field("bpm", "a number of 1…999", r"[1-9]\d{0,2}(\.\d+)?")),
        beat_type=field("beat_type", " or ".join(BEAT_TYPES), "|".join(BEAT_TYPES)),
        metre=field("time_signature", "a metre such as 4-4", r"[1-9]\d?-(1|2|4|8|16)"),
        split=field("split", ", ".join(SPLITS), "|".join(SPLITS)),
        midi_filename=name,
        ticks_per_beat=track.ticks_per_beat,
        ticks=np.array([note.tick for note in notes], dtype=np.int64),
        pitches=np.array([note.pitch for note in notes], dtype=np.uint8),
        velocities=np.array([note.velocity for note in notes], dtype=np.uint8),
    )
