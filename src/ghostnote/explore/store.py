"""A session's file: SQLite, in which rows are only ever added, each of them durable before anybody is told.

Every operation opens the file and closes it again, so between two of them the file is complete by itself: it can be
copied, and processes and threads can share it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, func, insert, select
from sqlalchemy.exc import DBAPIError

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore import schema
from ghostnote.explore.database import check_header, explained, keep_a_log_ahead, migrate, open_engine
from ghostnote.explore.heard import Candidate
from ghostnote.explore.records import Judgement, Kind, marks_of
from ghostnote.loops import encode_loop
from ghostnote.sounds.sound import FileSound

LONGEST_KEY = 200


class UsedKey(InvalidParameter):
    """An idempotency key came with something else before."""


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
        check_header(self.path)
        self._engine = open_engine(self.path)
        with self._errors():
            with self._engine.connect() as connection:
                self._check_version(connection)
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise InvalidInput(f"{self.path} is damaged: {found}. Is it a whole copy? Take it from a backup")
            keep_a_log_ahead(self.path)
        with self.writing() as connection:  # also shows whether it can be written
            self._check_version(connection)
            migrate(connection, schema.STEPS)
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

    def attach(self, name: str, content: bytes) -> None:
        """Keep a file under `name`, in the place of one that was there."""
        with self.writing() as connection:
            row = {"name": name, "content": content}
            connection.execute(insert(schema.attachment).prefix_with("OR REPLACE"), row)

    @property
    def made_at(self) -> str:
        """When the session was begun: UTC, ISO 8601."""
        with self.reading() as connection:
            return str(connection.execute(select(schema.session.c.made_at)).scalar_one())

    def add_proposal(
        self,
        candidate: Candidate,
        encoder: str,
        at: str,
        *,
        recordings: Sequence[tuple[str, str, float, bytes]] = (),
        expected: int | None = None,
        marks: str | None = None,
    ) -> int | None:
        """Add a proposal, with the recordings that it plays, and return its number.

        Args:
            candidate: what is proposed.
            encoder: SHA-256 of what made its embedding.
            at: UTC, ISO 8601.
            recordings: (digest, name, gain, FLAC) of each; those that are there already are left as they are.
            expected: number of proposals that `candidate` was made after; None does not matter.
            marks: what holds of each proposal must still be this, see `marks_of`; None does not matter.

        Returns:
            None, and nothing was added, if that is not so: another process was quicker.
        """
        embedding = np.ascontiguousarray(candidate.embedding, dtype="<f4")
        with self.writing() as connection:
            if expected is not None and count_proposals(connection) != expected:
                return None
            if marks is not None and marks_of(count_proposals(connection), _log(connection)) != marks:
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

    def recordings(self) -> tuple[FileSound, ...]:
        """Return the recordings in the file.

        Raises:
            InvalidInput: one is damaged.
        """
        with self.reading() as connection:
            rows = connection.execute(select(schema.recording.c.digest, schema.recording.c.name)).all()
        try:
            return tuple(FileSound(row.digest, row.name) for row in rows)
        except InvalidParameter as error:
            raise InvalidInput(f"a recording in {self.path} is damaged: {error}") from error

    def recorded(self) -> frozenset[str]:
        """Return the digests of the recordings in the file."""
        with self.reading() as connection:
            return frozenset(connection.execute(select(schema.recording.c.digest)).scalars())

    def log(self) -> list[Judgement]:
        """Return every judgement that was ever made, in order."""
        with self.reading() as connection:
            return _log(connection)

    def standing(self) -> tuple[int, list[Judgement]]:
        """Return how many proposals there are, and the log, of one moment."""
        with self.reading() as connection:
            return count_proposals(connection), _log(connection)

    def changes(self) -> tuple[int, int]:
        """Return how many proposals there are, and how many rows the log has."""
        with self.reading() as connection:
            rows = connection.execute(select(func.max(schema.judgement.c.id))).scalar() or 0
            return count_proposals(connection), int(rows)

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
                    raise UsedKey(_used_key(known))
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
                    raise UsedKey(_used_key(known))
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


def _log(connection: Connection) -> list[Judgement]:
    rows = connection.execute(select(schema.judgement).order_by(schema.judgement.c.id)).all()
    return [_judgement(row) for row in rows]


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
