from dataclasses import replace

import numpy as np
import pytest
from example_pools import one_shot, pool_of, track_of_bars, voices_in

from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import RandomGrid, may_replace
from ghostnote.explore.groove_prior import GroovePrior
from ghostnote.explore.loop_library import LoopLibrary
from ghostnote.explore.mixture import AnySounds, Mixture, OnTheFloor, Scattered, mixture_of

RNG = np.random.default_rng


class Fixed:
    """A generator whose loops are known by their seed."""

    locked_rows: tuple[int, ...] = ()
    locked_hits: tuple[int, ...] = ()

    def __init__(self, seed):
        self.seed = seed

    def draw(self, rng):
        return replace(RandomGrid([one_shot("kick")]).draw(RNG(0)), seed=self.seed)

    def draw_sound(self, sound, rng):
        return one_shot("snare", self.seed)


@pytest.fixture(scope="module")
def pool():
    return pool_of()


@pytest.fixture(scope="module")
def prior(pool):
    return GroovePrior(pool, bars=64)


def many(generator, count=300, seed=0):
    rng = RNG(seed)
    return [generator.draw(rng) for _ in range(count)]


def test_chances_go_in_straight_lines():
    ranked = [(0.0, Fixed(0)), (0.5, Fixed(1)), (0.5, Fixed(2)), (1.0, Fixed(3))]
    expected = {
        0.0: (1, 0, 0, 0),
        0.25: (0.5, 0.25, 0.25, 0),
        0.5: (0, 0.5, 0.5, 0),
        0.9: (0, 0.1, 0.1, 0.8),
        1.0: (0, 0, 0, 1),
    }
    for mix, chances in expected.items():
        assert Mixture(ranked, mix).chances == pytest.approx(chances)


def test_loops_and_sounds_come_as_likely():
    mixture = Mixture([(1.0, Fixed(3)), (0.0, Fixed(0)), (0.5, Fixed(1)), (0.5, Fixed(2))], 0.75)
    seeds = [loop.seed for loop in many(mixture, 2_000)]
    assert [seeds.count(s) / 2_000 for s in (3, 0, 1, 2)] == pytest.approx([0.5, 0, 0.25, 0.25], abs=0.05)
    rng = RNG(0)
    drawn = [mixture.draw_sound(one_shot("kick"), rng).seed for _ in range(2_000)]
    assert [drawn.count(s) / 2_000 for s in (3, 0, 1, 2)] == pytest.approx([0.5, 0, 0.25, 0.25], abs=0.05)


def test_ends_are_the_generators_themselves(pool, prior):
    grid = RandomGrid(pool)
    mixture = Mixture([(0.0, grid), (1.0, prior)], 0.0)
    assert all(loop.pattern == replace(loop.pattern, velocities=None) for loop in many(mixture, 50))
    musical = {loop.pattern for loop in many(mixture.at(1.0), 50)}
    assert musical <= {loop.pattern for loop in many(prior, 2_000)}


def test_at_keeps_the_generators(pool, prior):
    mixture = Mixture([(0.0, RandomGrid(pool)), (1.0, prior)], 0.2)
    assert mixture.at(0.7).mix == 0.7
    assert many(mixture.at(0.7).at(0.2), 20) == many(mixture, 20)


@pytest.mark.parametrize("mix", [-0.1, 1.1, 50, float("nan")])
def test_mix_has_bounds(mix):
    with pytest.raises(InvalidParameter, match="mix must lie"):
        Mixture([(0.0, Fixed(0)), (1.0, Fixed(1))], mix)


@pytest.mark.parametrize("levels", [(), (0.0,), (0.0, 0.5), (0.1, 1.0), (0.0, 1.0, 2.0)])
def test_ranks_go_from_0_to_1(levels):
    with pytest.raises(InvalidParameter, match="ranked from 0 to 1"):
        Mixture([(level, Fixed(0)) for level in levels], 0.5)


def test_locks_must_agree(pool, prior):
    floor = RandomGrid(pool, four_on_the_floor=True)
    with pytest.raises(InvalidParameter, match="lock the same rows"):
        Mixture([(0.0, floor), (1.0, prior)], 0.5)
    both = Mixture([(0.0, floor), (1.0, OnTheFloor(prior, pool))], 0.5)
    assert (both.locked_rows, both.locked_hits) == ((), (0,))


