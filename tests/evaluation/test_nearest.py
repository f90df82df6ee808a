from __future__ import annotations

import numpy as np
import pytest
from played import batch_of, played_by_drummers, random_scores, silence
from scipy.stats import ks_2samp

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import find_nearest, hit_f1, kolmogorov_smirnov, nearest, spread_of_resamples

TRAIN = batch_of(
    [(0, 0, 0, 100, 0.0), (0, 4, 1, 90, 0.1), (1, 0, 0, 64, 0.0), (1, 8, 0, 64, 0.0), (1, 12, 1, 64, 0.0)],
    tempos_bpm=[120, 90],
)


def test_distances_worked_by_hand() -> None:
    windows = batch_of([(0, 0, 0, 100, 0.3), (0, 4, 1, 90, 0.1), (1, 0, 0, 1, 0.0), (2, 3, 3, 64, 0.0)],
                       tempos_bpm=[120] * 3)  # fmt: skip
    found = find_nearest(TRAIN, windows)
    assert found.distances.tolist() == pytest.approx([0, 1 - 2 / 3, 1])
    assert found.places[:2].tolist() == [0, 0]
    assert found.equal_scores == pytest.approx(1 / 3)
    assert found.quartiles == pytest.approx(tuple(np.quantile(found.distances, [0.25, 0.5, 0.75])))


def test_copies_are_equal_as_a_file_would_hold_them() -> None:
    nearly = TRAIN.with_performance(TRAIN.velocities, TRAIN.offsets + np.float32(0.001))  # an eighth of a tick
    other_timing = TRAIN.with_performance(TRAIN.velocities, TRAIN.offsets + np.float32(0.01))
    other_velocity = TRAIN.with_performance(TRAIN.velocities - np.float32(0.01), TRAIN.offsets)
    assert find_nearest(TRAIN, nearly).copies == 1
    assert find_nearest(TRAIN, other_timing).copies == find_nearest(TRAIN, other_velocity).copies == 0
    assert find_nearest(TRAIN, other_timing).equal_scores == 1


def test_silence_is_equal_to_silence_but_no_copy() -> None:
    found = find_nearest(silence(2), silence(1))
    assert found.distances.tolist() == [0]
    assert found.copies == 0
    assert find_nearest(TRAIN, silence(1)).distances.tolist() == [1]


def test_blocks_agree_with_f1_of_each_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    train = played_by_drummers(random_scores(rng, recordings=5, windows=4), rng)
    windows = played_by_drummers(random_scores(rng, recordings=3, windows=5), rng)
    slow = [
        [
            1 - hit_f1(*(batch_of([(0, *cell, 64, 0) for cell in np.argwhere(side.hits[i])]) for side, i in pair))
            for pair in (((train, t), (windows, w)) for t in range(len(train)))
        ]
        for w in range(len(windows))
    ]
    monkeypatch.setattr(nearest, "_BLOCK", 4)
    found = find_nearest(train, windows)
    np.testing.assert_allclose(found.distances, np.min(slow, axis=1), atol=1e-6)
    assert found.places.tolist() == np.argmin(slow, axis=1).tolist()


def test_unfit_windows_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="got 0 and 2"):
        find_nearest(silence(0), silence(2))
    with pytest.raises(InvalidParameter, match="as long as those of train"):
        find_nearest(TRAIN, silence(1).__class__(*[np.zeros((1, 16, 9), np.float32)] * 3, *[np.ones(1)] * 4))


def test_kolmogorov_smirnov_agrees_with_scipy() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(0, 1, 50).round(1), rng.normal(0.5, 1, 80).round(1)
    assert kolmogorov_smirnov(one, other) == pytest.approx(ks_2samp(one, other).statistic)
    assert kolmogorov_smirnov(one, one) == 0
    assert kolmogorov_smirnov(one, one + 100) == 1
    with pytest.raises(InvalidParameter, match="got 50 and 0"):
        kolmogorov_smirnov(one, other[:0])


def test_whole_recordings_are_drawn() -> None:
    # Ten recordings that each have a distance of their own: far wider than if windows were drawn.
    rng = np.random.default_rng(0)
    recordings = np.repeat(np.arange(10), 50)
    by_recording = spread_of_resamples(recordings / 10, recordings, rng=rng, draws=400)
    by_window = spread_of_resamples(recordings / 10, np.arange(500), rng=rng, draws=400)
    assert by_recording > 0.3 > 0.1 > by_window
    with pytest.raises(InvalidParameter, match="two recordings"):
        spread_of_resamples(np.ones(4), np.zeros(4, dtype=np.int64), rng=rng)
    with pytest.raises(InvalidParameter, match="level"):
        spread_of_resamples(np.ones(4), np.arange(4), rng=rng, level=95)


def test_spread_holds_other_draws_from_the_same_source() -> None:
    # Recordings of a known population: the spread of one sample holds its distance to the population 19 times in 20.
    rng = np.random.default_rng(0)
    population = rng.normal(0, 1, 4000)
    held = 0
    for _ in range(60):
        sample = rng.choice(population, 80)
        spread = spread_of_resamples(sample, np.arange(80), rng=rng, draws=200)
        held += kolmogorov_smirnov(sample, population) <= spread
    assert 52 <= held <= 60
