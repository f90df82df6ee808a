import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Grid, Groove, GrooveBatch, Voice
from ghostnote.groove.transforms import (
    Partial,
    Tap,
    known,
    nothing,
    quantise,
    score,
    tap,
    thin,
    without_bars,
    without_voices,
)

KICK, SNARE, HAT = (voice.column for voice in (Voice.KICK, Voice.SNARE, Voice.CLOSED_HIHAT))
GRID = Grid.uniform(2)


def groove_of(*hits: tuple[int, int, float, float], grid: Grid = GRID) -> Groove:
    """A groove of (step, column, velocity, offset)."""
    arrays = np.zeros((3, len(grid), len(VOICES)), dtype=np.float32)
    for step, column, velocity, offset in hits:
        arrays[:, step, column] = 1.0, velocity, offset
    return Groove(*arrays, grid)


def batch_of(*grooves: Groove) -> GrooveBatch:
    count = len(grooves)
    arrays = [np.stack([getattr(g, name) for g in grooves]) for name in ("hits", "velocities", "offsets")]
    return GrooveBatch(*arrays, np.full(count, 120.0), *(np.zeros((3, count), dtype=np.int64)))


BEAT = groove_of(
    (0, KICK, 0.8, 0.1),
    (0, HAT, 0.5, -0.2),
    (4, SNARE, 0.9, -0.1),
    (4, HAT, 0.4, 0.3),
    (20, SNARE, 0.6, 0.2),
    (22, HAT, 0.3, 0.0),
)
on = BEAT.hits > 0


def assert_equal(partial: Partial, groove: Groove) -> None:
    for name in ("hits", "velocities", "offsets"):
        np.testing.assert_array_equal(getattr(partial, name), getattr(groove, name), err_msg=name)


# What is taken away is unknown; what is not stays to the bit


def test_known_takes_nothing_away():
    partial = known(BEAT)
    assert_equal(partial, BEAT)
    assert not partial.unknown.any()
    assert partial.tap is None
    assert partial.grid is GRID


def test_nothing_is_unknown_in_every_cell():
    partial = nothing(GRID)
    assert partial.unknown.all()
    assert np.isnan(partial.velocities).all()
    assert np.isnan(partial.offsets).all()


def test_nothing_s_arrays_are_apart():
    partial = nothing(GRID)
    partial.hits[0, 0] = 1.0
    assert np.isnan(partial.velocities[0, 0])
    assert np.isnan(partial.offsets[0, 0])


def test_score_keeps_hits_and_the_emptiness_of_empty_cells():
    partial = score(BEAT)
    np.testing.assert_array_equal(partial.hits, BEAT.hits)
    for values in (partial.velocities, partial.offsets):
        assert np.isnan(values[on]).all()
        assert (values[~on] == 0.0).all()


def test_quantise_keeps_velocities():
    partial = quantise(BEAT)
    np.testing.assert_array_equal(partial.velocities, BEAT.velocities)
    assert np.isnan(partial.offsets[on]).all()
    assert (partial.offsets[~on] == 0.0).all()


def test_an_empty_cell_is_not_an_unknown_one():
    partial = without_voices(BEAT, [Voice.CLOSED_HIHAT])
    assert partial.unknown[1, HAT]  # there was no hit, but nobody knows that any more
    assert not partial.unknown[1, KICK]
    assert partial.hits[1, KICK] == 0.0


@pytest.mark.parametrize("voices", [[], [Voice.SNARE], [Voice.CLOSED_HIHAT, Voice.RIDE], VOICES])
def test_without_voices_takes_their_columns_and_no_others(voices):
    partial = without_voices(BEAT, voices)
    away = np.isin(np.arange(len(VOICES)), [voice.column for voice in voices])
    for name in ("hits", "velocities", "offsets"):
        values = getattr(partial, name)
        assert np.isnan(values[:, away]).all()
        np.testing.assert_array_equal(values[:, ~away], getattr(BEAT, name)[:, ~away])


@pytest.mark.parametrize(("first", "last", "steps"), [(0, 0, range(16)), (1, 1, range(16, 32)), (0, 1, range(32))])
def test_without_bars_takes_both_ends(first, last, steps):
    partial = without_bars(BEAT, first, last)
    away = np.isin(np.arange(32), list(steps))
    assert partial.unknown[away].all()
    np.testing.assert_array_equal(partial.offsets[~away], BEAT.offsets[~away])
    assert not partial.unknown[~away].any()


def test_putting_back_what_was_taken_gives_the_groove():
    for partial in (score(BEAT), quantise(BEAT), without_voices(BEAT, VOICES[:3]), without_bars(BEAT, 1, 1)):
        filled = [
            np.where(np.isnan(getattr(partial, name)), getattr(BEAT, name), getattr(partial, name))
            for name in ("hits", "velocities", "offsets")
        ]
        assert_equal(known(Groove(*filled, GRID)), BEAT)


def test_transforms_leave_the_groove_alone():
    before = [values.copy() for values in (BEAT.hits, BEAT.velocities, BEAT.offsets)]
    for transform in (
        known,
        score,
        quantise,
        tap,
        lambda g: without_bars(g, 0, 1),
        lambda g: without_voices(g, VOICES),
    ):
        transform(BEAT)
    for values, expected in zip((BEAT.hits, BEAT.velocities, BEAT.offsets), before, strict=True):
        np.testing.assert_array_equal(values, expected)


