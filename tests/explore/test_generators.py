import numpy as np
import pytest
from example_pools import HEARD, one_shot, pool_of, spoken_role, voices_in

from ghostnote.errors import InvalidParameter
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.pool import SoundPool
from ghostnote.loops import Loop, MutationRates, Pattern, mutate


def many(generator, count=1_000, seed=0):
    rng = np.random.default_rng(seed)
    return [generator.draw(rng) for _ in range(count)]


def test_as_alain_et_al_describe_it():
    pool = pool_of()
    loops = many(RandomGrid(pool))
    assert {loop.pattern.hits.shape for loop in loops} == {(16, 4)}
    assert {(loop.tempo_bpm, loop.swing) for loop in loops} == {(120.0, 0.0)}
    assert all(loop.pattern == Pattern(loop.pattern.hits) for loop in loops)
    cells = np.mean([loop.pattern.hits for loop in loops], axis=0)
    assert np.abs(cells - 0.5).max() < 5 * 0.5 / np.sqrt(1_000)
    assert abs(cells.mean() - 0.5) < 4 * 0.5 / np.sqrt(64_000)


def test_any_sound_in_any_row():
    pool = pool_of(each=2)
    loops = many(RandomGrid(pool))
    for row in range(4):
        shares = [sum(loop.sounds[row] == sound for loop in loops) / 1_000 for sound in pool.sounds]
        assert np.abs(np.array(shares) - 1 / 18).max() < 5 * np.sqrt(1 / 18 / 1_000)


@pytest.mark.parametrize("density", [0.0, 0.2, 1.0])
def test_density(density):
    loops = many(RandomGrid(pool_of(), density=density), 300)
    share = np.mean([loop.pattern.hits for loop in loops])
    assert share == pytest.approx(density, abs=4 * np.sqrt(density * (1 - density) / 19_200))


def test_deterministic():
    generator = RandomGrid(pool_of(), tempo_bpm=(80, 140), swing=(0, 0.3))
    assert many(generator, 20) == many(generator, 20)
    assert many(generator, 20) != many(generator, 20, seed=1)


def test_ranges():
    loops = many(RandomGrid(pool_of(), steps=12, rows=8, tempo_bpm=(80, 140), swing=(0.1, 0.3)), 300)
    tempos, swings = np.array([[loop.tempo_bpm, loop.swing] for loop in loops]).T
    assert 80 <= tempos.min() < 90 < 130 < tempos.max() <= 140
    assert 0.1 <= swings.min() < 0.13 < 0.27 < swings.max() <= 0.3
    assert loops[0].pattern.hits.shape == (12, 8)


def test_no_role_is_asked_without_a_floor():
    def never(sound, audio):
        raise AssertionError

    generator = RandomGrid(SoundPool([one_shot("kick")], role_of=never))
    generator.draw_sound(many(generator, 1)[0].sounds[0], np.random.default_rng(0))


def test_draw_sound_is_any_sound():
    pool = pool_of(each=1)
    generator, rng = RandomGrid(pool), np.random.default_rng(0)
    assert {generator.draw_sound(one_shot("kick"), rng) for _ in range(300)} == set(pool.sounds)


@pytest.mark.parametrize("steps", [16, 14, 32])
def test_four_on_the_floor_stays_through_mutations(steps):
    generator = RandomGrid(pool_of(), steps=steps, four_on_the_floor=True)
    rng = np.random.default_rng(0)
    assert generator.locked_hits == (0,)
    assert generator.locked_rows == ()
    rows_seen, kicks_seen = set(), set()
    for loop in many(generator, 30):
        for _ in range(20):
            assert np.flatnonzero(loop.pattern.hits[:, 0]).tolist() == list(range(0, steps, 4))
            assert voices_in(loop)[0] == "kick"
            assert "kick" not in voices_in(loop)[1:]
            rows_seen.update(voices_in(loop)[1:])
            kicks_seen.add(loop.sounds[0])
            loop = mutate(
                loop,
                generator.draw_sound,
                rng,
                MutationRates(0.2, 0.5),
                locked_rows=generator.locked_rows,
                locked_hits=generator.locked_hits,
            )
    assert len(kicks_seen) == 5
    assert len(rows_seen) == 8


def test_floor_and_density_are_two_things():
    """In the released program the flag landed in the density."""
    loops = many(RandomGrid(pool_of(), density=0.3, four_on_the_floor=True), 300)
    share = np.mean([loop.pattern.hits[:, 1:] for loop in loops])
    assert share == pytest.approx(0.3, abs=0.02)


def test_floor_knows_kicks_by_name_if_there_are_any():
    pool = SoundPool([one_shot("kick"), one_shot(HEARD + "kick")], role_of=spoken_role)
    loop = many(RandomGrid(pool, four_on_the_floor=True), 1)[0]
    assert voices_in(loop) == ["kick", HEARD + "kick", HEARD + "kick", HEARD + "kick"]


@pytest.mark.parametrize(("voices", "words"), [(["snare"], "no kick in 5 sounds"), (["kick"], "nothing but kicks")])
def test_floor_needs_a_kick_and_something_else(voices, words):
    with pytest.raises(InvalidParameter, match=words):
        RandomGrid(pool_of(*voices), four_on_the_floor=True)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 7}, "steps"),
        ({"steps": 33}, "steps"),
        ({"rows": 0}, "rows"),
        ({"rows": 9}, "rows"),
        ({"density": 1.1}, "density"),
        ({"density": float("nan")}, "density"),
        ({"tempo_bpm": (50, 120)}, "tempo_bpm"),
        ({"tempo_bpm": (140, 120)}, "tempo_bpm"),
        ({"swing": (0, 0.6)}, "swing"),
        ({"swing": (0.3, 0.1)}, "swing"),
    ],
)
def test_settings_have_bounds(settings, words):
    with pytest.raises(InvalidParameter, match=words):
        RandomGrid(pool_of(), **settings)


def test_drawn_loops_obey_the_rules():
    """The quick way past the checks gives what the checks would have given."""
    for loop in many(RandomGrid(pool_of()), 20):
        parts = loop.pattern.hits, loop.pattern.velocities, loop.pattern.offsets
        assert Loop(Pattern(*parts), loop.sounds, loop.tempo_bpm, loop.swing, loop.seed) == loop
