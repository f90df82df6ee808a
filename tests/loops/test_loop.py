import json
import math
from dataclasses import replace

import numpy as np
import pytest
from example_loops import loop, played_pattern, recording, sound
from hypothesis import given
from hypothesis import strategies as st

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.loops import Loop, Pattern, decode_loop, encode_loop, with_cell


@given(
    st.integers(0, 2**32 - 1),
    st.integers(8, 32),
    st.integers(1, 8),
    st.floats(60, 200),
    st.floats(0, 0.5),
    st.integers(0, 2**63 - 1),
)
def test_json_round_trip(chance, steps, rows, tempo_bpm, swing, seed):
    rng = np.random.default_rng(chance)
    sounds = tuple(recording(i) if rng.random() < 0.3 else sound(i) for i in range(rows))
    one = Loop(played_pattern(rng, steps, rows), sounds, tempo_bpm, swing, seed)
    again = decode_loop(json.loads(json.dumps(encode_loop(one))))
    assert again == one
    assert hash(again) == hash(one)
    assert again.key == one.key


def test_plain_loop_has_plain_json():
    value = encode_loop(loop())
    assert value["rows"][0] == "x---x---x---x---"
    assert "velocities" not in value
    assert "offsets" not in value


def test_durations():
    assert loop(tempo_bpm=120).step_seconds == 0.125
    assert loop(tempo_bpm=120).duration_seconds == 2.0
    assert loop("x" * 14, tempo_bpm=60).duration_seconds == 3.5


def test_key_is_of_what_is_heard():
    one = loop()
    assert one.key == replace(one, seed=9).key
    renamed = loop("x" * 8)
    renamed = [replace(renamed, sounds=(recording(3, name),)) for name in ("a.wav", "b.wav")]
    assert renamed[0].key == renamed[1].key
    assert len(one.key) == 32
    different = [
        replace(one, tempo_bpm=121),
        replace(one, swing=0.1),
        replace(one, sounds=one.sounds[::-1]),
        with_cell(one, 1, 0, on=True),
        with_cell(one, 0, 0, on=True, velocity=0.5),
        with_cell(one, 0, 0, on=True, offset=0.1),
        loop("x---x---x---x---", "----x-------x---", "x-x-x-x-x-x-x-x-"),
    ]
    assert len({one.key, *(other.key for other in different)}) == 1 + len(different)


def test_key_does_not_change_between_versions():
    """Stored sessions know loops by it."""
    assert loop().key == "2becae7724eb3ab1031f1ad37fa2757f"


def test_whole_numbers_make_the_same_key():
    assert loop(tempo_bpm=120, swing=0).key == loop(tempo_bpm=np.float32(120), swing=-0.0).key
    assert json.dumps(encode_loop(loop(tempo_bpm=np.float32(120), seed=np.int64(3))))


def test_row_order_is_kept_apart_from_shape():
    rows = Pattern(np.zeros((8, 4), np.float32)), Pattern(np.zeros((16, 2), np.float32))
    keys = {Loop(p, tuple(sound() for _ in range(p.rows))).key for p in rows}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tempo_bpm": 59.9}, "tempo_bpm"),
        ({"tempo_bpm": 200.1}, "tempo_bpm"),
        ({"tempo_bpm": math.nan}, "tempo_bpm"),
        ({"swing": 0.51}, "percentage"),
        ({"swing": -0.1}, "swing"),
        ({"swing": math.nan}, "swing"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"sounds": ()}, "rows"),
    ],
)
def test_rules(changes, words):
    with pytest.raises(InvalidParameter, match=words):
        replace(loop(), **changes)


def changed(**changes):
    value = encode_loop(replace(loop(), pattern=played_pattern(np.random.default_rng(0))))
    value.update(changes)
    return {name: part for name, part in value.items() if part is not ...}


HOSTILE = [
    None,
    [],
    "loop",
    {},
    {"format": 1},
    changed(format=2),
    changed(rows="x---x---x---x---"),
    changed(rows=[]),
    changed(rows=[1, 2]),
    changed(rows=None),
    changed(rows=["x" * 33] * 4),
    changed(rows=["x" * 16] * 9),
    changed(rows=["<script>"] * 4),
    changed(sounds=[]),
    changed(sounds=...),
    changed(sounds=[{"kind": "synth"}] * 4),
    changed(sounds=[{"kind": "file", "digest": "../../etc/passwd", "name": "x"}] * 4),
    changed(tempo_bpm="fast"),
    changed(tempo_bpm=math.nan),
    changed(tempo_bpm=math.inf),
    changed(tempo_bpm=1e308),
    changed(tempo_bpm=None),
    changed(tempo_bpm=...),
    changed(swing=[0.1]),
    changed(seed=-1),
    changed(seed=math.inf),
    changed(seed=10**100),
    changed(seed={}),
    changed(velocities=5),
    changed(velocities={}),
    changed(velocities=[]),
    changed(velocities=[0.5] * 4),
    changed(velocities=[[0.5]] * 4),
    changed(velocities=[[math.nan] * 16] * 4),
    changed(offsets=[[], [], [], []]),
    changed(offsets="late"),
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:40])
def test_hostile_json_is_one_clear_error(value):
    with pytest.raises(InvalidInput) as caught:
        decode_loop(value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("number", [1e300, -1e300, 7, math.nan, -0.1, 1e-60, "loud", None])
def test_hostile_velocities(number):
    value = encode_loop(with_cell(loop("x---x---"), 0, 0, on=True, velocity=0.5))
    value["velocities"] = [[number, 0.5]]
    with pytest.raises(InvalidInput):
        decode_loop(value)


def test_lists_must_be_as_long_as_the_hits():
    value = encode_loop(with_cell(loop("x---x---", "x-------"), 0, 0, on=True, offset=0.25))
    assert value["offsets"] == [[0.25, 0.0], [0.0]]
    for wrong in ([[0.25], [0.0]], [[0.25, 0.0]], [[0.25, 0.0], [0.0], [0.0]], [[0.25, 0.0, 0.1], [0.0]]):
        with pytest.raises(InvalidInput, match="one"):
            decode_loop({**value, "offsets": wrong})
