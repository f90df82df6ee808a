import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import track_of

from ghostnote.groove import Clock, DrumTrack, TempoChange


def clock_of(*tempos: tuple[int, int]) -> Clock:
    track = track_of()
    return Clock.of(DrumTrack((), 480, track.drum_map, tempos=tuple(TempoChange(*tempo) for tempo in tempos)))


def test_without_a_tempo_it_is_120_bpm():
    assert clock_of().tick_to_seconds(960) == pytest.approx(1.0)


def test_tempo_change_bends_time():
    clock = clock_of((0, 500_000), (480, 1_000_000))
    np.testing.assert_allclose(clock.tick_to_seconds([0, 480, 960]), [0.0, 0.5, 1.5])
    np.testing.assert_allclose(clock.tempo_bpm_at([0, 479, 480], 480), [120, 120, 60])


def test_the_last_of_two_tempos_on_one_tick_counts():
    assert clock_of((0, 500_000), (0, 250_000)).tick_to_seconds(480) == pytest.approx(0.25)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 2**24 - 1)), max_size=8),
    st.integers(0, 2 * 10**6),
)
def test_seconds_and_ticks_are_inverse(tempos, tick):
    clock = clock_of(*sorted(tempos))
    assert clock.second_to_ticks(clock.tick_to_seconds(tick)) == pytest.approx(tick, rel=1e-6, abs=1e-3)
