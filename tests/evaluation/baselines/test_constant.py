from __future__ import annotations

import numpy as np
import pytest
from played import batch_of, played_note_by_note, random_scores

from ghostnote.evaluation.baselines import fit_mean_table, fit_quantised, fit_train_mean
from ghostnote.evaluation.baselines.baseline import PRIOR_HITS
from ghostnote.groove import GrooveBatch

TRAIN = batch_of([(0, 0, 0, 100, 0.1), (0, 4, 1, 40, -0.3), (0, 8, 2, 40, 0.0)])
SCORES = batch_of([(0, 3, 5, 1, 0.0), (0, 20, 0, 1, 0.0)])


def test_quantised_lies_on_the_grid_at_the_mean_velocity() -> None:
    played = fit_quantised(TRAIN).predict(SCORES)
    assert (played.offsets == 0).all()
    np.testing.assert_allclose(played.velocities[played.hits > 0] * 127, 60, rtol=1e-5)


def test_train_mean_is_the_mean_of_all_hits() -> None:
    played = fit_train_mean(TRAIN).predict(SCORES)
    np.testing.assert_allclose(played.velocities[played.hits > 0] * 127, 60, rtol=1e-5)
    np.testing.assert_allclose(played.offsets[played.hits > 0], -0.2 / 3, rtol=1e-5)


def one_cell(count: int, velocity: float, offset: float, step: int, voice: int) -> list:
    return [(groove, step, voice, velocity, offset) for groove in range(count)]


def test_table_has_a_mean_for_each_position_and_voice() -> None:
    hits = one_cell(2000, 100, 0.2, 0, 0) + one_cell(2000, 50, -0.2, 4, 0) + one_cell(2000, 20, 0.1, 4, 1)
    played = fit_mean_table(batch_of(hits, tempos_bpm=[120] * 2000)).predict(
        batch_of([(0, 16, 0, 1, 0.0), (0, 20, 0, 1, 0.0), (0, 4, 1, 1, 0.0)])
    )
    assert played.offsets[0, 16, 0] == pytest.approx(0.2, abs=0.005), "the same position in the second bar"
    assert played.offsets[0, 20, 0] == pytest.approx(-0.2, abs=0.005)
    assert played.velocities[0, 4, 1] * 127 == pytest.approx(20, abs=0.5)


def test_rare_cell_leans_on_its_voice() -> None:
    hits = [*one_cell(1000, 64, 0.2, 0, 0), (0, 7, 0, 64, -0.4)]
    played = fit_mean_table(batch_of(hits, tempos_bpm=[120] * 1000)).predict(batch_of([(0, 7, 0, 1, 0.0)]))
    expected = (-0.4 + PRIOR_HITS * 0.2) / (1 + PRIOR_HITS)
    assert played.offsets[0, 7, 0] == pytest.approx(expected, abs=0.005)


def test_voice_that_never_played_takes_the_mean_of_all() -> None:
    played = fit_mean_table(batch_of(one_cell(500, 64, 0.2, 0, 0), tempos_bpm=[120] * 500)).predict(
        batch_of([(0, 7, 8, 1, 0.0)])
    )
    assert played.offsets[0, 7, 8] == pytest.approx(0.2, abs=0.005)


@pytest.fixture(scope="module")
def noisy() -> GrooveBatch:
    rng = np.random.default_rng(0)
    return played_note_by_note(random_scores(rng, recordings=20, windows=40), rng, spread=0.12)


def test_draw_has_the_spread_of_training_and_the_point_in_its_middle(noisy: GrooveBatch) -> None:
    drawn = fit_quantised(noisy).predict(noisy, sample=True, rng=np.random.default_rng(1))
    on = noisy.hits > 0
    assert drawn.offsets[on].std() == pytest.approx(0.12, rel=0.03)
    assert drawn.offsets[on].mean() == pytest.approx(0, abs=0.005)
    assert drawn.velocities[on].std() == pytest.approx(0.12, rel=0.03)
    assert drawn.velocities[on].mean() == pytest.approx(0.6, abs=0.01)


def test_jitter_of_a_biased_row_has_no_second_bias(noisy: GrooveBatch) -> None:
    late = noisy.with_performance(noisy.velocities, np.clip(noisy.offsets + 0.1, -0.5, 0.49))
    drawn = fit_quantised(late).predict(late, sample=True, rng=np.random.default_rng(1))
    on = late.hits > 0
    assert drawn.offsets[on].mean() == pytest.approx(0, abs=0.005)
    assert drawn.offsets[on].std() == pytest.approx(0.12, rel=0.05)


def test_jitter_of_each_hit_is_its_own(noisy: GrooveBatch) -> None:
    drawn = fit_quantised(noisy).predict(noisy, sample=True, rng=np.random.default_rng(1))
    both = (noisy.hits[:, :, 0] > 0) & (noisy.hits[:, :, 1] > 0)
    r = np.corrcoef(drawn.offsets[:, :, 0][both], drawn.offsets[:, :, 1][both])[0, 1]
    assert abs(r) < 0.15
