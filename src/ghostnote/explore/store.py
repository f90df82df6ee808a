"""A session's file: SQLite, in which rows are only ever added, each of them durable before anybody is told.

Every operation opens the file and closes it again, so between two of them the file is complete by itself: it can be
copied, and processes and threads can share it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ghostnote.errors import GhostnoteError, InvalidInput, InvalidParameter, StorageError
from ghostnote.explore import schema
from ghostnote.explore.heard import Candidate
from ghostnote.explore.records import Judgement, Kind
from ghostnote.loops import encode_loop
from ghostnote.storage import writing

BUSY_SECONDS = 20.0
"""How long an operation waits for another process that writes."""

LONGEST_KEY = 200
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100


class Store:
    """The rows of one session's file.

    Args:
        path: of the file, which `create_store` made.

    Raises:
        InvalidInput: it is not a session, is damaged, or is of a newer version.
        StorageError: it is not there, or can not be read and written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        _check_header(self.path)
        self._engine = _engine(self.path)
        with self._errors():
            with self._engine.connect() as connection:
                self._check_version(connection)
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise InvalidInput(f"{self.path} is damaged: {found}. Is it a whole copy? Take it from a backup")
            _keep_a_log_ahead(self.path)
        with self.writing() as connection:  # also shows whether it can be written
            self._check_version(connection)
            migrate(connection)
            row = connection.execute(select(schema.session.c.settings)).one_or_none()
        self._settings = _object(None if row is None else row.settings, f"the settings in {self.path}")

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the session was begun with."""
        return self._settings

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the file.

        Raises:
            InvalidInput, StorageError: the file is damaged, or can not be read.
        """
        with self._errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that alone may write; what was written is durable once the block is left.

        Raises:
            InvalidInput, StorageError: the file is damaged, or can not be written; then nothing was.
        """
        with self._errors(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def attachment(self, name: str) -> bytes | None:
        """Return a file that the session was begun with, or None."""
        with self.reading() as connection:
            query = select(schema.attachment.c.content).where(schema.attachment.c.name == name)
            return connection.execute(query).scalar_one_or_none()

    def add_proposal(
        self,
        candidate: Candidate,
        encoder: str,
        at: str,
        *,
        recordings: Sequence[tuple[str, str, float, bytes]] = (),
        expected: int | None = None,
    ) -> int | None:
        """Add a proposal, with the recordings that it plays, and return its number.

        Args:
            candidate: what is proposed.
            encoder: SHA-256 of what made its embedding.
            at: UTC, ISO 8601.
            recordings: (digest, name, gain, FLAC) of each; those that are there already are left as they are.
            expected: number of proposals that `candidate` was made after; None does not matter.

        Returns:
            None, and nothing was added, if there are more than `expected`: another process was quicker.
        """
        embedding = np.ascontiguousarray(candidate.embedding, dtype="<f4")
        with self.writing() as connection:
            if expected is not None and count_proposals(connection) != expected:
                return None
            for digest, name, gain, flac in recordings:
                row = {"digest": digest, "name": name, "gain": gain, "flac": flac}
                connection.execute(insert(schema.recording).prefix_with("OR IGNORE"), row)
            result = connection.execute(
                insert(schema.proposal),
                {
                    "loop_key": candidate.loop.key,
                    "loop": json.dumps(encode_loop(candidate.loop), separators=(",", ":")),
                    "origin": candidate.origin,
                    "score": float(candidate.score),
                    "uncertainty": float(candidate.uncertainty),
                    "embedding": embedding.tobytes(),
                    "encoder": encoder,
                    "made_at": at,
                },
            )
            return _new_id(result.inserted_primary_key)

    def proposals(self, after: int = 0) -> Sequence[Row[Any]]:
        """Return the rows of the proposals whose number is above `after`, in order."""
        with self.reading() as connection:
            table = schema.proposal
            return connection.execute(select(table).where(table.c.id > after).order_by(table.c.id)).all()

    def proposal_of_loop(self, loop_key: str) -> int | None:
        """Return the number of the first proposal that sounds like `loop_key`, or None."""
        with self.reading() as connection:
            table = schema.proposal
            return connection.execute(select(func.min(table.c.id)).where(table.c.loop_key == loop_key)).scalar()

    def recording(self, digest: str) -> tuple[float, bytes] | None:
        """Return gain and FLAC of a recording, or None."""
        with self.reading() as connection:
            query = select(schema.recording.c.gain, schema.recording.c.flac).where(schema.recording.c.digest == digest)
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.gain, row.flac)

    def recorded(self) -> frozenset[str]:
        """Return the digests of the recordings in the file."""
        with self.reading() as connection:
            return frozenset(connection.execute(select(schema.recording.c.digest)).scalars())

    def log(self) -> list[Judgement]:
        """Return every judgement that was ever made, in order."""
        with self.reading() as connection:
            rows = connection.execute(select(schema.judgement).order_by(schema.judgement.c.id)).all()
        return [_judgement(row) for row in rows]

    def judge(self, kind: Kind, proposal_id: int, liked: bool | None, key: str | None, at: str) -> Judgement:
        """Add a rating or a skip to the log, and return it; it is durable then.

        Args:
            kind: `rate` or `skip`.
            proposal_id: of what is judged.
            liked: of a `rate`.
            key: of idempotency: with one that is there already, the judgement that came with it is returned.
            at: UTC, ISO 8601.

        Raises:
            InvalidParameter: there is no such proposal, or `key` came with something else before.
        """
        check_key(key)
        checked_id(proposal_id)
        with self.writing() as connection:
            known = _by_key(connection, key)
            if known is not None:
                if (known.kind, known.proposal_id, known.liked) != (kind, proposal_id, liked):
                    raise InvalidParameter(_used_key(known))
                return known
            count = count_proposals(connection)
            if not 1 <= proposal_id <= count:
                raise InvalidParameter(no_such(proposal_id, count))
            return _add(connection, kind=kind, proposal_id=proposal_id, liked=liked, key=key, at=at)

    def undo(self, key: str | None, at: str) -> tuple[Judgement, Judgement]:
        """Take back the last judgement that still holds; return the new row of the log, and the one that it undoes.

        Raises:
            InvalidParameter: nothing is left to undo, or `key` came with something else before.
        """
        check_key(key)
        table = schema.judgement
        with self.writing() as connection:
            known = _by_key(connection, key)
            if known is not None:
                if known.kind != "undo":
                    raise InvalidParameter(_used_key(known))
                return known, _only(connection, select(table).where(table.c.id == known.undoes))
            undone = select(table.c.undoes).where(table.c.undoes.is_not(None))
            standing = select(table).where(table.c.kind != "undo", table.c.id.not_in(undone))
            row = connection.execute(standing.order_by(table.c.id.desc()).limit(1)).one_or_none()
            if row is None:
                raise InvalidParameter("there is nothing to undo: no rating and no skip holds")
            last = _judgement(row)
            added = _add(connection, kind="undo", proposal_id=last.proposal_id, undoes=last.id, key=key, at=at)
            return added, last

    def _check_version(self, connection: Connection) -> None:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > len(schema.STEPS):
            raise InvalidInput(
                f"{self.path} must be of version {len(schema.STEPS)} at most; it is of version {version}. "
                "A newer Ghostnote wrote it: update this one. The file was left as it is"
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise explained(self.path, error.orig) from error
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the driver can not read what is said of a broken table
            raise explained(self.path, error) from error


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
        _keep_a_log_ahead(made)
        with (
            _engine(made, synchronous="OFF").connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            migrate(connection)
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
        raise StorageError(f"the session can not be written to {path}: {error.strerror}") from error


def migrate(connection: Connection) -> None:
    """Lead the tables from their version to the present one; within the transaction of `connection`."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    for number, statements in enumerate(schema.STEPS[version:], start=version + 1):
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")


