import os
import shutil

import pytest

from audio_bytes import HOSTILE, hit, wav, write_hostile
from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.sounds import folders, found
from ghostnote.sounds.folders import add_sounds, refresh_folders, remove_sounds
from ghostnote.sounds.index import read_index
from ghostnote.sounds.library import open_library


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(found, "SONIC_PI_FOLDERS", (tmp_path / "sonic",))
    monkeypatch.setattr(found, "HYDROGEN_FOLDERS", (tmp_path / "kits",))


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for i, name in enumerate(("kick", "snare", "hat")):
        (folder / f"{name}.wav").write_bytes(wav(hit(i)))
    return folder


@pytest.fixture
def reads(monkeypatch):
    """Names of the files that are read from now on."""
    names = []
    real = folders.read_recording

    def read(path, **options):
        names.append(path.name)
        return real(path, **options)

    monkeypatch.setattr(folders, "read_recording", read)
    return names


def test_added_folders_are_remembered_with_their_sounds_and_roles(mine):
    told = []
    (added,) = add_sounds(mine, progress=lambda done, total: told.append((done, total)))
    assert [(file.path, file.name, file.role) for file in added.files] == [
        ("hat.wav", "hat", "closed_hihat"),
        ("kick.wav", "kick", "kick"),
        ("snare.wav", "snare", "snare"),
    ]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert read_index() == (added,)


def test_what_has_not_changed_is_not_read_again(mine, reads):
    add_sounds(mine)
    assert len(reads) == 3
    before = read_index()
    assert refresh_folders() == before
    add_sounds(mine)
    assert len(reads) == 3
    (mine / "kick.wav").write_bytes(wav(hit(9)))
    (mine / "new.wav").write_bytes(wav(hit(7)))
    (mine / "hat.wav").unlink()
    reads.clear()
    (now,) = refresh_folders()
    assert reads == ["kick.wav", "new.wav"]
    assert [file.path for file in now.files] == ["kick.wav", "new.wav", "snare.wav"]
    assert now.files[0].digest != before[0].files[1].digest
    assert read_index() == (now,)


def test_hostile_files_are_told_one_by_one_and_the_rest_goes_on(mine, reads):
    write_hostile(mine)
    (added,) = add_sounds(mine)
    problems = {file.path: file.problem for file in added.problems}
    for case in HOSTILE:
        assert case.reason in problems[case.name]
        assert case.name in problems[case.name]
    assert "at most 20 MiB" in problems["sparse 8 GiB.wav"]
    assert len(problems) == len(HOSTILE) + 1
    assert [file.path for file in added.files if file.digest] == ["hat.wav", "kick.wav", "snare.wav"]
    reads.clear()
    assert refresh_folders() == (added,)
    assert reads == []  # what is broken is remembered too


def test_files_that_can_not_be_read_now_are_tried_again(mine, monkeypatch):
    real = folders.read_recording

    def closed(path, **options):
        if path.name == "kick.wav":
            raise StorageError(f"{path} can not be read: Permission denied")
        return real(path, **options)

    monkeypatch.setattr(folders, "read_recording", closed)
    (added,) = add_sounds(mine)
    assert [file.path for file in added.problems] == ["kick.wav"]
    monkeypatch.setattr(folders, "read_recording", real)
    (now,) = refresh_folders()
    assert now.problems == ()


def test_a_folder_that_is_gone_is_said_and_kept(mine, tmp_path):
    (added,) = add_sounds(mine)
    mine.rename(tmp_path / "elsewhere")
    (gone,) = refresh_folders()
    assert "No such file or directory" in gone.gone
    assert gone.files == added.files
    assert read_index() == (added,)
    (tmp_path / "elsewhere").rename(mine)
    assert refresh_folders() == (added,)


def test_removed_folders_are_forgotten_and_left_alone(mine):
    (added,) = add_sounds(mine)
    assert remove_sounds(mine) == (added,)
    assert read_index() == ()
    assert len(list(mine.iterdir())) == 3
    with pytest.raises(InvalidParameter, match="must be a folder that was added; there are: none"):
        remove_sounds(mine)


def test_a_folder_that_is_gone_can_be_removed(mine):
    add_sounds(mine)
    shutil.rmtree(mine)
    remove_sounds(mine)
    assert read_index() == ()


def test_paths_may_be_relative_and_through_links(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (added,) = add_sounds("mine")
    assert added.folder == mine
    assert add_sounds("kits/../mine") == (added,)
    (tmp_path / "link").symlink_to(mine)
    (linked,) = add_sounds("link")
    assert linked.folder == tmp_path / "link"
    assert len(read_index()) == 2
    remove_sounds("link")
    remove_sounds("./mine/")
    assert read_index() == ()


def test_folders_inside_added_ones_are_there_already(mine):
    inside = mine / "inside"
    inside.mkdir()
    (inside / "clap.wav").write_bytes(wav(hit(5)))
    add_sounds(mine)
    with pytest.raises(InvalidParameter, match="which was added already: it is there"):
        add_sounds(inside)


def test_what_is_nothing_to_add_says_why_and_is_not_remembered(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidInput, match="must hold WAV, FLAC, AIFF or OGG that can be used; no file has its name"):
        add_sounds(empty)
    (empty / "bad.wav").write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"files refused: 1, such as this one: .*bad\.wav is empty"):
        add_sounds(empty)
    with pytest.raises(StorageError, match=r"none is no folder that is there, and no library .* on this machine"):
        add_sounds(tmp_path / "none")
    with pytest.raises(StorageError, match="must be a folder; it is a file"):
        add_sounds(empty / "bad.wav")
    assert read_index() == ()


