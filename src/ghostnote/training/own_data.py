"""A user's own folder of MIDI files as something to learn from: read with suspicion, a part of it held out."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ghostnote.errors import GhostnoteError, InvalidInput, StorageError
from ghostnote.groove import DrumMap, DrumTrack
from ghostnote.groove.grid import lay_grid
from ghostnote.groove.programming import timing_is_programmed, velocities_are_flat
from ghostnote.midi import read_midi

SUFFIXES = (".mid", ".midi")
HELD_OUT_SHARE = 0.15
MAX_FILES = 20_000
MAX_STEPS_OF_FILE = 100_000  # over an hour and a half at 240 bpm: more is no song, and would cost gigabytes
MAX_NOTES = 2_000_000
MAX_STEPS = 4_000_000


@dataclass(frozen=True)
class OwnFile:
    """A file with drums.

    Args:
        name: its path within the folder.
        track: its notes, tempos and metres; nothing else is kept.
        digest: SHA-256 of what is played, in hexadecimal; copies under other names have the same.
        bars: from the start to the last note.
    """

    name: str
    track: DrumTrack
    digest: str
    bars: int

    @property
    def programmed(self) -> bool:
        """Whether there is nothing of a drummer in it: neither dynamics nor microtiming."""
        return velocities_are_flat(self.track) and timing_is_programmed(self.track)


@dataclass(frozen=True)
class Skipped:
    """A file that can not be learned from, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class OwnData:
    """What a folder holds.

    Args:
        train: files to learn from.
        held_out: files to choose the best epoch by, and to measure on.
        skipped: files that were left out.
    """

    train: tuple[OwnFile, ...]
    held_out: tuple[OwnFile, ...]
    skipped: tuple[Skipped, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all that is played in the files, whatever their names."""
        text = "\n".join(sorted(file.digest for file in (*self.train, *self.held_out)))
        return hashlib.sha256(text.encode()).hexdigest()


def read_own_data(
    folder: Path, *, drum_map: DrumMap | None = None, progress: Callable[[int, int], None] | None = None
) -> OwnData:
    """Return the drums of all `.mid` and `.midi` files in `folder` and below.

    Args:
        folder: links to other folders are not followed.
        drum_map: which pitch is which voice; General MIDI if None.
        progress: called with files read and files in all.

    Raises:
        InvalidInput: there are not two different files with drums, one of which could be held out; or too many.
        StorageError: `folder` is none, or can not be read.
    """
    paths, skipped = _find(folder)
    if len(paths) > MAX_FILES:
        raise InvalidInput(f"a folder to learn from may hold at most {MAX_FILES:,} MIDI files; {folder} holds more")
    files: list[OwnFile] = []
    notes = steps = 0
    for count, path in enumerate(paths, start=1):
        name = path.relative_to(folder).as_posix()
        try:
            file, file_steps = _read(path, name, drum_map)
            notes, steps = notes + len(file.track.notes), steps + file_steps
            if notes > MAX_NOTES or steps > MAX_STEPS:
                raise InvalidInput(f"all files together may hold {MAX_NOTES:,} notes and {MAX_STEPS:,} steps")
            files.append(file)
        except GhostnoteError as error:
            skipped.append(Skipped(name, str(error)))
        if progress is not None:
            progress(count, len(paths))
    if not files:
        first = f", the first of them {skipped[0].name}: {skipped[0].reason}" if skipped else ""
        raise InvalidInput(
            f"{folder} must hold .mid or .midi files with drums; of {len(paths)} none could be used{first}"
        )
    train, held_out = split(files)
    return OwnData(train, held_out, tuple(skipped))


def split(files: Sequence[OwnFile]) -> tuple[tuple[OwnFile, ...], tuple[OwnFile, ...]]:
    """Return `files` parted into those to learn from and those held out.

    Those with the smallest digests are held out, 15 % of what is different, at least one; copies of one file fall on
    the same side, whatever their names.

    Raises:
        InvalidInput: there are no two different files.
    """
    digests = sorted({file.digest for file in files})
    if len(digests) < 2:
        raise InvalidInput(
            f"a folder to learn from must hold at least 2 different files with drums, as one is held out; "
            f"got {len(files)}{', all alike' if len(files) > 1 else ''}"
        )
    away = set(digests[: max(round(HELD_OUT_SHARE * len(digests)), 1)])
    return (
        tuple(file for file in files if file.digest not in away),
        tuple(file for file in files if file.digest in away),
    )


def _find(folder: Path) -> tuple[list[Path], list[Skipped]]:
    """Return the MIDI files below `folder` in the order of their names, and folders that could not be looked into."""
    if not folder.is_dir():
        raise StorageError(f"the data must be a folder of MIDI files; {folder} is none")
    closed: list[OSError] = []
    found = []
    for place, _, names in os.walk(folder, onerror=closed.append):
        found += [Path(place) / name for name in names if name.lower().endswith(SUFFIXES)]
        if len(found) > MAX_FILES:
            break
    skipped = []
    for error in closed:
        if Path(error.filename) == folder:
            raise StorageError(f"{folder} can not be read: {error.strerror}") from error
        skipped.append(Skipped(Path(error.filename).relative_to(folder).as_posix(), f"{error.strerror}"))
    return sorted(found), skipped


def _read(path: Path, name: str, drum_map: DrumMap | None) -> tuple[OwnFile, int]:
    """Return a file and its number of 16ths."""
    try:
        # A pipe or a device with the name of a MIDI file would keep the reader waiting for ever.
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise StorageError(f"it can not be read: {getattr(error, 'strerror', None) or error}") from error
    if not regular:
        raise InvalidInput("it must be a regular file")
    track = read_midi(path, drum_map=drum_map)
    track = replace(track, others=(), notes=tuple(note for note in track.notes if track.voice_of(note)))
    if not track.notes:
        raise InvalidInput("it must hold drum notes that the map knows; there is none")
    grid = lay_grid(track, "16ths")
    if len(grid) > MAX_STEPS_OF_FILE:
        raise InvalidInput(f"it must last at most {MAX_STEPS_OF_FILE:,} 16ths; got {len(grid):,}")
    # The grid goes on until one bar after the last note.
    return OwnFile(name, track, _digest(track), int(grid.bars[-1])), len(grid)


def _digest(track: DrumTrack) -> str:
    played = np.array([(note.tick, note.pitch, note.velocity) for note in track.notes], dtype="<i8")
    return hashlib.sha256(track.ticks_per_beat.to_bytes(2, "little") + played.tobytes()).hexdigest()
