"""A study's database: who takes part, in which order what is heard, and what was answered, durable before it is told.

As with sessions: SQLite with a log ahead, synced in full; every operation opens the file and closes it again.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.explore.database import connect, explained, keep_a_log_ahead, migrate, open_engine
from ghostnote.explore.store import check_key
from ghostnote.study import schema

MOST_JSON = 200_000
MOST_REMEMBERED = 200
"""Participants whose trials are kept in memory."""


class UnknownParticipant(InvalidParameter):
    """Nobody with this id takes part."""


class AnswerConflict(InvalidParameter):
    """This can not be answered now, or was answered otherwise before."""


@dataclass(frozen=True)
class TrialRow:
    """A trial as it was decided at enrolment.

    Args:
        number: from 1, over all phases.
        phase: `warm_up`, `one`, `two`, or `pairs`.
        arm: who proposes; `catch` for a catch trial. Nobody who takes part or looks on is told.
        repeats: the trial whose loop comes again; None for a new one.
        plan: clips of a listening test: `clips` in the order in which they are shown, `reference` if there is one, and
            `right` in a catch trial.
    """

    number: int
    phase: str
    arm: str
    repeats: int | None
    plan: Mapping[str, Any]


@dataclass(frozen=True)
class AnswerRow:
    """An answer.

    Args:
        step: of what.
        value: JSON values.
        key: of idempotency.
        times: seconds, as the page measured them.
        made_at: UTC, ISO 8601.
    """

    step: str
    value: Mapping[str, Any]
    key: str
    times: Mapping[str, Any]
    made_at: str


class StudyStore:
    """The rows of one study.

    Args:
        path: of the database.
        design: TOML text, to begin with if the database is not there yet.
        at: time of that.

    Raises:
        InvalidInput: it is no study's database, is damaged, or is of a newer version.
        StorageError: it can not be read and written.
    """

    def __init__(self, path: str | os.PathLike[str], design: str, at: str) -> None:
        self.path = Path(path).absolute()
        self._trials: dict[str, tuple[TrialRow, ...]] = {}
        try:
            self.path.touch(exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path} can not be written: {error.strerror}") from error
        self._engine = open_engine(self.path)
        with self._errors():
            self._check()
            keep_a_log_ahead(self.path)
        with self.writing() as connection:
            self._migrate(connection)
            if connection.execute(select(schema.study.c.id)).one_or_none() is None:
                connection.execute(insert(schema.study), {"id": 1, "design": design, "made_at": at})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database."""
        with self._errors(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that alone may write; what was written is durable once the block is left."""
        with self._errors(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def design(self) -> str:
        """Return the design that the study was begun with, as TOML."""
        with self.reading() as connection:
            return str(connection.execute(select(schema.study.c.design)).scalar_one())

    def sources(self) -> str | None:
        """Return the digest of what the clips were made of; None if they are not in yet."""
        with self.reading() as connection:
            found = connection.execute(select(schema.study.c.sources)).scalar_one()
        return None if found is None else str(found)

    def begin(self, design: str, sources: str, clips: Sequence[Mapping[str, Any]]) -> bool:
        """Put a design and its clips in place, unless somebody takes part already; say whether it was done.

        Args:
            design: TOML text.
            sources: digest of what the clips were made of.
            clips: rows of them.
        """
        with self.writing() as connection:
            if connection.execute(select(func.count()).select_from(schema.participant)).scalar_one():
                return False
            connection.execute(update(schema.study).values(design=design, sources=sources))
            connection.execute(schema.clip.delete())
            if clips:
                connection.execute(insert(schema.clip), list(clips))
            return True

    def enrol(self, participant: str, at: str, most: int, plan: Any, design: str) -> int:
        """Let somebody in, with all trials, and return the number.

        Args:
            participant: random id.
            at: time.
            most: so many are let in.
            plan: returns the trials of the participant with a number, as `TrialRow`s.
            design: TOML text that `plan` follows.

        Raises:
            AnswerConflict: there are as many already, or another design is in place by now.
        """
        with self.writing() as connection:
            if connection.execute(select(schema.study.c.design)).scalar_one() != design:
                raise AnswerConflict(
                    "this study's file changed since it was opened; whoever runs it must end `ghostnote study serve` "
                    "and start it again"
                )
            count = int(connection.execute(select(func.count()).select_from(schema.participant)).scalar_one())
            if count >= most:
                raise AnswerConflict(f"this study lets in {most} participants; they are there already")
            number = count + 1
            row = {"id": participant, "number": number, "enrolled_at": at}
            connection.execute(insert(schema.participant), row)
            rows = [
                {
                    "participant": participant,
                    "number": trial.number,
                    "phase": trial.phase,
                    "arm": trial.arm,
                    "repeats": trial.repeats,
                    "plan": _json(trial.plan),
                }
                for trial in plan(number)
            ]
            connection.execute(insert(schema.trial), rows)
        return number

    def participants(self) -> Sequence[Row[Any]]:
        """Return id, number and time of enrolment of everybody, in order."""
        with self.reading() as connection:
            return connection.execute(select(schema.participant).order_by(schema.participant.c.number)).all()

    def number_of(self, participant: str) -> int:
        """Return the number of a participant.

        Raises:
            UnknownParticipant: there is none with this id.
        """
        table = schema.participant
        with self.reading() as connection:
            number = connection.execute(select(table.c.number).where(table.c.id == str(participant))).scalar()
        if number is None:
            raise UnknownParticipant("participant must be the id that came with enrolment; nobody has this one")
        return int(number)

    def trials(self, participant: str) -> tuple[TrialRow, ...]:
        """Return all trials of a participant, in order. They never change, so they are read once."""
        if known := self._trials.get(participant):
            return known
        table = schema.trial
        with self.reading() as connection:
            query = select(table).where(table.c.participant == participant).order_by(table.c.number)
            rows = connection.execute(query).all()
        found = tuple(TrialRow(r.number, r.phase, r.arm, r.repeats, json.loads(r.plan)) for r in rows)
        if found:  # not somebody who is about to be enrolled
            while len(self._trials) >= MOST_REMEMBERED:
                self._trials.pop(next(iter(self._trials), ""), None)
            self._trials[participant] = found
        return found

    def answers(self, participant: str) -> dict[str, AnswerRow]:
        """Return the answers of a participant by step, in order."""
        table = schema.answer
        with self.reading() as connection:
            query = select(table).where(table.c.participant == participant).order_by(table.c.id)
            return {row.step: _answer(row) for row in connection.execute(query)}

    def add_answer(
        self,
        participant: str,
        answer: AnswerRow,
        survey: Mapping[str, Any] | None = None,
        after: str | None = None,
    ) -> AnswerRow:
        """Add an answer; it is durable when this returns.

        Args:
            participant: who.
            answer: what.
            survey: answers of the survey, if it is that.
            after: the step that must have been answered before.

        Returns:
            The row; with a key that was used before for the same, the one that came with it.

        Raises:
            AnswerConflict: the step was answered before, or the key came with something else, or it is not its turn.
        """
        check_key(answer.key)
        table = schema.answer
        with self.writing() as connection:
            mine = select(table).where(table.c.participant == participant)
            known = connection.execute(mine.where(table.c.key == answer.key)).one_or_none()
            if known is not None:
                if (known.step, json.loads(known.value)) != (answer.step, json.loads(_json(answer.value))):
                    raise AnswerConflict(
                        f"key must be a new one for each answer; {answer.key!r} came with another one to {known.step!r}"
                    )
                return _answer(known)
            if connection.execute(mine.where(table.c.step == answer.step)).one_or_none() is not None:
                raise AnswerConflict(f"{answer.step!r} was answered before; the first answer counts")
            if after is not None and connection.execute(mine.where(table.c.step == after)).one_or_none() is None:
                raise AnswerConflict(f"{answer.step!r} can not be answered yet; {after!r} comes before it")
            row = {
                "participant": participant,
                "step": answer.step,
                "value": _json(answer.value),
                "key": answer.key,
                "times": _json(answer.times),
                "made_at": answer.made_at,
            }
            connection.execute(insert(table), row)
            for question, value in (survey or {}).items():
                said = {"participant": participant, "question": question, "value": _json(value)}
                connection.execute(insert(schema.survey_answer), said)
        return answer

    def stimuli(self, participant: str) -> dict[int, Row[Any]]:
        """Return the loops that were proposed to a participant, by trial."""
        table = schema.stimulus
        with self.reading() as connection:
            query = select(table).where(table.c.participant == participant).order_by(table.c.number)
            return {row.number: row for row in connection.execute(query)}

    def add_stimuli(
        self, participant: str, rows: Sequence[Mapping[str, Any]], recordings: Sequence[tuple[str, str, float, bytes]]
    ) -> None:
        """Add proposed loops; one that is there already stays as it is, for another process was quicker."""
        with self.writing() as connection:
            for digest, name, gain, flac in recordings:
                row = {"digest": digest, "name": name, "gain": gain, "flac": flac}
                connection.execute(insert(schema.recording).prefix_with("OR IGNORE"), row)
            for stimulus in rows:
                values = {"participant": participant, **stimulus}
                connection.execute(insert(schema.stimulus).prefix_with("OR IGNORE"), values)

    def recording(self, digest: str) -> tuple[float, bytes] | None:
        """Return gain and FLAC of a recording, or None."""
        table = schema.recording
        with self.reading() as connection:
            row = connection.execute(select(table.c.gain, table.c.flac).where(table.c.digest == digest)).one_or_none()
        return None if row is None else (row.gain, row.flac)

    def clips(self) -> list[Any]:
        """Return all clips without their sound, by system and item."""
        table = schema.clip
        columns = (table.c.id, table.c.system, table.c.item, table.c.seconds, table.c.gain_db)
        with self.reading() as connection:
            rows = connection.execute(select(*columns).order_by(table.c.system, table.c.item)).all()
        return list(rows)

    def clip_flac(self, clip: str) -> bytes:
        """Return the sound of a clip."""
        with self.reading() as connection:
            query = select(schema.clip.c.flac).where(schema.clip.c.id == clip)
            return bytes(connection.execute(query).scalar_one())

    def add_event(self, participant: str, step: str, kind: str, data: Mapping[str, Any], at: str) -> None:
        """Keep that something happened."""
        row = {"participant": participant, "step": step, "kind": kind, "data": _json(data), "made_at": at}
        with self.writing() as connection:
            connection.execute(insert(schema.event), row)

    def events(self, participant: str) -> list[dict[str, Any]]:
        """Return what happened to a participant, in order."""
        table = schema.event
        with self.reading() as connection:
            rows = connection.execute(select(table).where(table.c.participant == participant).order_by(table.c.id))
            return [{"step": r.step, "kind": r.kind, "data": json.loads(r.data), "made_at": r.made_at} for r in rows]

    def _check(self) -> None:
        if self.path.stat().st_size == 0:
            return
        with self._engine.connect() as connection:
            application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if application != schema.APPLICATION_ID:
            raise InvalidInput(f"{self.path} is a database of another program (application id {application:#x})")
        if version > len(schema.STEPS):
            raise InvalidInput(
                f"{self.path} must be of version {len(schema.STEPS)} at most; it is of version {version}. "
                "A newer Ghostnote wrote it: update this one"
            )
        if found != "ok":
            raise InvalidInput(f"{self.path} is damaged: {found}. Take it from a backup")

    def _migrate(self, connection: Connection) -> None:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == 0:
            connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        migrate(connection, schema.STEPS)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise explained(self.path, error.orig) from error
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise explained(self.path, error) from error


def copy_of_database(store: StudyStore, target: Path) -> None:
    """Write a consistent copy of the database to `target`, while others may write."""
    source, copy = connect(store.path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()


def _answer(row: Row[Any]) -> AnswerRow:
    return AnswerRow(row.step, json.loads(row.value), row.key, json.loads(row.times), row.made_at)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if len(text) > MOST_JSON:
        raise InvalidParameter(f"an answer must be at most {MOST_JSON:,} characters; got {len(text):,}")
    return text
