from __future__ import annotations

import numpy as np

from ghostnote.evaluation import feel_timing_ms, hit_f1, only_voices, tap_f1
from ghostnote.groove import VOICES, Grid, Groove, GrooveBatch, Voice
from ghostnote.training.yardsticks import (
    drumify_by_nearest,
    generate_by_drawing,
    infill_by_nearest,
    interpolate_by_dealing,
    transfer_by_table,
)

HAT = Voice.CLOSED_HIHAT


def windows(count: int, seed: int, *, style: int = 0) -> GrooveBatch:
    rng = np.random.default_rng(seed)
    hits = (rng.random((count, 32, len(VOICES))) < 0.15).astype(np.float32)
    ids = np.arange(count) + 100 * seed
    return GrooveBatch(
        hits,
        hits * rng.uniform(0.2, 1, hits.shape).astype(np.float32),
        hits * rng.uniform(-0.4, 0.4, hits.shape).astype(np.float32),
        rng.uniform(90, 150, count),
        ids,
        ids * 0,
        np.full(count, style),
    )


TRAIN = windows(20, 1)


def test_a_tap_of_training_gets_its_own_kit() -> None:
    found = drumify_by_nearest(TRAIN, TRAIN)
    assert hit_f1(TRAIN, found) == tap_f1(TRAIN, found) == 1


def test_the_hihat_comes_from_the_window_with_the_same_other_voices() -> None:
    others = [voice for voice in VOICES if voice != HAT]
    bare = only_voices(TRAIN, others)
    filled = infill_by_nearest(TRAIN, bare, HAT)
    assert np.array_equal(filled.hits, TRAIN.hits)
    assert np.array_equal(filled.offsets, TRAIN.offsets)
    assert not bare.hits[..., HAT.column].any()


def test_what_is_to_be_filled_is_not_looked_at() -> None:
    real = windows(6, 2)
    bare = only_voices(real, [voice for voice in VOICES if voice != HAT])
    assert np.array_equal(infill_by_nearest(TRAIN, real, HAT).hits, infill_by_nearest(TRAIN, bare, HAT).hits)


def test_a_table_of_means_has_no_feel_error_and_falls_back_to_voice_and_kit() -> None:
    scores, donors = windows(8, 3), windows(8, 4)
    played = transfer_by_table(scores, donors)
    assert np.array_equal(played.hits, scores.hits)
    assert feel_timing_ms(donors, played) < 1e-4
    one = donors.take(slice(0, 1))
    only_kick = only_voices(one, [Voice.KICK])
    played = transfer_by_table(scores.take(slice(0, 1)), only_kick)
    snares = scores.hits[0, :, Voice.SNARE.column] > 0
    mean = only_kick.offsets[only_kick.hits > 0].mean()
    np.testing.assert_allclose(played.offsets[0, snares, Voice.SNARE.column], mean, rtol=1e-5)


def test_windows_are_drawn_in_the_style_asked_for() -> None:
    both = [windows(5, 5, style=3), windows(5, 6, style=4)]
    train = GrooveBatch(*(np.concatenate([getattr(side, name) for side in both]) for name in vars(both[0])))
    drawn = generate_by_drawing(train, windows(12, 7, style=4))
    assert len(drawn) == 12
    assert (drawn.styles == 4).all()
    assert set(drawn.performances) <= set(both[1].performances)
    assert len(generate_by_drawing(train, windows(4, 8, style=9))) == 4  # a style that nobody plays


def test_dealing_goes_from_one_end_to_the_other_exactly() -> None:
    ends = [
        Groove(batch.hits[0], batch.velocities[0], batch.offsets[0], Grid.uniform(2))
        for batch in (windows(1, 9), windows(1, 10))
    ]
    path = interpolate_by_dealing(*ends, steps=6)
    assert len(path) == 6
    for end, found in ((ends[0], path[0]), (ends[1], path[-1])):
        assert np.array_equal(end.hits, found.hits)
        assert np.array_equal(end.offsets, found.offsets)
    taken = [abs(groove.hits - ends[1].hits).sum() for groove in path]
    assert taken == sorted(taken, reverse=True)
