import json

import numpy as np
import pytest

from ghostnote.errors import InvalidInput, InvalidParameter, StorageError
from ghostnote.groove import Feel, FeelRow, Grid, Groove, Voice
from ghostnote.groove.feel import feel_rows, keys_at
from ghostnote.models.feel import feel_columns
from ghostnote.models.feel_file import read_feel, write_feel

FEEL = Feel(
    (0.25, -1.5),
    (FeelRow(0.0, Voice.KICK, -0.05, 110.0, 4), FeelRow(1.5, Voice.SNARE, 0.2, 40.5, 2)),
    4.0,
    96.0,
    "somebody's funk",
)


def test_round_trip(tmp_path):
    path = tmp_path / "feel.json"
    write_feel(FEEL, path)
    assert read_feel(path) == FEEL
    assert read_feel(path).source == FEEL.source
    text = path.read_text()
    assert sum('"voice"' in line for line in text.splitlines()) == 2, "a row is a line"
    assert json.loads(text)["rows"][1]["ms"] == pytest.approx(0.2 * 15_000 / 96, abs=0.01)
    with pytest.raises(StorageError):
        write_feel(FEEL, path)
    write_feel(FEEL, path, overwrite=True)


def changed(path, **fields):
    write_feel(FEEL, path, overwrite=True)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **fields}))
    return path


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"format": 2}, "format"),
        ({"kind": "song"}, "feel"),
        ({"rows": []}, "at least one row"),
        ({"rows": "none"}, "rows must be a list"),
        ({"rows": [3]}, "rows must be objects"),
        ({"latent": [float("nan")]}, "finite"),
        ({"latent": ["a"]}, "latent must be a number"),
        ({"tempo_bpm": 0}, "tempo_bpm"),
        ({"bar_beats": None}, "bar_beats"),
        ({"rows": [{"position_beats": 0, "voice": "cowbell", "offset": 0, "velocity": 9, "hits": 1}]}, "voice"),
        ({"rows": [{"position_beats": 0, "voice": "kick", "offset": 35, "velocity": 9, "hits": 1}]}, "milliseconds"),
        ({"rows": [{"position_beats": 0, "voice": "kick", "offset": 0, "velocity": 0.9, "hits": 1}]}, "127"),
        ({"rows": [{"position_beats": 0, "voice": "kick", "offset": 0, "velocity": 9, "hits": 0}]}, "hits"),
        ({"rows": [{"position_beats": -1, "voice": "kick", "offset": 0, "velocity": 9, "hits": 1}]}, "position"),
    ],
)
def test_broken_feels_say_what_is_wrong(tmp_path, fields, says):
    with pytest.raises(InvalidInput, match=says):
        read_feel(changed(tmp_path / "feel.json", **fields))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"[]", b"{", b"x" * (2**20 + 2)])
def test_hostile_files(tmp_path, content):
    path = tmp_path / "feel.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"feel"):
        read_feel(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(StorageError, match="nothing"):
        read_feel(tmp_path / "nothing.json")


def test_rows_are_means_by_position_and_voice():
    grid = Grid.uniform(2, tempo_bpm=120)
    hits, velocities, offsets = np.zeros((3, 32, 9), dtype=np.float32)
    for step, loud, late in ((0, 0.5, 0.1), (16, 0.7, 0.3), (20, 1.0, -0.2)):
        hits[step, 0], velocities[step, 0], offsets[step, 0] = 1, loud, late
    first, second = feel_rows(Groove(hits, velocities, offsets, grid))
    assert (first.position_beats, first.voice, first.hits) == (0.0, Voice.KICK, 2)
    assert first.offset == pytest.approx(0.2, abs=1e-4)
    assert first.velocity == pytest.approx(0.6 * 127, abs=0.01)
    assert (second.position_beats, second.hits) == (1.0, 1)


def test_columns_go_from_near_to_far():
    rows = (FeelRow(0.0, Voice.KICK, 0.1, 127.0, 2), FeelRow(2.0, Voice.KICK, 0.3, 127.0, 2))
    grid = Grid.uniform(1)
    keys = keys_at(grid, np.array([0, 4, 5]), np.array([0, 0, 1]))
    near, beat, anywhere = feel_columns(rows, keys)
    assert near[:4] == pytest.approx([0.4, 1.0, np.log2(3) / 4, 1.0])
    assert beat[:4].tolist() == [0, 0, 0, 0]
    assert beat[4] == pytest.approx(0.8), "the same place in the beat, over both rows"
    assert anywhere[:12].tolist() == [0] * 12
    assert not feel_columns((), keys).any()


def test_a_feel_needs_rows_and_finite_numbers():
    with pytest.raises(InvalidParameter, match="at least one row"):
        Feel((), ())
    with pytest.raises(InvalidParameter, match="finite"):
        Feel((float("inf"),), FEEL.rows)
