"""The tables of a study's database, and the steps from each version of them to the next.

A step is never changed once it was released. Rows of what participants did are only ever added.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, Table, Text

from ghostnote.explore.schema import append_only

APPLICATION_ID = 0x67687374
"""`ghst`, in the file's header: whose file it is."""

metadata = MetaData()

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("design", Text, nullable=False),  # TOML, as the file had it
    Column("made_at", Text, nullable=False),
    Column("sources", Text),  # digest of the files that the clips were made of; NULL until they are in
)
participant = Table(
    "participant",
    metadata,
    Column("id", Text, primary_key=True),  # random; nothing else is known of anybody
    Column("number", Integer, nullable=False, unique=True),
    Column("enrolled_at", Text, nullable=False),
)
trial = Table(
    "trial",  # all of a participant's, in order, from enrolment on
    metadata,
    Column("participant", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("phase", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("repeats", Integer),  # the number of the trial whose loop comes again
    Column("plan", Text, nullable=False),  # JSON: clips of a listening test
)
stimulus = Table(
    "stimulus",  # loops, when they are proposed
    metadata,
    Column("participant", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("loop", Text, nullable=False),  # JSON
    Column("loop_key", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("score", Float),
    Column("proposal", Integer),  # its number in the participant's session
    Column("made_at", Text, nullable=False),
)
clip = Table(
    "clip",
    metadata,
    Column("id", Text, primary_key=True),  # random, so that it tells nothing
    Column("system", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("gain_db", Float, nullable=False),
    Column("flac", LargeBinary, nullable=False),
)
recording = Table(
    "recording",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("gain", Float, nullable=False),
    Column("flac", LargeBinary, nullable=False),
)
answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("participant", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("value", Text, nullable=False),  # JSON
    Column("key", Text, nullable=False),
    Column("times", Text, nullable=False),  # JSON
    Column("made_at", Text, nullable=False),
)
survey_answer = Table(
    "survey_answer",
    metadata,
    Column("participant", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("participant", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
    Column("made_at", Text, nullable=False),
)


_OF_PARTICIPANT = "participant TEXT NOT NULL REFERENCES participant (id)"
_FIRST = (
    "CREATE TABLE study (id INTEGER PRIMARY KEY CHECK (id = 1), design TEXT NOT NULL, made_at TEXT NOT NULL)",
    """CREATE TABLE participant (
        id TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL UNIQUE, enrolled_at TEXT NOT NULL)""",
    f"""CREATE TABLE trial (
        {_OF_PARTICIPANT}, number INTEGER NOT NULL, phase TEXT NOT NULL, arm TEXT NOT NULL, repeats INTEGER,
        plan TEXT NOT NULL, PRIMARY KEY (participant, number))""",
    """CREATE TABLE stimulus (
        participant TEXT NOT NULL, number INTEGER NOT NULL, loop TEXT NOT NULL, loop_key TEXT NOT NULL,
        origin TEXT NOT NULL, score REAL, proposal INTEGER, made_at TEXT NOT NULL, PRIMARY KEY (participant, number),
        FOREIGN KEY (participant, number) REFERENCES trial (participant, number))""",
    """CREATE TABLE clip (
        id TEXT PRIMARY KEY NOT NULL, system TEXT NOT NULL, item TEXT NOT NULL, seconds REAL NOT NULL,
        gain_db REAL NOT NULL, flac BLOB NOT NULL)""",
    """CREATE TABLE recording (
        digest TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, gain REAL NOT NULL, flac BLOB NOT NULL)""",
    f"""CREATE TABLE answer (
        id INTEGER PRIMARY KEY AUTOINCREMENT, {_OF_PARTICIPANT}, step TEXT NOT NULL, value TEXT NOT NULL,
        key TEXT NOT NULL, times TEXT NOT NULL, made_at TEXT NOT NULL, UNIQUE (participant, step),
        UNIQUE (participant, key))""",
    f"""CREATE TABLE survey_answer (
        {_OF_PARTICIPANT}, question TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (participant, question))""",
    f"""CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, {_OF_PARTICIPANT}, step TEXT NOT NULL, kind TEXT NOT NULL,
        data TEXT NOT NULL, made_at TEXT NOT NULL)""",
    *(
        statement
        for table in ("participant", "trial", "stimulus", "answer", "survey_answer", "event")
        for statement in append_only(table)
    ),
)

_SECOND = ("ALTER TABLE study ADD COLUMN sources TEXT",)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""Statements that lead from version 0 to 1, from 1 to 2, and on."""
