import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.sound import MASTER_RATE_HZ, FileSound, SynthSound, decode_sound, encode_sound

DIGEST = "0123456789abcdef" * 2


@given(
    st.sampled_from(["kick", "closed_hat", "fm2"]),
    st.lists(st.floats(0, 1), max_size=12),
    st.integers(0, 2**63 - 1),
)
def test_json_round_trip_of_synthesised_sounds(family, values, seed):
    one = SynthSound(family, tuple(values), seed)
    again = decode_sound(json.loads(json.dumps(encode_sound(one))))
    assert again == one
    assert hash(again) == hash(one)
    assert again.key == one.key


def test_json_round_trip_of_recordings():
    one = FileSound(DIGEST, "Hat <b>1</b>.wav")
    again = decode_sound(json.loads(json.dumps(encode_sound(one))))
    assert (again, again.name) == (one, one.name)


def test_recordings_are_their_content():
    assert FileSound(DIGEST, "a") == FileSound(DIGEST, "b")
    assert len({FileSound(DIGEST, "a"), FileSound(DIGEST, "b"), FileSound(DIGEST[::-1], "a")}) == 2
    assert FileSound(DIGEST, "a") != SynthSound("kick", ())
    assert FileSound(DIGEST, "a").key == f"file:{DIGEST}"


def test_equal_sounds_have_equal_keys_and_different_ones_different():
    assert SynthSound("kick", (0.1 + 0.2,)).key == SynthSound("kick", (0.3,)).key
    assert SynthSound("kick", (-0.0,)).key == SynthSound("kick", (0.0,)).key
    assert SynthSound("kick", (0.00001,)) == SynthSound("kick", (0.0,))
    sounds = [
        SynthSound("kick", (0.5,)),
        SynthSound("kick", (0.5001,)),
        SynthSound("kick", (0.5,), 1),
        SynthSound("kick", (0.5, 0.5)),
        SynthSound("snare", (0.5,)),
    ]
    assert len({one.key for one in sounds}) == len(set(sounds)) == len({one.name for one in sounds}) == 5


def test_numpy_numbers_become_plain_ones():
    one = SynthSound("kick", tuple(np.float32([0.25, 0.5])), 3)
    assert json.dumps(encode_sound(one))
    assert one == SynthSound("kick", (0.25, 0.5), 3)


@pytest.mark.parametrize(
    ("family", "values", "seed"),
    [
        ("", (), 0),
        ("Kick", (), 0),
        ("../kick", (), 0),
        ("k" * 32, (), 0),
        ("kick\n", (), 0),
        ("kick", (1.01,), 0),
        ("kick", (-0.01,), 0),
        ("kick", (math.nan,), 0),
        ("kick", (), -1),
        ("kick", (), 2**63),
    ],
)
def test_rules_of_synthesised_sounds(family, values, seed):
    with pytest.raises(InvalidParameter):
        SynthSound(family, values, seed)


@pytest.mark.parametrize("digest", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 32 + "\n", "../../etc/passwd"])
def test_rules_of_digests(digest):
    with pytest.raises(InvalidParameter, match="32 hex digits"):
        FileSound(digest, "x")


HOSTILE = [
    None,
    5,
    "synth",
    [],
    {},
    {"kind": "other"},
    {"kind": None},
    {"kind": "synth"},
    {"kind": "synth", "family": "kick", "values": None, "seed": 0},
    {"kind": "synth", "family": "kick", "values": 5, "seed": 0},
    {"kind": "synth", "family": "kick", "values": ["loud"], "seed": 0},
    {"kind": "synth", "family": "kick", "values": [[0.5]], "seed": 0},
    {"kind": "synth", "family": "kick", "values": [math.nan], "seed": 0},
    {"kind": "synth", "family": "kick", "values": [0.5], "seed": math.inf},
    {"kind": "synth", "family": "kick", "values": [0.5], "seed": "x"},
    {"kind": "synth", "family": {"a": 1}, "values": [0.5], "seed": 0},
    {"kind": "file"},
    {"kind": "file", "digest": DIGEST},
    {"kind": "file", "digest": None, "name": "x"},
    {"kind": "file", "digest": ["0"] * 32, "name": "x"},
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:50])
def test_hostile_json_is_one_clear_error(value):
    with pytest.raises(InvalidInput) as caught:
        decode_sound(value)
    assert len(str(caught.value)) < 600


def test_bank_resamples_and_keeps():
    bank, one = SoundBank(), SynthSound("kick", ())
    tone = np.sin(2 * np.pi * 440 * np.arange(MASTER_RATE_HZ) / MASTER_RATE_HZ).astype(np.float32)
    bank.add(one, tone)
    half = bank.audio(one, 22_050)
    assert len(half) == 22_050
    assert half is bank.audio(one, 22_050)
    np.testing.assert_allclose(half[2_000:20_000], tone[4_000:40_000:2], atol=1e-3)


def test_bank_reads_recordings_once_and_says_when_one_is_missing():
    asked = []

    def read(sound):
        asked.append(sound)
        return np.ones(10, dtype=np.float32) if sound.name == "here" else None

    bank = SoundBank(read)
    for _ in range(2):
        assert bank.audio(FileSound(DIGEST, "here")).tolist() == [1.0] * 10
    assert len(asked) == 1
    with pytest.raises(InvalidParameter, match="gone"):
        bank.audio(FileSound(DIGEST[::-1], "gone"))
    with pytest.raises(InvalidParameter, match="gone"):
        SoundBank().audio(FileSound(DIGEST, "gone"))


def test_adding_again_takes_the_place_of_what_was_there():
    bank, one = SoundBank(), SynthSound("kick", ())
    for level in (1.0, 2.0):
        bank.add(one, np.full(4_410, level, dtype=np.float32))
        assert bank.audio(one, 22_050)[1_000] == pytest.approx(level, rel=0.01)
