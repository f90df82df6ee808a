import numpy as np
import pytest
from tracks import track_of

from ghostnote.groove.programming import levels_of, timing_is_programmed, velocities_are_flat


def at(ticks, beat=480):
    return track_of(*[(int(t), 42, 90) for t in ticks], ticks_per_beat=beat)


@pytest.mark.parametrize("beat", [480, 96, 960])
@pytest.mark.parametrize("division", [1, 4, 3, 8, 6, 5, 7])
def test_divisions_of_the_beat_are_programmed(beat, division):
    assert timing_is_programmed(at(np.round(np.arange(32) * beat / division), beat))


def test_swing_is_programmed():
    assert timing_is_programmed(at([k * 120 + 29 * (k % 2) for k in range(32)]))


def test_played_onsets_are_not():
    rng = np.random.default_rng(0)
    assert not timing_is_programmed(at(np.arange(64) * 120 + rng.normal(0, 10, 64).round() + 40))


def test_flat_means_one_velocity():
    assert velocities_are_flat(track_of(*[(i, 36, 100) for i in range(40)], (41, 38, 30)))
    assert not velocities_are_flat(track_of(*[(i, 36, 100) for i in range(10)], (41, 38, 30)))
    assert not velocities_are_flat(track_of())


def test_levels_lie_apart():
    assert levels_of(np.array([35, 36, 110, 112, 110, 70])) == [(35, 36), (70, 70), (110, 112)]
    assert levels_of(np.array([], dtype=np.int64)) == []
    assert levels_of(np.array([20] + [100] * 99)) == [(100, 100)]
