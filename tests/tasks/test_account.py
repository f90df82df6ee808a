from dataclasses import replace

import pytest
from programmed_scores import programmed

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Note
from ghostnote.tasks import compare


def test_equal_tracks_differ_in_nothing():
    account = compare(programmed(), programmed())
    assert (account.notes_moved, account.velocities_changed, account.largest_shift_ms) == (0, 0, 0)


def test_shift_is_in_milliseconds_and_late_is_positive():
    track = programmed(tempo_bpm=120)
    late = track.with_notes([replace(track.notes[0], tick=48), *track.notes[1:]])
    account = compare(track, late)
    assert (account.notes_moved, account.mean_shift_ms) == (1, 50.0)


def test_lost_note_is_an_error():
    track = programmed()
    with pytest.raises(InvalidParameter, match="must hold the same notes"):
        compare(track, track.with_notes(track.notes[1:]))


def test_unmapped_notes_are_counted():
    track = programmed().with_notes([Note(0, 36, 1), Note(0, 3, 1)])
    assert compare(track, track).unmapped_notes == 1
