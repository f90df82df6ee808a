from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmed_scores import FUNK, programmed

from ghostnote.groove import Note, TempoChange
from ghostnote.tasks.additions import count_changes, count_followed

KICK, SNARE, SIDE_STICK, CLOSED, COWBELL = 36, 38, 37, 42, 3


def test_equal_tracks_keep_everything():
    changes = count_changes(programmed(), programmed())
    assert (changes.notes_kept, changes.notes_changed, changes.notes_added, changes.notes_removed) == (72, 0, 0, 0)
    assert changes.added == changes.removed == {}


def test_finer_ticks_are_the_same_music():
    assert count_changes(programmed(), programmed().with_resolution(7)).notes_kept == 72


def test_written_and_lost_voices_are_counted_by_name():
    without = programmed({k: v for k, v in FUNK.items() if k != "closed_hihat"})
    assert count_changes(without, programmed()).added == {"closed_hihat": 32}
    assert count_changes(programmed(), without).removed == {"closed_hihat": 32}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"velocity": 99}, "changed"),
        ({"tick": 60}, "changed"),
        ({"tick": 61}, "another"),
        ({"pitch": SIDE_STICK}, "changed"),
        ({"pitch": CLOSED}, "another"),
    ],
)
def test_a_hit_of_the_voice_within_half_a_16th_is_the_same_one(change, expected):
    note = Note(0, SNARE, 100)
    changes = count_changes(programmed().with_notes([note]), programmed().with_notes([replace(note, **change)]))
    assert changes.notes_changed == (expected == "changed")
    assert changes.notes_added == changes.notes_removed == (expected == "another")


def test_doubled_note_is_one_more():
    track = programmed().with_notes([Note(0, KICK, 100)])
    changes = count_changes(track, track.with_notes([*track.notes, *track.notes]))
    assert (changes.notes_kept, changes.added) == (1, {"kick": 1})


def test_pitches_outside_the_map_are_counted_apart():
    track = programmed().with_notes([])
    assert count_changes(track, track.with_notes([Note(0, COWBELL, 100)])).added == {"unmapped": 1}


notes = st.lists(
    st.builds(Note, st.integers(0, 500), st.sampled_from([KICK, SNARE, SIDE_STICK, COWBELL]), st.integers(99, 101))
)


@given(notes, notes, st.sampled_from([1, 2, 3]))
def test_no_note_is_counted_twice_or_not_at_all(before, after, factor):
    track = programmed()
    changes = count_changes(track.with_notes(before), track.with_notes(after).with_resolution(factor))
    assert changes.notes_in == changes.notes_kept + changes.notes_changed + changes.notes_removed == len(before)
    assert changes.notes_out == changes.notes_kept + changes.notes_changed + changes.notes_added == len(after)
    assert sum(changes.added.values()) == changes.notes_added
    assert sum(changes.removed.values()) == changes.notes_removed


def test_beat_follows_onsets_within_20_ms():
    # At 125 bpm a tick of 480 a beat is a millisecond.
    empty = replace(programmed(), tempos=(TempoChange(0, 480_000),))
    rhythm = empty.with_notes([Note(tick, 60, 100) for tick in (0, 100, 200, 300)])
    beat = empty.with_notes([Note(20, KICK, 1), Note(80, SNARE, 1), Note(221, SNARE, 1), Note(300, COWBELL, 1)])
    following = count_followed(rhythm, beat)
    assert (following.onsets_in, following.onsets_followed) == (4, 2)
    assert following.added == {"kick": 1, "snare": 2, "unmapped": 1}


def test_chord_is_one_onset_and_silence_follows_nothing():
    rhythm = programmed().with_notes([Note(0, pitch, 100) for pitch in (60, 64, 67)])
    following = count_followed(rhythm, programmed().with_notes([]))
    assert (following.onsets_in, following.onsets_followed, following.notes_out) == (1, 0, 0)
