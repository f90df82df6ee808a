from __future__ import annotations

import numpy as np
import pytest
from played import Hit, batch_of, played_by_drummers, random_scores, silence

from ghostnote.evaluation.features import window_features
from ghostnote.groove import VOICES, Voice

KICK, SNARE, CLOSED_HIHAT = Voice.KICK.column, Voice.SNARE.column, Voice.CLOSED_HIHAT.column


def features_of(hits: list[Hit]) -> dict[str, float]:
    features = window_features(batch_of(hits, tempos_bpm=[97.0]))
    return dict(zip(features.names, features.values[0].tolist(), strict=True))


def ticks(count: float) -> float:
    """An offset of so many ticks, in steps."""
    return count / 120


def test_names_are_unique_and_families_complete() -> None:
    features = window_features(silence())
    assert len(set(features.names)) == len(features.names) == features.values.shape[1]
    whats = ("values", "means", "spreads", "same_step", "lags", "drift")
    quantities = {f"{what}:{quantity}" for what in whats for quantity in ("offsets", "velocities")}
    assert set(features.families) == quantities | {"score"}


def test_silence_has_a_score_and_nothing_else() -> None:
    features = window_features(silence())
    assert (features.of("score").values[:, :-1] == 0).all()
    rest = features.values[0, [family != "score" for family in features.families]]
    assert np.isnan(rest).all()


def test_values_means_and_spreads() -> None:
    found = features_of([(0, 0, KICK, 100, ticks(6)), (0, 8, KICK, 80, ticks(-2)), (0, 8, SNARE, 30, ticks(2))])
    assert found["tempo_bpm"] == 97
    assert found["step 8 kick: offsets"] == -2
    assert found["step 8 snare: velocities"] == 30
    assert np.isnan(found["step 9 kick: offsets"])
    assert (found["kick: mean of offsets"], found["kick: spread of offsets"]) == (2, 4)
    assert (found["kick: mean of velocities"], found["kick: spread of velocities"]) == (90, 10)
    assert found["all: mean of velocities"] == 70


def test_voices_of_one_step_are_compared() -> None:
    found = features_of(
        [
            (0, 0, KICK, 100, ticks(4)),
            (0, 0, SNARE, 90, ticks(-4)),
            (0, 8, KICK, 100, ticks(0)),
            (0, 8, SNARE, 100, ticks(2)),
            (0, 12, SNARE, 1, ticks(50)),
        ]
    )
    assert found["kick–snare: mean Δ offsets"] == (-8 + 2) / 2
    assert found["kick–snare: mean |Δ offsets|"] == (8 + 2) / 2
    assert found["kick–snare: mean |Δ velocities|"] == 5
    assert found["all: mean spread of offsets"] == (4 + 1) / 2
    assert found["all: largest spread of offsets"] == 4
    assert found["all: share of equal velocities"] == 0.5
    assert np.isnan(found["kick–ride: mean Δ offsets"])


def test_hits_of_a_voice_are_compared_at_lags() -> None:
    hats = [(0, step, CLOSED_HIHAT, 60 + 10 * (step % 4 == 0), ticks(step)) for step in range(0, 32, 2)]
    found = features_of(hats)
    assert np.isnan(found["lag 1 closed_hihat: mean |Δ offsets|"])
    assert found["lag 2 closed_hihat: mean |Δ offsets|"] == 2
    assert found["lag 16 closed_hihat: mean |Δ offsets|"] == 16
    assert found["lag 2 closed_hihat: correlation of offsets"] == pytest.approx(1)
    assert found["lag 2 closed_hihat: mean |Δ velocities|"] == 10
    assert found["lag 4 closed_hihat: mean |Δ velocities|"] == 0
    assert found["lag 2 closed_hihat: correlation of velocities"] == pytest.approx(-1)
    assert found["lag 2 step mean: mean |Δ offsets|"] == 2


def test_two_pairs_have_no_correlation() -> None:
    found = features_of([(0, step, SNARE, 60 + step, ticks(step)) for step in (0, 4, 8)])
    assert found["lag 4 snare: mean |Δ offsets|"] == 4
    assert np.isnan(found["lag 4 snare: correlation of offsets"])


def test_drift_over_the_window() -> None:
    found = features_of([(0, step, KICK, 64, ticks(step - 16)) for step in range(32)])
    assert found["slope of offsets"] == pytest.approx(1)
    assert found["bar 1 to 2: Δ mean offsets"] == 16
    assert found["beats: mean |Δ mean offsets|"] == 4
    assert found["beats: spread of mean offsets"] == pytest.approx(np.std(np.arange(8) * 4), rel=1e-6)
    assert found["slope of velocities"] == 0


def test_fractions_of_a_tick_are_not_heard() -> None:
    rng = np.random.default_rng(0)
    played = played_by_drummers(random_scores(rng, recordings=2, windows=3), rng)
    shape = played.hits.shape
    on_ticks = np.round(played.offsets * 120) / 120
    on_units = np.round(played.velocities * 127) / 127
    exact = played.with_performance(on_units, on_ticks)
    blurred = played.with_performance(
        np.clip(on_units + rng.uniform(-0.4, 0.4, shape) / 127, 0, 1), on_ticks + rng.uniform(-0.4, 0.4, shape) / 120
    )
    np.testing.assert_array_equal(window_features(exact).values, window_features(blurred).values)


def test_each_window_is_seen_by_itself() -> None:
    rng = np.random.default_rng(0)
    played = played_by_drummers(random_scores(rng, recordings=3, windows=4), rng)
    alone = np.concatenate([window_features(played.take(slice(i, i + 1))).values for i in range(len(played))])
    np.testing.assert_allclose(window_features(played).values, alone, rtol=1e-6)


def test_families_part_the_features() -> None:
    features = window_features(silence())
    parts = [features.of(family) for family in dict.fromkeys(features.families)]
    assert sum(part.values.shape[1] for part in parts) == features.values.shape[1]
    assert len(features.of("values:offsets").names) == 32 * len(VOICES)
