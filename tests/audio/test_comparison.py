from __future__ import annotations

import numpy as np
import pytest
from scores import rock, track

from ghostnote.audio import KITS, render, render_comparison
from ghostnote.errors import InvalidParameter

RATE = 22_050
KIT = KITS["deep_analogue"]
BAR = 2.0


def test_short_tracks_are_heard_whole_with_a_bar_of_silence_between() -> None:
    before, after = rock(2), rock(2, late_beats=0.08)
    result = render_comparison(before, after, KIT, sample_rate_hz=RATE)
    assert [label for _, label in result.order] == ["before, bars 1-2", "after, bars 1-2"]
    np.testing.assert_allclose(result.joined[: len(result.before.audio)], result.before.audio, atol=1e-5)
    start = round(result.order[1][0] * RATE)
    gap = result.joined[len(result.before.audio) : start]
    assert len(gap) == round(BAR * RATE)
    assert not gap.any()
    np.testing.assert_allclose(result.joined[start:][: RATE * 3], result.after.audio[: RATE * 3], atol=1e-6)


def test_long_tracks_are_heard_phrase_by_phrase_in_one_beat() -> None:
    result = render_comparison(rock(10), rock(10, late_beats=0.08), KIT, sample_rate_hz=RATE)
    assert [label for _, label in result.order] == [
        f"{side}, bars {bars}" for bars in ("1-4", "5-8", "9-10") for side in ("before", "after")
    ]
    at = [seconds for seconds, _ in result.order]
    # Before and after follow each other without a gap; between phrases lies a bar of silence.
    assert at[1] - at[0] == pytest.approx(4 * BAR - 0.06, abs=0.01)
    assert at[3] - at[2] == pytest.approx(4 * BAR, abs=0.01)
    rest = result.joined[round((at[2] - BAR) * RATE) + 2 : round(at[2] * RATE) - 2]
    assert len(rest) > 1.9 * RATE
    assert not rest.any()


def test_same_tracks_give_the_same_sound_on_both_sides() -> None:
    result = render_comparison(rock(2), rock(2), KIT, sample_rate_hz=RATE, seed=4)
    np.testing.assert_array_equal(result.before.audio, result.after.audio)
    alone = render(rock(2), KIT, sample_rate_hz=RATE, seed=4)
    np.testing.assert_array_equal(result.before.audio, alone.audio)


def test_louder_playing_is_not_louder_in_the_comparison() -> None:
    soft = track(*((float(i), 38, 40) for i in range(8)))
    loud = track(*((float(i), 38, 120) for i in range(8)))
    result = render_comparison(soft, loud, KIT, sample_rate_hz=RATE, loudness_lufs=-20.0)
    assert result.before.loudness_lufs == pytest.approx(result.after.loudness_lufs, abs=0.3)


def test_phrases_have_at_least_a_bar() -> None:
    with pytest.raises(InvalidParameter, match="phrase_bars must be at least 1; got 0"):
        render_comparison(rock(1), rock(1), KIT, phrase_bars=0)


def test_an_empty_track_can_be_compared() -> None:
    assert not render_comparison(track(), track(), KIT, sample_rate_hz=RATE).joined.any()
