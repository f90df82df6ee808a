from dataclasses import replace

import numpy as np
import pytest
from heard_loops import LONG, random_loop, sounds_and_bank

from ghostnote.critic import hearing
from ghostnote.critic.hearing import Hearing, hear_bar
from ghostnote.critic.spectrum import BANDS, FRAMES_PER_STEP, HEARD_RATE_HZ
from ghostnote.loops import Loop, Pattern, render_loop, rotated
from ghostnote.sounds.families import draw_pool

WHOLE_FRAMES = tuple(15 * HEARD_RATE_HZ / (FRAMES_PER_STEP * samples) for samples in (414, 689, 1378))
"""Tempos, 199.7, 120.0 and 60.0 bpm, at which every frame begins on a sample: both ways are one but for rounding."""

LOW_BANDS = 18


@pytest.fixture(scope="module")
def material():
    return sounds_and_bank()


def heard_rendered(loop, bank):
    return hear_bar(render_loop(loop, bank, HEARD_RATE_HZ), loop.pattern.steps, loop.step_seconds)


def assert_equal(fast, slow):
    off = np.abs(fast - slow)
    assert off.mean() < 1e-3
    assert np.quantile(off, 0.99) < 0.01


def assert_near(fast, slow):
    """Rendered onsets are rounded to samples; in the highest bands half a sample is a quarter of a wave."""
    off = np.abs(fast - slow)
    assert off.mean() < 0.06
    assert off[:, :LOW_BANDS].mean() < 0.03
    assert np.quantile(off, 0.99) < 0.35


@pytest.mark.parametrize("steps", [8, 12, 16, 32])
@pytest.mark.parametrize("tempo_bpm", WHOLE_FRAMES)
def test_hearing_without_rendering_is_hearing_what_is_rendered(material, steps, tempo_bpm):
    sounds, bank = material
    rng = np.random.default_rng([steps, int(tempo_bpm)])
    loops = [random_loop(rng, sounds, steps=steps, tempo_bpm=tempo_bpm, played=played) for played in (False, True)]
    levels = Hearing(bank).hear(loops)
    assert levels.shape == (2, steps * FRAMES_PER_STEP, BANDS)
    for fast, loop in zip(levels, loops, strict=True):
        assert_equal(fast, heard_rendered(loop, bank))


def test_at_any_tempo_it_differs_by_what_rounding_to_samples_does(material):
    sounds, bank = material
    rng = np.random.default_rng(11)
    off = []
    for tempo_bpm in (60.0, 83.0, 97.3, 120.0, 133.3, 155.0, 200.0):
        loops = [random_loop(rng, sounds, tempo_bpm=tempo_bpm, played=bool(i % 2), swing=i / 12) for i in range(4)]
        for fast, loop in zip(Hearing(bank).hear(loops), loops, strict=True):
            slow = heard_rendered(loop, bank)
            assert_near(fast, slow)
            off.append(np.abs(fast - slow).mean())
    assert np.mean(off) < 0.02


@pytest.mark.parametrize("swing", [0.25, 1 / 3, 0.5])
def test_swing_is_heard(material, swing):
    sounds, bank = material
    rng = np.random.default_rng(7)
    loop = random_loop(rng, sounds, density=0.6, swing=swing, tempo_bpm=WHOLE_FRAMES[1], played=True)
    [fast] = Hearing(bank).hear([loop])
    assert_equal(fast, heard_rendered(loop, bank))
    straight = heard_rendered(replace(loop, swing=0.0), bank)
    assert np.abs(fast - straight).mean() > 0.1


@pytest.mark.parametrize("tempo_bpm", WHOLE_FRAMES)
def test_tails_longer_than_the_bar_come_round(material, tempo_bpm):
    sounds, bank = material
    loop = random_loop(np.random.default_rng(2), (LONG, *sounds[:2]), steps=8, tempo_bpm=tempo_bpm, density=0.2)
    loop = replace(loop, sounds=(LONG, *loop.sounds[1:]))
    [fast] = Hearing(bank).hear([loop])
    assert_equal(fast, heard_rendered(loop, bank))


