import numpy as np
import pytest
from example_pools import pool_of, voices_in

from ghostnote.errors import InvalidParameter
from ghostnote.explore.groove_prior import GroovePrior
from ghostnote.groove import Voice

SMALL = {"bars": 64}


def many(generator, count=200, seed=0):
    rng = np.random.default_rng(seed)
    return [generator.draw(rng) for _ in range(count)]


@pytest.fixture(scope="module")
def prior():
    return GroovePrior(pool_of(), **SMALL)


def test_loops_have_roles_and_rhythm(prior):
    loops = many(prior)
    assert {loop.pattern.hits.shape for loop in loops} == {(16, 4)}
    assert np.mean(["kick" in voices_in(loop) and "snare" in voices_in(loop) for loop in loops]) > 0.9
    hits = {
        voice: np.sum(
            [loop.pattern.hits[:, voices_in(loop).index(voice)] for loop in loops if voice in voices_in(loop)], 0
        )
        for voice in ("kick", "snare")
    }
    beats = np.arange(16) % 4 == 0
    backbeat = np.isin(np.arange(16), (4, 12))
    assert hits["snare"][backbeat].mean() > 2 * hits["snare"][~backbeat].mean()
    assert hits["kick"][beats].mean() > 1.5 * hits["kick"][~beats].mean()


def test_hits_are_straight_and_as_loud_as_played(prior):
    loops = many(prior)
    assert all(loop.pattern.is_straight for loop in loops)
    levels = np.unique(np.concatenate([loop.pattern.velocities[loop.pattern.hits > 0] for loop in loops]))
    assert len(levels) > 30
    assert levels.min() < 0.4
    assert len({loop.swing for loop in loops}) > 3
    assert {loop.tempo_bpm for loop in loops} == {120.0}


def test_deterministic_whatever_was_drawn_before(prior):
    fresh = GroovePrior(pool_of(), **SMALL)
    assert many(fresh, 20, seed=3) == many(prior, 20, seed=3)
    assert many(GroovePrior(pool_of(), seed=1, **SMALL), 20, seed=3) != many(prior, 20, seed=3)


def test_batches_do_not_change_what_is_drawn():
    """What is made late is what would have been made early."""
    lazy, eager = (GroovePrior(pool_of(), bars=160) for _ in range(2))
    eager.prepare()
    assert many(lazy, 6) == many(eager, 6)


def test_bank_is_as_large_as_asked(prior):
    assert 40 < len({loop.pattern for loop in many(prior, 2_000)}) <= 64
    longer = GroovePrior(pool_of(), bars=16, steps=32)
    assert len({loop.pattern for loop in many(longer)}) <= 16


def test_sounds_are_replaced_by_role(prior):
    rng = np.random.default_rng(0)
    for loop in many(prior, 20):
        for sound in loop.sounds:
            assert prior.draw_sound(sound, rng).family == sound.family


@pytest.mark.parametrize(("steps", "rows"), [(8, 1), (12, 3), (14, 4), (20, 8), (32, 5)])
def test_shapes(steps, rows):
    loops = many(GroovePrior(pool_of(), steps=steps, rows=rows, bars=16), 20)
    assert {loop.pattern.hits.shape for loop in loops} == {(steps, rows)}
    assert all(loop.pattern.hits.any() for loop in loops)


def test_settings_show():
    loops = many(
        GroovePrior(
            pool_of(), bars=16, tempo_bpm=(90, 110), swing=(0.2, 0.2), velocities=False, microtiming=True, style="funk"
        ),
        50,
    )
    assert {loop.swing for loop in loops} == {0.2}
    assert min(loop.tempo_bpm for loop in loops) < 93
    assert all((loop.pattern.velocities == loop.pattern.hits).all() for loop in loops)
    assert not any(loop.pattern.is_straight for loop in loops)


def test_density_is_aimed_at():
    few, much = (
        np.mean([loop.pattern.hits.sum() / 4 for loop in many(GroovePrior(pool_of(), density=density, **SMALL))])
        for density in (2.0, 7.0)
    )
    assert few < 3.2
    assert much > few + 2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 7}, "steps"),
        ({"rows": 9}, "rows"),
        ({"bars": 15}, "bars"),
        ({"density": 0.0}, "density"),
        ({"seed": -1}, "seed"),
        ({"style": "polka"}, "style"),
        ({"tempo_bpm": (10, 20)}, "tempo_bpm"),
        ({"swing": (0, 1)}, "swing"),
    ],
)
def test_settings_have_bounds(settings, words):
    with pytest.raises(InvalidParameter, match=words):
        GroovePrior(pool_of(), **settings)


def test_relatives_where_the_pool_has_no_such_sound():
    loops = many(GroovePrior(pool_of(Voice.KICK, Voice.RIDE), bars=16), 20)
    assert {voice for loop in loops for voice in voices_in(loop)} == {"kick", "ride"}
