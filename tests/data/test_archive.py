from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from groove_archives import KICK, archive, info, midi_file, published, row

from ghostnote.data import GROOVE, check_archive, find_archive
from ghostnote.data.archive import MAX_MEMBER_BYTES, open_archive, read_member
from ghostnote.errors import InvalidArchive, StorageError

GOOD = archive({"groove/info.csv": info(row("a")), "groove/drummer1/a.mid": midi_file([(0, KICK, 100)])})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.zip"
    path.write_bytes(GOOD)
    return path


def test_published_archive_is_described_in_full() -> None:
    assert GROOVE.size == 3_260_318
    assert GROOVE.sha256 == "651cbc524ffb891be1a3e46d89dc82a1cecb09a57c748c7b45b844c4841dcc1e"
    assert GROOVE.url.startswith("https://storage.googleapis.com/magentadata/")
    assert "CC BY 4.0" in GROOVE.licence
    assert "Gillick" in GROOVE.attribution


def test_check_returns_hash_of_good_archive(good: Path) -> None:
    expected = published(GOOD)
    assert check_archive(good, published=expected) == expected.sha256
    assert check_archive(good, published=None) == expected.sha256


def test_check_refuses_archive_of_other_size(good: Path) -> None:
    with pytest.raises(InvalidArchive, match=r"must hold 3,260,318 bytes; .* holds "):
        check_archive(good)


def test_check_refuses_archive_of_other_content(tmp_path: Path) -> None:
    changed = bytearray(GOOD)
    changed[len(changed) // 2] ^= 1
    path = tmp_path / "changed.zip"
    path.write_bytes(changed)
    with pytest.raises(InvalidArchive, match=r"sha256.*damaged"):
        check_archive(path, published=published(GOOD))


def test_check_refuses_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "page.zip"
    path.write_bytes(b"<html>404</html>")
    with pytest.raises(InvalidArchive, match="must be a zip archive"):
        check_archive(path, published=None)


def test_check_refuses_truncated_zip(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(GOOD[: len(GOOD) // 2])
    with pytest.raises(InvalidArchive, match="must be a zip archive"):
        check_archive(path, published=None)


def test_check_refuses_zip_without_list(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(archive({"__MACOSX/info.csv": b"", "holiday.jpg": b"..."}))
    with pytest.raises(InvalidArchive, match=r"must hold info\.csv"):
        check_archive(path, published=None)


def test_check_of_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can not be read"):
        check_archive(tmp_path / "nowhere.zip")


def test_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(archive({"groove/info.csv": bytes(16 * MAX_MEMBER_BYTES)}))
    tracemalloc.start()
    with open_archive(path) as opened, pytest.raises(InvalidArchive, match="at most 5,242,880 bytes"):
        read_member(opened, "groove/info.csv")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_MEMBER_BYTES


def test_zip_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    honest = archive({"groove/info.csv": bytes(MAX_MEMBER_BYTES + 1)})
    claimed = honest.replace(struct.pack("<I", MAX_MEMBER_BYTES + 1), struct.pack("<I", 10))
    assert claimed != honest
    path = tmp_path / "liar.zip"
    path.write_bytes(claimed)
    with pytest.raises(InvalidArchive), open_archive(path) as opened:
        read_member(opened, "groove/info.csv")


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream) as zipped:
        offset = zipped.getinfo("groove/info.csv").header_offset
    data = bytearray(GOOD)
    data[offset + 6] |= 1
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(data)
    with pytest.raises(InvalidArchive, match="encrypted"), open_archive(path) as opened:
        read_member(opened, "groove/info.csv")


def test_find_prefers_given_path_to_variable_to_home(good: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    usual = home / GROOVE.file_name
    usual.write_bytes(GOOD)
    assert find_archive() == usual
    other = good.with_name("other.zip")
    other.write_bytes(GOOD)
    monkeypatch.setenv("GHOSTNOTE_GMD_ARCHIVE", str(other))
    assert find_archive() == other
    assert find_archive(str(good)) == good


def test_find_tells_how_to_get_a_missing_archive() -> None:
    with pytest.raises(StorageError, match=r"ghostnote data fetch.*--archive PATH"):
        find_archive()


def test_find_names_what_points_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="the given path"):
        find_archive(tmp_path / "nowhere.zip")
    monkeypatch.setenv("GHOSTNOTE_GMD_ARCHIVE", str(tmp_path / "gone.zip"))
    with pytest.raises(StorageError, match="GHOSTNOTE_GMD_ARCHIVE"):
        find_archive()
