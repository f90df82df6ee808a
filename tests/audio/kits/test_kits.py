"""The shipped kits against what drums measure; docs/kits.md holds the same numbers beside recorded drums."""

from __future__ import annotations

import numpy as np
import pytest

from ghostnote.audio import DEFAULT_KIT, KITS, Kit, OneShots, SoundMeasures, kit_names, load_kit, measure_sound
from ghostnote.audio.loudness import hit_loudness_lufs
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, Voice

RATE = 44_100
every_kit = pytest.mark.parametrize("kit", KITS.values(), ids=list(KITS))


def measured(kit: Kit, voice: Voice, velocity: int = 120) -> SoundMeasures:
    return measure_sound(OneShots(kit, RATE).sound(voice, kit.layer_of(velocity), 0), RATE)


def test_kits_are_found_by_name() -> None:
    assert set(kit_names()) == {"deep_analogue", "punchy_analogue", "dry_acoustic"}
    assert load_kit() is DEFAULT_KIT
    assert load_kit("Deep-Analogue") is KITS["deep_analogue"]
    with pytest.raises(InvalidParameter, match=r"kit must be one of dry_acoustic, .* got 'rock'"):
        load_kit("rock")


@every_kit
def test_kits_have_layers_and_takes(kit: Kit) -> None:
    assert kit.velocity_layers >= 4
    assert kit.round_robins >= 3
    assert set(kit.channels) == set(VOICES)
    assert kit.description.endswith(".")


@every_kit
def test_kick_is_low_and_lasts(kit: Kit) -> None:
    kick = measured(kit, Voice.KICK)
    assert 45 <= kick.strongest_hz <= 65
    assert 0.2 <= kick.decay20_seconds <= 0.6


@pytest.mark.parametrize("velocity", [60, 90, 127])
def test_acoustic_snare_has_the_centroid_of_a_real_one(velocity: int) -> None:
    shots = OneShots(KITS["dry_acoustic"], RATE)
    takes = [measure_sound(shots.sound(Voice.SNARE, shots.kit.layer_of(velocity), take), RATE) for take in range(3)]
    assert 500 <= np.mean([take.centroid_hz for take in takes]) <= 1_100
    assert 0.18 <= np.mean([take.decay40_seconds for take in takes]) <= 0.4


@every_kit
def test_hats_and_cymbals_last_as_they_should(kit: Kit) -> None:
    assert 0.04 <= measured(kit, Voice.CLOSED_HIHAT).decay20_seconds <= 0.12
    assert 0.3 <= measured(kit, Voice.OPEN_HIHAT).decay20_seconds <= 1.2
    assert 1.2 <= measured(kit, Voice.CRASH).decay40_seconds <= 4.0
    assert measured(kit, Voice.RIDE).decay40_seconds >= 0.9


@every_kit
def test_toms_descend(kit: Kit) -> None:
    high, mid, low = (measured(kit, voice).strongest_hz for voice in (Voice.HIGH_TOM, Voice.MID_TOM, Voice.LOW_TOM))
    assert high > 1.2 * mid > 1.44 * low


@every_kit
def test_velocity_changes_timbre_and_loudness_follows_its_law(kit: Kit) -> None:
    shots = OneShots(kit, RATE)
    for voice in VOICES:
        soft, loud = (measured(kit, voice, velocity) for velocity in (25, 127))
        assert soft.centroid_hz < 0.97 * loud.centroid_hz, voice
        assert shots.gain(voice, 127) == 1.0
        assert -24 < 20 * np.log10(shots.gain(voice, 30)) < -12


@every_kit
def test_takes_differ_in_sound_and_hardly_in_loudness(kit: Kit) -> None:
    shots = OneShots(kit, RATE)
    for voice in (Voice.SNARE, Voice.CLOSED_HIHAT, Voice.RIDE):
        takes = [shots.sound(voice, 3, take).mean(axis=1) for take in range(kit.round_robins)]
        frames = min(map(len, takes))
        assert not np.allclose(takes[0][:frames], takes[1][:frames], atol=1e-3)
        assert np.ptp([hit_loudness_lufs(take, RATE) for take in takes]) < 2.5


@every_kit
def test_articulations_differ_from_their_voice(kit: Kit) -> None:
    shots = OneShots(kit, RATE)
    for voice, pitch in ((Voice.SNARE, 37), (Voice.CLOSED_HIHAT, 44), (Voice.RIDE, 53)):
        plain, special = shots.sound(voice, 5, 0), shots.sound(voice, 5, 0, pitch)
        assert plain.shape != special.shape or not np.allclose(plain, special)
        assert shots.sound(voice, 5, 0, 100) is plain