def test_scattered_keeps_roles_and_densities_but_no_rhythm(prior):
    tidy, scattered = many(prior), many(Scattered(prior))
    for before, after in zip(many(prior, 1), many(Scattered(prior), 1), strict=True):
        assert (before.pattern.hits.sum(axis=0) == after.pattern.hits.sum(axis=0)).all()
        assert np.sort(before.pattern.velocities, axis=0).tolist() == np.sort(after.pattern.velocities, axis=0).tolist()
        assert before.sounds == after.sounds
    steps = np.mean([loop.pattern.hits.mean(axis=1) for loop in scattered], axis=0)
    assert steps.std() < 0.3 * np.mean([loop.pattern.hits.mean(axis=1) for loop in tidy], axis=0).std()


def test_any_sounds_keeps_the_rhythm(prior, pool):
    for before, after in zip(many(prior, 1), many(AnySounds(prior, pool), 1), strict=True):
        assert before.pattern == after.pattern
    families = {voices_in(loop)[0] for loop in many(AnySounds(prior, pool), 100)}
    assert len(families) == 9
    drawn = {AnySounds(prior, pool).draw_sound(one_shot("kick"), rng).family for rng in [RNG(0)] for _ in range(200)}
    assert len(drawn) == 9


@pytest.mark.parametrize("mix", [0.0, 0.5, 1.0])
def test_floor_under_all_of_them(pool, mix):
    mixture = mixture_of(pool, mix=mix, four_on_the_floor=True)
    rng = RNG(1)
    for loop in many(mixture, 40):
        assert np.flatnonzero(loop.pattern.hits[:, 0]).tolist() == [0, 4, 8, 12]
        assert voices_in(loop)[0] == "kick"
        assert "kick" not in voices_in(loop)[1:]
        assert mixture.draw_sound(loop.sounds[0], rng).family == "kick"
        assert mixture.draw_sound(loop.sounds[1], rng).family != "kick"
    assert mixture.locked_hits == (0,)
    assert may_replace(mixture, one_shot("kick"), one_shot("kick", 1))
    assert not may_replace(mixture, one_shot("kick"), one_shot("snare"))
    assert not may_replace(mixture, one_shot("ride"), one_shot("kick"))


def test_without_a_floor_any_sound_may_replace_any(pool):
    for generator in (mixture_of(pool, mix=0.5), RandomGrid(pool), Fixed(0)):
        assert may_replace(generator, one_shot("kick"), one_shot("snare"))


def test_library_shares_the_musical_places(pool):
    library = LoopLibrary([track_of_bars({"kick": "x-x-x-x-x-x-x-x-"})], pool)
    mixture = mixture_of(pool, mix=1.0, library=library)
    own = [loop.pattern.hits[:, 0].sum() == 8 and loop.tempo_bpm == 100.0 for loop in many(mixture)]
    assert 0.35 < np.mean(own) < 0.65


def backbeat(loop):
    """How much more often the row that has most of steps 4 and 12 has them than its other steps, -1…1."""
    on = np.isin(np.arange(16), (4, 12))
    return float((loop.pattern.hits[on].mean(axis=0) - loop.pattern.hits[~on].mean(axis=0)).max())


def has_kick_and_snare(loop):
    return float({"kick", "snare"} <= set(voices_in(loop)))


def halves_agree(loop):
    first, second = loop.pattern.hits[:8], loop.pattern.hits[8:]
    return float((first == second).mean())


@pytest.fixture(scope="module")
def loops_by_mix(pool):
    mixture = mixture_of(pool, mix=0.0)
    return [many(mixture.at(mix), 600) for mix in np.linspace(0, 1, 6)]


def on_eighths(loop):
    return float(loop.pattern.hits[::2].sum() / max(loop.pattern.hits.sum(), 1))


@pytest.mark.parametrize("measure", [backbeat, has_kick_and_snare, halves_agree, on_eighths])
def test_what_is_measured_changes_steadily(loops_by_mix, measure):
    means = np.array([np.mean([measure(loop) for loop in loops]) for loops in loops_by_mix])
    steps = np.diff(means)
    whole = means[-1] - means[0]
    assert whole > 0.1
    assert (steps > -0.05 * whole).all()
    assert steps.max() < 0.5 * whole
