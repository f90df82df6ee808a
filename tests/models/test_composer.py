import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Grid, Groove, Voice
from ghostnote.groove.transforms import Partial, Tap, nothing, sparse, without_voices
from ghostnote.models.composer import Latents, Request, load_composer
from ghostnote.models.steps import read_steps


def beat(bars=2):
    grid = Grid.uniform(bars, tempo_bpm=100.0)
    hits = np.zeros((len(grid), 9), dtype=np.float32)
    hits[::2, 2] = hits[4::8, 1] = hits[::8, 0] = 1
    return Groove(hits, 0.6 * hits, 0 * hits, grid)


def tapped(grid, every=4, silence=True):
    hits = np.zeros((len(grid), 1), dtype=np.float32)
    hits[::every] = 1
    tap = Tap(hits, np.where(hits > 0, 0.5, 0).astype(np.float32), np.zeros_like(hits))
    bare = nothing(grid)
    return Partial(bare.hits, bare.velocities, bare.offsets, grid, tap if silence else sparse(tap))


def write(partial, seed=0, temperature=1.0, **wishes):
    request = Request(read_steps(partial), np.random.default_rng(seed), **wishes)
    return load_composer().write([request], temperature=temperature)[0]


@pytest.mark.parametrize("voice", list(VOICES))
def test_what_is_given_stays(voice):
    given = beat(4)
    written = write(without_voices(given, [voice]))
    others = [v.column for v in VOICES if v is not voice]
    assert (written[:, others] == given.hits[:, others]).all()
    assert set(np.unique(written)) <= {0.0, 1.0}


def test_a_complete_tap_says_where_there_are_hits():
    grid = Grid.uniform(2)
    assert (write(tapped(grid)).any(axis=1) == (np.arange(32) % 4 == 0)).all()
    loose = write(tapped(grid, every=8, silence=False)).any(axis=1)
    assert loose[::8].all()
    assert loose.sum() > 4


def test_the_calmest_answer_obeys_the_tap_too():
    grid = Grid.uniform(2)
    request = Request(read_steps(tapped(grid, every=3)), np.random.default_rng(0))
    agreed = load_composer().agree([request])[0]
    assert (agreed.any(axis=1) == (np.arange(32) % 3 == 0)).all()


def test_one_result_for_one_seed_whatever_is_beside_it():
    composer, partial = load_composer(), nothing(Grid.uniform(2))
    other = Request(read_steps(nothing(Grid.uniform(5))), np.random.default_rng(9))
    mine = [Request(read_steps(partial), np.random.default_rng(s)) for s in (1, 2)]
    alone = write(partial, 1)
    beside = composer.write([other, *mine])
    assert (alone == beside[1]).all()
    assert (alone != beside[2]).any()


def test_bias_decides_where_it_is_strong():
    wanted = beat()
    bias = (40.0 * (2 * wanted.hits - 1)).astype(np.float32)
    assert (write(nothing(wanted.grid), bias=bias) == wanted.hits).all()


def test_density_is_heard():
    grid = Grid.uniform(4)
    sparse_, dense = (np.mean([write(nothing(grid), s, density=d).sum() for s in range(6)]) for d in (1.0, 8.0))
    assert sparse_ < dense / 2


def test_latents_steer_towards_the_beat_that_was_heard():
    composer, rng = load_composer(), np.random.default_rng(0)
    quiet = np.zeros((64, 9), dtype=np.float32)
    quiet[::4, Voice.RIDE.column] = 1
    grid = Grid.uniform(4, tempo_bpm=100.0)
    ride = composer.listen(Groove(quiet, 0.5 * quiet, 0 * quiet, grid))
    assert ride.mean.shape == ride.scale.shape == (2, composer.latent_units)
    hihat = composer.listen(beat(4))

    def rides(latents):
        partial = nothing(grid)
        return np.mean([write(partial, s, latents=latents.mean)[:, Voice.RIDE.column].sum() for s in range(8)])

    assert rides(ride) > rides(hihat) + 2
    drawn = Latents(np.zeros((1000, 8), np.float32), np.ones((1000, 8), np.float32)).drawn(rng, 0.5)
    assert drawn.std() == pytest.approx(0.5, abs=0.05)


def test_bad_wishes_say_what_is_wrong():
    partial = nothing(Grid.uniform(2))
    with pytest.raises(InvalidParameter, match="density"):
        write(partial, density=-1.0)
    with pytest.raises(InvalidParameter, match="kind"):
        write(partial, kind="solo")
    with pytest.raises(InvalidParameter, match="latents"):
        write(partial, latents=np.zeros((5, 3), np.float32))
    with pytest.raises(InvalidParameter, match="temperature"):
        write(partial, temperature=-1)
