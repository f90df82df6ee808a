import json
from pathlib import Path

import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Grid
from ghostnote.models.performer import (
    OFFSET_CLASSES,
    UNKNOWN,
    Played,
    class_of_offset,
    load_performer,
    offset_of_class,
)
from ghostnote.models.score import read_score

SNAPSHOT = Path(__file__).with_name("performer_snapshot.json")  # renewed by scripts/make_performer_snapshot.py


def beat(bars: int = 4, tempo_bpm: float = 100.0):
    grid = Grid.uniform(bars, tempo_bpm=tempo_bpm)
    hits = np.zeros((len(grid), 9), dtype=np.float32)
    hits[::2, 2] = 1
    hits[4::8, 1] = 1
    hits[::8, 0] = 1
    hits[7::16, 1] = 1
    return read_score(hits, grid)


def play(score, seed=0, style=None, **settings):
    performer = load_performer()
    reading = performer.read(score, performer.style_id(style))
    return performer.play([score], [reading], [np.random.default_rng(seed)], **settings)[0]


def test_classes_and_offsets_are_inverse():
    classes = np.arange(OFFSET_CLASSES)
    assert (class_of_offset(offset_of_class(classes)) == classes).all()
    assert offset_of_class(np.array([0]))[0] == -0.5
    assert class_of_offset(np.array([0.4999]))[0] == OFFSET_CLASSES - 1


def test_values_are_in_range_and_one_per_hit():
    score = beat()
    played = play(score)
    assert played.velocities.shape == played.offsets.shape == (len(score),)
    assert played.velocities.min() >= 1
    assert played.velocities.max() <= 127
    assert played.offsets.min() >= -0.5
    assert played.offsets.max() < 0.5


def test_same_seed_same_performance_other_seed_another():
    score = beat()
    first, again, other = play(score, 3), play(score, 3), play(score, 4)
    assert (first.velocities == again.velocities).all()
    assert (first.offsets == again.offsets).all()
    assert (first.velocities != other.velocities).any()


def test_a_take_does_not_depend_on_what_is_played_beside_it():
    performer = load_performer()
    scores = [beat(2), beat(6), beat(3)]
    readings = [performer.read(score, 0) for score in scores]
    together = performer.play(scores, readings, [np.random.default_rng(i) for i in range(3)])
    for i, score in enumerate(scores):
        alone = performer.play([score], [readings[i]], [np.random.default_rng(i)])[0]
        assert (alone.velocities == together[i].velocities).mean() > 0.99  # float sums may differ in the last bit
        np.testing.assert_allclose(alone.offsets, together[i].offsets, atol=0.05)


def test_known_hits_stay_and_the_rest_is_played_around_them():
    score = beat()
    velocities = np.full(len(score), UNKNOWN)
    kick = score.voices == 0
    velocities[kick] = 33
    offsets = np.where(kick, 0.1, np.nan)
    played = play(score, known=[Played(velocities, offsets)])
    assert (played.velocities[kick] == 33).all()
    np.testing.assert_allclose(played.offsets[kick], 0.1)
    assert len(set(played.velocities[~kick])) > 3


def test_colder_takes_vary_less():
    score = beat(8)
    spread = {
        temperature: np.std([play(score, seed, temperature=temperature).offsets for seed in range(6)], axis=0).mean()
        for temperature in (0.3, 1.0)
    }
    assert spread[0.3] < 0.7 * spread[1.0]


def test_style_matters():
    performer = load_performer()
    score = beat()
    funk, jazz = (performer.read(score, performer.style_id(style)).expected() for style in ("funk", "jazz"))
    assert (funk.velocities != jazz.velocities).any()


def test_unknown_style_is_named():
    with pytest.raises(InvalidParameter, match=r"style must be one of afrobeat, .*; got 'polka'"):
        load_performer().style_id("polka")


def test_temperature_must_not_be_negative():
    with pytest.raises(InvalidParameter, match="temperature"):
        play(beat(), temperature=-0.1)


def test_empty_score_plays_nothing():
    grid = Grid.uniform(1)
    score = read_score(np.zeros((16, 9), dtype=np.float32), grid)
    assert len(play(score).velocities) == 0


def test_length_does_not_change_how_a_beat_begins():
    """One pass without windows: what comes bars later may colour the beginning, but nothing jumps at a border."""
    short, long = load_performer().read(beat(8), 0).expected(), load_performer().read(beat(40), 0).expected()
    half = len(short.offsets) // 2
    assert np.abs(short.offsets[:half] - long.offsets[:half]).mean() < 0.03


def test_medians_are_as_stored():
    stored = json.loads(SNAPSHOT.read_text())
    expected = load_performer().read(beat(2), 0).expected()
    assert np.abs(expected.velocities - stored["velocities"]).max() <= 1
    np.testing.assert_allclose(expected.offsets, stored["offsets"], atol=1.01 / OFFSET_CLASSES)
