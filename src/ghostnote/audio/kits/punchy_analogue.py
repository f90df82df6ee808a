"""A punchy analogue machine: a short hard kick, a cracking snare, bright hats."""

from __future__ import annotations

from dataclasses import replace

from ghostnote.audio.kit import Channel, Kit
from ghostnote.audio.room import Room
from ghostnote.audio.synthesis import MetalBand, MetalBank, SweptDrum, TonedNoise
from ghostnote.groove import Voice

_METAL = (421.3, 548.9, 688.1, 803.7, 1_012.3, 1_387.1)

_KICK = SweptDrum(
    pitch_hz=54.0,
    decay_seconds=0.6,
    hold_seconds=0.05,
    sweep_octaves=1.5,
    sweep_seconds=0.022,
    snap_octaves=2.0,
    snap_seconds=0.0035,
    drive=2.0,
    click_db=-13.0,
    click_hz=3_600.0,
    noise_db=-34.0,
    noise=((200.0, -10.0), (2_000.0, 0.0), (9_000.0, -12.0), (20_000.0, -30.0)),
    noise_decay_seconds=0.06,
)
_SNARE = TonedNoise(
    tones=((204.0, 0.0, 0.3), (348.0, -6.0, 0.16)),
    noise=(
        (150.0, -26.0),
        (400.0, -6.0),
        (1_000.0, 0.0),
        (3_500.0, -1.0),
        (8_000.0, -5.0),
        (14_000.0, -10.0),
        (20_000.0, -20.0),
    ),
    noise_decays=((300.0, 0.3), (2_000.0, 0.36), (6_000.0, 0.42), (16_000.0, 0.34)),
    noise_db=-4.5,
    softening_db=2.5,
    noise_attack_seconds=0.0015,
    sweep_octaves=0.9,
    sweep_seconds=0.009,
    snap_db=-3.0,
    drive=1.4,
)
_LOW_TOM = SweptDrum(
    pitch_hz=92.0,
    decay_seconds=0.75,
    hold_seconds=0.02,
    sweep_octaves=0.75,
    sweep_seconds=0.045,
    snap_octaves=1.2,
    snap_seconds=0.005,
    drive=1.3,
    click_db=-17.0,
    click_hz=2_800.0,
    noise_db=-27.0,
    noise=((100.0, -12.0), (500.0, 0.0), (2_500.0, -4.0), (10_000.0, -24.0)),
    noise_decay_seconds=0.3,
)
_CLOSED_HIHAT = MetalBank(
    oscillators_hz=_METAL,
    bands=(MetalBand(6_800.0, 14_000.0, 0.0, 0.17), MetalBand(3_400.0, 5_200.0, -13.0, 0.12)),
    noise_db=-2.0,
    noise=((1_000.0, -40.0), (4_000.0, -14.0), (9_000.0, 0.0), (20_000.0, 0.0)),
    noise_decays=((20.0, 0.16), (20_000.0, 0.18)),
    drive=0.3,
)
_OPEN_HIHAT = replace(
    _CLOSED_HIHAT,
    bands=(MetalBand(6_400.0, 14_000.0, 0.0, 1.4, 0.001), MetalBand(3_400.0, 5_200.0, -12.0, 0.9)),
    noise_db=-2.0,
    noise_decays=((20.0, 1.0), (20_000.0, 1.2)),
)
_CRASH = MetalBank(
    oscillators_hz=_METAL,
    bands=(
        MetalBand(3_000.0, 5_600.0, -5.0, 2.6, 0.002),
        MetalBand(6_400.0, 14_000.0, 0.0, 2.1, 0.006),
    ),
    noise_db=1.0,
    noise=((500.0, -24.0), (2_000.0, -10.0), (6_000.0, 0.0), (14_000.0, -2.0), (20_000.0, -8.0)),
    noise_decays=((500.0, 2.4), (4_000.0, 2.9), (16_000.0, 1.8)),
    drive=0.2,
)
_RIDE = MetalBank(
    oscillators_hz=tuple(0.93 * hertz for hertz in _METAL),
    bands=(
        MetalBand(3_300.0, 4_300.0, -1.0, 2.0),
        MetalBand(5_600.0, 7_400.0, -5.0, 2.2, 0.002),
        MetalBand(8_000.0, 15_000.0, -6.0, 1.8, 0.003),
        MetalBand(4_000.0, 14_000.0, 1.0, 0.11),
    ),
    noise_db=-11.0,
    noise=((2_000.0, -30.0), (7_000.0, 0.0), (20_000.0, -4.0)),
    noise_decays=((1_000.0, 2.0), (16_000.0, 1.3)),
)
_SIDE_STICK = TonedNoise(
    tones=((1_780.0, 0.0, 0.04), (1_120.0, -3.0, 0.05), (510.0, -3.0, 0.07)),
    noise=((800.0, -20.0), (3_000.0, 0.0), (12_000.0, -10.0), (20_000.0, -20.0)),
    noise_decays=((1_000.0, 0.05), (16_000.0, 0.04)),
    noise_db=-8.0,
    sweep_octaves=0.2,
    sweep_seconds=0.003,
    snap_db=-10.0,
    drive=2.0,
)
_BELL = replace(
    _RIDE,
    bands=(
        MetalBand(1_700.0, 2_500.0, 1.0, 1.3),
        MetalBand(3_300.0, 4_300.0, 2.0, 1.2),
        MetalBand(8_000.0, 15_000.0, -7.0, 1.0, 0.003),
    ),
)
_PEDAL_HIHAT = replace(
    _CLOSED_HIHAT,
    bands=(MetalBand(5_600.0, 11_000.0, 0.0, 0.1, 0.0015), MetalBand(3_400.0, 5_200.0, -9.0, 0.1)),
    noise_db=-6.0,
    noise_decays=((20.0, 0.08), (20_000.0, 0.08)),
)

