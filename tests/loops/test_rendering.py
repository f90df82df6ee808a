from dataclasses import replace

import numpy as np
import pytest
from example_loops import bank_of, loop, played_pattern, sound

from ghostnote.audio.loudness import integrated_loudness_lufs
from ghostnote.errors import InvalidParameter
from ghostnote.loops import Loop, pattern_of_text, play_loop, playing_gain, render_loop, render_rows, with_cell
from ghostnote.loops.rendering import HIT_GAIN, PLAYING_LUFS, frames_of, onsets_seconds, wrapped
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ

RATE = 8_000


def impulses(*sounds_frames, rate=MASTER_RATE_HZ):
    """A bank of single-sample clicks followed by silence, so that onsets can be read off."""
    bank = SoundBank()
    for number, frames in enumerate(sounds_frames):
        click = np.zeros(frames, dtype=np.float32)
        click[0] = 1.0
        bank.add(sound(number), click)
    return bank


def naive(one: Loop, bank: SoundBank, rate: int) -> np.ndarray:
    """Play the loop from silence, sample by sample, until all tails have come round; return the last bar."""
    frames = frames_of(one, rate)
    longest = max(len(bank.audio(s, rate)) for s in one.sounds)
    bars = 3 + longest // frames
    out = np.zeros((bars + 2) * frames + longest, dtype=np.float64)
    for bar in range(bars + 1):
        for step in range(one.pattern.steps):
            for row, played in enumerate(one.sounds):
                if not one.pattern.hits[step, row]:
                    continue
                late = (one.swing if step % 2 else 0.0) + float(one.pattern.offsets[step, row])
                within = round((step + late) * one.step_seconds % one.duration_seconds * rate) % frames
                start = bar * frames + within
                hit = bank.audio(played, rate).astype(np.float64)
                out[start : start + len(hit)] += HIT_GAIN * float(one.pattern.velocities[step, row]) * hit
    return out[bars * frames : (bars + 1) * frames]


@pytest.mark.parametrize("seed", range(4))
def test_against_playing_for_long(seed):
    """Tails that last up to several bars, velocities, offsets and swing."""
    rng = np.random.default_rng(seed)
    bank, sounds = bank_of(a=0.05, b=0.9, c=4.0, d=4.0)
    steps = (16, 8, 14, 32)[seed]
    one = Loop(played_pattern(rng, steps, 4), tuple(sounds), float(rng.uniform(60, 200)), float(rng.uniform(0, 0.5)))
    fast, slow = render_loop(one, bank, RATE), naive(one, bank, RATE)
    assert fast.shape == (frames_of(one, RATE),)
    assert fast.dtype == np.float32
    np.testing.assert_allclose(fast, slow, atol=2e-6 * max(1.0, np.abs(slow).max()))


def test_sound_longer_than_four_bars_comes_round_each_time():
    bank, sounds = bank_of(a=4.0)
    one = Loop(pattern_of_text("x-------"), tuple(sounds), tempo_bpm=200.0)
    assert 4.0 / one.duration_seconds > 6
    np.testing.assert_allclose(render_loop(one, bank, RATE), naive(one, bank, RATE), atol=2e-6)


def test_rows_add_up_to_the_mix():
    bank, sounds = bank_of(a=0.5, b=1.0, c=3.0, d=0.1)
    one = replace(loop(), sounds=tuple(sounds))
    rows = render_rows(one, bank, RATE)
    assert rows.shape == (4, frames_of(one, RATE))
    np.testing.assert_allclose(rows.sum(axis=0), render_loop(one, bank, RATE), atol=1e-6)


def test_onsets():
    straight = loop(tempo_bpm=120)
    assert onsets_seconds(straight)[3, 0] == 0.375
    swung = replace(straight, swing=1 / 3)
    assert onsets_seconds(swung)[1, 0] == pytest.approx(0.125 * 4 / 3)
    assert onsets_seconds(swung)[2, 0] == 0.25
    late = with_cell(swung, 1, 0, on=True, offset=0.25)
    assert onsets_seconds(late)[1, 0] == pytest.approx(0.125 * (1 + 1 / 3 + 0.25))


def test_hit_ahead_of_the_first_step_wraps_to_the_end():
    early = with_cell(loop("--------x-------", tempo_bpm=120), 0, 0, on=True, offset=-0.5)
    assert onsets_seconds(early)[0, 0] == 2.0 - 0.0625
    out = render_loop(early, impulses(10))
    assert np.flatnonzero(out).tolist() == [44_100, round(44_100 * 1.9375)]


def test_hit_late_on_the_last_step_wraps_to_the_start():
    late = with_cell(loop("--------x-------", tempo_bpm=120, swing=0.5), 15, 0, on=True, offset=0.499)
    late = with_cell(late, 15, 0, on=True, offset=0.49996)
    # One and a half steps after step 15 is half a step into the bar; swing and offset together stay below one step.
    assert 0.0 <= float(onsets_seconds(late)[15, 0]) < 2.0
    frames = np.flatnonzero(render_loop(late, impulses(10)))
    assert len(frames) == 2


