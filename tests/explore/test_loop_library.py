import os

import numpy as np
import pytest
from example_pools import pool_of, track_of_bars, voices_in

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.explore.loop_library import LoopLibrary
from ghostnote.loops.pattern import row_text
from ghostnote.midi import write_midi

ROCK = {"kick": "x-------x-x-----", "snare": "----x-------x---", "closed_hihat": "x-x-x-x-x-x-x-x-"}
FUNK = {"kick": "x--x--x---xx----", "snare": "----x--x-x--x--x", "closed_hihat": "xxxxxxxxxxxxxxxx"}
WALTZ = {"kick": "x-----------", "snare": "----x---x---"}
TRIPLETS = {"ride": "x-xx-xx-xx-x"}


def many(generator, count=100, seed=0):
    rng = np.random.default_rng(seed)
    return [generator.draw(rng) for _ in range(count)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    write_midi(track_of_bars(ROCK, {}, FUNK, ROCK), tmp_path / "a.mid")
    write_midi(track_of_bars(FUNK, TRIPLETS, tempo_bpm=90), tmp_path / "deep" / "deeper" / "B.MIDI")
    write_midi(track_of_bars(WALTZ, WALTZ, metre=(3, 4)), tmp_path / "deep" / "waltz.mid")
    (tmp_path / "broken.mid").write_bytes(b"not a MIDI file at all")
    (tmp_path / "notes.txt").write_text("no music")
    return tmp_path


def test_every_bar_is_kept_or_counted(folder):
    report = LoopLibrary(folder, pool_of()).report
    assert (report.files, report.kept, report.empty, report.other_length, report.duplicates) == (3, 2, 1, 3, 2)
    assert report.found == 8
    assert [name for name, _ in report.unreadable] == ["broken.mid"]
    assert report.unreadable[0][1]


def test_loops_are_the_users_bars_with_sounds_by_role(folder):
    loops = many(LoopLibrary(folder, pool_of()))
    kicks = {row_text(loop.pattern.hits[:, voices_in(loop).index("kick")]) for loop in loops}
    assert kicks == {ROCK["kick"], FUNK["kick"]}
    assert {loop.tempo_bpm for loop in loops} == {100.0}
    assert {voices_in(loop)[0] for loop in loops} == {"kick"}
    assert len({loop.sounds for loop in loops}) > 50


def test_other_numbers_of_steps(folder):
    library = LoopLibrary(folder, pool_of(), steps=12, rows=2)
    assert (library.report.kept, library.report.duplicates) == (1, 1)
    assert many(library, 1)[0].pattern.hits.shape == (12, 2)


def test_tracks_as_they_are():
    library = LoopLibrary([track_of_bars(ROCK), track_of_bars(FUNK)], pool_of(), tempo_bpm=(80, 100), swing=(0.3, 0.3))
    assert library.report.kept == 2
    loops = many(library)
    assert {loop.swing for loop in loops} == {0.3}
    assert min(loop.tempo_bpm for loop in loops) < 84


def test_deterministic(folder):
    one, two = LoopLibrary(folder, pool_of()), LoopLibrary(folder, pool_of())
    assert many(one) == many(two)
    assert many(one) != many(one, seed=1)


def test_sounds_are_replaced_by_role(folder):
    library = LoopLibrary(folder, pool_of())
    for sound in many(library, 1)[0].sounds:
        assert library.draw_sound(sound, np.random.default_rng(0)).family == sound.family


def test_swing_and_velocities_of_the_file():
    swung = track_of_bars({"closed_hihat": "x" * 16, "kick": "x---x---x---x---"}, swing=0.24, velocity=64)
    loop = many(LoopLibrary([swung], pool_of()), 1)[0]
    assert loop.swing == pytest.approx(0.24)
    assert loop.pattern.is_straight
    assert loop.pattern.velocities.max() == pytest.approx(64 / 127)


def test_no_bar_to_draw_from(folder, tmp_path):
    with pytest.raises(InvalidInput, match=r"20 steps.*files read: 3, not readable: 1; bars found: 8,"):
        LoopLibrary(folder, pool_of(), steps=20)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidInput, match="files read: 0, not readable: 0; bars found: 0,"):
        LoopLibrary(empty, pool_of())


def test_a_pipe_is_left_out_and_told(folder):
    os.mkfifo(folder / "pipe.mid")
    report = LoopLibrary(folder, pool_of()).report
    assert "must be a file; it is a folder, a pipe or a device" in dict(report.unreadable)["pipe.mid"]


def test_folder_that_is_none(tmp_path):
    with pytest.raises(StorageError, match="must be a folder"):
        LoopLibrary(tmp_path / "nowhere", pool_of())


@pytest.mark.parametrize("settings", [{"steps": 7}, {"rows": 0}, {"tempo_bpm": (1, 2)}, {"swing": (0, 2)}])
def test_settings_have_bounds(settings):
    with pytest.raises(InvalidParameter):
        LoopLibrary([track_of_bars(ROCK)], pool_of(), **settings)
