from __future__ import annotations

from pathlib import Path

import pytest
from groove_archives import BAR, CLOSED_HIHAT, KICK, SNARE, archive, info, midi_file, row, write_archive

from ghostnote.data.reading import read_performances
from ghostnote.errors import InvalidArchive


def write(path: Path, members: dict[str, bytes]) -> Path:
    path.write_bytes(archive(members))
    return path


def test_every_field_and_hit_arrives(tmp_path: Path) -> None:
    rows = [
        row("a", style="latin/samba", bpm="81.5", beat_type="fill", time_signature="6-8", split="test"),
        row("b", drummer="drummer7", session="drummer7/eval_session", style="polka"),
    ]
    songs = {"a": [(7, KICK, 1), (7, SNARE, 127), (500, CLOSED_HIHAT, 64)], "b": [(0, 22, 3)]}
    a, b = read_performances(write_archive(tmp_path / "a.zip", rows, songs))
    assert (a.index, a.id, a.drummer, a.session) == (0, "drummer1/session1/a", "drummer1", "drummer1/session1")
    assert (a.style, a.styles, a.style_id) == ("latin", ("latin", "samba"), 10)
    assert (a.tempo_bpm, a.beat_type, a.metre, a.bar_beats, a.split) == (81.5, "fill", "6-8", 3.0, "test")
    assert (a.midi_filename, a.ticks_per_beat) == ("drummer1/a.mid", 480)
    assert a.ticks.tolist() == [7, 7, 500]
    assert a.pitches.tolist() == [KICK, SNARE, CLOSED_HIHAT]
    assert a.velocities.tolist() == [1, 127, 64]
    assert (b.index, b.style_id) == (1, -1), "a style that the dataset does not have"


def test_progress_counts_files(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [row("a"), row("b")], {"a": [(0, KICK, 1)], "b": []})
    seen: list[tuple[int, int]] = []
    read_performances(path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_list_may_lie_at_the_top(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"info.csv": info(row("a")), "drummer1/a.mid": midi_file([(0, KICK, 9)])})
    assert len(read_performances(path)) == 1


def test_missing_midi_file_is_named(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [row("a"), row("gone")], {"a": []})
    with pytest.raises(InvalidArchive, match=r"groove/drummer1/gone\.mid, which info\.csv lists; it is missing"):
        read_performances(path)


def test_broken_midi_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"groove/info.csv": info(row("a")), "groove/drummer1/a.mid": b"MThd?"})
    with pytest.raises(InvalidArchive, match=r"drummer1/a\.mid must be a MIDI file"):
        read_performances(path)


def test_endless_song_is_refused(tmp_path: Path) -> None:
    tempo = b"\x00\xff\x51\x03\x00\x00\x01"
    late = midi_file([(100_001 * 480, KICK, 9)])
    size = int.from_bytes(late[18:22])
    fast = late[:18] + (size + len(tempo)).to_bytes(4) + tempo + late[22:]
    path = write(tmp_path / "a.zip", {"groove/info.csv": info(row("a")), "groove/drummer1/a.mid": fast})
    with pytest.raises(InvalidArchive, match="at most 100,000 beats"):
        read_performances(path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("bpm", "0"),
        ("bpm", "fast"),
        ("bpm", "nan"),
        ("style", ""),
        ("beat_type", "solo"),
        ("time_signature", "4/4"),
        ("time_signature", "4-3"),
        ("split", "dev"),
        ("id", ""),
    ],
)
def test_row_that_breaks_a_rule_is_named(column: str, value: str, tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [row("a"), row("a", **{column: value})], {"a": [(0, KICK, 9)]})
    with pytest.raises(InvalidArchive, match=rf"performance 2: {column} must be"):
        read_performances(path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"drummer,session\r\nx,y\r\n", "missing: id, style, bpm"),
        (info(), "list 1 to 20,000 performances; got 0"),
        (b"\xff\xfe\x00", "UTF-8"),
        (info('"open quote'), "comma-separated"),
    ],
)
def test_table_that_is_none_is_refused(table: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"groove/info.csv": table})
    with pytest.raises(InvalidArchive, match=message):
        read_performances(path)


def test_short_rows_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", {"groove/info.csv": info("drummer1,only")})
    with pytest.raises(InvalidArchive, match="midi_filename must be"):
        read_performances(path)


def test_bar_of_song_is_1920_ticks(tmp_path: Path) -> None:
    (only,) = read_performances(write_archive(tmp_path / "a.zip", [row("a")], {"a": [(BAR, KICK, 9)]}))
    assert only.ticks[0] / only.ticks_per_beat == only.bar_beats
