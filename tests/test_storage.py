import pytest

from ghostnote.errors import StorageError
from ghostnote.storage import check_is_file, writing


def test_file_appears_whole(tmp_path):
    with writing(tmp_path / "a", overwrite=False) as stream:
        stream.write(b"half")
        assert not (tmp_path / "a").exists()
        stream.write(b" and half")
    assert (tmp_path / "a").read_bytes() == b"half and half"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_failure_leaves_the_old_file_and_no_litter(tmp_path):
    (tmp_path / "a").write_bytes(b"old")

    def fail():
        with writing(tmp_path / "a", overwrite=True) as stream:
            stream.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_existing_file_is_kept_unless_asked(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(StorageError, match="exists"), writing(tmp_path / "a", overwrite=False):
        pass
    assert (tmp_path / "a").read_bytes() == b"old"


def test_link_is_followed_and_permissions_stay(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with writing(tmp_path / "link", overwrite=True) as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_only_a_file_is_one(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    check_is_file(tmp_path / "a")
    with pytest.raises(StorageError, match="must be a file; it is a folder"):
        check_is_file(tmp_path)
    with pytest.raises(StorageError, match="can not be read: No such file"):
        check_is_file(tmp_path / "b")