PUNCHY_ANALOGUE = Kit(
    name="punchy_analogue",
    description="A punchy analogue drum machine: short hard kick, cracking snare, bright hats.",
    channels={
        Voice.KICK: Channel(design=_KICK, level_lufs=-15.5, room_db=-200.0),
        Voice.SNARE: Channel(design=_SNARE, level_lufs=-16.0, room_db=-20.0),
        Voice.CLOSED_HIHAT: Channel(design=_CLOSED_HIHAT, level_lufs=-27.0, pan=0.25, room_db=-24.0, dynamics=1.3),
        Voice.OPEN_HIHAT: Channel(design=_OPEN_HIHAT, level_lufs=-24.0, pan=0.25, room_db=-24.0, dynamics=1.3),
        Voice.LOW_TOM: Channel(design=_LOW_TOM, level_lufs=-17.5, pan=-0.4, room_db=-22.0),
        Voice.MID_TOM: Channel(
            design=replace(_LOW_TOM, pitch_hz=128.0, decay_seconds=0.62), level_lufs=-17.5, pan=-0.1, room_db=-22.0
        ),
        Voice.HIGH_TOM: Channel(
            design=replace(_LOW_TOM, pitch_hz=178.0, decay_seconds=0.52), level_lufs=-17.5, pan=0.2, room_db=-22.0
        ),
        Voice.CRASH: Channel(design=_CRASH, level_lufs=-21.0, pan=-0.3, room_db=-20.0),
        Voice.RIDE: Channel(design=_RIDE, level_lufs=-25.0, pan=-0.35, room_db=-24.0, dynamics=1.3),
    },
    articulations={
        37: Channel(design=_SIDE_STICK, level_lufs=-22.0, pan=-0.1, room_db=-20.0),
        44: Channel(design=_PEDAL_HIHAT, level_lufs=-30.0, pan=0.25, room_db=-24.0, dynamics=1.3),
        53: Channel(design=_BELL, level_lufs=-25.0, pan=-0.35, room_db=-24.0, dynamics=1.3),
    },
    room=Room(decay_seconds=0.28, first_seconds=0.005, reflections=8, early_share=0.4, seed=13),
    seed=103,
)
