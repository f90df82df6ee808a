"""The user's folders of sounds: added, looked at again, removed. Files that have not changed are not read again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ghostnote.errors import InvalidAudio, InvalidInput, InvalidParameter, StorageError
from ghostnote.sounds.found import find_named, list_sounds
from ghostnote.sounds.index import KnownFile, SoundFolder, read_index, write_index
from ghostnote.sounds.listing import ListedFile
from ghostnote.sounds.recordings import read_recording
from ghostnote.sounds.roles import role_of

Progress = Callable[[int, int], None]
"""Called with how many files are done, and how many there are."""


def add_sounds(where: str | os.PathLike[str], *, progress: Progress | None = None) -> tuple[SoundFolder, ...]:
    """Read all sounds of a folder, or of an installed library, and remember it from now on.

    Args:
        where: a folder; or the name of a library out of `find_libraries()`, or `hydrogen` for all drumkits. A name
            that holds a separator is a folder.
        progress: told of each file.

    Returns:
        What was added, one folder unless `where` stands for several; one that was there already is read anew. Of
        several, those of which nothing can be used come back without files: they warn of why, and are not remembered.

    Raises:
        InvalidParameter: it lies in a folder that was added already.
        InvalidInput: there is no recording in it that can be used, or the index can not be used.
        StorageError: it is not there or can not be read, or the index can not be written.
    """
    known = read_index()
    chosen = resolve_sounds(where)
    for folder in chosen:
        for other in known:
            if other.kind == folder.kind == "folder" and other.folder in folder.folder.parents:
                raise InvalidParameter(f"{folder.folder} lies in {other.folder}, which was added already: it is there")
    write_index(known)  # before the work, so that a place which can not be written to is known at once
    scanned = [scan_folder(_remembered(folder, known), progress=progress) for folder in chosen]
    found = without_gone(scanned)
    if not any(folder.sounds for folder in found):
        raise InvalidInput(_nothing_in(found))
    _remember(folder for folder in found if folder.sounds)
    return found


def remove_sounds(where: str | os.PathLike[str]) -> tuple[SoundFolder, ...]:
    """Forget a folder or a library; its files are not touched.

    Args:
        where: as for `add_sounds`; it need not be there any more.

    Returns:
        What was forgotten.

    Raises:
        InvalidParameter: it was not added.
        InvalidInput, StorageError: the index can not be used.
    """
    known = read_index()
    place = _absolute(where)
    name = os.fspath(where)
    removed = [folder for folder in known if folder.name is not None and name in (folder.name, folder.kind)]
    removed = removed or [folder for folder in known if folder.folder == place]
    removed = removed or [folder for folder in known if folder.folder == place.resolve()]
    if not removed:
        there = ", ".join(folder.label for folder in known) or "none"
        raise InvalidParameter(f"{name} must be a folder that was added; there are: {there}")
    write_index(folder for folder in known if folder not in removed)
    return tuple(removed)


def refresh_folders(*, progress: Progress | None = None) -> tuple[SoundFolder, ...]:
    """Return all folders that were added, as they are now; files that changed are read again.

    A folder that is gone keeps its files of the last time. Where the index can not be written, the folders say so.

    Raises:
        InvalidInput: the index is damaged, or was written by a newer Ghostnote.
        StorageError: it can not be read.
    """
    known = read_index()
    now = tuple(scan_folder(folder, progress=progress) for folder in known)
    if any(before.files != after.files for before, after in zip(known, now, strict=True)):
        try:
            _remember(now, new=False)
        except StorageError as error:
            now = tuple(replace(folder, warnings=(*folder.warnings, str(error))) for folder in now)
    return now


def resolve_sounds(where: str | os.PathLike[str]) -> tuple[SoundFolder, ...]:
    """Return what `where` stands for, as for `add_sounds`, without looking at its files.

    Raises:
        StorageError: it is no library, and no folder that is there.
    """
    name = os.fspath(where)
    if isinstance(where, str) and (found := find_named(name)):
        return tuple(SoundFolder(library.folder, library.kind, library.name) for library in found)
    place = _absolute(where)
    if place.is_dir():
        return (SoundFolder(place),)
    if place.exists():
        raise StorageError(f"{name} must be a folder; it is a file. Add the folder that it lies in")
    raise StorageError(
        f"{name} is no folder that is there, and no library of sounds on this machine. "
        "Is the path right? `ghostnote sounds list` tells the names of libraries"
    )


def scan_folder(folder: SoundFolder, *, progress: Progress | None = None) -> SoundFolder:
    """Return `folder` as it is now: what it remembers of files that have not changed, the others read.

    Args:
        folder: with what is known of its files.
        progress: told of each file.
    """
    try:
        listing = list_sounds(folder.folder, folder.kind)
    except (StorageError, InvalidInput) as error:
        return replace(folder, warnings=(), gone=str(error))
    # Another name may be another role.
    before = {(file.path, file.size_bytes, file.modified_ns, file.name): file for file in folder.files}
    files: list[KnownFile] = []
    warnings = list(listing.warnings)
    for done, listed in enumerate(listing.files):
        known = before.get((listed.path, listed.size_bytes, listed.modified_ns, listed.name))
        if known is None:
            known, told = _read(folder.folder, listed)
            warnings += told
        files.append(known)
        if progress is not None:
            progress(done + 1, len(listing.files))
    return replace(folder, files=tuple(files), warnings=tuple(warnings), gone=None)


def without_gone(folders: Sequence[SoundFolder]) -> tuple[SoundFolder, ...]:
    """Return what one name stands for, those that can not be read without files, and with a warning that says why.

    Raises:
        StorageError: none can be read.
    """
    gone = [folder.gone for folder in folders if folder.gone]
    if gone and len(gone) == len(folders):
        raise StorageError(gone[0])
    return tuple(
        replace(folder, files=(), gone=None, warnings=(f"{folder.label} was left out: {folder.gone}",))
        if folder.gone
        else folder
        for folder in folders
    )


def _read(folder: Path, listed: ListedFile) -> tuple[KnownFile, tuple[str, ...]]:
    """Return the file as it is, and what was wrong with it and could be mended."""
    known = KnownFile(listed.path, listed.name, listed.size_bytes, listed.modified_ns, None)
    try:
        recording = read_recording(folder / listed.path, name=listed.name)
        role = role_of(recording.sound, recording.audio)
    except (InvalidAudio, InvalidParameter) as error:
        return replace(known, problem=str(error)), ()
    except StorageError as error:
        # It may be mended without a trace on the file: with a time that no file has, it is tried again.
        return replace(known, problem=str(error), modified_ns=-1), ()
    return replace(known, digest=recording.sound.digest, role=str(role)), recording.warnings


def _remembered(folder: SoundFolder, known: Iterable[SoundFolder]) -> SoundFolder:
    """Return `folder` with what is known of its files."""
    return next((replace(folder, files=other.files) for other in known if _same(other, folder)), folder)


def _remember(changed: Iterable[SoundFolder], *, new: bool = True) -> None:
    """Put `changed` into the index as it is by now: another process may have written it meanwhile."""
    folders = list(read_index())
    for folder in changed:
        at = next((i for i, other in enumerate(folders) if _same(other, folder)), None)
        if at is not None:
            folders[at] = folder
        elif new:
            folders.append(folder)
    write_index(folders)


def _same(one: SoundFolder, other: SoundFolder) -> bool:
    return (one.folder, one.kind) == (other.folder, other.kind)


def _absolute(where: str | os.PathLike[str]) -> Path:
    try:
        place = Path(where).expanduser().absolute()
        return place.resolve() if ".." in place.parts else place  # a link that the user named stays that link
    except (RuntimeError, ValueError, OSError) as error:
        raise StorageError(f"{str(where)[:80]!r} is no path: {error}") from error


def _nothing_in(folders: Iterable[SoundFolder]) -> str:
    names = ", ".join(str(folder.folder) for folder in folders)
    problems = [file.problem for folder in folders for file in folder.problems]
    told = f"files refused: {len(problems)}, such as this one: {problems[0]}" if problems else "no file has its name"
    return f"{names} must hold WAV, FLAC, AIFF or OGG that can be used; {told}"
