"""Known parts in, missing parts out: whatever is known comes back as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Grid, Groove
from ghostnote.groove.transforms import Partial, known, nothing, score, tap, without_bars, without_voices
from ghostnote.tasks.complete import Wish, complete, complete_all
from ghostnote.tasks.feel import feel_of


def played(bars=2, seed=0):
    return complete(nothing(Grid.uniform(bars, tempo_bpm=100.0)), Wish(style="funk"), seed=seed)


def same(a, b, cells=slice(None)):
    return all((getattr(a, n)[cells] == getattr(b, n)[cells]).all() for n in ("hits", "velocities", "offsets"))


def test_all_known_comes_back():
    groove = played()
    assert same(complete(known(groove)), groove)


def test_a_score_comes_back_played():
    groove = played()
    human = complete(score(groove), seed=1)
    assert (human.hits == groove.hits).all()
    assert (human.velocities[human.hits > 0] > 0).all()
    assert human.offsets.std() > 0


@given(st.sets(st.sampled_from(list(VOICES)), min_size=1, max_size=8), st.integers(0, 1), st.integers(0, 3))
def test_what_is_known_is_verbatim(voices, bar, seed):
    groove = played()
    gone = np.isin(np.arange(9), [v.column for v in voices])
    assert same(complete(without_voices(groove, voices), seed=seed), groove, (slice(None), ~gone))
    assert same(complete(without_bars(groove, bar, bar), seed=seed), groove, groove.grid.bars != bar)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_tap_of_the_answer_is_the_tap(temperature):
    groove = played(4, seed=3)
    bare, given_tap = nothing(groove.grid), tap(groove)
    drums = complete(
        Partial(bare.hits, bare.velocities, bare.offsets, groove.grid, given_tap), Wish(temperature=temperature)
    )
    answer = tap(drums)
    assert (answer.hits == given_tap.hits).all()
    assert np.abs(answer.velocities - given_tap.velocities).max() < 0.017, "at least 2 of 127 where others are beside"
    assert np.abs(answer.offsets - given_tap.offsets).max() < 1e-5


def test_each_of_many_is_as_if_alone():
    grooves = [played(2), played(3, seed=5)]
    partials = [without_voices(g, [VOICES[2]]) for g in grooves]
    together = complete_all(partials, [Wish(), Wish(style="rock")], [1, 2])
    assert same(together[1], complete(partials[1], Wish(style="rock"), seed=2))
    assert complete_all([], [], []) == []


def test_the_calmest_answer_does_not_depend_on_its_neighbours_either():
    bare, filled = score(played(2)), without_voices(played(2), [VOICES[2]])
    calm = Wish(temperature=0)
    together = complete_all([bare, filled], [calm, calm], [0, 0])
    assert same(together[0], complete(bare, calm))
    assert same(together[1], complete(filled, calm))


def test_a_feel_changes_the_playing_not_the_score():
    groove, donor = played(2), played(2, seed=8)
    late = Groove(donor.hits, donor.velocities, np.where(donor.hits > 0, 0.3, 0).astype(np.float32), donor.grid)
    plain, felt = (complete(score(groove), Wish(feel=f, temperature=0)) for f in (None, feel_of(late)))
    assert (plain.hits == felt.hits).all()
    on = plain.hits > 0
    assert felt.offsets[on].mean() > plain.offsets[on].mean() + 0.1


@pytest.mark.parametrize(
    ("wish", "seed", "says"),
    [
        (Wish(temperature=-1), 0, "temperature"),
        (Wish(density=99.0), 0, "density"),
        (Wish(), -1, "seed"),
        (Wish(style="x"), 0, "style"),
    ],
)
def test_bad_wishes(wish, seed, says):
    with pytest.raises(InvalidParameter, match=says):
        complete(nothing(Grid.uniform(1)), wish, seed=seed)


def test_partial_checks_shapes():
    grid = Grid.uniform(1)
    with pytest.raises(InvalidParameter, match="hits must have shape"):
        Partial(np.zeros((3, 9)), np.zeros((16, 9)), np.zeros((16, 9)), grid)
