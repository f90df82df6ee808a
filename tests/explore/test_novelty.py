import numpy as np
import pytest

from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.novelty import Familiar
from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.sound import SynthSound

POOL = tuple(SynthSound("kick", (index / 40,)) for index in range(40))


def drawn(count, seed=0):
    rng = np.random.default_rng(seed)
    return [RandomGrid(POOL).draw(rng) for _ in range(count)]


def test_the_same_loop_is_altogether_familiar():
    loops = drawn(3)
    assert Familiar(loops)(loops) == pytest.approx(np.ones(3))


def test_new_hits_and_new_sounds_are_not_familiar():
    hits = np.zeros((16, 2), dtype=np.float32)
    hits[::2] = 1.0
    heard = Loop(Pattern(hits), POOL[:2])
    assert Familiar([heard])([Loop(Pattern(1 - hits), POOL[2:4])]) == pytest.approx([0.0])


def test_sounds_and_hits_each_count():
    heard = drawn(1)[0]
    other = drawn(1, seed=1)[0]
    same_sounds = Loop(other.pattern, heard.sounds)
    same_hits = Loop(heard.pattern, tuple(SynthSound("kick", (0.9 + row / 100,)) for row in range(4)))
    told = Familiar([heard])([same_sounds, same_hits, heard])
    assert told[2] == pytest.approx(1.0)
    assert told[:2] == pytest.approx([0.5, 0.5], abs=0.25)


def test_what_was_heard_long_ago_is_new_again():
    loops = drawn(60)
    assert Familiar(loops)(loops[:1])[0] < 1.0
    assert Familiar(loops)(loops[-1:])[0] == pytest.approx(1.0)


def test_loops_of_another_shape_repeat_nothing():
    longer = RandomGrid(POOL, steps=32).draw(np.random.default_rng(0))
    assert Familiar(drawn(4))([longer]) == pytest.approx([0.0])
