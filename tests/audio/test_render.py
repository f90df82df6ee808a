from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scores import MAP, PITCHES, TICKS, every_voice, rock, track

from ghostnote.audio import DEFAULT_KIT, KITS, Kit, OneShots, Rendering, integrated_loudness_lufs, render
from ghostnote.audio.render import CHOKE_SECONDS, NEVER, place_hits
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, DrumTrack, MetreChange, Note, TempoChange, Voice

RATE = 44_100
KICK, SNARE, CLOSED, OPEN, PEDAL = 36, 38, 42, 46, 44


@cache
def shots(kit_name: str = "punchy_analogue", rate: int = RATE) -> OneShots:
    return OneShots(KITS[kit_name], rate)


def played(score: DrumTrack, **options: object) -> Rendering:
    return render(score, KITS["punchy_analogue"], one_shots=shots(), **options)  # type: ignore[arg-type]


def rendered_slowly(score: DrumTrack, kit: Kit, seed: int = 0) -> np.ndarray:
    """Return the unmastered mix, one sample-by-sample loop per hit: the reference for the fast path."""
    hits = place_hits(score, kit, RATE, seed)
    fade = round(CHOKE_SECONDS * RATE)
    out = np.zeros((RATE * 12, 2))
    for i in range(len(hits.starts)):
        voice = VOICES[hits.columns[i]]
        velocity, pitch = int(hits.velocities[i]), int(hits.pitches[i])
        sound = shots().sound(voice, kit.layer_of(velocity), int(hits.takes[i]), pitch)
        gain = shots().gain(voice, velocity, pitch)
        for n in range(len(sound)):
            since_choke = int(hits.starts[i]) + n - int(hits.stops[i])
            if since_choke >= fade:
                break
            closing = 0.5 + 0.5 * np.cos(np.pi * since_choke / (fade - 1)) if since_choke > 0 else 1.0
            out[hits.starts[i] + n] += sound[n] * gain * closing
    return out


