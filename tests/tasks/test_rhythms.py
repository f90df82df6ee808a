"""A tapped pad, a bass line and a melody become taps on the steps that were meant, with their timing."""

import io

import numpy as np
import pytest
import rhythms

from ghostnote.groove.encode import encode
from ghostnote.groove.grid import lay_grid
from ghostnote.groove.transforms import tap
from ghostnote.midi import merge_strums, midi_bytes, read_rhythm

PARTS = {
    "tapped, 2 bars": (rhythms.tapped(2), [line for line in rhythms.TAPPED if line[0] < 8]),
    "tapped, 4 bars": (rhythms.tapped(4), rhythms.TAPPED),
    "bass line": (rhythms.bass_line(), rhythms.BASS_LINE),
    "melody": (rhythms.melody(), rhythms.MELODY),
}
parts = pytest.mark.parametrize(("track", "lines"), PARTS.values(), ids=list(PARTS))


@parts
def test_file_and_notes_give_the_same_rhythm(track, lines):
    read = read_rhythm(io.BytesIO(midi_bytes(track)))
    expected = merge_strums(track)
    assert [(n.tick, n.pitch, n.velocity) for n in read.notes] == [
        (n.tick, n.pitch, n.velocity) for n in expected.notes
    ]
    assert len(read.notes) == len(lines)


@parts
def test_taps_lie_on_the_steps_that_were_meant(track, lines):
    rhythm = merge_strums(track)
    grid = lay_grid(rhythm)
    taps = tap(encode(rhythm, grid).groove)
    assert np.flatnonzero(taps.hits).tolist() == [round(4 * line[0]) for line in lines]
    late_ms = (taps.offsets[:, 0] * grid.step_milliseconds)[taps.hits[:, 0] > 0]
    strummed = [rhythms.STRUM_MS * (len(line[2]) - 1) for line in lines]  # the highest note, the loudest, is the last
    np.testing.assert_allclose(late_ms, np.array([line[1] for line in lines]) + strummed, atol=0.7)
    np.testing.assert_allclose(taps.velocities[taps.hits > 0] * 127, [line[3] for line in lines], rtol=1e-6)


def test_only_the_melody_has_chords():
    for single in (rhythms.tapped(4), rhythms.bass_line()):
        assert merge_strums(single) == single
        assert merge_strums(single).warnings == ()
    assert merge_strums(rhythms.melody()).warnings == (
        "notes that begin together, as in chords and strums, count as one tap: 12 were left out",
    )
