"""The index of the user's sounds: which folders were added, and what each file in them was when it was last read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove import Voice
from ghostnote.locations import data_dir
from ghostnote.sounds.found import Kind
from ghostnote.sounds.sound import FileSound
from ghostnote.storage import writing

INDEX_FORMAT = 1
MOST_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when it was read.

    Args:
        path: from its folder on, with `/` between its parts.
        name: what a person sees.
        size_bytes, modified_ns: of the file; where they are still the same, it is not read again.
        digest: of its samples; None if it can not be used.
        role: the voice that it could play, as `ghostnote.sounds.roles` says; None if it can not be used.
        problem: why it can not be used; None if it can.
    """

    path: str
    name: str
    size_bytes: int
    modified_ns: int
    digest: str | None
    role: str | None = None
    problem: str | None = None

    @property
    def sound(self) -> FileSound | None:
        """The sound in it, if it can be used."""
        return None if self.digest is None else FileSound(self.digest, self.name)


@dataclass(frozen=True, slots=True)
class SoundFolder:
    """A folder that the user added.

    Args:
        folder: where it lies, absolute.
        kind: of its files.
        name: of the library that it was added as; None for a folder of the user's own.
        files: what is in it.
        warnings: what was left out when it was last looked at.
        gone: why it can not be read now; its files are those of the last time. None if it can.
    """

    folder: Path
    kind: Kind = "folder"
    name: str | None = None
    files: tuple[KnownFile, ...] = ()
    warnings: tuple[str, ...] = ()
    gone: str | None = None

    @property
    def label(self) -> str:
        """What `ghostnote sounds remove` knows it by."""
        return self.name or str(self.folder)

    @property
    def sounds(self) -> tuple[FileSound, ...]:
        """What can be used, in the order of its files, the same content once."""
        return tuple(dict.fromkeys(file.sound for file in self.files if file.sound is not None))

    @property
    def problems(self) -> tuple[KnownFile, ...]:
        """What can not be used."""
        return tuple(file for file in self.files if file.problem is not None)


def index_path() -> Path:
    """Return where the index lies."""
    return data_dir() / "sounds.json"


def read_index(path: Path | None = None) -> tuple[SoundFolder, ...]:
    """Return the folders that the user added, in that order, as the index remembers them; none if there is no index.

    Args:
        path: of the index; `index_path()` if None.

    Raises:
        InvalidInput: the index is damaged, or was written by a newer Ghostnote.
        StorageError: it can not be read.
    """
    path = path or index_path()
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StorageError(f"the index of sounds {path} can not be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"the index of sounds {path} must be at most {MOST_BYTES / 2**20:g} MiB. {_MEND}")
    try:
        value = json.loads(data)
        written = value["format"]
        if isinstance(written, int) and written > INDEX_FORMAT:
            raise InvalidInput(
                f"the index of sounds {path} has format {written}; this Ghostnote knows {INDEX_FORMAT}. "
                "Update Ghostnote, or move the file away and add the folders again"
            )
        if written != INDEX_FORMAT:
            raise ValueError(f"format must be {INDEX_FORMAT}; got {str(written)[:40]!r}")
        return tuple(_decode_folder(folder) for folder in value["folders"])
    except InvalidInput:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"the index of sounds {path} is damaged: {str(error)[:200]}. {_MEND}") from error


def write_index(folders: Iterable[SoundFolder], path: Path | None = None) -> None:
    """Make `folders` what the index remembers; the file is written whole or not at all.

    Args:
        folders: to remember.
        path: of the index; `index_path()` if None.

    Raises:
        StorageError: it can not be written.
    """
    path = path or index_path()
    value = {"format": INDEX_FORMAT, "folders": [_encode_folder(folder) for folder in folders]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path, overwrite=True) as stream:
            # Names of files that are no UTF-8 come through as escapes.
            stream.write(json.dumps(value, indent=1, ensure_ascii=True).encode())
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the index of sounds {path} can not be written: {error.strerror}") from error


_MEND = "Move it away and add the folders again; the sounds themselves are untouched"


def _encode_folder(folder: SoundFolder) -> dict[str, Any]:
    return {
        "folder": os.fspath(folder.folder),
        "kind": folder.kind,
        "name": folder.name,
        "files": [
            [file.path, file.name, file.size_bytes, file.modified_ns, file.digest, file.role, file.problem]
            for file in folder.files
        ],
    }


def _decode_folder(value: Any) -> SoundFolder:
    kind, name, place = value["kind"], value["name"], value["folder"]
    if kind not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}; got {str(kind)[:40]!r}")
    if not isinstance(place, str) or not Path(place).is_absolute():
        raise ValueError(f"folder must be an absolute path; got {str(place)[:80]!r}")
    if not isinstance(name, str | None):
        raise ValueError(f"name must be a text or null; got {str(name)[:40]!r}")
    return SoundFolder(Path(place), kind, name, tuple(_decode_file(file) for file in value["files"]))


def _decode_file(value: Any) -> KnownFile:
    path, name, size_bytes, modified_ns, digest, role, problem = value
    file = KnownFile(path, name, size_bytes, modified_ns, digest, role, problem)
    texts = isinstance(path, str) and isinstance(name, str) and isinstance(problem, str | None)
    if not texts or type(size_bytes) is not int or type(modified_ns) is not int:
        raise ValueError(f"a file must be path, name, size, time, digest, role, problem; got {str(value)[:120]}")
    if (digest is None) == (problem is None):
        raise ValueError(f"a file must have either a digest or a problem; got {str(value)[:120]}")
    try:
        if digest is not None:
            FileSound(digest, name)
            Voice.parse(role)
    except (InvalidParameter, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    return file
