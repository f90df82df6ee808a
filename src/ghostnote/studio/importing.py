"""Session files that come from elsewhere: they must be ours in every respect before anything in them is used."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from ghostnote.errors import InvalidInput
from ghostnote.explore import schema

_MAGIC = b"SQLite format 3\x00"


def check_schema(path: Path) -> None:
    """Raise InvalidInput unless the tables, indexes and triggers in the file are those that we make, and no others.

    A trigger or a view of somebody else would run, or stand for a table, when we read and write.
    """
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise InvalidInput("the file must be a session of Ghostnote, which is an SQLite file; it is none")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
            if mark != schema.APPLICATION_ID:
                raise InvalidInput("the file must be a session of Ghostnote; it is another program's")
            if version > len(schema.STEPS):
                raise InvalidInput(
                    f"the session must be of version {len(schema.STEPS)} at most; it is of version {version}. "
                    "A newer Ghostnote wrote it: update this one"
                )
            found = _declared(connection)
        with closing(sqlite3.connect(":memory:")) as ours:
            for statements in schema.STEPS[:version]:
                for statement in statements:
                    ours.execute(statement)
            wanted = _declared(ours)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise InvalidInput(f"the session is damaged: {error}. Is it a whole copy? Take it from a backup") from error
    if found != wanted:
        strange = sorted(name for _, name, _ in found ^ wanted)
        raise InvalidInput(
            f"the session must have a session's tables and nothing else; it differs in {', '.join(strange)[:200]}. "
            "Did another program change it?"
        )


def forget_folders(path: Path) -> None:
    """Take out of the settings where recordings lay: we would look into folders of a stranger's choice."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (text,) = connection.execute("SELECT settings FROM session").fetchone()
        settings = json.loads(text) | {"folders": []}
        connection.execute("UPDATE session SET settings = ?", (json.dumps(settings, sort_keys=True),))


def _declared(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(str(kind), str(name), None if sql is None else " ".join(str(sql).split())) for kind, name, sql in rows}
