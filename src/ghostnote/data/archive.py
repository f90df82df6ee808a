"""The published archive of the Groove MIDI Dataset: what it is, where it may lie, and whether a file is it."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ghostnote.errors import InvalidArchive, StorageError
from ghostnote.locations import data_dir

ARCHIVE_VARIABLE = "GHOSTNOTE_GMD_ARCHIVE"
MAX_MEMBER_BYTES = 5 * 2**20
MAX_MEMBERS = 20_000
BLOCK = 2**20


@dataclass(frozen=True)
class Published:
    """An archive as its makers published it.

    Args:
        file_name: what it is called.
        url: the official address.
        size: in bytes.
        sha256: hexadecimal.
        licence: its name and address.
        attribution: what must be said wherever the data, or a model trained on it, is shared.
    """

    file_name: str
    url: str
    size: int
    sha256: str
    licence: str
    attribution: str


GROOVE = Published(
    file_name="groove-v1.0.0-midionly.zip",
    url="https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",
    size=3_260_318,
    sha256="651cbc524ffb891be1a3e46d89dc82a1cecb09a57c748c7b45b844c4841dcc1e",
    licence="Creative Commons Attribution 4.0 International (CC BY 4.0), https://creativecommons.org/licenses/by/4.0/",
    attribution=(
        "Groove MIDI Dataset v1.0.0 by Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck and David Bamman, "
        '"Learning to Groove with Inverse Sequence Transformations", ICML 2019; CC BY 4.0.'
    ),
)


def find_archive(path: str | os.PathLike[str] | None = None) -> Path:
    """Return where the archive lies: `path`, else `GHOSTNOTE_GMD_ARCHIVE`, else the user's data folder.

    Raises:
        StorageError: there is no file.
    """
    named = [(path, "the given path")] if path is not None else [(os.environ.get(ARCHIVE_VARIABLE), ARCHIVE_VARIABLE)]
    for place, name in named:
        if place:
            if not Path(place).is_file():
                raise StorageError(f"the dataset archive must be a file; {name} says {place}, which is none")
            return Path(place)
    usual = data_dir() / GROOVE.file_name
    if not usual.is_file():
        raise StorageError(
            f"the dataset archive is missing; looked for {usual}. Run `ghostnote data fetch` to download it "
            f"({GROOVE.size:,} bytes), or name a local copy with --archive PATH or the variable {ARCHIVE_VARIABLE}"
        )
    return usual


def check_archive(path: str | os.PathLike[str], *, published: Published | None = GROOVE) -> str:
    """Return the SHA-256 of the archive at `path` if it can be used.

    Args:
        path: of a zip file.
        published: what it must be; None accepts any archive that is laid out like the dataset.

    Raises:
        InvalidArchive: not a zip, not the published one, or a part of it is missing.
        StorageError: it can not be read.
    """
    place = Path(path)
    digest = _digest(place, None if published is None else published.size)
    if published is not None and digest != published.sha256:
        raise InvalidArchive(
            f"the archive must be {published.file_name} with sha256 {published.sha256}; {place} has {digest}. "
            "Is the file damaged? `ghostnote data fetch` downloads it again"
        )
    with open_archive(place) as archive:
        find_info(archive)
    return digest


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip file for reading; what zipfile raises within becomes `InvalidArchive`.

    Raises:
        InvalidArchive: not a zip, damaged, or of too many members.
        StorageError: it can not be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise InvalidArchive(f"an archive may hold at most {MAX_MEMBERS:,} members; {path} holds more")
            yield archive
    except zipfile.BadZipFile as error:
        raise InvalidArchive(f"{path} must be a zip archive; got something else or a damaged one ({error})") from error
    except (RuntimeError, NotImplementedError) as error:
        raise InvalidArchive(
            f"{path} must be a plain zip archive; it is encrypted or packed oddly ({error})"
        ) from error
    except (InvalidArchive, StorageError):
        raise
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror or error}") from error


def find_info(archive: zipfile.ZipFile) -> str:
    """Return the name of the member `info.csv`, beside which the drummers' folders lie.

    Raises:
        InvalidArchive: there is none.
    """
    found = [
        name
        for name in archive.namelist()
        if PurePosixPath(name).name == "info.csv" and not name.startswith("__MACOSX/")
    ]
    if not found:
        raise InvalidArchive(
            "the archive must hold info.csv, the list of performances; it is missing. Is it another zip?"
        )
    return min(found, key=len)


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of one member, of which at most `MAX_MEMBER_BYTES` are ever unpacked.

    Raises:
        InvalidArchive: it is missing or too large.
    """
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise InvalidArchive(f"the archive must hold {name}, which info.csv lists; it is missing") from None
    with archive.open(member) as stream:
        # The declared size may lie, so the limit holds for what is really unpacked.
        data = stream.read(MAX_MEMBER_BYTES + 1)
    if len(data) > MAX_MEMBER_BYTES:
        raise InvalidArchive(f"a member may hold at most {MAX_MEMBER_BYTES:,} bytes; {name} holds more")
    return data


def _digest(path: Path, size: int | None) -> str:
    digest = hashlib.sha256()
    try:
        actual = path.stat().st_size
        if size is not None and actual != size:
            raise InvalidArchive(
                f"the archive must hold {size:,} bytes; {path} holds {actual:,}. Is it the MIDI-only archive, whole?"
            )
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror or error}") from error
    return digest.hexdigest()
