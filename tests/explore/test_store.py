import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from fake_engine import CLICK, random_loop, read_click

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.explore import database, schema, store
from ghostnote.explore.database import create_store
from ghostnote.explore.heard import Candidate
from ghostnote.explore.recording import pack, rounded, unpack
from ghostnote.explore.store import Store

AT = "2025-01-01T00:00:00.000+00:00"
NOBODY = 65534


def candidate(number=0):
    loop = random_loop(np.random.default_rng(number))
    return Candidate(loop, np.arange(4, dtype=np.float32) + number, 0.5, 0.1, "test")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.ghostnote"
    create_store(path, {"seed": 3}, AT)
    return path


@pytest.fixture
def filled(path):
    """A session with three proposals, the first of which is liked."""
    filled = Store(path)
    for number in range(3):
        filled.add_proposal(candidate(number), "e", AT)
    filled.judge("rate", 1, True, "first", AT)
    return filled


def test_a_session_is_one_file_that_says_whose_it_is(path, filled):
    assert [entry.name for entry in path.parent.iterdir()] == ["a.ghostnote"]
    header = path.read_bytes()[:100]
    assert header.startswith(b"SQLite format 3\x00")
    assert header[68:72] == b"ghos"
    assert int.from_bytes(header[60:64]) == len(schema.STEPS)
    assert header[18:20] == b"\x02\x02", "write-ahead log"
    assert Store(path).settings == {"seed": 3}


def test_commits_are_synchronous(path):
    with Store(path).writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_steps_make_the_tables_that_queries_use(path):
    with sqlite3.connect(path) as connection:
        for table in schema.metadata.tables.values():
            columns = connection.execute(f"PRAGMA table_info({table.name})").fetchall()
            made = [(name, kind, bool(needed) or bool(key)) for _, name, kind, needed, _, key in columns]
            assert made == [(c.name, str(c.type).replace("FLOAT", "REAL"), not c.nullable) for c in table.columns]
    connection.close()


def test_proposals_come_back_as_they_were(filled):
    rows = filled.proposals()
    assert [row.id for row in rows] == [1, 2, 3]
    assert np.frombuffer(rows[2].embedding, "<f4").tolist() == [2, 3, 4, 5]
    assert (rows[1].score, rows[1].uncertainty, rows[1].origin, rows[1].encoder) == (0.5, 0.1, "test", "e")
    assert [row.id for row in filled.proposals(after=2)] == [3]
    assert filled.proposal_of_loop(candidate(1).loop.key) == 2
    assert filled.proposal_of_loop("0" * 32) is None


def test_a_proposal_that_another_process_was_quicker_than_is_not_added(filled):
    assert filled.add_proposal(candidate(9), "e", AT, expected=2) is None
    assert len(filled.proposals()) == 3
    assert filled.add_proposal(candidate(9), "e", AT, expected=3) == 4


def test_the_same_key_gives_the_same_answer_and_no_second_row(filled):
    first = filled.judge("rate", 2, True, "k", AT)
    assert filled.judge("rate", 2, True, "k", "later") == first
    assert [row.key for row in filled.log()] == ["first", "k"]


@pytest.mark.parametrize(("kind", "number", "liked"), [("rate", 2, False), ("rate", 3, True), ("skip", 2, None)])
def test_the_same_key_with_another_content_is_refused(filled, kind, number, liked):
    filled.judge("rate", 2, True, "k", AT)
    with pytest.raises(InvalidParameter, match=r"key must be a new one.*'k' came with a rate of proposal 2 \(liked\)"):
        filled.judge(kind, number, liked, "k", AT)
    with pytest.raises(InvalidParameter, match="key must be a new one"):
        filled.undo("k", AT)
    assert len(filled.log()) == 2


def test_ratings_without_a_key_are_all_kept(filled):
    for _ in range(2):
        filled.judge("rate", 2, True, None, AT)
    assert len(filled.log()) == 3


@pytest.mark.parametrize("key", ["", "x" * 201, "two\nlines", 7])
def test_keys_are_short_and_printable(filled, key):
    with pytest.raises(InvalidParameter, match="key must be a text"):
        filled.judge("rate", 1, True, key, AT)


@pytest.mark.parametrize("number", [0, -1, 4, 2**70, True, "1", 1.0])
def test_only_what_was_proposed_is_rated(filled, number):
    with pytest.raises(InvalidParameter, match="id must be"):
        filled.judge("rate", number, True, None, AT)


def test_undo_takes_back_one_after_the_other(filled):
    second = filled.judge("skip", 2, None, None, AT)
    row, undone = filled.undo("u", AT)
    assert (row.kind, row.undoes, row.proposal_id, undone) == ("undo", second.id, 2, second)
    assert filled.undo("u", AT) == (row, second), "the same key"
    assert filled.undo(None, AT)[1].key == "first"
    with pytest.raises(InvalidParameter, match="nothing to undo"):
        filled.undo(None, AT)
    assert [r.kind for r in filled.log()] == ["rate", "skip", "undo", "undo"]