def count_proposals(connection: Connection) -> int:
    """Return the number of proposals, which is that of the last one."""
    return int(connection.execute(select(func.count()).select_from(schema.proposal)).scalar_one())


def check_key(key: str | None) -> None:
    """Raise InvalidParameter unless `key` can be an idempotency key."""
    if key is None:
        return
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidParameter(f"key must be a text of 1…{LONGEST_KEY} printable characters; got {str(key)[:40]!r}")


def checked_id(proposal_id: int) -> int:
    """Return `proposal_id`; raise InvalidParameter unless it is a whole number that a file can hold."""
    if isinstance(proposal_id, bool) or not isinstance(proposal_id, int) or not 0 < proposal_id < 2**63:
        raise InvalidParameter(f"id must be the number of a proposal, from 1 on; got {proposal_id!r}")
    return proposal_id


def no_such(proposal_id: int, count: int) -> str:
    """Return what is wrong with the number of a proposal where there are `count`."""
    there = f"1…{count}" if count else "of which there are none yet"
    return f"id must be that of a proposal of this session, {there}; got {proposal_id}"


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


def _check_header(path: Path) -> None:
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


def _at_work(path: Path, header: bytes) -> bool:
    """Tell whether a process is just writing the file, which is not whole in between; its log is then beside it."""
    log = path.with_name(path.name + "-wal")
    if log.exists():
        return True
    with path.open("rb") as stream:
        return stream.read(_HEADER_BYTES) != header or log.exists()


def _connect(path: Path, synchronous: str = "FULL") -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
    return connection


def _keep_a_log_ahead(path: Path) -> None:
    """Switch write-ahead logging on; the file stays so. Where there can be none, it is as safe and slower."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").close()


def _engine(path: Path, synchronous: str = "FULL") -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connect(path, synchronous), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever will write says so at once: two that read first and write then would have to give up.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _add(
    connection: Connection,
    *,
    kind: Kind,
    proposal_id: int,
    key: str | None,
    at: str,
    liked: bool | None = None,
    undoes: int | None = None,
) -> Judgement:
    values = {"kind": kind, "proposal_id": proposal_id, "liked": liked, "undoes": undoes, "key": key, "made_at": at}
    result = connection.execute(insert(schema.judgement), values)
    return Judgement(_new_id(result.inserted_primary_key), kind, proposal_id, liked, undoes, key, at)


def _by_key(connection: Connection, key: str | None) -> Judgement | None:
    if key is None:
        return None
    row = connection.execute(select(schema.judgement).where(schema.judgement.c.key == key)).one_or_none()
    return None if row is None else _judgement(row)


def _only(connection: Connection, query: Select[Any]) -> Judgement:
    return _judgement(connection.execute(query).one())


def _judgement(row: Row[Any]) -> Judgement:
    liked = None if row.liked is None else bool(row.liked)
    return Judgement(row.id, row.kind, row.proposal_id, liked, row.undoes, row.key, row.made_at)


def _used_key(known: Judgement) -> str:
    said = {True: " (liked)", False: " (disliked)", None: ""}[known.liked]
    return (
        f"key must be a new one for each thing that is said; {known.key!r} came with a {known.kind} "
        f"of proposal {known.proposal_id}{said} before"
    )


def _new_id(primary_key: Any) -> int:
    return int(primary_key[0])


def _object(text: str | None, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "")
    except ValueError as error:
        raise InvalidInput(f"{name} must be JSON; they are damaged") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} must be an object; they are damaged")
    return value
