"""Ids and names become paths here and nowhere else."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import StorageError
from ghostnote.studio.errors import NotFound
from ghostnote.studio.places import Places, default_home, download_url, mark_used, new_id, read_credential, safe_name

TRICKS = (
    "",
    "short",
    "..",
    "../../../../etc/passwd",
    "..%2f..%2fcredential",
    "/etc/passwd",
    "0123456789ab/../x",
    "0123456789ab\\..",
    "0123456789ab\0",
    "0123456789ab\n",
    "0123456789AB",
    "０１２３４５６７８９ab",
    "0123456789ab.",
    "a" * 33,
    "C:0123456789ab",
)


@pytest.mark.parametrize("trick", TRICKS)
def test_only_ids_become_paths(tmp_path: Path, trick: str) -> None:
    places = Places(tmp_path)
    for place in (places.session, places.beat, places.kit):
        with pytest.raises(NotFound, match="id must be"):
            place(trick)
    with pytest.raises(NotFound):
        places.download(trick, "x.wav")


def test_ids_become_paths_below_home(tmp_path: Path) -> None:
    places, id = Places(tmp_path), new_id()
    assert places.session(id) == tmp_path / "sessions" / f"{id}.ghostnote"
    assert places.beat(id) == tmp_path / "beats" / f"{id}.mid"
    assert places.kit(id) == tmp_path / "kits" / f"{id}.json"
    assert new_id() != id


def test_beats_that_nobody_uses_are_dropped(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.ensure()
    days_ago = {"0" * 12: 40, "1" * 12: 40, "2" * 12: 20}
    for id, days in days_ago.items():
        for path in (places.beat(id), places.beat(id).with_suffix(".json")):
            path.write_bytes(b"{}")
            os.utime(path, (time.time() - days * 86_400,) * 2)
    lost = tmp_path / "beats" / "333333333333.json"
    lost.write_bytes(b"{}")
    os.utime(lost, (0, 0))
    mark_used(places.beat("1" * 12))
    places.ensure()
    left = {path.name for path in places.beats.iterdir()}
    assert left == {f"{id}{ending}" for id in ("1" * 12, "2" * 12) for ending in (".mid", ".json")}
    mark_used(places.beat("4" * 12))  # what is not there is no trouble


@pytest.mark.parametrize("name", [*TRICKS, "x", ".hidden", "secret", "loop.wav/", "./loop.wav", "LOOP.wav\0"])
def test_downloads_are_only_what_was_made(tmp_path: Path, name: str) -> None:
    places = Places(tmp_path)
    places.ensure()
    (tmp_path / "secret").write_text("secret")
    id, path = places.new_download("loop.wav")
    path.write_bytes(b"RIFF")
    (path.parent / ".hidden").write_text("hidden")
    (path.parent / "link.wav").symlink_to(tmp_path / "secret")
    assert places.download(id, "loop.wav").read_bytes() == b"RIFF"
    assert download_url(id, path) == f"/api/downloads/{id}/loop.wav"
    for wrong in (name, "link.wav"):
        with pytest.raises(NotFound):
            places.download(id, wrong)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("beat.mid", "beat.mid"),
        ("Bossa nova (Tom).mid", "Bossa nova (Tom).mid"),
        ("Grüße 日本.wav", "Grüße 日本.wav"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Users\\me\\beat.mid", "C Users me beat.mid"),
        (".bashrc", "bashrc"),
        ("...", "ghostnote"),
        ("", "ghostnote"),
        ("a\0b\r\nSet-Cookie: x", "abSet-Cookie x"),
        ("<script>.mid", "script.mid"),
        ("NUL", "ghostnote"),
        ("com1.mid", "ghostnote"),
        ("beat. ", "beat"),
    ],
)
def test_names_for_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_names_are_always_safe(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 100
    assert not set(safe) & set('/\\<>:"|?*\0\r\n')
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


def test_folders_are_for_this_user_alone(tmp_path: Path) -> None:
    places = Places(tmp_path / "deep" / "home")
    places.ensure()
    places.ensure()
    if os.name == "posix":
        for folder in (places.home, places.sessions, places.downloads):
            assert folder.stat().st_mode & 0o077 == 0


def test_old_downloads_and_uploads_are_dropped(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.ensure()
    kept = {}
    for days in (0, 3):
        _, path = places.new_download("loop.wav")
        path.write_bytes(b"RIFF")
        upload = places.uploads / new_id()
        upload.write_bytes(b"")
        at = time.time() - days * 86_400
        for old in (path.parent, upload):
            os.utime(old, (at, at))
        kept[days] = (path, upload)
    places.ensure()
    assert [path.exists() for path in kept[0]] == [True, True]
    assert [path.exists() for path in kept[3]] == [False, False]


def test_a_home_that_can_not_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="home must be a folder"):
        Places(tmp_path / "file").ensure()


def test_the_default_home_is_below_the_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHOSTNOTE_HOME", "/somewhere")
    assert default_home() == Path("/somewhere/studio")


def test_credential_lasts_and_is_for_this_user_alone(tmp_path: Path) -> None:
    first = read_credential(tmp_path)
    assert len(first) == 43
    assert read_credential(tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == ["credential"]
    if os.name == "posix":
        assert (tmp_path / "credential").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 43, b"a" * 44])
def test_a_damaged_credential_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "credential").write_bytes(content)
    (tmp_path / "credential").chmod(0o600)
    assert len(read_credential(tmp_path)) == 43


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_credential_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    first = read_credential(tmp_path)
    (tmp_path / "credential").chmod(0o644)
    assert read_credential(tmp_path) != first
    assert (tmp_path / "credential").stat().st_mode & 0o777 == 0o600


def test_a_credential_that_can_not_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "credential").mkdir(mode=0o700)
    with pytest.raises(StorageError, match="credential"):
        read_credential(tmp_path)
