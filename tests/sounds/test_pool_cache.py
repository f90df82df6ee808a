"""Samples of a pool that are kept: the same with, without and in spite of the file."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ghostnote.locations import cache_dir
from ghostnote.sounds import pool_cache
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import FAMILIES, SYNTHESIS_VERSION, draw_pool, synthesize
from ghostnote.sounds.pool_cache import FILES_KEPT, fill_bank
from ghostnote.sounds.sound import SynthSound

POOL = draw_pool(6, 3)
EXPECTED = {sound.key: synthesize(sound) for sound in POOL}


class Filled:
    """A bank that was filled, and how many sounds had to be made for that."""

    def __init__(self, folder: Path | None, pool: tuple[SynthSound, ...] = POOL) -> None:
        self.told: list[tuple[int, int]] = []
        self.bank = SoundBank()
        fill_bank(self.bank, pool, folder, lambda done, total: self.told.append((done, total)))

    @property
    def made(self) -> int:
        return len(self.told)

    def is_right(self) -> bool:
        return all(
            audio.dtype == np.float32 and audio.tobytes() == EXPECTED[sound.key].tobytes()
            for sound in POOL
            for audio in [self.bank.audio(sound)]
        )


@pytest.fixture(autouse=True)
def _no_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that is not filled must not pass by making the sounds itself."""
    monkeypatch.setattr(SoundBank, "_make", lambda self, sound: pytest.fail(f"{sound} is not in the bank"))


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_samples_are_the_same_with_and_without_the_file(tmp_path: Path) -> None:
    first, second = Filled(tmp_path / "new" / "folder"), Filled(tmp_path / "new" / "folder")
    assert first.told == [(done, len(POOL)) for done in range(1, len(POOL) + 1)]
    assert second.made == 0
    assert first.is_right()
    assert second.is_right()


def test_the_file_is_in_the_cache_of_ghostnote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHOSTNOTE_HOME", str(tmp_path))
    Filled(None)
    assert only_file(cache_dir() / "sounds").suffix == ".npz"


def test_another_pool_order_or_synthesis_is_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Filled(tmp_path)
    assert Filled(tmp_path, POOL[:5]).made == 5
    assert Filled(tmp_path, POOL[::-1]).made == 6
    monkeypatch.setattr(pool_cache, "SYNTHESIS_VERSION", SYNTHESIS_VERSION + 1)
    assert Filled(tmp_path).made == 6
    assert len(list(tmp_path.iterdir())) == 4


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1_000])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def one_array(path: Path) -> None:
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))


def of_another_pool(path: Path) -> None:
    others = path.parent / "others"
    Filled(others, draw_pool(6, 4))
    only_file(others).replace(path)
    others.rmdir()


def rewritten(**arrays: np.ndarray) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        with np.load(path) as kept:
            whole = dict(kept) | arrays
        np.savez(path, **whole)

    return rewrite


DAMAGES = {
    "cut": cut,
    "flipped": flipped,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not an archive"),
    "one array": one_array,
    "pickled": rewritten(audio=np.array([{}], dtype=object)),
    "of another pool": of_another_pool,
    "other arrays": lambda path: np.savez(path, x=np.zeros(3)),
    "negative length": rewritten(lengths=np.array([-1, 3, 1, 1, 1, 1])),
    "too few lengths": rewritten(lengths=np.array([5])),
    "lengths of another kind": rewritten(lengths=np.full(6, 1.0)),
    "lengths beyond the samples": rewritten(lengths=np.full(6, 100_000)),
    "double precision": rewritten(audio=np.concatenate([EXPECTED[sound.key] for sound in POOL]).astype(np.float64)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_file_is_made_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    Filled(tmp_path)
    damage(only_file(tmp_path))
    again = Filled(tmp_path)
    assert again.made == len(POOL)
    assert again.is_right()
    assert Filled(tmp_path).made == 0


@pytest.mark.parametrize("call", ["mkdir", "fsync"])
def test_where_nothing_can_be_written_it_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path if call == "mkdir" else os, call, full)
    for _ in range(2):
        filled = Filled(tmp_path / "sounds")
        assert filled.made == len(POOL)
        assert filled.is_right()
    assert not list(tmp_path.rglob("*pool*")), "nothing is left half written"


def test_a_file_in_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sounds").write_text("mine")
    assert Filled(tmp_path / "sounds").is_right()
    assert (tmp_path / "sounds").read_text() == "mine"


def test_those_used_last_are_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("not ours")
    (tmp_path / ".pool-a.npz.1234.tmp").write_text("of a writer that was killed")
    os.utime(tmp_path / ".pool-a.npz.1234.tmp", (1, 1))
    names = []
    for seed in range(FILES_KEPT):
        Filled(tmp_path, draw_pool(1, seed))
        names.append(next(path.name for path in tmp_path.glob("pool-*") if path.name not in names))
        os.utime(tmp_path / names[-1], (100 + seed, 100 + seed))
    assert Filled(tmp_path, draw_pool(1, 0)).made == 0  # used again, and so the youngest
    Filled(tmp_path, draw_pool(1, 99))
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == FILES_KEPT + 1
    assert {"mine.txt", names[0], *names[2:]} < left


def test_no_sounds_need_no_file(tmp_path: Path) -> None:
    assert Filled(tmp_path, ()).made == 0
    assert not list(tmp_path.iterdir())


def test_of_a_very_large_pool_the_first_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_cache, "MOST_SOUNDS", 2)
    assert Filled(tmp_path).made == 2
    assert Filled(tmp_path).made == 0


# How far one sound of each family travels in all, in the order of FAMILIES. If this fails since sounds are made
# differently now, count SYNTHESIS_VERSION up, or users hear the old ones; then put the new values here.
WAYS_OF_VERSION = (
    1,
    (
        7.58254,
        61.3142,
        47.6645,
        28.9071,
        134.4,
        399.642,
        350.814,
        302.507,
        13.9368,
        30.0207,
        112.826,
        56.5789,
        15.6657,
        20.5604,
        69.307,
        34.1208,
        30.762,
        48.6922,
    ),
)


def test_the_version_grows_when_samples_change() -> None:
    sounds = [SynthSound(family.name, (0.4,) * len(family.parameters), 1) for family in FAMILIES.values()]
    ways = [float(np.abs(np.diff(synthesize(sound))).sum(dtype=np.float64)) for sound in sounds]
    assert (SYNTHESIS_VERSION, ways) == (WAYS_OF_VERSION[0], pytest.approx(WAYS_OF_VERSION[1], rel=1e-3))
