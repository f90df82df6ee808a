"""A deep analogue machine: a long low kick, round toms, a papery snare, fine metal."""

from __future__ import annotations

from dataclasses import replace

from ghostnote.audio.kit import Channel, Kit
from ghostnote.audio.room import Room
from ghostnote.audio.synthesis import MetalBand, MetalBank, SweptDrum, TonedNoise
from ghostnote.groove import Voice

_METAL = (263.1, 351.7, 412.9, 527.3, 619.1, 787.7)

_KICK = SweptDrum(
    pitch_hz=47.0,
    decay_seconds=1.3,
    sweep_octaves=0.55,
    sweep_seconds=0.028,
    snap_octaves=1.6,
    snap_seconds=0.0045,
    drive=0.9,
    click_db=-24.0,
    click_hz=2_200.0,
)
_SNARE = TonedNoise(
    tones=((182.0, 0.0, 0.24), (331.0, -5.0, 0.15)),
    noise=(
        (150.0, -30.0),
        (500.0, -10.0),
        (1_200.0, -3.0),
        (3_000.0, 0.0),
        (7_000.0, -4.0),
        (12_000.0, -10.0),
        (20_000.0, -20.0),
    ),
    noise_decays=((300.0, 0.4), (3_000.0, 0.36), (16_000.0, 0.26)),
    noise_db=-4.0,
    softening_db=2.5,
    sweep_octaves=0.25,
    sweep_seconds=0.008,
    snap_db=-11.0,
    drive=1.2,
)
_LOW_TOM = SweptDrum(
    pitch_hz=82.0,
    decay_seconds=0.95,
    sweep_octaves=0.35,
    sweep_seconds=0.09,
    snap_octaves=0.8,
    snap_seconds=0.006,
    drive=0.5,
    click_db=-24.0,
    click_hz=1_800.0,
    noise_db=-30.0,
    noise=((100.0, -12.0), (400.0, 0.0), (1_500.0, -6.0), (8_000.0, -30.0)),
    noise_decay_seconds=0.45,
)
_CLOSED_HIHAT = MetalBank(
    oscillators_hz=_METAL,
    bands=(MetalBand(7_400.0, 13_000.0, 0.0, 0.2), MetalBand(9_500.0, 16_000.0, -4.0, 0.09)),
    noise_db=-8.0,
    noise=((2_000.0, -40.0), (6_000.0, -10.0), (10_000.0, 0.0), (20_000.0, -2.0)),
    noise_decays=((20.0, 0.12), (20_000.0, 0.12)),
)
_OPEN_HIHAT = replace(
    _CLOSED_HIHAT,
    bands=(MetalBand(7_200.0, 13_000.0, 0.0, 1.25), MetalBand(9_500.0, 16_000.0, -4.0, 0.4)),
    noise_db=-10.0,
    noise_decays=((20.0, 0.9), (20_000.0, 0.7)),
)
_CRASH = MetalBank(
    oscillators_hz=_METAL,
    bands=(
        MetalBand(2_600.0, 4_600.0, -4.0, 3.4, 0.002),
        MetalBand(6_400.0, 13_000.0, 0.0, 2.6, 0.004),
        MetalBand(8_000.0, 16_000.0, -2.0, 0.6),
    ),
    noise_db=-3.0,
    noise=((800.0, -30.0), (3_000.0, -6.0), (8_000.0, 0.0), (20_000.0, -6.0)),
    noise_decays=((1_000.0, 3.4), (5_000.0, 3.2), (16_000.0, 1.8)),
)
_RIDE = MetalBank(
    oscillators_hz=tuple(1.09 * hertz for hertz in _METAL),
    bands=(
        MetalBand(2_900.0, 3_900.0, -3.0, 2.2),
        MetalBand(5_200.0, 6_600.0, -6.0, 2.4, 0.002),
        MetalBand(7_800.0, 14_000.0, -7.0, 1.8, 0.003),
        MetalBand(4_000.0, 12_000.0, 0.0, 0.12),
    ),
    noise_db=-18.0,
    noise=((2_000.0, -30.0), (6_000.0, 0.0), (20_000.0, -6.0)),
    noise_decays=((1_000.0, 1.8), (16_000.0, 1.0)),
)
_SIDE_STICK = TonedNoise(
    tones=((1_680.0, 0.0, 0.035), (820.0, -6.0, 0.05), (495.0, -4.0, 0.06)),
    noise=((800.0, -20.0), (2_500.0, 0.0), (12_000.0, -12.0), (20_000.0, -24.0)),
    noise_decays=((1_000.0, 0.04), (16_000.0, 0.03)),
    noise_db=-12.0,
    sweep_octaves=0.1,
    sweep_seconds=0.003,
    snap_db=-14.0,
    drive=1.5,
)
_BELL = replace(
    _RIDE,
    bands=(
        MetalBand(1_500.0, 2_300.0, 0.0, 1.4),
        MetalBand(2_900.0, 3_900.0, 2.0, 1.2),
        MetalBand(7_800.0, 14_000.0, -8.0, 0.9, 0.003),
    ),
)
_PEDAL_HIHAT = replace(
    _CLOSED_HIHAT,
    bands=(MetalBand(6_000.0, 11_000.0, 0.0, 0.12, 0.0015),),
    noise_db=-10.0,
    noise_decays=((20.0, 0.08), (20_000.0, 0.08)),
)

DEEP_ANALOGUE = Kit(
    name="deep_analogue",
    description="A deep analogue drum machine: long low kick, round toms, fine metal.",
    channels={
        Voice.KICK: Channel(design=_KICK, level_lufs=-16.0, room_db=-200.0),
        Voice.SNARE: Channel(design=_SNARE, level_lufs=-15.8, room_db=-22.0),
        Voice.CLOSED_HIHAT: Channel(design=_CLOSED_HIHAT, level_lufs=-27.0, pan=-0.25, room_db=-24.0, dynamics=1.3),
        Voice.OPEN_HIHAT: Channel(design=_OPEN_HIHAT, level_lufs=-24.0, pan=-0.25, room_db=-24.0, dynamics=1.3),
        Voice.LOW_TOM: Channel(design=_LOW_TOM, level_lufs=-17.5, pan=0.4, room_db=-24.0),
        Voice.MID_TOM: Channel(
            design=replace(_LOW_TOM, pitch_hz=117.0, decay_seconds=0.8), level_lufs=-17.5, pan=0.1, room_db=-24.0
        ),
        Voice.HIGH_TOM: Channel(
            design=replace(_LOW_TOM, pitch_hz=165.0, decay_seconds=0.66), level_lufs=-17.5, pan=-0.2, room_db=-24.0
        ),
        Voice.CRASH: Channel(design=_CRASH, level_lufs=-21.0, pan=0.3, room_db=-20.0),
        Voice.RIDE: Channel(design=_RIDE, level_lufs=-25.0, pan=0.35, room_db=-24.0, dynamics=1.3),
    },
    articulations={
        37: Channel(design=_SIDE_STICK, level_lufs=-23.0, pan=0.1, room_db=-22.0),
        44: Channel(design=_PEDAL_HIHAT, level_lufs=-30.0, pan=-0.25, room_db=-24.0, dynamics=1.3),
        53: Channel(design=_BELL, level_lufs=-25.0, pan=0.35, room_db=-24.0, dynamics=1.3),
    },
    room=Room(decay_seconds=0.4, first_seconds=0.006, reflections=8, early_share=0.3, seed=12),
    seed=102,
)
