from dataclasses import replace

import numpy as np
import pytest
from heard_loops import random_loop, sounds_and_bank

from ghostnote.critic import Hearing, load_encoder
from ghostnote.critic.spectrum import BANDS, FRAMES_PER_STEP
from ghostnote.errors import InvalidParameter


@pytest.fixture(scope="module")
def world():
    sounds, bank = sounds_and_bank(count=24)
    return sounds, Hearing(bank)


@pytest.mark.parametrize("steps", [8, 12, 16, 32])
def test_any_number_of_steps_gives_one_embedding(steps):
    encoder = load_encoder()
    levels = np.full((3, steps * FRAMES_PER_STEP, BANDS), -2.0, dtype=np.float32)
    found = encoder.embed(levels)
    assert found.shape == (3, encoder.values)
    assert np.isfinite(found).all()
    assert (found == found[0]).all()


def test_embeddings_do_not_depend_on_their_neighbours(world):
    sounds, hearing = world
    rng = np.random.default_rng(0)
    levels = hearing.hear([random_loop(rng, sounds) for _ in range(200)])
    encoder = load_encoder()
    np.testing.assert_allclose(encoder.embed(levels)[150:153], encoder.embed(levels[150:153]), atol=1e-5)


def test_no_loops_no_embeddings():
    encoder = load_encoder()
    assert encoder.embed(np.zeros((0, 64, BANDS), np.float32)).shape == (0, encoder.values)


def test_another_shape_is_refused():
    with pytest.raises(InvalidParameter, match=f"frames, {BANDS}"):
        load_encoder().embed(np.zeros((1, 64, BANDS + 1), np.float32))


def test_rhythm_and_timbre_lie_in_their_halves(world):
    """The same sounds with other patterns move the first half more than the second, and the other way round."""
    sounds, hearing = world
    rng = np.random.default_rng(1)
    base = [random_loop(rng, sounds) for _ in range(40)]
    other = [random_loop(rng, sounds) for _ in range(40)]
    new_rhythm = [replace(a, pattern=b.pattern) for a, b in zip(base, other, strict=True)]
    new_sounds = [replace(a, sounds=b.sounds) for a, b in zip(base, other, strict=True)]
    encoder = load_encoder()
    start, rhythm, timbre = (encoder.embed(hearing.hear(loops)) for loops in (base, new_rhythm, new_sounds))

    def share_of_rhythm(moved):
        far = np.square(moved - start)
        return far[:, :32].sum() / far.sum()

    assert share_of_rhythm(rhythm) > 0.5 > share_of_rhythm(timbre)
