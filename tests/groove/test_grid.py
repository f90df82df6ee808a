import numpy as np
import pytest
from tracks import track_of

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.groove.grid import bar_lines, lay_grid


def test_straight_track_gets_16ths():
    grid = lay_grid(track_of((0, 36, 100), (120, 42, 100), (480, 38, 100)))
    assert (grid.lengths_beats == 0.25).all()
    assert grid.bars.max() == 1  # one bar after the last note, for hits that are late


def test_exact_triplets_get_triplets_in_their_beat_alone():
    grid = lay_grid(track_of((0, 36, 100), (160, 42, 100), (320, 42, 100), (480, 36, 100), (600, 42, 100)))
    np.testing.assert_allclose(grid.lengths_beats[:3], 1 / 3)
    assert (grid.lengths_beats[3:] == 0.25).all()
    np.testing.assert_allclose(grid.onsets_beats[:5], [0, 1 / 3, 2 / 3, 1, 1.25])


def test_played_shuffle_gets_triplets():
    rng = np.random.default_rng(0)
    beats = np.concatenate([[b, b + 2 / 3] for b in range(16)]) + rng.normal(0, 0.02, 32)
    grid = lay_grid(track_of(*[(int(max(b, 0) * 480), 51, 90) for b in beats]))
    np.testing.assert_allclose(grid.lengths_beats, 1 / 3)


def test_played_16ths_stay_16ths():
    rng = np.random.default_rng(0)
    beats = np.arange(64) / 4 + rng.normal(0, 0.02, 64)
    grid = lay_grid(track_of(*[(int(max(b, 0) * 480), 42, 90) for b in beats]))
    assert (grid.lengths_beats == 0.25).all()


@pytest.mark.parametrize(("metre", "steps"), [((7, 8), 14), ((5, 4), 20), ((6, 8), 12), ((3, 16), 3), ((4, 4), 16)])
def test_odd_metres_have_whole_bars(metre, steps):
    grid = lay_grid(track_of((0, 36, 100), metre=metre))
    assert (grid.bars == 0).sum() == steps
    assert grid.bar_beats[0] == pytest.approx(4 * metre[0] / metre[1])


def test_metre_change_inside_a_bar_begins_a_new_one():
    track = DrumTrack(
        (Note(0, 36, 100), Note(5000, 36, 100)),
        480,
        track_of().drum_map,
        metres=(MetreChange(0, 4, 4), MetreChange(1000, 3, 4)),
    )
    lines = bar_lines(track)
    np.testing.assert_allclose(lines.starts_beats[:3], [0, 4 * 0 + 1000 / 480, 1000 / 480 + 3])
    assert lines.lengths_beats[0] == pytest.approx(1000 / 480)
    grid = lay_grid(track)
    np.testing.assert_allclose(grid.onsets_beats[1:], np.cumsum(grid.lengths_beats)[:-1])


def test_tempo_changes_reach_the_steps():
    track = DrumTrack(
        (Note(0, 36, 100), Note(960, 36, 100)), 480, track_of().drum_map, tempos=(TempoChange(480, 1_000_000),)
    )
    grid = lay_grid(track)
    assert grid.tempos_bpm[:5].tolist() == [120.0] * 4 + [60.0]


def test_subdivision_can_be_forced():
    track = track_of((0, 36, 100))
    assert lay_grid(track, "triplets").lengths_beats == pytest.approx(1 / 3)
    with pytest.raises(InvalidParameter, match="subdivision must be one of"):
        lay_grid(track, "quintuplets")  # type: ignore[arg-type]


def test_endless_track_is_refused_before_memory_is_spent():
    with pytest.raises(InvalidInput, match="shorter than 1000000 steps"):
        lay_grid(track_of((0, 36, 1), (2**31, 36, 1), ticks_per_beat=1))
