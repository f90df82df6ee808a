"""The tables of a session's file, and the steps from each version of them to the next.

A step is never changed once it was released: files out there were made by it. `PRAGMA user_version` counts the steps.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

APPLICATION_ID = 0x67686F73
"""`ghos`, in the file's header: whose file it is."""

metadata = MetaData()

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("settings", Text, nullable=False),  # JSON
    Column("made_at", Text, nullable=False),
)
attachment = Table(
    "attachment",  # files that the session was begun with
    metadata,
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("loop_key", Text, nullable=False),
    Column("loop", Text, nullable=False),  # JSON
    Column("origin", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("uncertainty", Float, nullable=False),
    Column("embedding", LargeBinary, nullable=False),  # float32, little-endian
    Column("encoder", Text, nullable=False),  # SHA-256
    Column("made_at", Text, nullable=False),
)
judgement = Table(
    "judgement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("proposal_id", Integer, ForeignKey("proposal.id"), nullable=False),
    Column("liked", Integer),
    Column("undoes", Integer, ForeignKey("judgement.id"), unique=True),
    Column("key", Text, unique=True),
    Column("made_at", Text, nullable=False),
)
recording = Table(
    "recording",  # sounds that are not ours, so that the file plays on any machine
    metadata,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("gain", Float, nullable=False),
    Column("flac", LargeBinary, nullable=False),
)


def append_only(table: str) -> tuple[str, str]:
    """Return statements after which rows of `table` can be added, but neither changed nor deleted."""
    return (
        f"CREATE TRIGGER {table}_kept_on_update BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END",
        f"CREATE TRIGGER {table}_kept_on_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never deleted'); END",
    )


_FIRST = (
    "CREATE TABLE session (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, made_at TEXT NOT NULL)",
    "CREATE TABLE attachment (name TEXT PRIMARY KEY NOT NULL, content BLOB NOT NULL)",
    """CREATE TABLE proposal (
        id INTEGER PRIMARY KEY AUTOINCREMENT, loop_key TEXT NOT NULL, loop TEXT NOT NULL, origin TEXT NOT NULL,
        score REAL NOT NULL, uncertainty REAL NOT NULL, embedding BLOB NOT NULL, encoder TEXT NOT NULL,
        made_at TEXT NOT NULL)""",
    "CREATE INDEX proposal_by_loop ON proposal (loop_key)",
    """CREATE TABLE judgement (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('rate', 'skip', 'undo')),
        proposal_id INTEGER NOT NULL REFERENCES proposal (id), liked INTEGER CHECK (liked IN (0, 1)),
        undoes INTEGER UNIQUE REFERENCES judgement (id), key TEXT UNIQUE, made_at TEXT NOT NULL,
        CHECK ((kind = 'rate') = (liked IS NOT NULL)), CHECK ((kind = 'undo') = (undoes IS NOT NULL)))""",
    """CREATE TABLE recording (
        digest TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, gain REAL NOT NULL, flac BLOB NOT NULL)""",
    *append_only("proposal"),
    *append_only("judgement"),
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""Statements that lead from version 0 to 1, from 1 to 2, and on."""
