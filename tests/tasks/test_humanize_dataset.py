"""The law on real files: all recordings of the dataset, whenever the archive is there."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ghostnote.midi import drum_map, read_midi_bytes
from ghostnote.tasks import compare, humanize

ARCHIVE = Path(
    os.environ.get(
        "GHOSTNOTE_GMD_ARCHIVE",
        Path(__file__).parents[2].parent / "shared" / "data" / "groove-v1.0.0-midionly.zip",
    )
)
pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason="the Groove MIDI Dataset is not here")


def recordings(every: int):
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".mid"))
        for name in names[::every]:
            yield read_midi_bytes(archive.read(name), drum_map=drum_map("roland_td11"))


@pytest.mark.slow
def test_every_recording_keeps_every_note():
    notes = 0
    for track in recordings(every=1):
        human = humanize(track, temperature=0)
        assert compare(track, human).notes_out == len(track.notes)
        assert (human.others, human.tempos, human.metres) == (track.others, track.tempos, track.metres)
        notes += len(track.notes)
    assert notes == 446_312


def test_drawn_takes_of_quantised_recordings_are_played():
    shifts = []
    for track in recordings(every=60):
        step = track.ticks_per_beat // 4
        score = track.with_notes(
            [n.__class__(round(n.tick / step) * step, n.pitch, 100, channel=n.channel) for n in track.notes]
        )
        account = compare(score, humanize(score))
        assert account.notes_out == len(track.notes)
        shifts.append(account.mean_absolute_shift_ms)
    assert 8 < np.median(shifts) < 35
