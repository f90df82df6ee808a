"""What holds for every baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from played import played_by_drummers, played_note_by_note, random_scores, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import BASELINES, Baseline, timing_mae_ms, velocity_mae
from ghostnote.groove import GrooveBatch

every_baseline = pytest.mark.parametrize("name", BASELINES)


@pytest.fixture(scope="module")
def train() -> GrooveBatch:
    rng = np.random.default_rng(0)
    return played_by_drummers(random_scores(rng, recordings=20, windows=10), rng)


@pytest.fixture(scope="module")
def fitted(train: GrooveBatch) -> Callable[[str], Baseline]:
    found = {name: fit(train) for name, fit in BASELINES.items()}
    return found.__getitem__


@pytest.fixture(scope="module")
def scores() -> GrooveBatch:
    return random_scores(np.random.default_rng(9), recordings=3, windows=4)


@every_baseline
def test_score_is_kept_and_every_hit_sounds(name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch) -> None:
    for sample in (False, True):
        played = fitted(name).predict(scores, sample=sample, rng=np.random.default_rng(0))
        np.testing.assert_array_equal(played.hits, scores.hits)
        np.testing.assert_array_equal(played.performances, scores.performances)
        assert (played.velocities[scores.hits > 0] >= np.float32(1 / 127)).all()


@every_baseline
def test_only_the_score_is_read(name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch) -> None:
    played = played_note_by_note(scores, np.random.default_rng(1))
    one, other = fitted(name).predict(scores), fitted(name).predict(played)
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_array_equal(one.velocities, other.velocities)


@every_baseline
def test_name_is_its_key(name: str, fitted: Callable[[str], Baseline]) -> None:
    assert fitted(name).name == name


@every_baseline
def test_same_seed_gives_the_same_draw(name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch) -> None:
    one, again, other = (
        fitted(name).predict(scores, sample=True, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.offsets, again.offsets)
    np.testing.assert_array_equal(one.velocities, again.velocities)
    assert (one.offsets != other.offsets).any()


@every_baseline
def test_draw_is_wider_than_the_point(name: str, fitted: Callable[[str], Baseline], train: GrooveBatch) -> None:
    point = fitted(name).predict(train)
    drawn = fitted(name).predict(train, sample=True, rng=np.random.default_rng(0))
    assert timing_mae_ms(point, drawn) > 1
    assert velocity_mae(point, drawn) > 1


@every_baseline
def test_draw_without_rng_is_refused(name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch) -> None:
    with pytest.raises(InvalidParameter, match="rng must be given when sample=True"):
        fitted(name).predict(scores, sample=True)


@every_baseline
def test_training_without_hits_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameter, match="train must hold"):
        BASELINES[name](silence(5))


@every_baseline
def test_no_scores_give_no_performances(name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch) -> None:
    nothing = scores.take(slice(0, 0))
    assert len(fitted(name).predict(nothing)) == 0
    assert len(fitted(name).predict(nothing, sample=True, rng=np.random.default_rng(0))) == 0


@pytest.mark.parametrize("name", ["linear", "knn", "mlp"])
def test_windows_of_another_length_are_refused(
    name: str, fitted: Callable[[str], Baseline], scores: GrooveBatch
) -> None:
    longer = dataclasses.replace(
        scores, **{part: np.repeat(getattr(scores, part), 2, axis=1) for part in ("hits", "velocities", "offsets")}
    )
    with pytest.raises(InvalidParameter, match=r"\(steps, voices\) = \(32, 9\) as in training; got \(64, 9\)"):
        fitted(name).predict(longer)
