import numpy as np
import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Voice
from ghostnote.sounds.bank import Mono
from ghostnote.sounds.families import FAMILIES, draw_pool, synthesize
from ghostnote.sounds.roles import role_of
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, SynthSound

DIGEST = "0" * 32


def _file(name: str) -> FileSound:
    return FileSound(DIGEST, name)


def _tone(hertz: float, decay_seconds: float) -> Mono:
    t = np.arange(round(1.5 * decay_seconds * MASTER_RATE_HZ)) / MASTER_RATE_HZ
    return np.asarray(np.cos(2 * np.pi * hertz * t) * np.exp(-6.9 * t / decay_seconds), dtype=np.float32)


def _hiss(low_hz: float, high_hz: float, decay_seconds: float) -> Mono:
    t = np.arange(round(1.5 * decay_seconds * MASTER_RATE_HZ)) / MASTER_RATE_HZ
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(len(t)))
    hertz = np.fft.rfftfreq(len(t), 1 / MASTER_RATE_HZ)
    noise = np.fft.irfft(spectrum * ((hertz > low_hz) & (hertz < high_hz)), len(t))
    return np.asarray(noise * np.exp(-6.9 * t / decay_seconds), dtype=np.float32)


@pytest.mark.parametrize(
    ("family", "voice"),
    [
        ("kick", Voice.KICK),
        ("snare", Voice.SNARE),
        ("clap", Voice.SNARE),
        ("rim", Voice.SNARE),
        ("closed_hat", Voice.CLOSED_HIHAT),
        ("open_hat", Voice.OPEN_HIHAT),
        ("crash", Voice.CRASH),
        ("ride", Voice.RIDE),
        ("cowbell", Voice.RIDE),
        ("shaker", Voice.CLOSED_HIHAT),
    ],
)
def test_ours_go_by_family(family: str, voice: Voice) -> None:
    assert role_of(SynthSound(family, ()), _tone(440.0, 0.1)) is voice


def test_our_toms_go_by_pitch() -> None:
    size = len(FAMILIES["tom"].parameters)
    roles = [
        role_of(sound, synthesize(sound))
        for sound in (SynthSound("tom", (pitch, *(0.3,) * (size - 1))) for pitch in (0.05, 0.42, 0.9))
    ]
    assert roles == [Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM]


def test_every_sound_has_a_role() -> None:
    for sound in draw_pool(2 * len(FAMILIES), 1):
        assert isinstance(role_of(sound, synthesize(sound)), Voice)


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("bd_haus", Voice.KICK),
        ("BD01.wav", Voice.KICK),
        ("Kick 909.wav", Voice.KICK),
        ("drum_heavy_kick", Voice.KICK),
        ("sn_dolf", Voice.SNARE),
        ("SNR_tight", Voice.SNARE),
        ("elec_hi_snare", Voice.SNARE),
        ("Snare_Open", Voice.SNARE),
        ("Clap1", Voice.SNARE),
        ("RimShot 2", Voice.SNARE),
        ("hihat-closed", Voice.CLOSED_HIHAT),
        ("CHH_01", Voice.CLOSED_HIHAT),
        ("hh4.flac", Voice.CLOSED_HIHAT),
        ("drum_cymbal_pedal", Voice.CLOSED_HIHAT),
        ("HiHat Open 2", Voice.OPEN_HIHAT),
        ("open hi-hat", Voice.OPEN_HIHAT),
        ("OH 3", Voice.OPEN_HIHAT),
        ("drum_cymbal_open", Voice.OPEN_HIHAT),
        ("drum_tom_lo_hard", Voice.LOW_TOM),
        ("FloorTom", Voice.LOW_TOM),
        ("drum_tom_mid_soft", Voice.MID_TOM),
        ("hi tom", Voice.HIGH_TOM),
        ("Crash 16", Voice.CRASH),
        ("drum_splash_hard", Voice.CRASH),
        ("Cym 4", Voice.CRASH),
        ("RideBell", Voice.RIDE),
        ("drum_cowbell", Voice.RIDE),
        ("Kicks/01", Voice.KICK),
        ("Kick Pack/Snare 1", Voice.SNARE),
        ("Snares/Rim/03", Voice.SNARE),
        ("Claps/1.wav", Voice.SNARE),
        ("Hats/07", Voice.CLOSED_HIHAT),
        ("Hats/Open 2", Voice.OPEN_HIHAT),
        ("Open Hats/02", Voice.OPEN_HIHAT),
        ("Toms/Low 1", Voice.LOW_TOM),
        ("Rides/a", Voice.RIDE),
        ("Crashes/a", Voice.CRASH),
        ("Cymbals/09", Voice.CRASH),
        ("Cymbals/Ride 2", Voice.RIDE),
    ],
)
def test_recordings_go_by_name_whatever_they_sound_like(name: str, voice: Voice) -> None:
    assert role_of(_file(name), _tone(440.0, 0.1)) is voice
    assert role_of(_file(name), _hiss(3_000.0, 9_000.0, 0.1)) is voice


@pytest.mark.parametrize("name", ["perc 7", "That Chat", "shirt", "bdsm", "01", "", "ß☃"])
@pytest.mark.parametrize(
    ("audio", "voice"),
    [
        (_tone(50.0, 0.4), Voice.KICK),
        (_tone(95.0, 0.6), Voice.LOW_TOM),
        (_tone(140.0, 0.6), Voice.MID_TOM),
        (_tone(220.0, 0.6), Voice.HIGH_TOM),
        (_hiss(100.0, 4_000.0, 0.4), Voice.SNARE),
        (_hiss(6_000.0, 16_000.0, 0.15), Voice.CLOSED_HIHAT),
        (_hiss(6_000.0, 16_000.0, 0.9), Voice.OPEN_HIHAT),
        (_hiss(3_000.0, 14_000.0, 3.0), Voice.CRASH),
        (_tone(2_500.0, 2.0), Voice.RIDE),
    ],
)
def test_names_without_hints_are_heard(name: str, audio: Mono, voice: Voice) -> None:
    assert role_of(_file(name), audio) is voice


def test_a_tom_without_a_height_is_heard() -> None:
    assert role_of(_file("Tom.wav"), _tone(90.0, 0.5)) is Voice.LOW_TOM
    assert role_of(_file("Tom.wav"), _tone(250.0, 0.5)) is Voice.HIGH_TOM
    assert role_of(_file("Toms/01"), _tone(90.0, 0.5)) is Voice.LOW_TOM
    assert role_of(_file("Kick Pack/Tom 3"), _tone(250.0, 0.5)) is Voice.HIGH_TOM


def test_silence_has_no_role_to_hear() -> None:
    with pytest.raises(InvalidParameter, match="silent"):
        role_of(_file("x"), np.zeros(100, dtype=np.float32))
