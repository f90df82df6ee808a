"""Which files of a folder could be recordings: a walk with bounds that reads nothing but names and sizes."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ghostnote.errors import StorageError
from ghostnote.sounds.recordings import SUFFIXES, printable_name

MOST_FILES = 20_000
MOST_ENTRIES = 200_000
DEEPEST = 12

KIT_FILE = "drumkit.xml"
_UNREADABLE = frozenset({".mp3", ".m4a", ".aac", ".wma", ".opus", ".rx2", ".rex", ".wv", ".caf", ".w64"})
_WORDLESS = 2


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file that could be a recording.

    Args:
        path: from the folder on, with `/` between its parts.
        size_bytes: of the file.
        modified_ns: when it was last written.
        name: what a person shall see.
    """

    path: str
    size_bytes: int
    modified_ns: int
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds.

    Args:
        files: that could be recordings, in the order of their paths.
        descriptions: paths of the files that describe sounds (`drumkit.xml`, `.sfz`), as in `files`.
        warnings: what was left out, and why.
    """

    files: tuple[ListedFile, ...]
    descriptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def list_folder(folder: Path) -> Listing:
    """Return what could be recordings in `folder` and in the folders inside it.

    Hidden files and folders are left out, and so is what is no audio. Links are followed, but no folder is entered
    twice. At most `MOST_FILES` files, `MOST_ENTRIES` entries and `DEEPEST` levels are looked at; the rest is warned of.

    Raises:
        StorageError: `folder` is not there, is no folder, or can not be read.
    """
    try:
        status = folder.stat()
        with os.scandir(folder):
            pass
    except OSError as error:
        raise StorageError(f"the folder {folder} can not be read: {error.strerror}. Is the path right?") from error
    walk = _Walk(folder, {(status.st_dev, status.st_ino)})
    walk.enter("", 1)
    if walk.full:
        walk.warnings.append(
            f"{folder} holds more than {MOST_FILES:,} recordings or {MOST_ENTRIES:,} files; the rest was left out. "
            "Add the folders inside it that matter"
        )
    if walk.unreadable:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(walk.unreadable.items()))
        walk.warnings.append(
            f"{folder} also holds audio that is not read: {kinds}. Convert it to WAV or FLAC to use it"
        )
    return Listing(tuple(walk.files), tuple(walk.descriptions), tuple(walk.warnings))


def listed_file(folder: Path, path: str, name: str) -> ListedFile:
    """Return the file at `path` in `folder` under the name `name`.

    Raises:
        StorageError: it is not there, or no file.
    """
    try:
        status = (folder / path).stat()
    except OSError as error:
        raise StorageError(f"{folder / path} can not be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise StorageError(f"{folder / path} must be a file; it is a folder, a pipe or a device")
    return ListedFile(path, status.st_size, status.st_mtime_ns, printable_name(name))


@dataclass
class _Walk:
    folder: Path
    entered: set[tuple[int, int]]
    files: list[ListedFile] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unreadable: Counter[str] = field(default_factory=Counter)
    entries: int = 0
    full: bool = False

    def enter(self, inside: str, depth: int) -> None:
        """Look at the folder at the path `inside`, which is empty or ends in `/`."""
        try:
            with os.scandir(self.folder / inside) as found:
                names = []
                for entry in found:
                    self.entries += 1
                    if self.entries > MOST_ENTRIES:
                        self.full = True
                        break
                    if not entry.name.startswith("."):
                        names.append(entry.name)
        except OSError as error:
            self.warnings.append(f"{self.folder / inside} can not be read: {error.strerror}")
            return
        for name in sorted(names):
            if self.full:
                return
            self._look_at(inside + name, depth)

    def _look_at(self, path: str, depth: int) -> None:
        suffix = PurePosixPath(path).suffix.lower()
        try:
            status = (self.folder / path).stat()
        except OSError as error:
            if suffix in SUFFIXES:
                self.warnings.append(f"{self.folder / path} can not be read: {error.strerror}. Is it a broken link?")
            return
        if stat.S_ISDIR(status.st_mode):
            self._enter_once(path, (status.st_dev, status.st_ino), depth)
        elif not stat.S_ISREG(status.st_mode):
            return
        elif suffix in SUFFIXES:
            self.full = len(self.files) >= MOST_FILES
            if not self.full:
                name = _name_of(self.folder, path)
                self.files.append(ListedFile(path, status.st_size, status.st_mtime_ns, name))
        elif suffix == ".sfz" or path.rpartition("/")[2].lower() == KIT_FILE:
            self.descriptions.append(path)
        elif suffix in _UNREADABLE:
            self.unreadable[suffix] += 1

    def _enter_once(self, path: str, identity: tuple[int, int], depth: int) -> None:
        if identity in self.entered:
            return
        self.entered.add(identity)
        if depth >= DEEPEST:
            self.warnings.append(f"{self.folder / path} was left out: it lies more than {DEEPEST} folders deep")
            return
        self.enter(f"{path}/", depth + 1)


def _name_of(folder: Path, path: str) -> str:
    """Return the file's name without its suffix, after that of its folder where it says little or lies deeper."""
    inside, _, last = path.rpartition("/")
    stem = PurePosixPath(last).stem
    above = inside.rpartition("/")[2]
    if not above and sum(c.isalpha() for c in stem) < _WORDLESS:
        above = folder.resolve().name
    return printable_name(f"{above}/{stem}" if above else stem)
