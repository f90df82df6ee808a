import numpy as np
import pytest

from ghostnote.groove import VOICES, Grid, Groove, Voice
from ghostnote.groove.transforms import Partial, Tap, known, nothing, score, tap, without_voices
from ghostnote.models.steps import (
    GIVEN_COLUMNS,
    GRID_COLUMNS,
    PATTERNS,
    REFERENCES,
    TAP_COLUMNS,
    read_grid,
    read_steps,
    references_of,
    tap_columns,
)

KICK, SNARE, HAT = (voice.column for voice in (Voice.KICK, Voice.SNARE, Voice.CLOSED_HIHAT))
COLUMNS = len(VOICES)
GRID = Grid.uniform(2)


def groove_of(*hits: tuple[int, int, float, float], grid: Grid = GRID) -> Groove:
    """A groove of (step, column, velocity, offset)."""
    arrays = np.zeros((3, len(grid), COLUMNS), dtype=np.float32)
    for step, column, velocity, offset in hits:
        arrays[:, step, column] = 1.0, velocity, offset
    return Groove(*arrays, grid)


def drumming(taps: Tap, grid: Grid = GRID) -> Partial:
    """Nothing is known but the tap."""
    empty = nothing(grid)
    return Partial(empty.hits, empty.velocities, empty.offsets, grid, taps)


def mixed_grid() -> Grid:
    """Two bars of 3/4 whose second beats are triplets."""
    beat = [np.arange(4) / 4, np.arange(3) / 3, np.arange(4) / 4]
    lengths = np.concatenate([np.full(len(b), 1 / len(b)) for b in beat])
    bar = np.concatenate([number + b for number, b in enumerate(beat)])
    index = np.repeat([0, 1], len(bar))
    positions = np.tile(bar, 2)
    return Grid(positions + 3 * index, np.tile(lengths, 2), index, positions, np.full(22, 3.0), np.full(22, 90.0))


BEAT = groove_of((0, KICK, 0.8, 0.1), (0, HAT, 0.5, -0.2), (4, SNARE, 0.9, -0.1), (20, SNARE, 0.6, 0.25))


# Patterns


def test_patterns_are_all_sets_of_voices_numbered_by_their_bits():
    assert PATTERNS.shape == (512, 9)
    assert PATTERNS[0].sum() == 0
    assert PATTERNS[511].sum() == 9
    for number in (1, 5, 256, 300):
        assert [v for v in range(9) if PATTERNS[number, v]] == [v for v in range(9) if number >> v & 1]
    assert len(np.unique(PATTERNS, axis=0)) == 512


# The grid


@pytest.mark.parametrize(
    "grid",
    [GRID, Grid.uniform(3, bar_beats=3.5), Grid.uniform(2, steps_per_beat=3), mixed_grid()],
    ids=["4/4", "7/8", "triplets", "3/4, mixed"],
)
def test_grid_has_its_columns_and_they_are_finite(grid):
    columns = read_grid(grid)
    assert columns.shape == (len(grid), GRID_COLUMNS)
    assert np.isfinite(columns).all()


def test_every_bar_of_a_metre_looks_alike():
    columns = read_grid(Grid.uniform(3, bar_beats=3.5))
    np.testing.assert_allclose(columns[14:28], columns[:14], atol=1e-9)
    np.testing.assert_allclose(columns[28:], columns[:14], atol=1e-9)


def test_places_in_a_bar_differ():
    columns = np.round(read_grid(Grid.uniform(1)), 6)
    assert len(np.unique(columns, axis=0)) == 16


def test_downbeat_of_4_4_at_120_bpm_is_the_origin():
    row = read_grid(GRID)[0]
    np.testing.assert_allclose(row, [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1], atol=1e-12)


def test_tempo_step_length_and_metre_are_told():
    plain, other = read_grid(GRID)[0, -4:], read_grid(Grid.uniform(1, tempo_bpm=60.0, bar_beats=2.0))[0, -4:]
    np.testing.assert_allclose(plain, [0, 0, 1, 1])
    np.testing.assert_allclose(other, [0, -1, 2, 0.5])  # an octave slower, steps of 250 ms, half a bar
    triplet = read_grid(Grid.uniform(1, steps_per_beat=3))[0, -4:]
    np.testing.assert_allclose(triplet, [np.log2(4 / 3), 0, 4 / 3, 1])


