import numpy as np
import pytest

from audio_bytes import encoded, hit, wav
from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.groove import Voice
from ghostnote.locations import cache_dir
from ghostnote.sounds import found
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.folders import add_sounds
from ghostnote.sounds.index import index_path, read_index
from ghostnote.sounds.library import open_library
from ghostnote.sounds.recordings import read_recording
from ghostnote.sounds.sound import FileSound


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(found, "SONIC_PI_FOLDERS", ())
    monkeypatch.setattr(found, "HYDROGEN_FOLDERS", ())


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    (folder / "more").mkdir(parents=True)
    (folder / "kick.wav").write_bytes(wav(hit(1)))
    (folder / "snare.wav").write_bytes(wav(hit(2)))
    (folder / "more" / "copy.flac").write_bytes(encoded(hit(1), "FLAC", "PCM_16"))
    (folder / "bad.wav").write_bytes(b"no audio")
    return folder


def test_each_content_counts_once_and_nothing_is_lost(mine):
    library = open_library([mine])
    assert [sound.name for sound in library.sounds] == ["kick", "snare"]
    assert [(d.path.name, d.original.name) for d in library.duplicates] == [("copy.flac", "kick.wav")]
    assert len(library.warnings) == 1
    assert "bad.wav must be WAV" in library.warnings[0]
    assert len(library.sounds) + len(library.duplicates) + len(library.warnings) == 4
    assert not index_path().exists()  # asking for a folder does not add it


def test_folders_that_are_asked_for_again_are_not_read_again(mine, monkeypatch):
    first = open_library([mine])
    monkeypatch.setattr("ghostnote.sounds.folders.read_recording", None)
    assert open_library([mine]).sounds == first.sounds
    (cache_dir() / "sounds.json").write_text("damaged")
    with pytest.raises(TypeError):  # so it is read again
        open_library([mine])


def test_where_nothing_can_be_kept_folders_are_read_all_the_same(mine, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path / "file"))
    assert len(open_library([mine]).sounds) == 2


def test_an_added_library_is_known_as_a_folder_too(mine, monkeypatch):
    add_sounds(mine)
    monkeypatch.setattr("ghostnote.sounds.folders.read_recording", None)
    assert len(open_library([mine]).sounds) == 2


def test_without_folders_it_is_all_that_was_added(mine, tmp_path):
    assert open_library().sounds == ()
    add_sounds(mine)
    other = tmp_path / "other"
    other.mkdir()
    (other / "kick too.wav").write_bytes(wav(hit(1)))
    (other / "hat.wav").write_bytes(wav(hit(3)))
    add_sounds(other)
    library = open_library()
    assert [sound.name for sound in library.sounds] == ["kick", "snare", "hat"]
    assert [d.path.name for d in library.duplicates] == ["copy.flac", "kick too.wav"]
    assert library.path_of(library.sounds[0]) == mine / "kick.wav"
    assert library.role_of(library.sounds[1]) is Voice.SNARE


def test_the_same_file_twice_is_no_duplicate(mine):
    add_sounds(mine / "more")
    add_sounds(mine)
    library = open_library()
    assert len(library.sounds) == 2
    assert [d.path.name for d in library.duplicates] == ["kick.wav"]
    assert len(open_library([mine, mine / "more", str(mine)]).duplicates) == 1


def test_a_bank_reads_its_sounds(mine):
    library = open_library([mine])
    bank = SoundBank(library.read)
    np.testing.assert_array_equal(bank.audio(library.sounds[0]), read_recording(mine / "kick.wav").audio)
    unknown = FileSound("0" * 32, "unknown")
    assert library.read(unknown) is library.path_of(unknown) is library.role_of(unknown) is None
    with pytest.raises(InvalidParameter, match="it is in none"):
        bank.audio(unknown)


def test_a_file_that_is_gone_or_changed_is_read_from_its_copy_and_never_replaced_by_another_sound(mine):
    library = open_library([mine])
    kick, snare = library.sounds
    before = library.read(kick)
    (mine / "kick.wav").write_bytes(wav(hit(9)))
    np.testing.assert_array_equal(library.read(kick), before)
    (mine / "more" / "copy.flac").unlink()
    assert library.read(kick) is None
    (mine / "snare.wav").write_bytes(b"broken now")
    assert library.read(snare) is None


def test_moved_folders_give_the_same_sounds(mine, tmp_path):
    before = open_library([mine]).sounds
    mine.rename(tmp_path / "moved")
    assert open_library([tmp_path / "moved"]).sounds == before


def test_a_folder_that_is_gone_is_said_and_its_sounds_are_still_named(mine, tmp_path):
    add_sounds(mine)
    mine.rename(tmp_path / "moved")
    library = open_library()
    assert any(f"{mine} is gone" in warning for warning in library.warnings)
    assert [sound.name for sound in library.sounds] == ["kick", "snare"]
    assert library.read(library.sounds[0]) is None
    assert len(read_index()) == 1
    with pytest.raises(StorageError, match="no folder that is there"):
        open_library([mine])


def test_sounds_of_a_folder_that_is_gone_come_from_where_they_are_now(mine, tmp_path):
    add_sounds(mine)
    mine.rename(tmp_path / "moved")
    add_sounds(tmp_path / "moved")
    library = open_library()
    assert all(library.read(sound) is not None for sound in library.sounds)


def test_a_damaged_index_does_not_stop_folders_that_are_asked_for(mine):
    index_path().parent.mkdir(parents=True)
    index_path().write_text("damaged")
    assert len(open_library([mine]).sounds) == 2