def test_hits_off_their_steps_are_heard_as_they_are_rendered(material):
    sounds, bank = material
    loop = random_loop(np.random.default_rng(4), sounds)
    late = replace(loop, pattern=Pattern(loop.pattern.hits, None, 0.3 * loop.pattern.hits))
    [levels] = Hearing(bank).hear([late])
    assert np.array_equal(levels, heard_rendered(late, bank))


def test_loops_heard_together_are_heard_as_alone(material):
    """More than one chunk; tempos, swings and numbers of rows mixed; one loop of silence, one with offsets."""
    sounds, bank = material
    rng = np.random.default_rng(5)
    loops = [
        random_loop(rng, sounds, rows=int(rng.integers(1, 7)), tempo_bpm=float(rng.choice([100, 140])), swing=swing)
        for swing in (0.0, 0.2)
        for _ in range(15)
    ]
    loops[3] = replace(loops[3], pattern=Pattern(0 * loops[3].pattern.hits))
    loops[9] = replace(loops[9], pattern=Pattern(loops[9].pattern.hits, None, 0.2 * loops[9].pattern.hits))
    together = Hearing(bank).hear(loops)
    for levels, loop in zip(together, loops, strict=True):
        assert np.allclose(levels, Hearing(bank).hear([loop])[0], atol=1e-3)


def test_rotating_a_loop_rotates_what_is_heard(material):
    sounds, bank = material
    loop = random_loop(np.random.default_rng(6), sounds, played=True, tempo_bpm=WHOLE_FRAMES[1])
    plain, turned = Hearing(bank).hear([loop, rotated(loop, 3)])
    assert np.allclose(np.roll(plain, 3 * FRAMES_PER_STEP, axis=0), turned, atol=1e-3)
    bar = render_loop(loop, bank, HEARD_RATE_HZ)
    rolled = hear_bar(np.roll(bar, 3 * len(bar) // 16), 16, loop.step_seconds)
    assert_equal(rolled, turned)


def test_gain_makes_no_difference(material):
    sounds, bank = material
    loop = random_loop(np.random.default_rng(8), sounds)
    quiet = replace(loop, pattern=Pattern(loop.pattern.hits, 0.25 * loop.pattern.hits))
    loud, soft = Hearing(bank).hear([loop, quiet])
    assert np.allclose(loud, soft, atol=1e-3)


def test_what_it_forgets_it_hears_again(material, monkeypatch):
    sounds, bank = material
    loops = [random_loop(np.random.default_rng(seed), sounds) for seed in range(3)]
    wanted = Hearing(bank).hear(loops)
    monkeypatch.setattr(hearing, "_MOST_KEPT_BYTES", 10_000)
    small = Hearing(bank)
    assert np.array_equal(small.hear(loops), wanted)
    assert np.array_equal(small.hear(loops), wanted)


def test_memory_of_one_bar_is_bounded_and_what_was_used_last_stays(material, monkeypatch):
    _, bank = material
    pool = draw_pool(60, 5)
    monkeypatch.setattr(hearing, "_MOST_KEPT_BYTES", 2_000_000)
    one, alone = Hearing(bank), Hearing(bank)
    hits = np.zeros((16, 1), dtype=np.float32)
    hits[0] = 1.0
    loops = [Loop(Pattern(hits), (sound,)) for sound in pool]
    for loop in loops:
        assert np.allclose(one.hear([loop]), Hearing(bank).hear([loop]))
        (table,) = one._kept.values()
        assert table.rows.nbytes <= 2_000_000
        one.hear(loops[:1])
        assert (loops[0].sounds[0].key, 0) in next(iter(one._kept.values())).places
    assert np.allclose(one.hear(loops), alone.hear(loops))


def test_no_loops_are_no_levels(material):
    assert Hearing(material[1]).hear([]).shape[0] == 0
