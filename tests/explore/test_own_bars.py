"""Sessions that draw from bars of the user's own MIDI files, and carry them."""

import base64
import shutil
import zlib

import numpy as np
import pytest
from example_pools import track_of_bars

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.explore.loop_library import collect_bars
from ghostnote.explore.packed_bars import MOST_BARS, pack_bars, unpack_bars
from ghostnote.explore.session import Session
from ghostnote.explore.settings import SessionSettings, encode_settings
from ghostnote.loops.pattern import row_text
from ghostnote.midi import write_midi

ODD = {"kick": "x--------------x", "snare": "-x------------x-"}
FUNK = {"kick": "x--x--x---xx----", "snare": "----x--x-x--x--x", "closed_hihat": "xxxxxxxxxxxxxxxx"}
FEW = SessionSettings(own_sounds=24, musical=1.0, rows=2)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mine"
    made.mkdir()
    write_midi(track_of_bars(ODD, FUNK, tempo_bpm=97), made / "one.mid")
    return made


def test_packed_bars_are_the_same_bars(folder):
    bars = collect_bars(folder, 16).bars
    again = unpack_bars(pack_bars(bars), 16)
    assert len(again) == len(bars) == 2
    for one, other in zip(bars, again, strict=True):
        assert (one.hits == other.hits).all()
        assert np.abs(one.velocities - other.velocities).max() <= 0.5 / 127 + 1e-6
        assert np.abs(one.offsets - other.offsets).max() <= 0.0026
        assert one.tempo_bpm == other.tempo_bpm
    assert pack_bars(again) == pack_bars(bars)


def test_of_too_many_bars_some_are_taken_from_all_over(folder):
    odd, funk = collect_bars(folder, 16).bars
    half = MOST_BARS
    kept = unpack_bars(pack_bars([odd] * half + [funk] * half), 16)
    assert len(kept) == MOST_BARS
    assert sum(float(bar.hits.sum()) == float(odd.hits.sum()) for bar in kept) == MOST_BARS // 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "not of ours",
        base64.b85encode(zlib.compress(b"too short")).decode(),
        base64.b85encode(zlib.compress(b"\xff" * (4 + 2 * 16 * 9))).decode(),
        base64.b85encode(zlib.compress(bytes(80 * 2**20))).decode(),
        base64.b85encode(zlib.compress(np.ones(292 * (MOST_BARS + 1) // 4, "<f4").tobytes())).decode(),
        base64.b85encode(zlib.compress(np.ones(73, "<f4").tobytes())[:-4]).decode(),
    ],
)
def test_what_is_no_bars_is_refused(text):
    with pytest.raises(InvalidInput, match="bars must"):
        unpack_bars(text, 16)


def test_a_session_plays_them_and_needs_the_folder_no_more(folder, tmp_path):
    path = tmp_path / "a.ghostnote"
    session = Session.open(path, FEW, midi=folder)
    shutil.rmtree(folder)
    again = Session.open(path)
    assert again.settings == session.settings
    rng = np.random.default_rng(0)
    drawn = [again.engine.generator.draw(rng) for _ in range(60)]
    own = [loop for loop in drawn if row_text(loop.pattern.hits[:, 0]) == ODD["kick"]]
    assert 5 <= len(own) <= 30  # a quarter: half of what is musical is the user's, and half of that this bar
    assert session.imagine().candidate.loop == again.propose().loop


def test_other_files_are_another_session(folder, tmp_path):
    path = tmp_path / "a.ghostnote"
    Session.open(path, FEW, midi=folder)
    assert Session.open(path, midi=folder).settings.bars
    other = tmp_path / "other"
    other.mkdir()
    write_midi(track_of_bars(FUNK), other / "x.mid")
    with pytest.raises(InvalidParameter, match="bars of this session is of other MIDI files"):
        Session.open(path, midi=other)
    Session.open(tmp_path / "plain.ghostnote", FEW)
    with pytest.raises(InvalidParameter, match="bars of this session"):
        Session.open(tmp_path / "plain.ghostnote", midi=folder)


def test_settings_without_them_are_written_as_before():
    assert "bars" not in encode_settings(FEW)
