import pytest
from tracks import track_of

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Event, MetreChange, Note, TempoChange


@pytest.mark.parametrize(
    ("field", "value"), [("tick", -1), ("pitch", 128), ("velocity", 0), ("velocity", 128), ("duration_ticks", -1)]
)
def test_note_refuses_values_out_of_range(field, value):
    values = {"tick": 0, "pitch": 36, "velocity": 100, field: value}
    with pytest.raises(InvalidParameter, match=field):
        Note(**values)


def test_with_notes_sorts():
    track = track_of((480, 36, 100), (0, 38, 90))
    assert [note.tick for note in track.notes] == [0, 480]


def test_unsorted_notes_are_refused():
    track = track_of((0, 36, 100))
    with pytest.raises(InvalidParameter, match="sorted"):
        DrumTrack((Note(5, 36, 1), Note(4, 36, 1)), 480, track.drum_map)


def test_finer_resolution_keeps_every_instant():
    track = DrumTrack(
        notes=(Note(7, 36, 100, duration_ticks=3),),
        ticks_per_beat=96,
        drum_map=track_of().drum_map,
        tempos=(TempoChange(5, 400_000),),
        metres=(MetreChange(2, 3, 4),),
        others=(Event(11, b"\xb9\x04\x10"),),
        track_ends=(20,),
    ).with_resolution(5)
    assert track.ticks_per_beat == 480
    assert (track.notes[0].tick, track.notes[0].duration_ticks) == (35, 15)
    assert (track.tempos[0].tick, track.metres[0].tick, track.others[0].tick, track.track_ends) == (25, 10, 55, (100,))


def test_resolution_beyond_the_format_is_refused():
    with pytest.raises(InvalidParameter, match="32767"):
        track_of(ticks_per_beat=480).with_resolution(69)
