import os

import pytest

from ghostnote.errors import StorageError
from ghostnote.sounds import listing
from ghostnote.sounds.listing import list_folder, listed_file


def touch(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"sound")


def paths(folder):
    return [file.path for file in list_folder(folder).files]


def test_audio_is_found_in_all_folders_inside_in_the_order_of_paths(tmp_path):
    touch(tmp_path, "b.WAV", "a/deep/er/c.aiff", "a/b.flac", "z.ogg", "read me.txt", "a/cover.jpg", "x.oga", "y.aifc")
    found = list_folder(tmp_path)
    assert [file.path for file in found.files] == ["a/b.flac", "a/deep/er/c.aiff", "b.WAV", "x.oga", "y.aifc", "z.ogg"]
    assert found.warnings == ()
    assert {file.size_bytes for file in found.files} == {5}


def test_hidden_files_and_folders_are_left_out(tmp_path):
    touch(tmp_path, ".kick.wav", "._kick.wav", ".git/kick.wav", "kick.wav")
    assert paths(tmp_path) == ["kick.wav"]


def test_links_are_followed_once_and_circles_end(tmp_path):
    touch(tmp_path, "sounds/kick.wav", "elsewhere/snare.wav")
    sounds = tmp_path / "sounds"
    (sounds / "loop").symlink_to(sounds)
    (sounds / "up").symlink_to(tmp_path / "sounds/../sounds")
    (sounds / "more").symlink_to(tmp_path / "elsewhere")
    (sounds / "again").symlink_to(tmp_path / "elsewhere")
    assert paths(sounds) == ["again/snare.wav", "kick.wav"]


def test_pipes_and_folders_with_names_of_audio_are_left_out(tmp_path):
    touch(tmp_path, "folder.wav/kick.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert paths(tmp_path) == ["folder.wav/kick.wav"]
    with pytest.raises(StorageError, match="must be a file"):
        listed_file(tmp_path, "pipe.wav", "pipe")


def test_broken_links_and_other_audio_are_told(tmp_path):
    touch(tmp_path, "a.mp3", "b.mp3", "c.m4a", "kick.wav")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    broken, unread = list_folder(tmp_path).warnings
    assert "gone.wav can not be read: No such file or directory. Is it a broken link?" in broken
    assert "audio that is not read: 1 .m4a, 2 .mp3" in unread


def test_depth_is_bounded_and_told(tmp_path):
    touch(tmp_path, "/".join("abcdefghijk") + "/in.wav", "/".join("abcdefghijkl") + "/out.wav")
    found = list_folder(tmp_path)
    assert [file.name for file in found.files] == ["k/in"]
    assert "a/b/c/d/e/f/g/h/i/j/k/l was left out: it lies more than 12 folders deep" in found.warnings[0]


@pytest.mark.parametrize(("limit", "left"), [("MOST_FILES", 3), ("MOST_ENTRIES", 0)])
def test_number_of_files_is_bounded_and_told(tmp_path, monkeypatch, limit, left):
    touch(tmp_path, *(f"{i}.wav" for i in range(5)))
    monkeypatch.setattr(listing, limit, 3)
    found = list_folder(tmp_path)
    assert len(found.files) == left
    assert "the rest was left out. Add the folders inside it that matter" in found.warnings[0]


def test_exactly_as_many_files_as_allowed_are_no_reason_for_a_warning(tmp_path, monkeypatch):
    touch(tmp_path, *(f"{i}.wav" for i in range(3)))
    monkeypatch.setattr(listing, "MOST_FILES", 3)
    found = list_folder(tmp_path)
    assert (len(found.files), found.warnings) == (3, ())


def test_names_tell_what_the_folder_says(tmp_path):
    touch(tmp_path / "Claps", "01.wav", "bd.wav", "Kicks/01.wav", "Kicks/deep/punchy.wav")
    names = {file.path: file.name for file in list_folder(tmp_path / "Claps").files}
    assert names == {
        "01.wav": "Claps/01",
        "bd.wav": "bd",
        "Kicks/01.wav": "Kicks/01",
        "Kicks/deep/punchy.wav": "deep/punchy",
    }


def test_names_that_are_no_text_are_found(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"\xff kick\x1b.wav")).write_bytes(b"sound")
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    (file,) = list_folder(tmp_path).files
    assert (tmp_path / file.path).read_bytes() == b"sound"
    assert file.name == "? kick?"


def test_folders_that_can_not_be_read_are_errors_at_the_top_and_warnings_inside(tmp_path, monkeypatch):
    for path in (tmp_path / "none", tmp_path / "file"):
        touch(tmp_path, "file")
        with pytest.raises(StorageError, match=r"can not be read: .*Is the path right\?"):
            list_folder(path)
    touch(tmp_path, "closed/kick.wav", "open/kick.wav")
    real = os.scandir

    def scandir(path):
        if os.fspath(path).endswith("closed/"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", lambda path: scandir(f"{path}/" if os.fspath(path).endswith("closed") else path))
    found = list_folder(tmp_path)
    assert [file.path for file in found.files] == ["open/kick.wav"]
    assert "closed can not be read: Permission denied" in found.warnings[0]
