from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from groove_archives import BAR, CLOSED_HIHAT, KICK, SNARE, SNARE_RIM, STEP, row, write_archive

from ghostnote.data import (
    Performance,
    count_bars,
    cut_windows,
    groove_of,
    index_windows,
    iterate_batches,
    load_windows,
    windows_of,
)
from ghostnote.errors import InvalidParameter
from ghostnote.groove import Groove, GrooveBatch, Voice


def performance(
    *hits: tuple[int, int, int], metre: str = "4-4", index: int = 0, tempo_bpm: float = 120, style: str = "rock"
) -> Performance:
    return Performance(
        index=index,
        id=str(index),
        drummer="d",
        session="d/s",
        styles=(style,),
        tempo_bpm=tempo_bpm,
        beat_type="beat",
        metre=metre,
        split="train",
        midi_filename="x.mid",
        ticks_per_beat=480,
        ticks=np.array([hit[0] for hit in hits], dtype=np.int64),
        pitches=np.array([hit[1] for hit in hits], dtype=np.uint8),
        velocities=np.array([hit[2] for hit in hits], dtype=np.uint8),
    )


def song(bars: int, index: int = 0) -> Performance:
    """A kick on the first step of each bar, its velocity the number of the bar plus one."""
    return performance(*((bar * BAR, KICK, bar + 1) for bar in range(bars)), index=index)


def only_hit(groove: Groove) -> tuple[int, int, int, float]:
    """Step, voice, MIDI velocity and offset of the only hit."""
    ((step, voice),) = np.argwhere(groove.hits)
    return int(step), int(voice), round(float(groove.velocities[step, voice]) * 127), float(groove.offsets[step, voice])


def test_late_hits_have_positive_offsets() -> None:
    step, voice, velocity, offset = only_hit(groove_of(performance((2 * STEP + 30, SNARE, 90))))
    assert (step, voice, velocity) == (2, Voice.SNARE.column, 90)
    assert offset == pytest.approx(0.25)


def test_early_hits_have_negative_offsets() -> None:
    step, *_, offset = only_hit(groove_of(performance((2 * STEP - 30, SNARE, 90))))
    assert (step, offset) == (2, pytest.approx(-0.25))


@pytest.mark.parametrize(("tick", "step", "offset"), [(59, 0, 59 / 120), (60, 1, -0.5), (61, 1, -59 / 120)])
def test_halfway_belongs_to_the_later_step(tick: int, step: int, offset: float) -> None:
    found, *_, measured = only_hit(groove_of(performance((tick, KICK, 90))))
    assert (found, measured) == (step, pytest.approx(offset))


def test_loudest_hit_of_a_voice_in_a_step_is_kept() -> None:
    flam = performance((0, SNARE, 40), (20, SNARE_RIM, 110), (30, SNARE, 60))
    assert only_hit(groove_of(flam)) == (0, Voice.SNARE.column, 110, pytest.approx(20 / 120))


def test_first_of_equally_loud_hits_is_kept() -> None:
    drag = performance((10, SNARE, 80), (25, SNARE, 80))
    assert only_hit(groove_of(drag))[3] == pytest.approx(10 / 120)


def test_voices_of_one_step_do_not_push_each_other_out() -> None:
    groove = groove_of(performance((0, KICK, 80), (0, SNARE, 20), (3, CLOSED_HIHAT, 127)))
    assert groove.hits.sum() == 3


def test_pitches_outside_the_map_are_left_out() -> None:
    assert groove_of(performance((0, 3, 127), (0, KICK, 20))).hits.sum() == 1


@pytest.mark.parametrize(
    ("metre", "last_tick", "bars", "steps"),
    [
        ("4-4", 0, 1, 16),
        ("4-4", BAR - 61, 1, 16),
        ("4-4", BAR - 60, 2, 32),  # moves to the first step of the next bar
        ("3-4", 1440, 2, 24),
        ("6-8", 1439, 2, 24),
        ("5-8", 1200, 2, 20),
        ("5-4", 2399, 2, 40),
    ],
)
def test_groove_of_recording_ends_with_its_bar(metre: str, last_tick: int, bars: int, steps: int) -> None:
    recording = performance((last_tick, KICK, 9), metre=metre, tempo_bpm=87)
    groove = groove_of(recording)
    assert count_bars(recording) == bars
    assert len(groove.grid) == steps
    assert groove.grid.tempos_bpm[0] == 87
    assert groove.grid.bar_beats[0] == recording.bar_beats


def test_windows_of_two_bars_start_at_every_bar() -> None:
    batch = windows_of([song(4, index=7)])
    assert batch.hits.shape == (3, 32, 9)
    assert batch.start_bars.tolist() == [0, 1, 2]
    assert batch.performances.tolist() == [7, 7, 7]
    assert (batch.velocities[:, [0, 16], Voice.KICK.column] * 127).round().tolist() == [[1, 2], [2, 3], [3, 4]]


def test_windows_carry_tempo_and_style() -> None:
    batch = windows_of([performance((0, KICK, 9), tempo_bpm=90, style="soul"), performance((0, KICK, 9), style="odd")])
    assert batch.tempos_bpm.tolist() == [90, 120]
    assert batch.styles.tolist() == [17, -1]


