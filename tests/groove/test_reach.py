import numpy as np
import pytest
from tracks import MAP, track_of

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import bar_lines, lay_grid
from ghostnote.groove.reach import count_bars, extend_grid

SHUFFLE = [(480 * beat + tick, 51, 90) for beat in (0, 1, 2) for tick in ((0, 320) if beat % 2 else (0,))]


def changing(*metres: MetreChange, last_tick: int, tempos: tuple[TempoChange, ...] = ()) -> DrumTrack:
    return DrumTrack((Note(0, 36, 100), Note(last_tick, 36, 100)), 480, MAP, tempos, metres)


# How many bars there are


@pytest.mark.parametrize(("last_tick", "bars"), [(0, 1), (1919, 1), (1920, 2), (3840 - 1, 2)])
def test_bars_reach_to_that_of_the_last_note(last_tick, bars):
    assert count_bars(track_of((0, 36, 100), (last_tick, 36, 100))) == bars


def test_track_without_notes_has_no_bars():
    assert count_bars(track_of()) == 0


def test_bars_of_several_metres_are_counted():
    track = changing(MetreChange(0, 4, 4), MetreChange(1000, 7, 8), last_tick=1000 + 1680)
    assert count_bars(track) == 3  # a short one, a whole one, and that of the note


@pytest.mark.parametrize("ticks_per_beat", [7, 11, 13, 480])
@pytest.mark.parametrize("bars", range(1, 40))
def test_note_on_a_bar_line_has_that_bar_at_any_resolution(ticks_per_beat, bars):
    on_line = 3 * ticks_per_beat * (bars - 1)
    track = DrumTrack((Note(on_line, 36, 100),), ticks_per_beat, MAP, metres=(MetreChange(0, 3, 4),))
    assert count_bars(track) == bars


# Exactly so many bars


@pytest.mark.parametrize("bars", [1, 2, 3, 4, 9])
def test_grid_has_the_bars_asked_for_be_they_fewer_or_more(bars):
    track = track_of((0, 36, 100), (3 * 1920, 36, 100))
    grid = lay_grid(track, bars=bars)
    assert (len(grid), grid.bars[-1]) == (16 * bars, bars - 1)
    np.testing.assert_array_equal(grid.onsets_beats, np.arange(16 * bars) / 4)


def test_asking_for_the_bars_that_there_are_changes_nothing():
    track = changing(MetreChange(0, 4, 4), MetreChange(1000, 7, 8), last_tick=4000, tempos=(TempoChange(500, 300_000),))
    plain = lay_grid(track)
    asked = lay_grid(track, bars=int(plain.bars[-1]) + 1)
    for name in plain.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(asked, name), getattr(plain, name))


def test_metres_and_tempos_behind_the_last_note_are_followed_where_bars_are_asked_for():
    track = changing(
        MetreChange(0, 4, 4), MetreChange(3840, 3, 4), last_tick=10, tempos=(TempoChange(1920, 1_000_000),)
    )
    grid = lay_grid(track, bars=4)
    assert [int((grid.bars == bar).sum()) for bar in range(4)] == [16, 16, 12, 12]
    assert [float(grid.tempos_bpm[grid.bars == bar][0]) for bar in range(4)] == [120.0, 60.0, 60.0, 60.0]


def test_bars_can_end_where_a_metre_cuts_them():
    track = changing(MetreChange(0, 4, 4), MetreChange(1000, 3, 4), last_tick=5000)
    np.testing.assert_allclose(bar_lines(track, 1).lengths_beats, [1000 / 480])
    np.testing.assert_allclose(bar_lines(track, 2).starts_beats, [0.0, 1000 / 480])


def test_triplets_behind_the_bars_asked_for_do_not_show_in_them():
    track = track_of((0, 36, 100), *[(1920 + 160 * k, 42, 100) for k in range(3)])
    assert (lay_grid(track, bars=1).lengths_beats == 0.25).all()


@pytest.mark.parametrize("bars", [0, -1])
def test_no_bars_are_refused(bars):
    with pytest.raises(InvalidParameter, match=f"bars must be at least 1; got {bars}"):
        lay_grid(track_of((0, 36, 100)), bars=bars)
    with pytest.raises(InvalidParameter, match=f"bars must be at least 1; got {bars}"):
        extend_grid(track_of((0, 36, 100)), bars)


def test_metre_far_behind_the_bars_asked_for_does_not_matter():
    assert len(lay_grid(changing(MetreChange(2**31, 3, 4), last_tick=10), bars=2)) == 32


def test_endless_bars_are_refused_before_memory_is_spent():
    with pytest.raises(InvalidParameter, match="bars must make fewer than 1000000 steps; got 1000000000000"):
        lay_grid(track_of((0, 36, 100)), bars=10**12)


# Going on


def test_grid_is_of_the_track_s_own_bars_and_so_many_more():
    track = track_of((0, 36, 100), (1920, 36, 100), metre=(4, 4))
    grid = extend_grid(track, 3)
    assert grid.bars[-1] + 1 == 2 + 3
    own = lay_grid(track)
    np.testing.assert_array_equal(grid.onsets_beats[: len(own)], own.onsets_beats)


def test_further_bars_have_the_last_metre_and_tempo():
    track = changing(
        MetreChange(0, 4, 4), MetreChange(1920, 7, 8), last_tick=2000, tempos=(TempoChange(1930, 400_000),)
    )
    grid = extend_grid(track, 2)
    assert grid.bars[-1] + 1 == 2 + 2
    further = grid.bars >= 2
    assert further.sum() == 28
    assert set(grid.bar_beats[further]) == {3.5}
    assert set(grid.tempos_bpm[further]) == {150.0}


def test_programmed_shuffle_goes_on_in_triplets_also_where_its_own_beats_say_nothing():
    track = track_of(*SHUFFLE, (1440, 38, 90))
    np.testing.assert_allclose(extend_grid(track, 1).lengths_beats, 1 / 3)
    assert set(np.round(lay_grid(track).lengths_beats, 2)) == {0.25, 0.33}, "as before where nothing is to be written"


def test_one_triplet_fill_does_not_turn_what_follows_into_triplets():
    straight = [(120 * step, 42, 90) for step in range(12)]
    grid = extend_grid(track_of(*straight, *[(1440 + 160 * k, 38, 90) for k in range(3)]), 1)
    np.testing.assert_allclose(grid.lengths_beats[12:15], 1 / 3)
    assert (grid.lengths_beats[15:] == 0.25).all()


def test_subdivision_asked_for_holds_everywhere():
    np.testing.assert_allclose(extend_grid(track_of(*SHUFFLE), 1, "16ths").lengths_beats, 0.25)
    np.testing.assert_allclose(extend_grid(track_of((0, 36, 1)), 1, "triplets").lengths_beats, 1 / 3)


def test_empty_track_is_given_its_first_bars():
    assert len(extend_grid(track_of(metre=(7, 8)), 2)) == 28


def test_early_downbeat_belongs_to_the_first_further_bar():
    track = track_of((0, 36, 100), (1920 - 20, 49, 100))
    assert count_bars(track) == 1
    encoding = encode(track, extend_grid(track, 1))
    assert encoding.steps.tolist() == [0, 16]
