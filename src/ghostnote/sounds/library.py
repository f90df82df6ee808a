"""All recorded sounds of the user together: each content once, wherever its files lie."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from ghostnote.errors import InvalidAudio, InvalidInput, StorageError
from ghostnote.groove import Voice
from ghostnote.locations import cache_dir
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.folders import Progress, refresh_folders, resolve_sounds, scan_folder, without_gone
from ghostnote.sounds.found import Kind
from ghostnote.sounds.index import KnownFile, SoundFolder, read_index, write_index
from ghostnote.sounds.recordings import read_recording
from ghostnote.sounds.sound import FileSound

MOST_CACHED = 50
"""Folders that are remembered for the next time they are asked for, without being added."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that holds the same samples as another.

    Args:
        path: of the file.
        original: of the file that counts.
    """

    path: Path
    original: Path


@dataclass(frozen=True, eq=False)
class SoundLibrary:
    """The recordings in some folders.

    Args:
        folders: where they lie, in the order in which they were added.
        sounds: what can be used, the same content once, named after its first file.
        duplicates: the files that hold the same as an earlier one.
        warnings: what can not be used, and why: folders that are gone, broken files, what was left out.
    """

    folders: tuple[SoundFolder, ...]
    sounds: tuple[FileSound, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    warnings: tuple[str, ...] = ()
    _paths: Mapping[str, tuple[Path, ...]] = field(default_factory=dict, repr=False)
    _roles: Mapping[str, Voice] = field(default_factory=dict, repr=False)

    def read(self, sound: FileSound) -> Mono | None:
        """Return the samples of `sound`, as a `SoundBank` wants them; None if no file holds them any more.

        Returns:
            `(frames,)` float32 in mono at `MASTER_RATE_HZ`.
        """
        for path in self._paths.get(sound.digest, ()):
            try:
                recording = read_recording(path)
            except (InvalidAudio, StorageError):  # changed since it was looked at; another file may hold the same
                continue
            if recording.sound == sound:
                return recording.audio
        return None

    def role_of(self, sound: FileSound) -> Voice | None:
        """Return the voice that `sound` could play, without reading it; None if it is in none of the folders."""
        return self._roles.get(sound.digest)

    def path_of(self, sound: FileSound) -> Path | None:
        """Return the file that counts for `sound`; None if it is in none of the folders."""
        paths = self._paths.get(sound.digest, ())
        return paths[0] if paths else None


def open_library(
    folders: Sequence[str | os.PathLike[str]] | None = None, *, progress: Progress | None = None
) -> SoundLibrary:
    """Return the recordings in `folders`; files that are known and have not changed are not read again.

    Args:
        folders: folders, or names of libraries on this machine (see `ghostnote.sounds.folders.add_sounds`); all that
            the user added if None, which is none at first.
        progress: told of each file.

    Raises:
        InvalidInput: the index is damaged, or was written by a newer Ghostnote.
        StorageError: a folder that was asked for can not be read, or the index can not be.
    """
    if folders is None:
        return join_folders(refresh_folders(progress=progress))
    cached = _read_or_nothing(_cache_path())
    known: dict[Path, tuple[KnownFile, ...]] = {}
    for folder in (*cached, *_read_or_nothing(None)):
        known[folder.folder] = (*known.get(folder.folder, ()), *folder.files)
    chosen: dict[tuple[Path, Kind], SoundFolder] = {}
    for where in folders:
        places = [place for place in resolve_sounds(where) if (place.folder, place.kind) not in chosen]
        found = [scan_folder(replace(p, files=known.get(p.folder, ())), progress=progress) for p in places]
        chosen.update({(folder.folder, folder.kind): folder for folder in without_gone(found)})
    scanned = tuple(chosen.values())
    others = (folder for folder in cached if (folder.folder, folder.kind) not in chosen)
    kept = tuple(replace(folder, warnings=()) for folder in (*scanned, *others))[:MOST_CACHED]
    if kept != cached:
        with suppress(StorageError):  # it only saves time
            write_index(kept, _cache_path())
    return join_folders(scanned)


def _cache_path() -> Path:
    """Return where it is kept what the files were in folders that were asked for without being added."""
    return cache_dir() / "sounds.json"


def _read_or_nothing(path: Path | None) -> tuple[SoundFolder, ...]:
    """Return what an index knows, where it only saves time."""
    try:
        return read_index(path)
    except (InvalidInput, StorageError):
        return ()


def join_folders(folders: Iterable[SoundFolder]) -> SoundLibrary:
    """Return the library of what `folders` know of their files; nothing is read."""
    folders = tuple(folders)
    sounds: dict[str, FileSound] = {}
    paths: dict[str, list[Path]] = {}
    roles: dict[str, Voice] = {}
    duplicates: list[Duplicate] = []
    warnings: list[str] = []
    seen: set[str] = set()
    for folder in folders:
        if folder.gone:
            warnings.append(f"{folder.label} is gone: {folder.gone}")
        warnings += folder.warnings
        for file in folder.files:
            path = folder.folder / file.path
            if (real := os.path.realpath(path)) in seen:  # the same file, in a folder and in one inside it
                continue
            seen.add(real)
            if file.problem is not None:
                warnings.append(file.problem)
            elif (sound := file.sound) is not None:
                if sound.digest in sounds:
                    duplicates.append(Duplicate(path, paths[sound.digest][0]))
                sounds.setdefault(sound.digest, sound)
                if file.role is not None:
                    roles.setdefault(sound.digest, Voice.parse(file.role))
                paths.setdefault(sound.digest, []).append(path)
    return SoundLibrary(
        folders,
        tuple(sounds.values()),
        tuple(duplicates),
        tuple(warnings),
        MappingProxyType({digest: tuple(found) for digest, found in paths.items()}),
        MappingProxyType(roles),
    )