# Earlier steps that a step answers to


def slow_references(grid: Grid) -> list[list[int]]:
    """The definition, step by step, as a reader would write it down."""
    none = len(grid)

    def at(beats: float) -> int:
        found = [s for s in range(none) if abs(grid.onsets_beats[s] - beats) < 1e-6]
        return found[0] if found else none

    rows = []
    for step in range(none):
        onset, bar = grid.onsets_beats[step], grid.bar_beats[step]
        bar_ago = at(onset - bar)
        after_that = bar_ago + 1 if bar_ago + 1 < step else none
        lags = [at(onset - lag) for lag in (0.5, 1.0, 2.0)]
        rows.append([step - 1 if step else none, *lags, bar_ago, at(onset - 2 * bar), after_that])
    return rows


@pytest.mark.parametrize(
    "grid",
    [
        Grid.uniform(3),
        Grid.uniform(3, bar_beats=3.5),
        Grid.uniform(3, steps_per_beat=3),
        Grid.uniform(9, bar_beats=0.75),
        mixed_grid(),
    ],
    ids=["4/4", "7/8", "triplets", "3/16", "3/4, mixed"],
)
def test_references_follow_their_definition(grid):
    references = references_of(grid)
    assert references.shape == (len(grid), REFERENCES)
    np.testing.assert_array_equal(references, slow_references(grid))


def test_references_look_back_only():
    for grid in (Grid.uniform(4), mixed_grid(), Grid.uniform(9, bar_beats=0.25)):
        references, steps = references_of(grid), np.arange(len(grid))[:, None]
        assert ((references < steps) | (references == len(grid))).all()


def test_references_do_not_depend_on_where_the_grid_begins():
    whole = Grid.uniform(4)
    later = Grid(**{name: getattr(whole, name)[16:] for name in whole.__dataclass_fields__})
    np.testing.assert_array_equal(references_of(later), references_of(Grid.uniform(3)))


def test_16th_finds_no_16th_in_a_beat_of_triplets():
    references = references_of(mixed_grid())
    assert references[8, 2] == 22  # the second 16th of beat 3: a beat ago, a triplet lies elsewhere
    assert references[7, 2] == 4  # but on the beat itself there is one


# What is given


