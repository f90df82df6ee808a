from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from groove_archives import KICK, SNARE, published, row, write_archive

from ghostnote.data import Published, cache, cache_dir, load_performances, loading
from ghostnote.errors import InvalidArchive, InvalidParameter


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A recording for training, one in 6/8, one for the test."""
    rows = [row("a"), row("b", time_signature="6-8"), row("c", split="test")]
    return write_archive(
        tmp_path / "three.zip", rows, {"a": [(0, KICK, 99), (5, SNARE, 1)], "b": [], "c": [(9, KICK, 7)]}
    )


@pytest.fixture
def expected(three: Path) -> Published:
    return published(three.read_bytes())


@pytest.fixture
def no_reading(three: Path, expected: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is filled, and reading the archive again fails the test."""
    load_performances(archive=three, published=expected)
    monkeypatch.setattr(loading, "read_performances", lambda *_, **__: pytest.fail("read the archive again"))


def names(path: Path, published: Published, split: str | None = None, **options: str) -> list[str]:
    found = load_performances(split, archive=path, published=published, **options)
    return [performance.id[-1] for performance in found]


def test_split_and_metre_choose(three: Path, expected: Published) -> None:
    assert names(three, expected) == ["a", "b", "c"]
    assert names(three, expected, "train") == ["a", "b"]
    assert names(three, expected, "train", metre="4-4") == ["a"]
    assert names(three, expected, "validation") == []


def test_index_is_the_row_of_the_whole_list(three: Path, expected: Published) -> None:
    assert [p.index for p in load_performances("test", archive=three, published=expected)] == [2]


def test_unknown_split_is_refused(three: Path, expected: Published) -> None:
    with pytest.raises(InvalidParameter, match="split must be one of train, validation, test; got 'dev'"):
        load_performances("dev", archive=three, published=expected)


def test_archive_that_is_not_the_published_one_is_refused(three: Path) -> None:
    with pytest.raises(InvalidArchive, match="3,260,318 bytes"):
        load_performances("train", archive=three)


@pytest.mark.usefixtures("no_reading")
def test_second_call_reads_the_cache_and_finds_the_same(three: Path, expected: Published, tmp_path: Path) -> None:
    again = load_performances(archive=three, published=expected)
    fresh = cache.read_cache(expected.sha256)
    assert fresh is not None
    assert [p.styles for p in again] == [("rock",)] * 3
    assert again[0].ticks.tolist() == [0, 5]
    assert again[0].pitches.tolist() == [KICK, SNARE]
    assert again[0].velocities.tolist() == [99, 1]
    assert [len(p.ticks) for p in again] == [2, 0, 1]
    assert (again[0].ticks.dtype, again[0].pitches.dtype) == (np.int64, np.uint8)


def test_other_archive_has_another_cache(three: Path, expected: Published, tmp_path: Path) -> None:
    names(three, expected)
    other = write_archive(tmp_path / "other.zip", [row("z")], {"z": [(0, KICK, 1)]})
    assert names(other, published(other.read_bytes())) == ["z"]
    assert names(three, expected) == ["a", "b", "c"]


def test_cache_may_be_left_out(three: Path, expected: Published) -> None:
    load_performances(archive=three, published=expected, cache=False)
    assert not cache_dir().exists()


def damage(how: str, path: Path) -> None:
    if how == "truncated":
        path.write_bytes(path.read_bytes()[:-200])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "no arrays":
        path.write_bytes(b"\x00" * 5000)
    elif how == "array missing":
        np.savez(path, meta=np.zeros(3, np.uint8))
    else:
        with np.load(path) as stored:
            arrays = dict(stored)
        if how == "too few notes":
            arrays["pitches"] = arrays["pitches"][:-1]
        elif how == "starts too short":
            arrays["starts"] = arrays["starts"][:-1]
        elif how == "starts in disorder":
            arrays["starts"] = np.array([0, 2, 1, 3])
        elif how == "other fields":
            arrays["meta"] = np.frombuffer(b'[{"name": 1, "styles": []}, {}, {}]', np.uint8)
        elif how == "no text":
            arrays["meta"] = np.full(10, 255, np.uint8)
        np.savez(path, **arrays)


@pytest.mark.parametrize(
    "how",
    [
        "truncated",
        "empty",
        "no arrays",
        "array missing",
        "too few notes",
        "starts too short",
        "starts in disorder",
        "other fields",
        "no text",
    ],
)
def test_damaged_cache_is_made_again(
    how: str, three: Path, expected: Published, caplog: pytest.LogCaptureFixture
) -> None:
    names(three, expected)
    path = cache.cache_path(expected.sha256)
    damage(how, path)
    with caplog.at_level(logging.WARNING):
        assert names(three, expected) == ["a", "b", "c"]
    assert "will be made again" in caplog.text
    repaired = cache.read_cache(expected.sha256)
    assert repaired is not None
    assert len(repaired) == 3


def test_cache_that_can_not_be_written_does_no_harm(
    three: Path, expected: Published, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert names(three, expected) == ["a", "b", "c"]
    assert "can not be written" in caplog.text


def test_cache_leaves_no_other_files(three: Path, expected: Published) -> None:
    names(three, expected)
    assert [path.suffix for path in cache_dir().iterdir()] == [".npz"]
