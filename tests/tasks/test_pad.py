"""A pad between four beats: exact corners, edges that are paths, rows between their ends."""

import pytest

import ghostnote as gn
from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.tasks.pad import interpolate_pad

BARS_AND_STYLES = ((1, "funk"), (2, "latin"), (1, "rock"), (2, "jazz"))


@pytest.fixture(scope="module")
def corners() -> list[gn.DrumTrack]:
    return [gn.generate(bars=bars, style=style, tempo_bpm=100, seed=3) for bars, style in BARS_AND_STYLES]


def onsets(track: gn.DrumTrack) -> list[tuple[float, int, int]]:
    return [(round(note.tick / track.ticks_per_beat, 6), note.pitch, note.velocity) for note in track.notes]


def looped(track: gn.DrumTrack, bars: int) -> list[tuple[float, int, int]]:
    own = onsets(track)
    return own if bars == 2 else sorted([*own, *((round(at + 4, 6), pitch, velocity) for at, pitch, velocity in own)])


def test_corners_are_the_beats_as_long_as_the_longest(corners: list[gn.DrumTrack]) -> None:
    told: list[tuple[int, int]] = []
    pad = interpolate_pad(corners, steps=3, progress=lambda done, total: told.append((done, total)))
    assert [len(row) for row in pad] == [3, 3, 3]
    for (row, column), corner, (bars, _) in zip(
        ((0, 0), (0, 2), (2, 0), (2, 2)), corners, BARS_AND_STYLES, strict=True
    ):
        assert sorted(onsets(pad[row][column])) == sorted(looped(corner, bars))
    assert told == [(done, 5) for done in range(6)]


def test_edges_are_paths_and_rows_lie_between_them(corners: list[gn.DrumTrack]) -> None:
    pad = interpolate_pad(corners, steps=3)
    path = gn.interpolate(corners[1], corners[3], steps=3)
    assert onsets(pad[1][2]) == onsets(path[1])
    cells = [{(round(at * 4), pitch) for at, pitch, _ in onsets(track)} for track in pad[1]]
    assert cells[0] & cells[2] <= cells[1] <= cells[0] | cells[2]
    again = interpolate_pad(corners, steps=3)
    assert [onsets(track) for row in again for track in row] == [onsets(track) for row in pad for track in row]


def test_four_beats_of_one_metre_are_needed(corners: list[gn.DrumTrack]) -> None:
    with pytest.raises(InvalidParameter, match="four"):
        interpolate_pad(corners[:3], steps=3)
    with pytest.raises(InvalidParameter, match="3…9"):
        interpolate_pad(corners, steps=10)
    waltz = gn.generate(bars=1, metre=(3, 4), seed=1)
    with pytest.raises(InvalidInput, match="metre"):
        interpolate_pad([*corners[:3], waltz], steps=3)