# Partials


def test_shapes_of_a_partial_are_checked():
    cells, tapped = np.zeros((32, 9)), np.zeros((32, 1), dtype=np.float32)
    with pytest.raises(InvalidParameter, match=r"velocities must have shape \(steps, voices\) = \(32, 9\)"):
        Partial(cells, cells[:31], cells, GRID)
    with pytest.raises(InvalidParameter, match=r"tap must have shape \(steps, 1\) = \(32, 1\); got \(31, 1\)"):
        Partial(cells, cells, cells, GRID, Tap(tapped[:31], tapped[:31], tapped[:31]))


def test_partials_are_float32():
    cells = np.zeros((32, 9), dtype=np.float64)
    assert Partial(cells, cells, cells, GRID).hits.dtype == np.float32


# Taps


def test_tap_keeps_loudest_voice():
    taps = tap(BEAT)
    assert taps.hits.shape == taps.velocities.shape == taps.offsets.shape == (32, 1)
    np.testing.assert_array_equal(np.flatnonzero(taps.hits), [0, 4, 20, 22])
    np.testing.assert_array_equal(taps.velocities[[0, 4, 20, 22], 0], np.float32([0.8, 0.9, 0.6, 0.3]))


def test_tap_has_the_timing_of_the_loudest_voice_late_is_positive():
    offsets = tap(BEAT).offsets[:, 0]
    assert offsets[0] == np.float32(0.1)  # the kick's, late; not the hat's
    assert offsets[4] == np.float32(-0.1)  # the snare's, ahead
    assert (np.delete(offsets, [0, 4, 20, 22]) == 0.0).all()


def test_of_equally_loud_voices_the_first_column_is_the_tap():
    assert tap(groove_of((0, HAT, 0.5, 0.4), (0, SNARE, 0.5, -0.4))).offsets[0, 0] == np.float32(-0.4)


def test_tap_of_a_batch_is_the_taps_of_its_grooves():
    other = groove_of((7, 8, 0.2, 0.3))
    taps = tap(batch_of(BEAT, other))
    assert taps.hits.shape == (2, 32, 1)
    for index, groove in enumerate((BEAT, other)):
        single = tap(groove)
        for name in ("hits", "velocities", "offsets"):
            np.testing.assert_array_equal(getattr(taps, name)[index], getattr(single, name))


def test_tap_of_an_empty_groove_is_empty():
    taps = tap(groove_of())
    assert not taps.hits.any()
    assert not taps.velocities.any()


# Thinning

MANY = Grid.uniform(1000)


def dropped_share(velocity: float, amount: float) -> float:
    """Which share of 16,000 equal hits is dropped."""
    hits = np.ones((len(MANY), 1), dtype=np.float32)
    taps = Tap(hits, hits * np.float32(velocity), hits * np.float32(0.25))
    return 1.0 - float(thin(taps, amount, np.random.default_rng(0)).hits.mean())


@pytest.mark.parametrize(
    ("velocity", "amount", "expected"),
    [(0.3, 0.5, 0.5 * 0.7), (0.3, 1.0, 0.7), (0.9, 0.5, 0.5 * 0.2), (1.0, 1.0, 0.2), (0.8, 1.0, 0.2), (0.1, 0.8, 0.72)],
)
def test_quiet_hits_are_dropped_sooner_as_in_the_paper(velocity, amount, expected):
    assert dropped_share(velocity, amount) == pytest.approx(expected, abs=0.015)  # four standard deviations


def test_nothing_is_dropped_at_0():
    np.testing.assert_array_equal(thin(BEAT, 0.0, np.random.default_rng(0)).offsets, BEAT.offsets)


def test_what_is_dropped_leaves_no_velocity_or_offset_and_what_stays_is_untouched():
    thinned = thin(BEAT, 1.0, np.random.default_rng(1))
    assert 0 < thinned.hits.sum() < BEAT.hits.sum()
    for name in ("velocities", "offsets"):
        np.testing.assert_array_equal(
            getattr(thinned, name), np.where(thinned.hits > 0, getattr(BEAT, name), 0.0), err_msg=name
        )
    assert isinstance(thinned, Groove)
    assert thinned.grid is GRID


def test_no_hit_appears():
    assert not thin(groove_of(), 0.0, np.random.default_rng(0)).hits.any()


def test_thinning_is_that_of_its_generator():
    first, again, other = (thin(BEAT, 0.8, np.random.default_rng(seed)).hits for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_each_groove_of_a_batch_can_have_its_own_amount():
    quiet = groove_of(*[(step, HAT, 0.01, 0.0) for step in range(32)])
    amounts = np.array([0.0, 1.0])[:, None, None]
    thinned = thin(batch_of(quiet, quiet), amounts, np.random.default_rng(0))
    assert isinstance(thinned, GrooveBatch)
    assert thinned.hits[0].sum() == 32
    assert thinned.hits[1].sum() < 8


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan"), np.array([0.5, 2.0])])
def test_amounts_beyond_0_to_1_are_refused(amount):
    with pytest.raises(InvalidParameter, match="amount must lie in 0…1"):
        thin(BEAT, amount, np.random.default_rng(0))
