import json
import os
from pathlib import Path

import pytest

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.index import KnownFile, SoundFolder, index_path, read_index, write_index

KICK = KnownFile("kicks/01.wav", "kicks/01", 1_234, 1_700_000_000_123_456_789, "ab" * 16, "kick")
BAD = KnownFile(os.fsdecode(b"\xff.wav"), "?", 0, 1, None, None, "it is empty")
FOLDERS = (SoundFolder(Path("/my/sounds"), files=(KICK, BAD)), SoundFolder(Path("/usr/kits"), "hydrogen", "hydrogen-a"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))


def written(change):
    write_index(FOLDERS)
    value = json.loads(index_path().read_text())
    change(value)
    index_path().write_text(json.dumps(value))


def test_what_is_written_reads_back():
    assert read_index() == ()
    write_index(FOLDERS)
    assert read_index() == FOLDERS
    assert FOLDERS[0].problems == (BAD,)
    assert [sound.digest for sound in FOLDERS[0].sounds] == ["ab" * 16]
    assert [folder.label for folder in FOLDERS] == ["/my/sounds", "hydrogen-a"]


def test_an_index_of_a_newer_version_is_refused_and_stays():
    written(lambda value: value.update(format=2, folders="something else"))
    before = index_path().read_bytes()
    with pytest.raises(InvalidInput, match=r"has format 2; this Ghostnote knows 1\. Update Ghostnote"):
        read_index()
    assert index_path().read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.pop("format"),
        lambda value: value.update(format=0),
        lambda value: value.update(format="1"),
        lambda value: value.pop("folders"),
        lambda value: value.update(folders=3),
        lambda value: value["folders"][0].update(folder="relative/path"),
        lambda value: value["folders"][0].update(folder=None),
        lambda value: value["folders"][0].update(kind="magic"),
        lambda value: value["folders"][0].update(name=3),
        lambda value: value["folders"][0].update(files=[["kick.wav"]]),
        lambda value: value["folders"][0]["files"][0].__setitem__(0, 3),
        lambda value: value["folders"][0]["files"][0].__setitem__(2, "large"),
        lambda value: value["folders"][0]["files"][0].__setitem__(4, "no digest"),
        lambda value: value["folders"][0]["files"][0].__setitem__(4, 17),
        lambda value: value["folders"][0]["files"][0].__setitem__(5, "drummer"),
        lambda value: value["folders"][0]["files"][0].__setitem__(5, None),
        lambda value: value["folders"][0]["files"][0].__setitem__(6, "both"),
        lambda value: value["folders"][0]["files"][1].__setitem__(6, None),
    ],
)
def test_a_damaged_index_is_refused_with_what_to_do(change):
    written(change)
    with pytest.raises(InvalidInput, match=r"is damaged: .*Move it away and add the folders again"):
        read_index()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b'{"format": 1e999}'])
def test_what_is_no_index_is_refused(data):
    write_index(())
    index_path().write_bytes(data)
    with pytest.raises(InvalidInput, match="is damaged"):
        read_index()


def test_places_that_can_not_be_read_or_written_are_storage_errors(tmp_path, monkeypatch):
    index_path().mkdir(parents=True)
    with pytest.raises(StorageError, match=r"sounds\.json can not be read"):
        read_index()
    with pytest.raises(StorageError, match=r"sounds\.json can not be written"):
        write_index(FOLDERS)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="can not be written"):
        write_index(FOLDERS)


def test_a_full_disk_leaves_the_old_index(monkeypatch):
    write_index(FOLDERS[:1])

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="can not be written: No space left on device"):
        write_index(FOLDERS)
    assert read_index() == FOLDERS[:1]
    assert [path.name for path in index_path().parent.iterdir()] == ["sounds.json"]
