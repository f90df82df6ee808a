from __future__ import annotations

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.diversity import (
    BANDS,
    FRAMES,
    RANGE_DB,
    mean_of_pairs,
    pattern_distances,
    picture_distances,
    picture_of,
)


def test_order_of_rows_does_not_matter_and_each_cell_does() -> None:
    rng = np.random.default_rng(0)
    one = (rng.random((16, 4)) < 0.5).astype(float)
    other = one[:, [3, 1, 0, 2]].copy()
    other[5, 2] = 1 - other[5, 2]
    distances = pattern_distances(np.stack([one, one[:, ::-1], other]))
    assert distances[0, 1] == 0
    assert distances[0, 2] == distances[2, 0] == distances[1, 2] == 1 / 64


def test_random_patterns_are_as_far_apart_as_documented() -> None:
    hits = (np.random.default_rng(1).random((60, 16, 4)) < 0.5).astype(float)
    assert mean_of_pairs(pattern_distances(hits)) == pytest.approx(0.41, abs=0.02)


def test_full_and_empty_differ_everywhere() -> None:
    assert pattern_distances(np.stack([np.ones((16, 3)), np.zeros((16, 3))]))[0, 1] == 1


def test_picture_shows_pitch_and_time() -> None:
    at = np.arange(88_200) / 44_100
    low = np.sin(2 * np.pi * 100 * at) * (at < 0.5)
    high = np.sin(2 * np.pi * 5_000 * at) * (at >= 1.5)
    picture = picture_of(low + high)
    assert picture.shape == (BANDS, FRAMES)
    band, frame = np.unravel_index(picture[:, 4:12].argmax(), (BANDS, 8))
    assert band < 5
    assert picture[:, 56].argmax() > 20
    assert picture[:, 30].max() == -RANGE_DB
    del frame


def test_picture_goes_round_and_knows_no_level() -> None:
    noise = np.random.default_rng(0).normal(size=88_192)
    np.testing.assert_allclose(picture_of(noise), picture_of(0.01 * noise), atol=1e-6)
    turned = picture_of(np.roll(noise, 88_192 // 64 * 3))
    np.testing.assert_allclose(turned, np.roll(picture_of(noise), 3, axis=1), atol=1e-6)
    assert (picture_of(np.zeros(88_200)) == -RANGE_DB).all()


def test_distance_of_pictures_is_in_db() -> None:
    silent = np.full((BANDS, FRAMES), -RANGE_DB)
    distances = picture_distances(np.stack([silent, silent + 6, silent]))
    assert distances[0, 1] == pytest.approx(6)
    assert distances[0, 2] == 0
    assert mean_of_pairs(distances) == pytest.approx(4)
    assert np.isnan(mean_of_pairs(distances[:1, :1]))


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="at most 5 rows"):
        pattern_distances(np.zeros((2, 16, 8)))
