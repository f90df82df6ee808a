import numpy as np
import pytest
from example_pools import one_shot, track_of_bars

from ghostnote.explore.bars import Bar, arrange, bars_of_track, fold_voices, swing_of, voices_of_bar
from ghostnote.groove import VOICES, MetreChange, Voice
from ghostnote.loops.pattern import row_text

ROCK = {"kick": "x-------x-x-----", "snare": "----x-------x---", "closed_hihat": "x-x-x-x-x-x-x-x-"}


def bar_of(**voices):
    steps = len(next(iter(voices.values())))
    return bars_of_track(track_of_bars(voices, metre=(steps // 4, 4)), steps).bars[0]


def rows_of(arrangement):
    return dict(zip(arrangement.voices, (row_text(row) for row in arrangement.pattern.hits.T), strict=True))


def test_bars_are_cut_at_bar_lines():
    cut = bars_of_track(track_of_bars(ROCK, {"kick": "x---------------"}), 16)
    assert len(cut.bars) == 2
    assert row_text(cut.bars[0].hits[:, 0]) == ROCK["kick"]
    assert cut.bars[1].hits.sum() == 1
    assert cut.bars[0].tempo_bpm == 100.0
    assert (cut.empty, cut.other_length) == (0, 0)


def test_empty_bars_and_bars_of_another_length_are_counted():
    cut = bars_of_track(track_of_bars(ROCK, {}, {}, ROCK), 16)
    assert (len(cut.bars), cut.empty, cut.other_length) == (2, 2, 0)
    cut = bars_of_track(track_of_bars({"kick": "x-----"}, {"kick": "x-----"}, metre=(3, 4)), 16)
    assert (len(cut.bars), cut.other_length) == (0, 2)
    triplets = {"kick": "x-xx-xx-xx-x"}
    assert bars_of_track(track_of_bars(triplets, ROCK), 16).other_length == 1
    assert bars_of_track(track_of_bars(triplets), 12).other_length == 1


@pytest.mark.parametrize(("metre", "steps"), [((3, 4), 12), ((7, 8), 14), ((5, 4), 20), ((15, 16), 15)])
def test_other_metres(metre, steps):
    cut = bars_of_track(track_of_bars({"snare": "x" + "-" * (steps - 1)}, {"kick": "x" * steps}, metre=metre), steps)
    assert [bar.hits.sum() for bar in cut.bars] == [1, steps]


def test_two_bars_make_one_of_32_steps():
    cut = bars_of_track(track_of_bars(ROCK, {}, ROCK, ROCK, ROCK), 32)
    assert [bar.hits.shape for bar in cut.bars] == [(32, 9), (32, 9)]
    assert cut.other_length == 1


def test_change_of_metre():
    track = track_of_bars(ROCK, ROCK)
    later = MetreChange(1920, 3, 4)
    changed = track.__class__(**{**vars(track), "metres": (*track.metres, later)})
    cut = bars_of_track(changed, 16)
    assert (len(cut.bars), cut.other_length) == (1, 2)


def test_voices_that_matter_most_get_the_rows():
    bar = bar_of(kick="x---------------", crash="x---------------", ride="x-x-x-x-x-x-x-x-", low_tom="--------x-x-----")
    assert voices_of_bar(bar, 2) == (Voice.KICK, Voice.RIDE)
    assert voices_of_bar(bar, 3) == (Voice.KICK, Voice.LOW_TOM, Voice.RIDE)
    assert voices_of_bar(bar, 4) == (Voice.KICK, Voice.LOW_TOM, Voice.CRASH, Voice.RIDE)


def test_rows_that_are_left_go_to_the_usual_voices():
    bar = bar_of(ride="x-x-x-x-x-x-x-x-")
    assert voices_of_bar(bar, 4) == (Voice.KICK, Voice.SNARE, Voice.CLOSED_HIHAT, Voice.RIDE)
    for rows in range(1, 9):
        assert len(set(voices_of_bar(bar, rows))) == rows


def test_folding_keeps_time_in_one_row():
    bar = bar_of(kick="x-------", snare="----x---", closed_hihat="x-xxx---", open_hihat="------x-", high_tom="-x------")
    arrangement = arrange(bar, 3)
    assert rows_of(arrangement) == {"kick": "x-------", "snare": "----x---", "closed_hihat": "x-xxx-x-"}


def test_louder_hit_stays_where_two_fold_into_one_cell():
    hits, velocities = np.zeros((8, 9), np.float32), np.zeros((8, 9), np.float32)
    closed, opened = Voice.CLOSED_HIHAT.column, Voice.OPEN_HIHAT.column
    hits[:2, [closed, opened]] = 1
    velocities[0, [closed, opened]] = 0.25, 0.75
    velocities[1, [closed, opened]] = 0.5, 0.25
    folded = fold_voices(Bar(hits, velocities, np.zeros_like(hits), 120.0), (Voice.CLOSED_HIHAT,))
    assert folded.velocities[:2, closed].tolist() == [0.75, 0.5]
    assert not folded.hits[:, opened].any()
    assert hits[0, opened] == 1


@pytest.mark.parametrize("swing", [0.0, 0.2, 1 / 3, 0.45])
def test_swing_is_measured(swing):
    bar = bars_of_track(track_of_bars({"closed_hihat": "x" * 16, "kick": "x-------x-------"}, swing=swing), 16, "16ths")
    assert swing_of(bar.bars[0]) == pytest.approx(swing, abs=0.01)


def test_what_is_no_swing():
    assert swing_of(bar_of(kick="x---x---x---x---")) == 0.0
    slightly = bars_of_track(track_of_bars({"kick": "x" * 16}, swing=0.05), 16).bars[0]
    assert swing_of(slightly) == 0.0
    early = Bar(slightly.hits, slightly.velocities, -4 * slightly.offsets, 120.0)
    assert swing_of(early) == 0.0


def test_arrangement_is_straight_but_for_its_swing_unless_microtiming_is_wanted():
    bar = bars_of_track(track_of_bars({"kick": "x" * 16}, swing=0.25), 16).bars[0]
    late = bar.offsets.copy()
    late[0, 0], late[1, 0] = 0.1, 0.35
    bar = Bar(bar.hits, bar.velocities, late, 100.0)
    plain, played = arrange(bar, 4), arrange(bar, 4, microtiming=True)
    assert plain.swing == played.swing == 0.25
    assert plain.pattern.is_straight
    np.testing.assert_allclose(played.pattern.offsets[:4, 0], [0.1, 0.1, 0.0, 0.0], atol=1e-6)


def test_velocities_are_kept_or_not():
    bar = bars_of_track(track_of_bars(ROCK, velocity=64), 16).bars[0]
    assert set(np.unique(arrange(bar, 4).pattern.velocities)) == {0.0, np.float32(64 / 127)}
    assert set(np.unique(arrange(bar, 4, velocities=False).pattern.velocities)) == {0.0, 1.0}


def test_loop_of_an_arrangement():
    arrangement = arrange(bar_of(**ROCK), 4)
    loop = arrangement.loop(one_shot, seed=5)
    assert [sound.family for sound in loop.sounds] == [str(voice) for voice in arrangement.voices]
    assert (loop.tempo_bpm, loop.swing, loop.seed) == (100.0, 0.0, 5)
    assert arrangement.loop(one_shot, tempo_bpm=90, swing=0.1).swing == 0.1
    assert arrangement.hits_per_beat == 13 / 4


@pytest.mark.parametrize(("tempo_bpm", "kept"), [(40, 60), (250, 200)])
def test_tempo_is_brought_into_the_range_of_loops(tempo_bpm, kept):
    bar = bars_of_track(track_of_bars(ROCK, tempo_bpm=tempo_bpm), 16).bars[0]
    assert arrange(bar, 4).tempo_bpm == kept


def test_all_voices_have_a_place():
    for voice in VOICES:
        bar = bar_of(**{str(voice): "x-x-x-x-"})
        assert voice in voices_of_bar(bar, 3)