def test_features_are_grid_and_given_parts_as_float32():
    steps = read_steps(known(BEAT))
    assert steps.features.shape == (32, GRID_COLUMNS + GIVEN_COLUMNS)
    assert len(steps) == 32
    assert {a.dtype for a in (steps.features, steps.must, steps.must_not, steps.some)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(steps.features[:, :GRID_COLUMNS], read_grid(GRID), atol=1e-6)


def test_known_cells_must_or_must_not_have_a_hit():
    steps = read_steps(known(BEAT))
    np.testing.assert_array_equal(steps.must, BEAT.hits)
    np.testing.assert_array_equal(steps.must_not, 1.0 - BEAT.hits)
    assert not steps.some.any()


def test_unknown_cells_are_free():
    steps = read_steps(nothing(GRID))
    assert not steps.must.any()
    assert not steps.must_not.any()
    assert not steps.some.any()


def test_voices_that_were_taken_away_are_free_and_the_others_fixed():
    steps = read_steps(without_voices(BEAT, [Voice.SNARE]))
    assert not steps.must[:, SNARE].any()
    assert not steps.must_not[:, SNARE].any()
    assert (steps.must + steps.must_not == 1.0)[:, np.arange(COLUMNS) != SNARE].all()
    assert steps.must[0, KICK] == 1.0


def test_given_columns_are_mask_hits_velocities_and_doubled_offsets():
    given = read_steps(without_voices(BEAT, [Voice.SNARE])).features[:, GRID_COLUMNS:]
    mask, hits, velocities, offsets = (given[:, k * COLUMNS : (k + 1) * COLUMNS] for k in range(4))
    assert not mask[:, SNARE].any()
    assert mask[:, np.arange(COLUMNS) != SNARE].all()
    for values, expected in ((hits, BEAT.hits), (velocities, BEAT.velocities), (offsets, 2 * BEAT.offsets)):
        np.testing.assert_allclose(values[:, [KICK, HAT]], expected[:, [KICK, HAT]])
        assert not values[:, SNARE].any()
    assert not given[:, 4 * COLUMNS :].any()  # there is no tap


def test_unknown_performance_of_known_hits_reads_as_zero():
    given = read_steps(score(BEAT)).features[:, GRID_COLUMNS:]
    np.testing.assert_array_equal(given[:, COLUMNS : 2 * COLUMNS], BEAT.hits)
    assert not given[:, 2 * COLUMNS : 4 * COLUMNS].any()


def test_features_are_finite_whatever_is_unknown():
    for partial in (nothing(GRID), score(BEAT), without_voices(BEAT, VOICES), drumming(tap(BEAT))):
        assert np.isfinite(read_steps(partial).features).all()


# Taps


def test_where_the_tap_is_silent_nothing_sounds_and_where_it_is_not_something_does():
    steps = read_steps(drumming(tap(BEAT)))
    tapped = BEAT.hits.any(axis=1)
    np.testing.assert_array_equal(steps.must_not.all(axis=1), ~tapped)
    np.testing.assert_array_equal(steps.must_not.any(axis=1), ~tapped)
    np.testing.assert_array_equal(steps.some[:, 0], tapped)
    assert not steps.must.any()


def test_tap_that_a_given_hit_explains_asks_for_no_other():
    away = without_voices(BEAT, [Voice.CLOSED_HIHAT])
    steps = read_steps(Partial(away.hits, away.velocities, away.offsets, GRID, tap(BEAT)))
    assert steps.some[0, 0] == 0.0  # the kick is given
    assert steps.must_not[0, HAT] == 0.0  # yet a hat may sound with it
    assert steps.must_not[1, HAT] == 1.0


def test_tap_asks_for_no_hit_where_all_is_known():
    empty = known(groove_of())
    steps = read_steps(Partial(empty.hits, empty.velocities, empty.offsets, GRID, tap(BEAT)))
    assert not steps.some.any()


def test_no_tap_reads_as_zeros():
    assert tap_columns(None, 5).shape == (5, TAP_COLUMNS)
    assert not tap_columns(None, 5).any()


def test_tap_columns_tell_onset_velocity_and_doubled_offset():
    columns = tap_columns(tap(BEAT), 32)
    np.testing.assert_allclose(columns[4], [1, 1, 1, 0.9, 1, -0.2])
    np.testing.assert_allclose(columns[20], [1, 1, 1, 0.6, 1, 0.5])
    np.testing.assert_allclose(columns[1], [1, 0, 0, 0, 0, 0])


def test_unknown_velocity_and_offset_of_a_tap_are_told_as_unknown():
    taps = tap(BEAT)
    blank = np.full_like(taps.hits, np.nan)
    np.testing.assert_allclose(tap_columns(Tap(taps.hits, blank, taps.offsets), 32)[4], [1, 1, 0, 0, 1, -0.2])
    np.testing.assert_allclose(tap_columns(Tap(taps.hits, taps.velocities, blank), 32)[4], [1, 1, 1, 0.9, 0, 0])


def test_steps_of_which_the_tap_says_nothing_are_free():
    taps = tap(BEAT)
    sparse = Tap(np.where(taps.hits > 0, taps.hits, np.nan).astype(np.float32), taps.velocities, taps.offsets)
    steps = read_steps(drumming(sparse))
    assert not steps.must_not.any()
    np.testing.assert_array_equal(steps.some[:, 0], BEAT.hits.any(axis=1))
    np.testing.assert_allclose(tap_columns(sparse, 32)[1], np.zeros(TAP_COLUMNS))
    assert np.isfinite(steps.features).all()
