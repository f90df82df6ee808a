from __future__ import annotations

import numpy as np
import pytest
from played import batch_of, played_by_drummers, random_scores

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.baselines import fit_knn, fit_mean_table
from ghostnote.groove import GrooveBatch

# Three windows: a kick and a snare, the same with a ride, and something else.
LIBRARY = batch_of(
    [
        (0, 0, 0, 100, 0.1),
        (0, 8, 1, 90, -0.1),
        (1, 0, 0, 50, 0.3),
        (1, 8, 1, 40, -0.3),
        (1, 0, 8, 30, 0.2),
        (2, 3, 2, 10, 0.4),
        (2, 5, 2, 10, 0.4),
        (2, 7, 2, 10, 0.4),
    ],
    tempos_bpm=[120, 120, 120],
)


@pytest.fixture(scope="module")
def train() -> GrooveBatch:
    rng = np.random.default_rng(0)
    return played_by_drummers(random_scores(rng, recordings=10, windows=30), rng)


def test_nearest_is_the_one_with_fewest_differing_cells() -> None:
    query = batch_of([(0, 0, 0, 1, 0.0), (0, 8, 1, 1, 0.0)])
    assert fit_knn(LIBRARY, neighbours=3).nearest(query).tolist() == [[0, 1, 2]]


def test_distances_agree_with_counting(train: GrooveBatch) -> None:
    queries = random_scores(np.random.default_rng(1), recordings=3, windows=4)
    fitted = fit_knn(train, neighbours=7, tempo_weight=4.0)
    for query, nearest in zip(range(len(queries)), fitted.nearest(queries), strict=True):
        differing = (train.hits != queries.hits[query]).sum(axis=(1, 2))
        octaves = abs(np.log2(train.tempos_bpm / queries.tempos_bpm[query]))
        distances = differing + 4.0 * octaves
        np.testing.assert_allclose(np.sort(distances)[:7], distances[nearest], atol=1e-4)


def test_one_neighbour_is_played_as_it_is(train: GrooveBatch) -> None:
    played = fit_knn(train, neighbours=1).predict(train)
    np.testing.assert_allclose(played.offsets, train.offsets, atol=1e-6)
    np.testing.assert_allclose(played.velocities, train.velocities, atol=1e-6)


def test_point_is_the_mean_of_the_neighbours_that_have_the_cell() -> None:
    query = batch_of([(0, 0, 0, 1, 0.0), (0, 0, 8, 1, 0.0)])
    played = fit_knn(LIBRARY, neighbours=2).predict(query)
    assert played.velocities[0, 0, 0] * 127 == pytest.approx(75)
    assert played.offsets[0, 0, 0] == pytest.approx(0.2)
    assert played.offsets[0, 0, 8] == pytest.approx(0.2), "only one of the two has a ride"


def test_cell_that_no_neighbour_has_is_played_from_the_table() -> None:
    query = batch_of([(0, 0, 0, 1, 0.0), (0, 29, 4, 1, 0.0)])
    played, table = fit_knn(LIBRARY, neighbours=1).predict(query), fit_mean_table(LIBRARY).predict(query)
    assert played.offsets[0, 29, 4] == table.offsets[0, 29, 4] != 0
    assert played.offsets[0, 0, 0] != table.offsets[0, 0, 0]


def test_among_equal_scores_the_nearest_tempo_is_taken() -> None:
    hits = [(groove, 0, 0, 64, offset) for groove, offset in enumerate((-0.4, 0.1, 0.4))]
    library = batch_of(hits, tempos_bpm=[60, 100, 180])
    query = batch_of([(0, 0, 0, 1, 0.0)], tempos_bpm=[110])
    assert fit_knn(library, neighbours=1).predict(query).offsets[0, 0, 0] == pytest.approx(0.1)
    assert fit_knn(library, neighbours=1, tempo_weight=0).predict(query).offsets[0, 0, 0] == pytest.approx(-0.4)


def test_draw_plays_one_neighbour_and_not_a_mixture() -> None:
    queries = batch_of(
        [(groove, step, voice, 1, 0.0) for groove in range(50) for step, voice in ((0, 0), (8, 1))],
        tempos_bpm=[120] * 50,
    )
    drawn = fit_knn(LIBRARY, neighbours=2).predict(queries, sample=True, rng=np.random.default_rng(0))
    pairs = {(round(float(o[0, 0]), 3), round(float(o[8, 1]), 3)) for o in drawn.offsets}
    assert pairs == {(0.1, -0.1), (0.3, -0.3)}


def test_more_neighbours_than_windows_are_all_of_them() -> None:
    assert fit_knn(LIBRARY, neighbours=99).nearest(LIBRARY).shape == (3, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neighbours": 0}, "neighbours must be at least 1; got 0"),
        ({"tempo_weight": -1.0}, "tempo_weight must be at least 0"),
        ({"tempo_weight": float("nan")}, "tempo_weight must be at least 0"),
    ],
)
def test_bad_arguments_are_refused(options: dict, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        fit_knn(LIBRARY, **options)
