"""Files are written whole or not at all: under a temporary name beside the target, synced, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ghostnote.errors import StorageError


def check_is_file(path: str | os.PathLike[str]) -> None:
    """Raise unless a file is at `path`; reading a pipe would wait for ever.

    Raises:
        StorageError: it is not there, or it is a folder, a pipe or a device.
    """
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}. Is the path right?") from error
    if not stat.S_ISREG(mode):
        raise StorageError(f"{path} must be a file; it is a folder, a pipe or a device. Give the name of a file")


def likely_fix(error: OSError) -> str:
    """Return what most probably helps where writing failed so, as a question."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return "Is the disk full?" if full else "Is the folder there, and may it be written to?"


@contextmanager
def writing(path: str | os.PathLike[str], *, overwrite: bool) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes become the file at `path` when the block ends without an error.

    A link is followed and stays a link; a file that is replaced keeps its permissions; devices and pipes are written
    directly.

    Args:
        path: of the file.
        overwrite: whether a file there may be replaced.

    Raises:
        StorageError: the file exists, or came into being meanwhile, and `overwrite` is false.
        OSError: writing failed.
    """
    target = Path(os.path.realpath(path))
    mode = target.stat().st_mode if target.exists() else None
    if mode is not None and not overwrite:
        raise StorageError(
            f"{target} exists; it is replaced only when asked to. Choose another name or allow overwriting."
        )
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        with target.open("wb") as stream:
            yield stream
        return
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb+") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        if overwrite:
            temporary.replace(target)
        else:
            _rename_to_new(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _rename_to_new(temporary: Path, target: Path) -> None:
    """Rename without ever replacing a file that came into being meanwhile, where the file system can promise that."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise StorageError(f"{target} came into being while it was written; it was left as it is") from None
    except OSError:  # no hard links on this file system
        if target.exists():
            raise StorageError(f"{target} came into being while it was written; it was left as it is") from None
        temporary.rename(target)