def onsets(audio: np.ndarray, threshold: float = 1e-5) -> list[int]:
    """Return the first sample of every sound that rises out of (near) silence."""
    level = np.abs(audio).max(axis=1)
    heard = np.flatnonzero(level > threshold)
    return [int(heard[0]), *(int(b) for a, b in pairwise(heard) if b - a > RATE // 50)]


def test_fast_mix_agrees_with_the_slow_one() -> None:
    score = rock(1)
    fast = played(score, loudness_lufs=None, ceiling_dbfs=0.0).audio
    slow = rendered_slowly(score, KITS["punchy_analogue"])
    assert np.abs(slow).max() < 0.99  # else the limiter would have worked
    np.testing.assert_allclose(fast, slow[: len(fast)], atol=2e-6)
    assert np.abs(slow[len(fast) :]).max() < 1e-6


def test_render_is_a_function_of_its_arguments() -> None:
    kit = KITS["deep_analogue"]
    first, again = (render(rock(1), kit, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.audio, again.audio)
    assert not np.array_equal(first.audio, render(rock(1), kit, seed=4).audio[: len(first.audio)])


@pytest.mark.parametrize("kit", KITS.values(), ids=list(KITS))
def test_render_reaches_its_loudness_and_keeps_its_ceiling(kit: Kit) -> None:
    rendering = render(rock(4), kit, loudness_lufs=-16.0, ceiling_dbfs=-1.0)
    assert rendering.audio.dtype == np.float32
    assert rendering.loudness_lufs == pytest.approx(-16.0, abs=0.3)
    assert rendering.loudness_lufs == pytest.approx(integrated_loudness_lufs(rendering.audio, RATE), abs=1e-6)
    assert np.abs(rendering.audio).max() <= 10 ** (-1 / 20)
    assert rendering.peak_dbfs <= -1.0
    assert rendering.true_peak_dbfs <= -0.9
    assert np.isfinite(rendering.audio).all()


def test_loudness_that_the_limiter_can_not_give_is_stated_honestly() -> None:
    rendering = played(rock(2), loudness_lufs=-5.0)
    assert rendering.peak_dbfs <= -1.0
    assert rendering.limited_db < -3.0
    assert -12.0 < rendering.loudness_lufs < -5.2
    assert rendering.loudness_lufs == pytest.approx(integrated_loudness_lufs(rendering.audio, RATE), abs=1e-6)


def test_stems_add_up_to_the_mix() -> None:
    rendering = played(rock(2), loudness_lufs=-12.0, stems=True)
    assert rendering.limited_db < -0.5  # after the limiter, too
    assert rendering.stems is not None
    assert list(rendering.stems) == [Voice.KICK, Voice.SNARE, Voice.CLOSED_HIHAT, Voice.OPEN_HIHAT, Voice.CRASH]
    np.testing.assert_allclose(sum(rendering.stems.values()), rendering.audio, atol=2e-6)
    np.testing.assert_allclose(rendering.audio, played(rock(2), loudness_lufs=-12.0).audio, atol=2e-6)
    assert played(rock(1)).stems is None


@pytest.mark.parametrize("kit", KITS.values(), ids=list(KITS))
def test_a_beat_is_balanced(kit: Kit) -> None:
    stems = render(rock(4), kit, stems=True).stems
    assert stems is not None
    level = {voice: integrated_loudness_lufs(stem, RATE) for voice, stem in stems.items()}
    assert abs(level[Voice.KICK] - level[Voice.SNARE]) < 2.5
    for hat in (Voice.CLOSED_HIHAT, Voice.OPEN_HIHAT):
        assert 6 < level[Voice.KICK] - level[hat] < 14


@pytest.mark.parametrize("rate", [RATE, 48_000])
def test_onsets_fall_on_the_nearest_sample(rate: int) -> None:
    ticks = (0, 480, 967, 1_440, 1_801)
    score = track(*((tick / TICKS, KICK, 110) for tick in ticks))
    kit = KITS["punchy_analogue"]
    audio = render(score, kit, sample_rate_hz=rate, loudness_lufs=None, ceiling_dbfs=0.0, seed=1).audio
    silent_until = np.flatnonzero(np.abs(audio).max(axis=1) > 0)[0]
    assert silent_until <= 1
    hits = place_hits(score, kit, rate, 1)
    np.testing.assert_array_equal(hits.starts, [round(tick / TICKS * 0.5 * rate) for tick in ticks])
    # The sound itself is there, sample for sample: taking it out again leaves the rest.
    one_shots = OneShots(kit, rate)
    for start, take in zip(hits.starts, hits.takes, strict=True):
        sound = one_shots.sound(Voice.KICK, kit.layer_of(110), int(take)) * np.float32(one_shots.gain(Voice.KICK, 110))
        audio[start : start + len(sound)] -= sound
    assert np.abs(audio).max() < 1e-6


def test_detected_onsets_follow_microtiming_and_tempo_changes() -> None:
    # 120 bpm for two beats, then 60: beat 3 comes at 2 s, and 24 ticks after it are 50 ms.
    tempos = (TempoChange(0, 500_000), TempoChange(2 * TICKS, 1_000_000))
    score = track((1, CLOSED, 100), (2, CLOSED, 100), (3, CLOSED, 100), (4 + 24 / TICKS, CLOSED, 100), tempos=tempos)
    found = np.array(onsets(played(score).audio)) / RATE
    np.testing.assert_allclose(found, [0.5, 1.0, 2.0, 3.05], atol=0.5 / RATE + 1e-4)


def test_a_closing_hat_cuts_an_open_one_short() -> None:
    alone = played(track((0, OPEN, 110)), loudness_lufs=None).audio
    for closing in (CLOSED, PEDAL):
        stems = played(track((0, OPEN, 110), (0.5, closing, 60)), loudness_lufs=None, stems=True).stems
        assert stems is not None
        choked = stems[Voice.OPEN_HIHAT]
        cut = round(0.25 * RATE)
        np.testing.assert_allclose(choked[:cut], alone[:cut], atol=1e-6)
        assert np.abs(alone[cut + RATE // 20 : cut + RATE // 10]).max() > 0.01
        assert not choked[cut + round(CHOKE_SECONDS * RATE) :].any()
        # A fade, not a step.
        assert np.abs(np.diff(choked[cut:], axis=0)).max() < 1.5 * np.abs(np.diff(alone[cut:], axis=0)).max()


def test_chokes_come_from_the_next_closing_and_not_from_the_same_stroke() -> None:
    score = track((0, OPEN, 100), (0.005, CLOSED, 100), (1, OPEN, 100), (2, CLOSED, 90), (3, OPEN, 90), (4, SNARE, 90))
    hits = place_hits(score, DEFAULT_KIT, RATE, 0)
    stops = hits.stops[hits.columns == Voice.OPEN_HIHAT.column]
    np.testing.assert_array_equal(stops, [RATE, RATE, NEVER])
    assert (hits.stops[hits.columns != Voice.OPEN_HIHAT.column] == NEVER).all()


def test_takes_never_repeat_and_do_not_depend_on_other_voices() -> None:
    hats = [(i / 4, CLOSED, 80) for i in range(200)]
    alone = place_hits(track(*hats), DEFAULT_KIT, RATE, 0)
    assert (np.diff(alone.takes) != 0).all()
    assert set(alone.takes) == set(range(DEFAULT_KIT.round_robins))
    together = place_hits(track(*hats, *((i, KICK, 100) for i in range(50))), DEFAULT_KIT, RATE, 0)
    np.testing.assert_array_equal(together.takes[together.columns == Voice.CLOSED_HIHAT.column], alone.takes)


def test_velocity_is_heard_in_level_and_timbre() -> None:
    def spectrum(velocity: int) -> tuple[float, float]:
        audio = played(track((0, SNARE, velocity)), loudness_lufs=None, ceiling_dbfs=0.0).audio.mean(axis=1)
        power = np.abs(np.fft.rfft(audio)) ** 2
        hertz = np.fft.rfftfreq(len(audio), 1 / RATE)
        return float(power.sum()), float((power * hertz).sum() / power.sum())

    (soft, dark), (loud, bright) = spectrum(30), spectrum(120)
    assert loud > 30 * soft
    assert bright > 1.2 * dark
    # Between two layers only the gain moves, and it always moves.
    levels = [np.abs(played(track((0, SNARE, v)), loudness_lufs=None).audio).max() for v in (85, 90, 95, 100)]
    assert levels == sorted(levels)


def test_unmapped_pitches_are_counted_and_not_heard() -> None:
    score = track((0, KICK, 100), (0, 20, 100), (1, 20, 100), (2, 127, 100))
    rendering = played(score)
    assert rendering.unrendered_notes == {20: 2, 127: 1}
    # Their time is kept.
    assert rendering.duration_seconds >= 1.0
    assert played(track((0, KICK, 100))).unrendered_notes == {}


@pytest.mark.parametrize("score", [track(), track((1, 20, 100))], ids=["empty", "nothing mapped"])
def test_nothing_to_play_is_silence(score: DrumTrack) -> None:
    rendering = played(score, stems=True)
    assert not rendering.audio.any()
    assert rendering.duration_seconds >= 0.1
    assert (rendering.loudness_lufs, rendering.peak_dbfs, rendering.true_peak_dbfs) == (-np.inf, -np.inf, -np.inf)
    assert rendering.gain_db == 0.0
    assert rendering.stems == {}


def test_tail_ends_where_it_is_asked_to_and_without_a_click() -> None:
    rendering = played(track((0, 49, 120)), tail_seconds=0.25)
    assert len(rendering.audio) == RATE // 4
    assert np.abs(rendering.audio[-1]).max() == 0.0
    free = played(track((0, 49, 120)))
    assert free.duration_seconds > 1.0
    assert np.abs(free.audio[-1]).max() == 0.0


def test_every_voice_of_every_kit_sounds() -> None:
    for kit in KITS.values():
        rendering = render(every_voice(), kit, stems=True)
        assert rendering.stems is not None
        assert all(np.abs(rendering.stems[voice]).max() > 0.02 for voice in VOICES)


def test_tempo_and_metre_of_long_quiet_songs_do_not_disturb() -> None:
    score = DrumTrack(
        (Note(7 * TICKS, KICK, 1),), TICKS, MAP, tempos=(TempoChange(0, 250_000),), metres=(MetreChange(0, 7, 8),)
    )
    assert onsets(played(score, loudness_lufs=None).audio, threshold=1e-7) == [round(1.75 * RATE)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_rate_hz": 4_000}, "sample_rate_hz must lie in 8000…192000; got 4000"),
        ({"loudness_lufs": 16.0}, r"loudness_lufs must lie in \(-70, 0\]; got 16.0. Is the sign missing\?"),
        ({"tail_seconds": -1.0}, "tail_seconds must lie in 0…60"),
        ({"ceiling_dbfs": 1.0}, "ceiling_dbfs <= 0"),
        ({"sample_rate_hz": 48_000}, "one_shots must be of the same kit and sample_rate_hz"),
    ],
)
def test_render_refuses_numbers_out_of_range(options: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidParameter, match=message):
        played(rock(1), **options)


def test_one_shots_of_another_kit_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="one_shots must be of the same kit"):
        render(rock(1), replace(KITS["punchy_analogue"], seed=9), one_shots=shots())


def test_tracks_of_more_than_an_hour_are_refused() -> None:
    with pytest.raises(InvalidParameter, match="a track must last at most 3700 s to be rendered; got 4000 s"):
        played(track((8_000, KICK, 100)))


def test_pitches_of_the_map_cover_all_voices() -> None:
    assert set(PITCHES) == set(VOICES)
