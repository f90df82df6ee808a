"""What a participant did, as tables."""

import numpy as np
import pytest
from example_studies import random_loop

from ghostnote.study.results import Person, Rating, best_of, worst_of

LOOPS = [random_loop(np.random.default_rng(seed)) for seed in range(4)]


def rating(number, loop, liked, score, phase="two", repeats=None):
    return Rating(number, phase, "product", repeats, liked, 3.0, 2.0, "", LOOPS[loop], "small", score)


def person(*ratings):
    return Person(1, True, ratings, (), {}, "", 60.0)


@pytest.mark.parametrize(("chosen", "liked"), [(best_of, True), (worst_of, False)])
def test_what_is_most_telling_comes_first_and_nothing_twice(chosen, liked):
    sure, unsure = (0.9, 0.6) if liked else (0.1, 0.4)
    someone = person(
        rating(1, 0, liked, sure, phase="one"),
        rating(2, 1, liked, unsure),
        rating(3, 2, liked, sure),
        rating(4, 2, liked, sure),  # the same loop, proposed a second time
        rating(5, 3, liked, None),
        rating(6, 0, not liked, 0.5),
    )
    assert [one.number for one in chosen(someone, 9)] == [3, 2, 5, 1]
    assert [one.number for one in chosen(someone, 2)] == [3, 2]


@pytest.mark.parametrize(("chosen", "liked"), [(best_of, True), (worst_of, False)])
def test_what_was_said_twice_comes_before_all(chosen, liked):
    someone = person(
        rating(1, 0, liked, 0.5),
        rating(2, 1, liked, 0.5),
        rating(3, 2, liked, 0.5),
        rating(4, 1, not liked, 0.5, repeats=2),
        rating(5, 2, liked, 0.5, repeats=3),
    )
    assert [one.number for one in chosen(someone, 9)] == [3, 1, 2]
