import hashlib
import os
import shutil
import sys
from dataclasses import replace

import pytest
from beats import track

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.groove import Event, Note
from ghostnote.midi import midi_bytes, write_midi
from ghostnote.training import own_data
from ghostnote.training.own_data import OwnFile, read_own_data, split

NAMES = ("a.mid", "b.MID", "c.midi", "d.MIDI", "e.mid", "f.mid", "deep/g.mid", "deep/er/h.mid")


@pytest.fixture
def folder(tmp_path):
    """Eight beats, two of them deeper, with both endings in both cases."""
    home = tmp_path / "beats"
    (home / "deep" / "er").mkdir(parents=True)
    for seed, name in enumerate(NAMES):
        write_midi(track(seed), home / name)
    return home


def names(files):
    return {file.name for file in files}


def skipped(data):
    return {entry.name: entry.reason for entry in data.skipped}


def test_all_files_below_are_read_and_parted(folder):
    data = read_own_data(folder)
    assert names(data.train) | names(data.held_out) == set(NAMES)
    assert not names(data.train) & names(data.held_out)
    assert data.held_out
    assert all(file.bars == 4 for file in data.train)


def test_files_of_other_kinds_are_no_matter(folder):
    (folder / "readme.txt").write_text("hello")
    assert not read_own_data(folder).skipped


def test_sides_do_not_depend_on_names_or_places(folder, tmp_path):
    before = read_own_data(folder)
    moved = tmp_path / "moved"
    moved.mkdir()
    for number, file in enumerate((*before.train, *before.held_out)):
        shutil.copy(folder / file.name, moved / f"{number}.mid")
    after = read_own_data(moved)
    assert {file.digest for file in after.held_out} == {file.digest for file in before.held_out}
    assert after.digest == before.digest


def test_copies_fall_on_the_same_side_even_when_saved_anew(folder):
    held = read_own_data(folder).held_out[0]
    shutil.copy(folder / held.name, folder / "copy.mid")
    retitled = replace(track(NAMES.index(held.name)), others=(Event(0, b"\xff\x03another title"),))
    write_midi(retitled, folder / "retitled.mid")
    data = read_own_data(folder)
    assert {held.name, "copy.mid", "retitled.mid"} <= names(data.held_out)


def test_about_15_percent_are_held_out():
    files = [OwnFile(f"{i}", track(0, 1), hashlib.sha256(bytes([i])).hexdigest(), 1) for i in range(40)]
    train, held_out = split([*files, *files[:20]])
    assert len({file.digest for file in held_out}) == 6
    assert not {file.digest for file in train} & {file.digest for file in held_out}
    assert len(train) + len(held_out) == 60


@pytest.mark.parametrize("digests", [["f" * 64, "e" * 64], ["0" * 64, "1" * 64]])
def test_neither_side_is_ever_empty(digests):
    files = [OwnFile(digest, track(0, 1), digest, 1) for digest in digests]
    train, held_out = split(files)
    assert len(train) == len(held_out) == 1


def test_broken_and_drumless_files_are_listed_and_skipped(folder):
    melody = [Note(480 * i, 70 + i, 90, channel=0) for i in range(4)]
    unmapped = [Note(480 * i, 3, 90) for i in range(4)]
    (folder / "text.mid").write_bytes(b"hello")
    (folder / "empty.mid").write_bytes(b"")
    (folder / "silent.mid").write_bytes(midi_bytes(track().with_notes([])))
    (folder / "unmapped.mid").write_bytes(midi_bytes(track().with_notes(unmapped)))
    (folder / "melody.mid").write_bytes(midi_bytes(track().with_notes(melody)))
    (folder / "huge.mid").write_bytes(b"MThd" + bytes(5 * 2**20 + 1))
    data = read_own_data(folder)
    assert set(skipped(data)) == {"text.mid", "empty.mid", "silent.mid", "unmapped.mid", "melody.mid", "huge.mid"}
    assert "MThd" in skipped(data)["text.mid"]
    assert "there is none" in skipped(data)["silent.mid"]
    assert "--channel" in skipped(data)["melody.mid"] or "drums" in skipped(data)["melody.mid"]
    assert len(data.train) + len(data.held_out) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_pipes_links_to_nowhere_and_folders_stop_nothing(folder):
    os.mkfifo(folder / "pipe.mid")
    (folder / "nowhere.mid").symlink_to(folder / "gone.mid")
    (folder / "folder.mid").mkdir()
    (folder / "round").symlink_to(folder)
    data = read_own_data(folder)
    assert set(skipped(data)) == {"pipe.mid", "nowhere.mid"}
    assert skipped(data)["pipe.mid"] == "it must be a regular file"


def test_hostile_files_of_every_class_stop_nothing(folder):
    import hostile

    for number, case in enumerate(hostile.CASES):
        (folder / f"hostile{number}.mid").write_bytes(case.build())
    data = read_own_data(folder)
    refused = {f"hostile{i}.mid" for i, case in enumerate(hostile.CASES) if case.error is not None}
    assert refused <= set(skipped(data))
    assert len(data.train) + len(data.held_out) + len(data.skipped) == 8 + len(hostile.CASES)


def test_a_file_that_would_cost_gigabytes_is_skipped(folder, monkeypatch):
    monkeypatch.setattr(own_data, "MAX_STEPS_OF_FILE", 200)
    write_midi(track(20, bars=20), folder / "long.mid")
    assert skipped(read_own_data(folder)) == {"long.mid": "it must last at most 200 16ths; got 336"}


def test_all_files_together_have_a_limit(folder, monkeypatch):
    monkeypatch.setattr(own_data, "MAX_NOTES", 3 * len(track(0).notes))
    data = read_own_data(folder)
    assert 2 <= len(data.train) + len(data.held_out) <= 4
    assert "together may hold" in data.skipped[-1].reason


def test_too_many_files_are_an_error(folder, monkeypatch):
    monkeypatch.setattr(own_data, "MAX_FILES", 7)
    with pytest.raises(InvalidInput, match="at most 7 MIDI files"):
        read_own_data(folder)


def test_a_folder_without_drums_says_what_was_there(tmp_path):
    with pytest.raises(InvalidInput, match=r"must hold \.mid or \.midi files with drums; of 0 none could be used$"):
        read_own_data(tmp_path)
    (tmp_path / "x.mid").write_bytes(b"hello")
    with pytest.raises(InvalidInput, match=r"of 1 none could be used, the first of them x\.mid: a MIDI file starts"):
        read_own_data(tmp_path)


def test_one_file_or_copies_of_it_are_not_enough(tmp_path):
    write_midi(track(), tmp_path / "a.mid")
    with pytest.raises(InvalidInput, match="at least 2 different files with drums, as one is held out; got 1"):
        read_own_data(tmp_path)
    shutil.copy(tmp_path / "a.mid", tmp_path / "b.mid")
    with pytest.raises(InvalidInput, match="got 2, all alike"):
        read_own_data(tmp_path)


def test_what_is_no_folder_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="must be a folder of MIDI files"):
        read_own_data(tmp_path / "gone")


def test_programmed_files_are_known(tmp_path):
    write_midi(track(0, flat=True), tmp_path / "a.mid")
    write_midi(track(1), tmp_path / "b.mid")
    data = read_own_data(tmp_path)
    assert {file.name for file in (*data.train, *data.held_out) if file.programmed} == {"a.mid"}


def test_progress_counts_files(folder):
    told = []
    read_own_data(folder, progress=lambda done, total: told.append((done, total)))
    assert told == [(i, 8) for i in range(1, 9)]