@pytest.mark.parametrize("table", ["proposal", "judgement"])
def test_rows_are_never_changed_or_deleted(filled, table):
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET made_at = 'x'"):
        with pytest.raises(InvalidInput, match=f"rows of {table} are never"), filled.writing() as connection:
            connection.exec_driver_sql(statement)
    assert len(filled.log()) == 1


def test_a_failed_block_writes_nothing(filled):
    def fails():
        with filled.writing() as connection:
            store._add(connection, kind="rate", proposal_id=2, liked=True, key=None, at=AT)
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert len(filled.log()) == 1


# Recordings


def test_recordings_come_back_to_the_last_bit_that_is_kept():
    audio = read_click(CLICK)
    gain, flac = pack(audio)
    assert gain == 2.0, "beyond full scale"
    assert flac.startswith(b"fLaC")
    back = unpack(gain, flac, "click")
    assert np.array_equal(back, rounded(audio))
    assert np.abs(back - audio).max() <= 2.0**-23
    assert np.array_equal(rounded(back), back)


@pytest.mark.parametrize(("gain", "cut"), [(1.0, 50), (-1.0, None), (float("nan"), None)])
def test_a_damaged_recording_is_told(gain, cut):
    with pytest.raises(InvalidInput, match="click"):
        unpack(gain, pack(read_click(CLICK))[1][:cut], "click")


def test_a_recording_is_kept_once(filled):
    gain, flac = pack(read_click(CLICK))
    for number in (7, 8):
        filled.add_proposal(candidate(number), "e", AT, recordings=[(CLICK.digest, "click", gain, flac)])
    assert filled.recorded() == {CLICK.digest}
    assert filled.recording(CLICK.digest) == (gain, flac)
    assert filled.recording("0" * 32) is None


# Versions


def test_an_older_file_is_led_to_the_present(monkeypatch, filled):
    step = ("ALTER TABLE session ADD COLUMN title TEXT NOT NULL DEFAULT 'untitled'",)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    newer = Store(filled.path)
    assert [row.key for row in newer.log()] == ["first"]
    with newer.reading() as connection:
        assert connection.exec_driver_sql("SELECT title FROM session").scalar() == "untitled"
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == len(schema.STEPS)


def test_a_step_that_fails_leaves_the_file_as_it_was(monkeypatch, filled):
    step = ("ALTER TABLE session ADD COLUMN title TEXT", "ALTER TABLE nowhere ADD COLUMN title TEXT")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS, step))
        with pytest.raises(InvalidInput, match="no such table: nowhere"):
            Store(filled.path)
    assert len(Store(filled.path).log()) == 1


def test_a_newer_file_is_left_as_it_is(filled):
    with sqlite3.connect(filled.path) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    connection.close()
    before = filled.path.read_bytes()
    with pytest.raises(InvalidInput, match=r"of version 1 at most; it is of version 2.*update this one"):
        Store(filled.path)
    assert filled.path.read_bytes() == before


# Files that are none


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: no session"),
        (b"RIFF" * 100, "is not a session of Ghostnote: its first bytes are b'RIFFRIFF'"),
        (b"SQLite format 3\x00", "is not a session"),
    ],
)
def test_other_files_are_told_and_left_as_they_are(tmp_path, content, message):
    path = tmp_path / "a.ghostnote"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=message):
        Store(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_as_it_is(tmp_path):
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE session (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match="database of another program"):
        Store(path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_told(filled, kept):
    whole = filled.path.read_bytes()
    filled.path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InvalidInput, match=r"is damaged|can not be used"):
        Store(filled.path)


@pytest.mark.parametrize("first", [100, 4096, 8192])
def test_a_file_with_garbage_in_it_is_told(filled, first):
    content = bytearray(filled.path.read_bytes())
    content[first : first + 600] = b"\xa5" * 600
    filled.path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"is damaged|can not be used"):
        Store(filled.path)


def test_every_single_broken_byte_gives_a_typed_error_or_a_session(filled):
    whole = filled.path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), 60, replace=False):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        filled.path.write_bytes(broken)
        try:
            broken_store = Store(filled.path)
            broken_store.log()
            broken_store.proposals()
        except (InvalidInput, StorageError):
            pass


