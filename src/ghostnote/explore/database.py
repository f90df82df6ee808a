"""Opening and making the database of a session: durable, shared by processes, and never somebody else's file."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.pool import NullPool

from ghostnote.errors import GhostnoteError, InvalidInput, StorageError
from ghostnote.explore import schema
from ghostnote.storage import likely_fix, writing

BUSY_SECONDS = 20.0
"""How long an operation waits for another process that writes."""

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100


def create_store(
    path: str | os.PathLike[str], settings: Mapping[str, Any], at: str, attachments: Mapping[str, bytes] | None = None
) -> None:
    """Make the file of a new session, whole or not at all; never in the place of another file.

    Args:
        path: of the new file.
        settings: JSON values to keep.
        at: UTC, ISO 8601.
        attachments: files to keep, by name.

    Raises:
        StorageError: something is there already, or the file can not be written.
    """
    path = Path(path).absolute()
    for ending in ("-wal", "-journal"):
        if (left := path.with_name(path.name + ending)).exists():
            raise StorageError(
                f"{left} is what an interrupted session left, and its file is gone. Put {path.name} back beside it, "
                "or delete it"
            )
    with tempfile.TemporaryDirectory(prefix="ghostnote-") as folder:
        made = Path(folder) / "session"
        made.touch()
        keep_a_log_ahead(made)
        with (
            open_engine(made, synchronous="OFF").connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            migrate(connection, schema.STEPS)
            connection.execute(
                insert(schema.session), {"id": 1, "settings": json.dumps(settings, sort_keys=True), "made_at": at}
            )
            for name, content in (attachments or {}).items():
                connection.execute(insert(schema.attachment), {"name": name, "content": content})
        content = made.read_bytes()
    try:
        with writing(path, overwrite=False) as stream:
            stream.write(content)
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            f"the session can not be written to {path}: {error.strerror}. {likely_fix(error)}"
        ) from error


def migrate(connection: Connection, steps: Sequence[Sequence[str]]) -> None:
    """Lead the tables from their version to the present one; within the transaction of `connection`.

    Args:
        connection: that writes.
        steps: statements that lead from version 0 to 1, from 1 to 2, and on.
    """
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    for number, statements in enumerate(steps[version:], start=version + 1):
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")


def check_header(path: Path) -> None:
    """Raise unless the file at `path` is a session by its first bytes; a file of somebody else is never touched."""
    if path.is_dir():
        raise StorageError(f"{path} is a folder; give the name of a session's file")
    if not path.exists():
        raise StorageError(f"there is no session at {path}. Is the name right?")
    if not path.is_file():
        raise StorageError(f"{path} must be a file; it is a device or a pipe")
    try:
        with path.open("rb") as stream:
            header = stream.read(_HEADER_BYTES)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}") from error
    if not os.access(path, os.W_OK):
        raise StorageError(f"{path} can not be written: the file is read-only. Make it writable, or copy it elsewhere")
    if not header:
        raise InvalidInput(f"{path} is empty: no session. Delete it, or take it from a backup")
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise InvalidInput(f"{path} is not a session of Ghostnote: its first bytes are {header[:8]!r}")
    pages, page_bytes = int.from_bytes(header[28:32]), int.from_bytes(header[16:18])
    page_bytes = 65_536 if page_bytes == 1 else page_bytes
    if path.stat().st_size < pages * page_bytes and not _at_work(path, header):
        raise InvalidInput(
            f"{path} is damaged: it must have {pages * page_bytes:,} bytes and ends after {path.stat().st_size:,}. "
            "Is it a whole copy? Take it from a backup"
        )
    if (application := int.from_bytes(header[68:72])) != schema.APPLICATION_ID:
        raise InvalidInput(f"{path} is a database of another program (application id {application:#x}), not a session")


def connect(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
    """Return a connection to the file at `path`, which must be there."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
    return connection


def keep_a_log_ahead(path: Path) -> None:
    """Switch write-ahead logging on; the file stays so. Where there can be none, it is as safe and slower."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").close()


def open_engine(path: Path, synchronous: str = "FULL") -> Engine:
    """Return what opens the file anew for each operation, and closes it: in between it is complete by itself."""
    engine = create_engine("sqlite://", creator=lambda: connect(path, synchronous), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever will write says so at once: two that read first and write then would have to give up.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def explained(path: Path, error: BaseException | None) -> GhostnoteError:
    """Return what an error of SQLite means to the person whose file it is."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return StorageError(f"the disk is full: nothing was written to {path}. Make room, then go on")
    if name.startswith("SQLITE_READONLY"):
        return StorageError(f"{path} can not be written: the file or its folder is read-only. Copy it elsewhere")
    if name.startswith("SQLITE_CANTOPEN"):
        return StorageError(
            f"{path} can not be opened for writing. Is it there still, and may you write into its folder?"
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageError(f"{path} is being written by another program for too long. Close it, then try again")
    if name.startswith("SQLITE_IOERR"):
        return StorageError(f"reading or writing {path} failed ({name}). Is the disk full, or gone?")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return InvalidInput(f"{path} is damaged: {error}. Is it a whole copy? Take it from a backup")
    return InvalidInput(f"{path} can not be used as a session: {error}. Did another program change it?")


def _at_work(path: Path, header: bytes) -> bool:
    """Tell whether a process is just writing the file, which is not whole in between; its log is then beside it."""
    log = path.with_name(path.name + "-wal")
    if log.exists():
        return True
    with path.open("rb") as stream:
        return stream.read(_HEADER_BYTES) != header or log.exists()
