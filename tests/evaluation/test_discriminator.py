from __future__ import annotations

import math

import numpy as np
import pytest
from played import played_by_drummers, played_note_by_note, random_scores, silence

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import discriminate, discriminator, explain_discriminator
from ghostnote.evaluation.discriminator import weighted_auc
from ghostnote.groove import GrooveBatch

pytest.importorskip("sklearn")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """These drummers are easy to tell apart; the published size takes its time."""
    monkeypatch.setattr(discriminator, "TREES", 25)


def drummers(seed: int, *, recordings: int = 20, windows: int = 8) -> GrooveBatch:
    rng = np.random.default_rng(seed)
    return played_by_drummers(random_scores(rng, recordings=recordings, windows=windows), rng)


@pytest.fixture(scope="module")
def real() -> GrooveBatch:
    return drummers(0)


def test_two_draws_of_one_distribution_can_not_be_told_apart() -> None:
    scores = random_scores(np.random.default_rng(0), recordings=40, windows=6)
    one, other = (played_by_drummers(scores, np.random.default_rng(seed)) for seed in (1, 2))
    found = discriminate(one, other)
    assert found.auc.value == pytest.approx(0.5, abs=0.1)
    assert found.auc.low < 0.5 < found.auc.high


def test_copy_can_not_be_told_apart_at_all(real: GrooveBatch) -> None:
    assert discriminate(real, real).auc.value == 0.5


def test_hits_drawn_one_by_one_are_found_out(real: GrooveBatch) -> None:
    found = discriminate(real, played_note_by_note(real, np.random.default_rng(0)))
    assert found.auc.value > 0.99
    assert found.auc.low > 0.97
    assert found.real_scores.shape == found.generated_scores.shape == (len(real),)
    assert found.real_scores.mean() < 0.2 < 0.8 < found.generated_scores.mean()


def test_quantised_performance_is_found_out(real: GrooveBatch) -> None:
    assert discriminate(real, real.with_performance(real.velocities, np.zeros_like(real.offsets))).auc.value > 0.99


def test_rounding_gives_nothing_away(real: GrooveBatch) -> None:
    rng = np.random.default_rng(0)
    on_ticks = np.clip(np.round(real.offsets * 120), -59, 58) / 120
    exact = real.with_performance(real.velocities, on_ticks)
    blurred = real.with_performance(real.velocities, on_ticks + rng.uniform(-0.4, 0.4, real.hits.shape) / 120)
    assert discriminate(exact, blurred).auc.value == 0.5


def test_recordings_are_not_learnt_by_heart() -> None:
    # Half of the recordings are called generated. They can be told by their drummers' habits, but not in other folds.
    everyone = drummers(3, recordings=40)
    generated = everyone.performances % 2 == 1
    found = discriminate(everyone.take(~generated), everyone.take(generated))
    assert found.auc.value < 0.65


def test_answer_is_a_function_of_its_arguments(real: GrooveBatch) -> None:
    few = real.take(slice(0, 48))
    other = played_note_by_note(few, np.random.default_rng(0), spread=0.05)
    assert discriminate(few, other, seed=4).auc == discriminate(few, other, seed=4).auc


def test_few_recordings_make_few_folds() -> None:
    pair = drummers(5, recordings=2, windows=30)
    assert discriminate(pair, played_note_by_note(pair, np.random.default_rng(0))).auc.value > 0.7


def test_explanation_names_what_was_broken(real: GrooveBatch) -> None:
    rng = np.random.default_rng(1)
    # All voices drift together. Then each window keeps the values of its hits, but gives them to other hits.
    drift = np.cumsum(rng.normal(0, 0.04, (len(real), 32, 1)), axis=1) * np.ones_like(real.hits)
    together = real.with_performance(real.velocities, np.clip(drift, -0.5, 0.49))
    offsets = together.offsets.copy()
    for groove in range(len(real)):
        played = np.nonzero(real.hits[groove])
        offsets[groove][played] = rng.permutation(offsets[groove][played])
    seen: list[str] = []
    found = explain_discriminator(
        together,
        real.with_performance(real.velocities, offsets),
        clues=5,
        progress=lambda family, _: seen.append(family),
    )
    assert set(seen) == set(found.families)
    assert list(found.families.values()) == sorted(found.families.values(), reverse=True)
    assert found.families["same_step:offsets"] > 0.95
    assert found.families["lags:offsets"] > 0.95
    assert found.families["values:offsets"] < 0.8
    assert all(auc == 0.5 for family, auc in found.families.items() if family.endswith("velocities"))
    assert len(found.clues) == 5
    clue = found.clues[0]
    assert clue.family in ("same_step:offsets", "lags:offsets")
    assert 0.5 < clue.share <= 1
    assert (clue.auc > 0.5) == (clue.generated_mean > clue.real_mean)


def test_empty_side_is_refused(real: GrooveBatch) -> None:
    with pytest.raises(InvalidParameter, match="must hold windows; got 160 and 0"):
        discriminate(real, real.take(slice(0, 0)))


def test_other_length_is_refused(real: GrooveBatch) -> None:
    short = GrooveBatch(
        *(values[:, :16] for values in (real.hits, real.velocities, real.offsets)),
        real.tempos_bpm,
        real.performances,
        real.start_bars,
        real.styles,
    )
    with pytest.raises(InvalidParameter, match=r"equally long.*\(32, 9\) and \(16, 9\)"):
        discriminate(real, short)


def test_single_recording_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="at least two recordings"):
        discriminate(silence(), silence())


def test_windows_without_hits_are_undecided() -> None:
    assert discriminate(silence(10), silence(10)).auc.value == 0.5


def test_area_counts_pairs_in_order_and_ties_half() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.integers(0, 8, 60) / 8, rng.random(60) < 0.4
    weights = rng.integers(0, 4, (5, 60)).astype(float)
    for row, weight in zip(weighted_auc(scores, labels, weights), weights, strict=True):
        good = total = 0.0
        for i in np.flatnonzero(labels):
            for j in np.flatnonzero(~labels):
                total += weight[i] * weight[j]
                good += weight[i] * weight[j] * ((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]))
        assert row == pytest.approx(good / total)


def test_area_of_one_label_is_undefined() -> None:
    assert math.isnan(weighted_auc(np.array([0.1, 0.2]), np.array([True, True]), np.ones((1, 2)))[0])