def test_settings_that_are_no_json_are_told(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE session SET settings = '{'")
    connection.close()
    with pytest.raises(InvalidInput, match="must be JSON"):
        Store(path)


def test_a_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(StorageError, match="is a folder"):
        Store(tmp_path)
    with pytest.raises(StorageError, match="there is no session at"):
        Store(tmp_path / "missing.ghostnote")
    assert not list(tmp_path.iterdir())


# Making one


def test_nothing_is_ever_replaced(filled):
    before = filled.path.read_bytes()
    with pytest.raises(StorageError, match="exists"):
        create_store(filled.path, {}, AT)
    assert filled.path.read_bytes() == before


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(StorageError, match=r"can not be written to .*No such file or directory"):
        create_store(tmp_path / "no" / "a.ghostnote", {}, AT)


def test_what_an_interrupted_session_left_is_not_mixed_with_a_new_one(tmp_path):
    (tmp_path / "a.ghostnote-wal").write_bytes(b"ratings")
    with pytest.raises(StorageError, match="what an interrupted session left"):
        create_store(tmp_path / "a.ghostnote", {}, AT)


def test_attachments_are_kept(tmp_path):
    create_store(tmp_path / "a", {}, AT, {"prior": b"\x00\x01"})
    assert Store(tmp_path / "a").attachment("prior") == b"\x00\x01"
    assert Store(tmp_path / "a").attachment("other") is None


# What can go wrong with disks


def test_a_full_file_system_loses_nothing_that_was_acknowledged(filled, monkeypatch):
    with monkeypatch.context() as patch:
        connect = database.connect

        def full(path, synchronous):
            connection = connect(path, synchronous)
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
            return connection

        patch.setattr(database, "connect", full)
        acknowledged = ["first"]

        def fill():
            for number in range(1_000):
                acknowledged.append(filled.judge("rate", 1, True, "x" * 180 + str(number), AT).key)

        with pytest.raises(StorageError, match="the disk is full: nothing was written"):
            fill()
        assert [row.key for row in filled.log()] == acknowledged
    assert filled.judge("rate", 2, True, "after", AT).id == len(acknowledged) + 1
    assert [row.key for row in Store(filled.path).log()] == [*acknowledged, "after"]


def test_a_disk_that_stops_writing_loses_nothing_that_was_acknowledged(filled):
    """In a child whose files may not grow; what fails is the write itself, wherever in the commit it comes."""
    code = f"""
import resource, signal
from ghostnote.errors import StorageError
from ghostnote.explore.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store({str(filled.path)!r})
acknowledged, failed = len(store.log()), 0
for size in range({filled.path.stat().st_size} - 20_000, {filled.path.stat().st_size} + 40_000, 3_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    for _ in range(3):
        try:
            store.judge("rate", 1, True, "x" * 180 + str(acknowledged), "now")
            acknowledged += 1
        except StorageError as error:
            assert "full" in str(error), error
            failed += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert failed and acknowledged > 1, (failed, acknowledged)
store.judge("rate", 2, True, "after", "now")
print(acknowledged + 1, len(store.log()), len({{row.key for row in store.log()}}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    acknowledged, rows, keys = map(int, done.stdout.split())
    assert acknowledged == rows == keys == len(Store(filled.path).log())


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_read_only_is_told(filled, what):
    """In a child without privileges: for root nothing is read-only."""
    folder = Path(tempfile.mkdtemp(prefix="ghostnote-test-"))
    try:
        path = folder / "a.ghostnote"
        shutil.copy(filled.path, path)
        path.chmod(0o444 if what == "file" else 0o666)
        folder.chmod(0o777 if what == "file" else 0o555)
        code = f"""
import os, sys
from ghostnote.errors import StorageError
from ghostnote.explore.store import Store
Store({str(filled.path)!r}).log()  # loads what the unprivileged may not read
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    Store({str(path)!r})
except StorageError as error:
    print(error)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "can not be" in done.stdout, done.stderr
        assert "read-only" in done.stdout or "may you write into its folder" in done.stdout
        assert path.read_bytes() == filled.path.read_bytes()
    finally:
        folder.chmod(0o777)
        shutil.rmtree(folder)


def test_a_writer_that_does_not_end_is_told(filled, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(filled.path, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="written by another program for too long"):
            filled.judge("rate", 2, True, None, AT)
        assert len(filled.log()) == 1, "reading goes on"
        holder.execute("ROLLBACK")
    finally:
        holder.close()
    assert filled.judge("rate", 2, True, None, AT).id == 2


# Several at once


def _rate(path, number, ratings):
    own = Store(path)
    for i in range(ratings):
        own.judge("rate", 1 + i % 3, True, f"{number}-{i}", AT)
        own.judge("rate", 1 + i % 3, True, f"shared-{i}", AT)


def test_processes_share_a_session(filled):
    """Each sends its own ratings, and all send some with the same keys: those are there once."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_rate, args=(filled.path, number, 12)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    keys = [row.key for row in filled.log()]
    expected = {f"{number}-{i}" for number in (0, 1, "shared") for i in range(12)} | {"first"}
    assert len(keys) == len(expected)
    assert set(keys) == expected
    assert [row.id for row in filled.log()] == list(range(1, len(keys) + 1))