@pytest.mark.parametrize(
    ("bars", "hop", "pad", "starts"),
    [
        (2, 1, True, {1: [0], 2: [0], 5: [0, 1, 2, 3]}),
        (2, 1, False, {1: [], 2: [0], 5: [0, 1, 2, 3]}),
        (2, 2, True, {1: [0], 2: [0], 5: [0, 2]}),
        (4, 3, True, {3: [0], 4: [0], 7: [0, 3], 8: [0, 3]}),
        (1, 1, True, {0: [], 1: [0], 3: [0, 1, 2]}),
    ],
)
def test_which_windows_there_are(bars: int, hop: int, pad: bool, starts: dict[int, list[int]]) -> None:
    songs = [song(length, index=length) for length in starts]
    index = index_windows(songs, bars=bars, hop_bars=hop, pad_short=pad)
    found = {length: index.start_bars[index.places == place].tolist() for place, length in enumerate(starts)}
    assert found == starts
    assert len(windows_of(songs, bars=bars, hop_bars=hop, pad_short=pad)) == len(index)


def test_short_recording_is_padded_with_silence_and_not_with_the_next() -> None:
    batch = windows_of([song(1, index=0), song(2, index=1)])
    assert batch.hits[0, 16:].sum() == 0
    assert batch.performances.tolist() == [0, 1]


def test_whole_songs_are_cut_as_the_windows_are() -> None:
    rng = np.random.default_rng(3)
    songs = []
    for index, bars in enumerate([1, 2, 5, 3]):
        ticks = np.sort(rng.integers(0, bars * BAR - 60, 40))
        pitches, velocities = rng.choice([KICK, SNARE, CLOSED_HIHAT], 40), rng.integers(1, 128, 40)
        songs.append(performance(*zip(ticks, pitches, velocities, strict=True), index=index))
    index = index_windows(songs)
    cut, expected = cut_windows([groove_of(s) for s in songs], songs, index), windows_of(songs)
    for name in ("hits", "velocities", "offsets", "tempos_bpm", "performances", "start_bars", "styles"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(expected, name), err_msg=name)


def test_cutting_refuses_songs_that_do_not_fit() -> None:
    songs = [song(3)]
    with pytest.raises(InvalidParameter, match="one groove for each performance; got 2, 1"):
        cut_windows([groove_of(songs[0])] * 2, songs, index_windows(songs))
    with pytest.raises(InvalidParameter, match="at least 48 steps; got 32"):
        cut_windows([groove_of(song(2))], songs, index_windows(songs))


def test_lengths_below_one_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="bars and hop_bars must be at least 1; got 0 and 1"):
        windows_of([song(1)], bars=0)
    with pytest.raises(InvalidParameter, match="got 2 and 0"):
        windows_of([song(1)], hop_bars=0)


def test_metres_do_not_mix() -> None:
    with pytest.raises(InvalidParameter, match="one metre, at least one; got 3-4, 4-4"):
        windows_of([song(1), performance((0, KICK, 9), metre="3-4")])
    with pytest.raises(InvalidParameter, match="got none"):
        windows_of([])


def test_bar_of_odd_32nds_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="whole number of 16ths"):
        windows_of([performance((0, KICK, 9), metre="7-32")])


def test_load_windows_reads_a_split_of_an_archive(tmp_path: Path) -> None:
    rows = [row("a"), row("b", split="test"), row("c", time_signature="3-4")]
    songs = {name: [(0, KICK, 100), (BAR, SNARE, 50)] for name in "abc"}
    path = write_archive(tmp_path / "a.zip", rows, songs)
    assert load_windows("train", archive=path, published=None).performances.tolist() == [0]
    assert load_windows("test", archive=path, published=None).performances.tolist() == [1]
    assert load_windows(None, archive=path, published=None).performances.tolist() == [0, 1]
    assert load_windows("train", archive=path, metre="3-4", published=None).hits.shape == (1, 24, 9)
    with pytest.raises(InvalidParameter, match="metre must be one that the split has recordings in; got '9-4'"):
        load_windows("train", archive=path, metre="9-4", published=None)


def numbered(count: int) -> GrooveBatch:
    return windows_of([song(1, index=index) for index in range(count)])


def test_batches_visit_every_window_once_in_the_order_of_the_seed() -> None:
    batches = list(iterate_batches(numbered(10), 4, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    order = np.concatenate([batch.performances for batch in batches])
    assert sorted(order) == list(range(10))
    assert order.tolist() != list(range(10))
    again = np.concatenate([b.performances for b in iterate_batches(numbered(10), 4, np.random.default_rng(0))])
    np.testing.assert_array_equal(order, again)


def test_last_smaller_batch_can_be_dropped() -> None:
    batches = iterate_batches(numbered(10), 4, np.random.default_rng(0), drop_last=True)
    assert [len(batch) for batch in batches] == [4, 4]


def test_batch_size_below_one_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="size must be at least 1; got 0"):
        iterate_batches(numbered(1), 0, np.random.default_rng(0))
