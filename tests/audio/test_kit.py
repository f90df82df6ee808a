from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ghostnote.audio import DEFAULT_KIT, Kit, OneShots
from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice

RATE = 22_050


def test_layers_cover_all_velocities_in_order() -> None:
    layers = [DEFAULT_KIT.layer_of(velocity) for velocity in range(1, 128)]
    assert layers == sorted(layers)
    assert set(layers) == set(range(DEFAULT_KIT.velocity_layers))
    assert DEFAULT_KIT.layer_of(1) == 0


def test_sounds_are_made_once_and_from_the_kits_seed() -> None:
    shots = OneShots(DEFAULT_KIT, RATE)
    first = shots.sound(Voice.SNARE, 2, 1)
    assert shots.sound(Voice.SNARE, 2, 1) is first
    np.testing.assert_array_equal(first, OneShots(DEFAULT_KIT, RATE).sound(Voice.SNARE, 2, 1))
    other = OneShots(replace(DEFAULT_KIT, seed=5), RATE).sound(Voice.SNARE, 2, 1)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_channel_level_is_the_loudness_of_a_full_hit() -> None:
    channel = replace(DEFAULT_KIT.channels[Voice.SNARE], room_db=-200.0, pan=0.0, level_lufs=-20.0)
    kit = replace(DEFAULT_KIT, channels={**DEFAULT_KIT.channels, Voice.SNARE: channel})
    sound = OneShots(kit, RATE).sound(Voice.SNARE, kit.velocity_layers - 1, 0)
    # Both sides of a central sound are 3 dB below its mono level.
    assert hit_loudness_lufs(sound[:, 0], RATE) + 3.01 == pytest.approx(-20.0, abs=1.2)
    np.testing.assert_allclose(sound[:, 0], sound[:, 1], atol=1e-7)


def test_pan_moves_sound_to_its_side() -> None:
    for pan, louder, quieter in ((-0.8, 0, 1), (0.8, 1, 0)):
        channel = replace(DEFAULT_KIT.channels[Voice.RIDE], pan=pan)
        kit = replace(DEFAULT_KIT, channels={**DEFAULT_KIT.channels, Voice.RIDE: channel})
        power = (OneShots(kit, RATE).sound(Voice.RIDE, 3, 0) ** 2).sum(axis=0)
        assert power[louder] > 10 * power[quieter]


def test_room_is_heard_on_both_sides_and_lasts_longer() -> None:
    def sound(room_db: float) -> np.ndarray:
        channel = replace(DEFAULT_KIT.channels[Voice.SNARE], room_db=room_db)
        kit = replace(DEFAULT_KIT, channels={**DEFAULT_KIT.channels, Voice.SNARE: channel})
        return OneShots(kit, RATE).sound(Voice.SNARE, 5, 0)

    wet, dry = sound(-10.0), sound(-200.0)
    assert np.abs(np.diff(wet, axis=1)).max() > 0.02
    tail = slice(round(0.25 * RATE), round(0.35 * RATE))
    assert (wet[tail] ** 2).sum() > 2 * (dry[tail] ** 2).sum()


def test_kit_refuses_missing_voices_and_empty_layers() -> None:
    without = {voice: channel for voice, channel in DEFAULT_KIT.channels.items() if voice is not Voice.RIDE}
    with pytest.raises(InvalidParameter, match="must have a channel for every voice; missing: ride"):
        Kit("half", "Half a kit.", without)
    with pytest.raises(InvalidParameter, match="velocity_layers and round_robins must be at least 1; got 0, 3"):
        replace(DEFAULT_KIT, velocity_layers=0)
    assert list(DEFAULT_KIT.channels) == list(VOICES)


def test_asking_for_the_names_of_kits_loads_no_signal_processing() -> None:
    slow = "[name for name in ('scipy.signal', 'scipy.fft', 'scipy.special', 'soundfile') if name in sys.modules]"
    code = f"import sys, ghostnote.audio as a; assert a.kit_names(); print({slow})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
