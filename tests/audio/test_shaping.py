"""Shapes of voices: nothing changes nothing, and each setting does what docs/kits.md says of it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from ghostnote.audio import KITS, Kit, OneShots, Sample, Shape, balance, load_kit, render
from ghostnote.audio.shaping import t60_seconds
from ghostnote.audio.synthesis import Design
from ghostnote.audio.synthesis.mutation import lengthened, mutated
from ghostnote.demos import demo_path
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice
from ghostnote.midi import read_midi

RATE = 22_050
DESIGNS = [channel.design for kit in KITS.values() for channel in kit.channels.values()]


def shot(kit: Kit, voice: Voice, shape: Shape | None, *, pitch: int | None = None) -> NDArray[np.float32]:
    return OneShots(kit if shape is None else kit.shaped({voice: shape}), RATE).sound(voice, 5, 0, pitch)


def mono(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(sound.sum(axis=1), dtype=np.float32)


def main_hertz(sound: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(mono(sound), 1 << 17))
    return float(spectrum.argmax()) * RATE / (1 << 17)


def tone(hertz: float, t60: float, seconds: float = 1.0) -> NDArray[np.float32]:
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * hertz * t) * 10 ** (-3 * t / t60)).astype(np.float32)


def test_shapes_that_change_nothing_give_the_same_bits() -> None:
    track, kit = read_midi(demo_path("funk")), load_kit("punchy_analogue")
    plain = render(track, kit, sample_rate_hz=RATE)
    same = render(track, kit.shaped({voice: Shape() for voice in VOICES}), sample_rate_hz=RATE)
    assert np.array_equal(plain.audio, same.audio)


def test_level_and_pan_act_behind_the_shot() -> None:
    kit, shape = load_kit("deep_analogue"), Shape(level_db=-6.0, pan=0.5)
    plain = shot(kit, Voice.RIDE, None)
    shots = OneShots(kit.shaped({Voice.RIDE: shape}), RATE)
    assert np.array_equal(shots.shot(Voice.RIDE, 5, 0), plain)
    gain = 10 ** (-6 / 20)
    np.testing.assert_allclose(shots.sound(Voice.RIDE, 5, 0), plain * [gain * 0.5, gain], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(("pan", "sides"), [(-1, (1, 0)), (-0.25, (1, 0.75)), (0, (1, 1)), (1, (0, 1))])
def test_balance_lowers_one_side_and_never_lifts_the_other(pan: float, sides: tuple[float, float]) -> None:
    assert tuple(balance(pan)) == sides


def test_tune_moves_the_pitch_and_keeps_the_strike() -> None:
    kit = load_kit("deep_analogue")
    plain, lower = shot(kit, Voice.LOW_TOM, None), shot(kit, Voice.LOW_TOM, Shape(tune_semitones=-12))
    assert main_hertz(lower) == pytest.approx(main_hertz(plain) / 2, rel=0.03)
    assert np.abs(lower).max() == pytest.approx(np.abs(plain).max(), rel=0.2)


@pytest.mark.parametrize("factor", [0.4, 2.0])
@pytest.mark.parametrize("voice", [Voice.KICK, Voice.MID_TOM, Voice.OPEN_HIHAT])
def test_decay_multiplies_the_time_a_voice_dies_away_in(voice: Voice, factor: float) -> None:
    kit = load_kit("punchy_analogue")
    plain, shaped = shot(kit, voice, None), shot(kit, voice, Shape(decay=factor))
    ratio = t60_seconds(mono(shaped), RATE) / t60_seconds(mono(plain), RATE)
    assert ratio == pytest.approx(factor, rel=0.15)
    assert np.abs(shaped).max() == pytest.approx(np.abs(plain).max(), rel=0.2)


def test_mutations_are_siblings_known_by_their_seed() -> None:
    kit = load_kit("dry_acoustic")
    first, again, other = (shot(kit, Voice.SNARE, Shape(mutation=seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    stick = shot(kit, Voice.SNARE, Shape(mutation=3), pitch=37)
    assert not np.array_equal(stick, shot(kit, Voice.SNARE, None, pitch=37))


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: type(design).__name__)
def test_mutated_numbers_stay_finite_and_decays_above_zero(design: Design) -> None:
    for seed in range(20):
        for value in _numbers(mutated(design, np.random.default_rng(seed))):
            assert np.isfinite(value)
    assert lengthened(design, 1.0) == design


def _numbers(value: object) -> list[float]:
    if is_dataclass(value):
        return [n for field in fields(value) for n in _numbers(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [n for item in value for n in _numbers(item)]
    return [] if value is None else [float(value)]  # type: ignore[arg-type]


def test_a_sample_takes_the_place_of_a_voice_and_all_its_articulations() -> None:
    kit = load_kit("punchy_analogue")
    shaped = kit.shaped({Voice.SNARE: Shape(sample=Sample(tone(1_000, 0.5), RATE))})
    shots = OneShots(shaped, RATE)
    for layer, pitch in ((0, None), (5, None), (5, 37)):
        assert main_hertz(shots.sound(Voice.SNARE, layer, 0, pitch)) == pytest.approx(1_000, abs=5)
    assert np.array_equal(shots.sound(Voice.SNARE, 0, 0), shots.sound(Voice.SNARE, 5, 2))
    assert np.array_equal(shots.sound(Voice.KICK, 5, 0), shot(kit, Voice.KICK, None))


def test_a_sample_is_as_loud_as_the_voice_and_never_too_high() -> None:
    kit = load_kit("punchy_analogue")
    click = np.zeros(400, dtype=np.float32)
    click[0] = 0.01
    shaped = shot(kit, Voice.KICK, Shape(sample=Sample(click, RATE)))
    assert 0.1 < np.abs(shaped).max() <= 1.25
    silent = shot(kit, Voice.KICK, Shape(sample=Sample(np.zeros(100, dtype=np.float32), RATE)))
    assert not silent.any()


def test_a_sample_decays_as_told_as_far_as_it_is_recorded() -> None:
    kit = load_kit("deep_analogue")
    for factor, expected in ((0.5, 0.25), (2.0, 1.0)):
        shape = Shape(sample=Sample(tone(500, 0.5, 2.0), RATE), decay=factor)
        assert t60_seconds(mono(shot(kit, Voice.KICK, shape)), RATE) == pytest.approx(expected, rel=0.05)


def test_a_sample_of_another_rate_keeps_its_pitch() -> None:
    audio = np.sin(2 * np.pi * 700 * np.arange(44_100) / 44_100).astype(np.float32)
    sound = shot(load_kit("deep_analogue"), Voice.KICK, Shape(sample=Sample(audio, 44_100)))
    assert main_hertz(sound) == pytest.approx(700, abs=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("tune_semitones", 13), ("decay", 0.1), ("level_db", 13), ("pan", -1.5), ("mutation", -1), ("pan", float("nan"))],
)
def test_numbers_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidParameter, match=name):
        Shape(**{name: value})  # type: ignore[arg-type]


def test_a_sample_must_be_finite_mono() -> None:
    for audio in (np.zeros((4, 2)), np.zeros(0), np.array([np.nan])):
        with pytest.raises(InvalidParameter, match="sample"):
            Sample(audio.astype(np.float32), RATE)
