import numpy as np
import pytest

from ghostnote.critic.spectrum import (
    BANDS,
    CROSSOVER_HZ,
    FLOOR,
    FRAMES_PER_STEP,
    HEARD_RATE_HZ,
    HIGHEST_HZ,
    LOWEST_HZ,
    bands_of,
    bins,
    looks_per_frame,
    transform,
)
from ghostnote.errors import InvalidParameter

STEPS, STEP_SECONDS = 16, 0.125


def levels_of(bar, steps=STEPS, step_seconds=STEP_SECONDS):
    looks = looks_per_frame(step_seconds)
    return bands_of(transform(bar, steps, looks).reshape(1, -1, 2, len(bins())), looks)[0]


def tone(hertz, seconds=STEPS * STEP_SECONDS):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * HEARD_RATE_HZ)) / HEARD_RATE_HZ).astype(np.float32)


def click(at_seconds, seconds=STEPS * STEP_SECONDS):
    bar = np.zeros(round(seconds * HEARD_RATE_HZ), np.float32)
    bar[round(at_seconds * HEARD_RATE_HZ)] = 1
    return bar


def test_every_band_hears_something_and_takes_a_mean():
    filters = bins().filters
    assert filters.shape == (len(bins()), BANDS)
    assert (filters >= 0).all()
    assert (filters.sum(axis=0) > 0).all()


@pytest.mark.parametrize(
    "hertz", [LOWEST_HZ * 1.5, 220, 0.95 * CROSSOVER_HZ, 1.1 * CROSSOVER_HZ, 4_000, 0.9 * HIGHEST_HZ]
)
def test_a_tone_is_loudest_in_its_own_band(hertz):
    levels = levels_of(tone(hertz)).mean(axis=0)
    loudest = int(levels.argmax())
    ears = 21.4 * np.log10(1 + 0.00437 * np.array([LOWEST_HZ, hertz, HIGHEST_HZ]))
    wanted = (ears[1] - ears[0]) / (ears[2] - ears[0]) * (BANDS + 1) - 1
    assert abs(loudest - wanted) <= 1.5


def test_equal_power_is_equally_loud_on_both_sides_of_the_crossover():
    noise = np.random.default_rng(0).standard_normal(round(STEPS * STEP_SECONDS * HEARD_RATE_HZ)).astype(np.float32)
    levels = 10.0 ** levels_of(noise)
    assert levels[:, 8:18].mean() == pytest.approx(levels[:, 22:36].mean(), rel=0.15)


def test_an_onset_is_in_its_own_frame_and_in_none_before():
    for step in (0, 3, 15):
        levels = 10.0 ** levels_of(click(step * STEP_SECONDS)).astype(float)
        high = levels[:, 25:].mean(axis=1)
        assert int(high.argmax()) == step * FRAMES_PER_STEP
        assert high[step * FRAMES_PER_STEP - 1] < 0.02 * high.max()


def test_levels_do_not_depend_on_gain():
    noise = np.random.default_rng(1).standard_normal(round(STEPS * STEP_SECONDS * HEARD_RATE_HZ)).astype(np.float32)
    noise *= np.linspace(1, 0.01, len(noise)).astype(np.float32)
    assert np.allclose(levels_of(noise), levels_of(1e-3 * noise), atol=1e-4)


def test_silence_is_at_the_floor():
    levels = levels_of(np.zeros(44_100, np.float32))
    assert np.array_equal(levels, np.full((STEPS * FRAMES_PER_STEP, BANDS), np.log10(FLOOR), np.float32))


def test_nothing_is_below_the_floor():
    assert levels_of(click(0.0)).min() >= np.log10(FLOOR) - 1e-6


@pytest.mark.parametrize("tempo_bpm", [60, 90, 95, 120, 200])
def test_whatever_lasts_30_ms_is_heard_wherever_it_lies(tempo_bpm):
    step_seconds = 15 / tempo_bpm
    assert step_seconds / FRAMES_PER_STEP / looks_per_frame(step_seconds) <= 0.04
    burst = np.random.default_rng(0).standard_normal(round(0.03 * HEARD_RATE_HZ))
    heard = []
    for at_seconds in step_seconds * np.linspace(4, 5, 17):
        bar = 10 * tone(440, 16 * step_seconds)  # what levels are measured by
        start = round(at_seconds * HEARD_RATE_HZ)
        bar[start : start + len(burst)] += burst.astype(np.float32)
        heard.append(10.0 ** levels_of(bar, 16, step_seconds)[:, 25:].mean(axis=1).max())
    # Between the short windows of a slow loop it is weaker by up to 11 dB, at 95 bpm.
    assert min(heard) > 0.06 * max(heard)


def test_a_bar_shorter_than_the_window_is_refused():
    with pytest.raises(InvalidParameter, match="at least 1024 frames"):
        transform(np.zeros(1000, np.float32), 16, 1)
