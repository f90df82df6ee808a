import numpy as np
import pytest

from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.heard import Heard
from ghostnote.explore.novelty import Novelty, repetition
from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.sound import SynthSound

POOL = tuple(SynthSound("kick", (index / 40,)) for index in range(40))


def drawn(count, seed=0):
    rng = np.random.default_rng(seed)
    return [RandomGrid(POOL).draw(rng) for _ in range(count)]


def embedded(loops):
    """Embeddings as a stand-in: the hits, and where the sounds lie in the pool."""
    return np.stack(
        [np.append(loop.pattern.hits.ravel(), [POOL.index(sound) / 10 for sound in loop.sounds]) for loop in loops]
    ).astype(np.float32)


def heard_of(loops):
    return [Heard(loop, embedded([loop])[0], True) for loop in loops]


FRESH = drawn(100, seed=5)


def costs(heard, loops, amount=0.5):
    return Novelty(heard_of(heard), amount).among(FRESH, embedded(FRESH))(loops, embedded(loops))


def mutants(loop, count, cells=3):
    rng = np.random.default_rng(1)
    made = []
    for _ in range(count):
        hits = loop.pattern.hits.copy()
        at = rng.choice(hits.size, cells, replace=False)
        hits.ravel()[at] = 1.0 - hits.ravel()[at]
        made.append(Loop(Pattern(hits), loop.sounds))
    return made


def test_loops_of_chance_cost_next_to_nothing_after_loops_of_chance():
    assert costs(drawn(30), drawn(20, seed=9)).max() < 0.12  # what two loops share by chance


def test_one_more_of_the_same_costs_all_that_can_be_gained():
    alike = mutants(drawn(1)[0], 31)
    assert costs(alike[:30], alike[30:]).min() > 1.0


def test_the_cost_begins_where_a_search_narrows():
    one, others = drawn(1)[0], drawn(30, seed=2)
    told = [costs([*others[count:], *mutants(one, count)], mutants(one, 1))[0] for count in (0, 10, 20, 30)]
    assert told == sorted(told)
    assert told[1] - told[0] < 0.5 < told[3] - told[0]


def test_more_novelty_asks_for_more_distance():
    alike = mutants(drawn(1)[0], 31)
    told = [float(costs(alike[:30], alike[30:], amount)[0]) for amount in (0.0, 0.2, 0.5, 1.0)]
    assert told[0] == 0.0
    assert told == sorted(told)


def test_nothing_heard_or_loops_of_another_shape_cost_nothing():
    longer = [RandomGrid(POOL, steps=32).draw(np.random.default_rng(seed)) for seed in range(2)]
    assert costs([], FRESH[:3]) == pytest.approx(np.zeros(3))
    assert Novelty(heard_of(FRESH[:3]), 0.5).among(longer, embedded(longer))(longer, embedded(longer)).max() == 0.0


def test_the_same_loop_is_altogether_a_repetition():
    loops = drawn(3)
    assert repetition(loops, loops) == pytest.approx(np.ones(3))


def test_new_hits_and_new_sounds_are_no_repetition():
    hits = np.zeros((16, 2), dtype=np.float32)
    hits[::2] = 1.0
    heard = Loop(Pattern(hits), POOL[:2])
    assert repetition([Loop(Pattern(1 - hits), POOL[2:4])], [heard]) == pytest.approx([0.0])


def test_sounds_and_hits_each_count():
    heard = drawn(1)[0]
    other = drawn(1, seed=1)[0]
    same_sounds = Loop(other.pattern, heard.sounds)
    same_hits = Loop(heard.pattern, tuple(SynthSound("kick", (0.9 + row / 100,)) for row in range(4)))
    told = repetition([same_sounds, same_hits, heard], [heard])
    assert told[2] == pytest.approx(1.0)
    assert told[:2] == pytest.approx([0.5, 0.5], abs=0.25)


def test_what_was_heard_long_ago_is_new_again():
    loops = drawn(60)
    told = costs(loops, [loops[0], loops[-1]])
    assert told[1] > told[0] + 0.1