def test_velocities_are_gains():
    bank = impulses(1)
    one = with_cell(loop("x---x---"), 4, 0, on=True, velocity=0.25)
    out = render_loop(one, bank)
    assert out[out > 0].tolist() == [0.5, 0.125]


def test_silent_rows_need_no_sound():
    """A row without hits is not asked for its samples."""
    assert not render_loop(loop("--------"), SoundBank(lambda s: None), RATE).any()


@pytest.mark.parametrize("seed", range(3))
def test_there_is_no_jump_at_the_joint(seed):
    """Two bars are one bar of twice the length: the second difference is no larger at the joint than within."""
    bank = SoundBank()
    time = np.arange(3 * MASTER_RATE_HZ) / MASTER_RATE_HZ
    smooth = np.sin(2 * np.pi * 110 * time) * np.hanning(len(time)) ** 2  # nothing in it jumps
    one = loop("x--x--x-x-x--x--", tempo_bpm=(97.3, 120.0, 143.7)[seed])
    bank.add(one.sounds[0], smooth.astype(np.float32))
    out = play_loop(one, bank, repeats=2).astype(np.float64)
    assert len(out) == 2 * frames_of(one, MASTER_RATE_HZ)
    jumps, joint = np.abs(np.diff(out, n=2)), len(out) // 2
    assert jumps[joint - 4 : joint + 4].max() <= 1.2 * np.quantile(jumps, 0.99)
    # The test can fail: without the tails there would be a jump.
    bare = np.zeros(joint)
    for step in np.flatnonzero(one.pattern.hits[:, 0]):
        start = round(step * one.step_seconds * MASTER_RATE_HZ)
        bare[start:] += smooth[: joint - start]
    bare = np.tile(bare * np.abs(out).max() / np.abs(bare).max(), 2)
    assert np.abs(np.diff(bare, n=2))[joint - 4 : joint + 4].max() > 10 * np.quantile(jumps, 0.99)


def test_repeats_are_equal_bars():
    bank, sounds = bank_of(a=3.0)
    one = Loop(pattern_of_text("x--x--x-"), tuple(sounds))
    out = play_loop(one, bank, RATE, repeats=3).reshape(3, -1)
    assert (out == out[0]).all()


@pytest.mark.parametrize("gain", [1e-4, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("rows", [("x---------------",), ("x" * 16,) * 8])
def test_played_loops_are_equally_loud_and_never_clip(gain, rows):
    rng = np.random.default_rng(0)
    one, bank = loop(*rows), SoundBank()
    for played in one.sounds:
        noise = rng.standard_normal(MASTER_RATE_HZ // 4) * np.exp(-np.arange(MASTER_RATE_HZ // 4) / 2_000)
        bank.add(played, (gain * noise / np.abs(noise).max()).astype(np.float32))
    out = play_loop(one, bank)
    assert np.abs(out).max() <= 10 ** (-1 / 20) + 1e-6
    loudness = integrated_loudness_lufs(np.tile(out, 2), MASTER_RATE_HZ)
    held_by_peak = np.abs(out).max() > 0.99 * 10 ** (-1 / 20)
    assert loudness == pytest.approx(PLAYING_LUFS, abs=0.1) or (held_by_peak and loudness < PLAYING_LUFS)


def test_playing_gain_of_silence_is_one():
    assert playing_gain(np.zeros(1000, dtype=np.float32), RATE) == 1.0
    assert not play_loop(loop("--------"), SoundBank(), RATE).any()


def test_playing_is_nothing_but_a_gain():
    bank, sounds = bank_of(a=0.3, b=0.2)
    one = replace(loop("x---x---x---x---", "--x-x---x-----x-"), sounds=tuple(sounds))
    bar = render_loop(one, bank, RATE)
    np.testing.assert_allclose(play_loop(one, bank, RATE), bar * playing_gain(bar, RATE), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("rate", [7_999, 192_001])
def test_sample_rates_have_bounds(rate):
    with pytest.raises(InvalidParameter, match="sample_rate_hz"):
        render_loop(loop(), SoundBank(), rate)


@pytest.mark.parametrize("repeats", [0, 65])
def test_repeats_have_bounds(repeats):
    with pytest.raises(InvalidParameter, match="repeats"):
        play_loop(loop(), impulses(1, 1, 1, 1), repeats=repeats)


@pytest.mark.parametrize(("length", "frames"), [(3, 8), (8, 8), (9, 8), (16, 8), (17, 8), (41, 8)])
def test_wrapped_adds_what_lies_beyond(length, frames):
    values = np.arange(1, length + 1, dtype=np.float32)
    expected = [values[i::frames].sum() for i in range(frames)]
    assert wrapped(values, frames).tolist() == expected


def test_rendering_at_other_rates_hears_the_same():
    bank, sounds = bank_of(a=0.4)
    one = Loop(pattern_of_text("x---x---x---x---"), tuple(sounds))
    levels = [float(np.sqrt(np.mean(render_loop(one, bank, rate) ** 2))) for rate in (44_100, 96_000)]
    assert levels[0] == pytest.approx(levels[1], rel=0.03)
