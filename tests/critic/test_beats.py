import numpy as np
import pytest
from heard_loops import audio_of, random_loop, sounds_and_bank, steady_beat

from ghostnote.critic.beats import FRAMES_PER_SECOND, count_onsets, find_onsets, find_tempo, track_beats
from ghostnote.critic.spectrum import HEARD_RATE_HZ


@pytest.fixture(scope="module")
def material():
    return sounds_and_bank()


def clicks(at_seconds, seconds):
    audio = np.zeros(round(seconds * HEARD_RATE_HZ), np.float32)
    burst = np.random.default_rng(0).standard_normal(400) * np.linspace(1, 0, 400)
    for at in at_seconds:
        start = round(at * HEARD_RATE_HZ)
        audio[start : start + 400] += burst.astype(np.float32)[: len(audio) - start]
    return audio


@pytest.mark.parametrize("tempo_bpm", [86.0, 97.0, 110.0, 126.0, 140.0, 163.0])
def test_beats_lie_on_the_beats(material, tempo_bpm):
    """Exact tempo, and beats within 12 ms of the true ones."""
    beats = track_beats(audio_of(steady_beat(tempo_bpm), material[1], 12.3, lead_seconds=0.77))
    assert beats.tempo_bpm == pytest.approx(tempo_bpm, rel=0.01)
    off = (beats.seconds - 0.77) * tempo_bpm / 60
    assert np.quantile(np.abs(off - np.round(off)), 0.9) * 60 / tempo_bpm < 0.012


@pytest.mark.parametrize("tempo_bpm", [97.0, 126.0])
def test_bars_begin_with_the_kick(material, tempo_bpm):
    beats = track_beats(audio_of(steady_beat(tempo_bpm), material[1], 12.3, lead_seconds=0.77))
    bars = (beats.seconds[beats.downbeat] - 0.77) * tempo_bpm / 240
    assert abs(bars - round(bars)) < 0.05


def test_tempos_of_loops_of_chance_are_right_to_a_factor_of_two(material):
    sounds, bank = material
    rng = np.random.default_rng(1)
    right = 0
    for _ in range(10):
        tempo_bpm = float(rng.uniform(64, 190))
        found = track_beats(audio_of(random_loop(rng, sounds, tempo_bpm=tempo_bpm), bank, 10.4, lead_seconds=0.4))
        octaves = np.log2(found.tempo_bpm / tempo_bpm)
        right += abs(octaves - round(octaves)) < 0.02
    assert right >= 8


def test_a_tempo_that_rises_is_followed():
    periods = 60 / np.linspace(116, 122, 64)
    at = 0.3 + np.concatenate([[0], np.cumsum(periods)])
    beats = track_beats(clicks(at, at[-1] + 0.5))
    nearest = np.abs(beats.seconds[:, None] - at[None]).min(axis=1)
    assert np.quantile(nearest, 0.9) < 0.03
    assert len(beats.seconds) == pytest.approx(len(at), abs=3)


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(10 * HEARD_RATE_HZ, np.float32),
        np.random.default_rng(0).standard_normal(10 * HEARD_RATE_HZ).astype(np.float32),
        np.sin(np.arange(10 * HEARD_RATE_HZ) * 0.05).astype(np.float32),
        clicks([1.0], 8.0),
        clicks(np.sort(np.random.default_rng(3).uniform(0.2, 29, 60)), 30.0),
    ],
    ids=["silence", "noise", "tone", "one hit", "hits at random"],
)
def test_where_there_is_no_beat_none_is_found(audio):
    assert track_beats(audio) is None


def test_onsets_are_where_hits_are():
    at = np.array([0.5, 1.13, 1.9])
    strength = find_onsets(clicks(at, 2.5)).strength
    found = np.sort(np.argsort(strength)[-3:]) / FRAMES_PER_SECOND
    assert np.abs(found - at).max() < 0.02


def test_what_goes_round_has_its_first_onset_once():
    audio = clicks([0.0, 0.5], 1.0)
    assert count_onsets(find_onsets(audio, goes_round=True)) == 2
    tail = np.sin(2 * np.pi * 440 * np.arange(len(audio)) / HEARD_RATE_HZ).astype(np.float32)
    assert find_onsets(tail, goes_round=True).strength.max() < 0.2 * find_onsets(audio, goes_round=True).strength.max()


def test_the_tempo_near_120_is_preferred():
    """Clicks at one rate alone may be 70 or 140."""
    tempo_bpm, periodic = find_tempo(find_onsets(clicks(np.arange(0, 30, 60 / 140), 30.5)))
    assert tempo_bpm == pytest.approx(140, rel=0.01)
    assert periodic > 0.5
