from dataclasses import replace

import numpy as np
import pytest
from example_loops import loop, played_pattern, sound
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import InvalidParameter
from ghostnote.loops import Loop, MutationRates, Pattern, cross, mutate, rotated, with_cell, with_sound
from ghostnote.loops.mutation import flip

ALL, NONE = MutationRates(1.0, 1.0), MutationRates(0.0, 0.0)


def another(old, rng):
    return sound(int(rng.integers(100, 9_000)), "snare")


def played(seed=0, steps=16, rows=4):
    rng = np.random.default_rng(seed)
    return Loop(played_pattern(rng, steps, rows), tuple(sound(i) for i in range(rows)), 97.0, 0.2, seed)


def test_rates_are_those_of_alain_et_al():
    rng, start = np.random.default_rng(0), loop()
    made = [mutate(start, another, rng) for _ in range(4_000)]
    cells = np.mean([(one.pattern.hits != start.pattern.hits).mean() for one in made])
    sounds = np.mean([[a != b for a, b in zip(one.sounds, start.sounds, strict=True)] for one in made])
    # Four standard errors, of 256,000 cells and of 16,000 rows.
    assert abs(cells - 0.05) < 4 * np.sqrt(0.05 * 0.95 / (4_000 * 64))
    assert abs(sounds - 0.15) < 4 * np.sqrt(0.15 * 0.85 / (4_000 * 4))


def test_every_cell_is_as_likely_to_change():
    rng, start = np.random.default_rng(1), loop()
    flips = np.mean([mutate(start, another, rng).pattern.hits != start.pattern.hits for _ in range(4_000)], axis=0)
    assert np.abs(flips - 0.05).max() < 5 * np.sqrt(0.05 * 0.95 / 4_000)


def test_rates_at_their_ends():
    rng, start = np.random.default_rng(0), loop()
    assert mutate(start, another, rng, NONE) == start
    all_new = mutate(start, another, rng, ALL)
    assert (all_new.pattern.hits == 1 - start.pattern.hits).all()
    assert not set(all_new.sounds) & set(start.sounds)


def test_same_chance_same_loop():
    one, two = (mutate(played(), another, np.random.default_rng(5)) for _ in range(2))
    assert one == two
    assert one.key == two.key
    assert mutate(played(), another, np.random.default_rng(6)) != one


def test_loop_that_is_changed_stays_as_it_is():
    start = played()
    before = start.pattern.hits.copy()
    mutate(start, another, np.random.default_rng(0), ALL)
    assert (start.pattern.hits == before).all()


def test_locked_rows_stay_whole_and_locked_hits_change_their_sound():
    start = loop()
    made = mutate(start, another, np.random.default_rng(0), ALL, locked_rows=[1], locked_hits={2})
    changed = (made.pattern.hits != start.pattern.hits).any(axis=0)
    assert changed.tolist() == [True, False, False, True]
    assert [a != b for a, b in zip(made.sounds, start.sounds, strict=True)] == [True, False, True, True]


def test_sound_drawn_is_told_which_it_replaces():
    asked = []
    mutate(loop(), lambda old, rng: asked.append(old) or old, np.random.default_rng(0), ALL)
    assert asked == list(loop().sounds)


@pytest.mark.parametrize("row", [-1, 4])
def test_locks_must_be_rows(row):
    for locks in ({"locked_rows": [row]}, {"locked_hits": [row]}):
        with pytest.raises(InvalidParameter, match=r"row must lie in 0…3"):
            mutate(loop(), another, np.random.default_rng(0), **locks)


@pytest.mark.parametrize("rates", [(-0.1, 0.1), (0.1, 1.1), (float("nan"), 0.1)])
def test_rates_have_bounds(rates):
    with pytest.raises(InvalidParameter, match="rates"):
        MutationRates(*rates)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_whatever_is_mutated_obeys_the_rules(seed, rate):
    """The quick way past the checks gives what the checks would have given."""
    start = played(seed)
    made = mutate(start, another, np.random.default_rng(seed), MutationRates(rate, rate)).pattern
    assert Pattern(made.hits, made.velocities, made.offsets) == made
    assert made.hits.dtype == made.velocities.dtype == made.offsets.dtype == np.float32
    kept = (made.hits > 0) & (start.pattern.hits > 0)
    assert (made.velocities[kept] == start.pattern.velocities[kept]).all()
    assert (made.offsets[kept] == start.pattern.offsets[kept]).all()


def test_flipping_a_hit_away_leaves_no_minus_zero():
    start = with_cell(loop(), 1, 0, on=True, offset=-0.25).pattern
    cells = np.zeros(start.hits.shape, dtype=bool)
    cells[1, 0] = True
    assert flip(start, cells) == loop().pattern
    assert hash(flip(start, cells)) == hash(loop().pattern)


def test_new_hit_is_as_loud_as_its_row():
    start = loop("x---x---", "--------")
    start = with_cell(with_cell(start, 0, 0, on=True, velocity=0.4), 4, 0, on=True, velocity=0.6)
    cells = np.zeros((8, 2), dtype=bool)
    cells[2] = True
    made = flip(start.pattern, cells)
    assert made.velocities[2].tolist() == [0.5, 1.0]
    assert made.offsets[2].tolist() == [0.0, 0.0]


def test_cross_takes_whole_rows():
    one, two = played(0), replace(played(1), sounds=tuple(sound(10 + i) for i in range(4)))
    rng, taken = np.random.default_rng(0), []
    for _ in range(200):
        child = cross(one, two, rng)
        parents = [two if s in two.sounds else one for s in child.sounds]
        for row, parent in enumerate(parents):
            assert child.sounds[row] == parent.sounds[row]
            for name in ("hits", "velocities", "offsets"):
                mine, theirs = (getattr(x.pattern, name)[:, row] for x in (child, parent))
                assert (mine == theirs).all()
        assert (child.tempo_bpm, child.swing) == (one.tempo_bpm, one.swing)
        taken.append([parent is two for parent in parents])
    assert np.abs(np.mean(taken, axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(200)


def test_cross_needs_one_shape():
    with pytest.raises(InvalidParameter, match="one shape"):
        cross(played(), played(rows=3), np.random.default_rng(0))


def test_with_sound_and_with_cell():
    start = loop()
    assert with_sound(start, 2, sound(7)).sounds == (start.sounds[0], start.sounds[1], sound(7), start.sounds[3])
    on = with_cell(start, 3, 1, on=True, velocity=0.25, offset=-0.25)
    assert (on.pattern.hits[3, 1], on.pattern.velocities[3, 1], on.pattern.offsets[3, 1]) == (1.0, 0.25, -0.25)
    assert with_cell(on, 3, 1, on=False) == start


@pytest.mark.parametrize(
    "call",
    [
        lambda: with_sound(loop(), 4, sound()),
        lambda: with_sound(loop(), -1, sound()),
        lambda: with_cell(loop(), 16, 0, on=True),
        lambda: with_cell(loop(), -1, 0, on=True),
        lambda: with_cell(loop(), 0, 0, on=True, velocity=0.0),
        lambda: with_cell(loop(), 0, 0, on=True, velocity=1.5),
        lambda: with_cell(loop(), 0, 0, on=True, offset=0.5),
    ],
)
def test_cells_and_rows_have_bounds(call):
    with pytest.raises(InvalidParameter):
        call()


def test_rotated_goes_round():
    start = played()
    assert rotated(start, 16) == start
    assert rotated(rotated(start, 5), -5) == start
    assert rotated(start, 3).pattern.hits[3, 0] == start.pattern.hits[0, 0]
