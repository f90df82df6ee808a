from __future__ import annotations

import math

import numpy as np
import pytest
from played import batch_of, silence
from scipy.optimize import linear_sum_assignment

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation import tap_f1, tap_offset_correlation, tap_recall, taps_of
from ghostnote.evaluation.adherence import count_matches

# At 120 bpm a step lasts 125 ms, so 0.16 steps are 20 ms.
KIT = batch_of([(0, 0, 0, 100, 0.1), (0, 0, 2, 60, -0.3), (0, 4, 1, 90, -0.2), (0, 6, 2, 40, 0.4)])


def test_tap_keeps_the_loudest_voice_of_each_step() -> None:
    tap = taps_of(KIT)
    assert tap.hits.shape == (1, 32, 1)
    assert np.flatnonzero(tap.hits).tolist() == [0, 4, 6]
    assert tap.offsets[0, [0, 4, 6], 0].tolist() == pytest.approx([0.1, -0.2, 0.4])
    assert np.array_equal(taps_of(tap).offsets, tap.offsets)


def test_a_kit_keeps_its_own_tap() -> None:
    assert tap_f1(taps_of(KIT), KIT) == tap_f1(KIT, KIT) == 1
    assert tap_offset_correlation(taps_of(KIT), KIT) == pytest.approx(1)


@pytest.mark.parametrize(("offset", "found"), [(0.0, 1), (0.15, 1), (0.16, 1), (-0.16, 1), (0.17, 0)])
def test_onsets_match_within_20_ms(offset: float, found: int) -> None:
    assert tap_f1(batch_of([(0, 8, 0, 64, 0)]), batch_of([(0, 8, 5, 64, offset)])) == found


def test_onsets_match_in_time_across_steps() -> None:
    # 0.45 steps late on step 3 is 0.05 steps away from 0.5 steps early on step 4.
    assert tap_f1(batch_of([(0, 3, 0, 64, 0.45)]), batch_of([(0, 4, 0, 64, -0.5)])) == 1


def test_the_same_offset_is_nearer_in_time_at_a_faster_tempo() -> None:
    one, other = ([(0, 8, 0, 64, offset)] for offset in (0, 0.25))
    assert tap_f1(batch_of(one, tempos_bpm=[240]), batch_of(other, tempos_bpm=[240])) == 1
    assert tap_f1(batch_of(one, tempos_bpm=[100]), batch_of(other, tempos_bpm=[100])) == 0


def test_hits_beside_the_tap_and_hits_that_lack_count() -> None:
    tap = batch_of([(0, 0, 0, 64, 0), (0, 4, 0, 64, 0), (0, 8, 0, 64, 0)])
    kit = batch_of([(0, 0, 0, 64, 0), (0, 4, 0, 64, 0), (0, 10, 0, 64, 0), (0, 12, 0, 64, 0)])
    assert tap_f1(tap, kit) == pytest.approx(2 * 2 / (3 + 4))
    assert tap_recall(tap, kit) == pytest.approx(2 / 3)


def test_quantised_kit_has_no_correlation_and_a_mirrored_one_a_negative() -> None:
    straight = KIT.with_performance(KIT.velocities, KIT.offsets * 0)
    mirrored = KIT.with_performance(KIT.velocities, -KIT.offsets)
    assert math.isnan(tap_offset_correlation(KIT, straight))
    assert tap_offset_correlation(KIT, mirrored) == pytest.approx(-1)


def test_silence_keeps_nothing() -> None:
    assert tap_f1(KIT, silence()) == 0
    assert math.isnan(tap_f1(silence(), silence()))
    assert math.isnan(tap_recall(silence(), KIT))
    assert math.isnan(tap_offset_correlation(KIT, silence()))


def test_other_windows_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="as many windows"):
        tap_f1(silence(2), KIT)


def test_one_onset_is_matched_once() -> None:
    assert count_matches(np.array([0.0, 5.0]), np.array([2.0]), 20) == 1


@pytest.mark.parametrize("seed", range(5))
def test_greedy_matching_is_the_best_there_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(40):
        one, other = (np.sort(rng.uniform(0, 300, rng.integers(0, 9))) for _ in range(2))
        near = abs(one[:, None] - other[None]) <= 20
        rows, columns = linear_sum_assignment(near, maximize=True)
        assert count_matches(one, other, 20) == near[rows, columns].sum()