def test_libraries_are_added_and_removed_by_name(tmp_path, monkeypatch):
    (tmp_path / "sonic").mkdir()
    for i, name in enumerate(("bd_a", "loop_b", "sn_c")):
        (tmp_path / "sonic" / f"{name}.flac").write_bytes(wav(hit(i)))
    for i, kit in enumerate(("one", "two")):
        (tmp_path / "kits" / kit).mkdir(parents=True)
        (tmp_path / "kits" / kit / "k.wav").write_bytes(wav(hit(5 + i)))
        (tmp_path / "kits" / kit / "drumkit.xml").write_text(
            f"<drumkit_info><name>{kit}</name><instrumentList><instrument><name>Kick</name>"
            "<filename>k.wav</filename></instrument></instrumentList></drumkit_info>"
        )
    assert [file.name for file in add_sounds("sonic-pi")[0].files] == ["bd_a", "sn_c"]
    assert [folder.name for folder in add_sounds("hydrogen")] == ["hydrogen-one", "hydrogen-two"]
    assert [folder.label for folder in refresh_folders()] == ["sonic-pi", "hydrogen-one", "hydrogen-two"]
    remove_sounds("hydrogen-one")
    remove_sounds("hydrogen")
    remove_sounds("sonic-pi")
    assert read_index() == ()
    # The same place as a plain folder gives all that is in it; a path with a separator is never a name.
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tmp_path / "sonic", tmp_path / "sonic-pi")
    (plain,) = add_sounds("./sonic-pi")
    assert (plain.kind, len(plain.files)) == ("folder", 3)


def install_kit(folder, text, sound=None):
    folder.mkdir(parents=True)
    (folder / "drumkit.xml").write_text(text)
    if sound is not None:
        (folder / "k.wav").write_bytes(sound)


GOOD_KIT = (
    "<drumkit_info><name>good</name><instrumentList><instrument><name>Kick</name><filename>k.wav</filename>"
    "</instrument></instrumentList></drumkit_info>"
)


def test_a_broken_kit_is_told_and_the_others_are_added(tmp_path):
    install_kit(tmp_path / "kits" / "broken", "<!DOCTYPE a><drumkit_info/>")
    with pytest.raises(StorageError, match="no document type"):
        add_sounds("hydrogen")
    install_kit(tmp_path / "kits" / "good", GOOD_KIT, wav(hit()))
    install_kit(tmp_path / "kits" / "useless", GOOD_KIT.replace("good", "useless"), b"")
    broken, good, useless = add_sounds("hydrogen")
    assert len(good.sounds) == 1
    assert broken.warnings[0].startswith("hydrogen-broken was left out: ")
    assert "no document type" in broken.warnings[0]
    assert "k.wav is empty" in useless.problems[0].problem
    assert [folder.name for folder in read_index()] == ["hydrogen-good"]
    assert open_library(["hydrogen"]).warnings == (*broken.warnings, useless.problems[0].problem)
    with pytest.raises(StorageError, match="no document type"):
        add_sounds("hydrogen-broken")


def test_two_that_add_at_once_lose_nothing(mine, tmp_path, monkeypatch):
    other = tmp_path / "other"
    shutil.copytree(mine, other)
    real = folders.scan_folder

    def scan(folder, **options):
        if folder.folder == mine:  # while this folder is read, another process adds one
            add_sounds(other)
        return real(folder, **options)

    monkeypatch.setattr(folders, "scan_folder", scan)
    add_sounds(mine)
    assert [folder.folder for folder in read_index()] == [other, mine]


def test_a_folder_removed_while_it_is_looked_at_stays_removed(mine, monkeypatch):
    add_sounds(mine)
    (mine / "new.wav").write_bytes(wav(hit(8)))
    real = folders.scan_folder

    def scan(folder, **options):
        remove_sounds(mine)
        return real(folder, **options)

    monkeypatch.setattr(folders, "scan_folder", scan)
    refresh_folders()
    assert read_index() == ()


def test_where_the_index_can_not_be_written_nothing_is_read_first_and_looking_still_works(mine, reads, monkeypatch):
    add_sounds(mine)
    (mine / "new.wav").write_bytes(wav(hit(8)))
    reads.clear()

    def full(descriptor):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="can not be written: Read-only file system"):
        add_sounds(mine)
    assert reads == []
    (now,) = refresh_folders()
    assert len(now.files) == 4
    assert "can not be written: Read-only file system" in now.warnings[-1]
