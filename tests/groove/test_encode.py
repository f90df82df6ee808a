import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import PITCHES, track_of

from ghostnote.errors import InvalidParameter
from ghostnote.groove.encode import encode, move_hits
from ghostnote.groove.grid import lay_grid

NOTES = st.lists(
    st.tuples(st.integers(0, 4000), st.sampled_from([*PITCHES, 20, 76]), st.integers(1, 127)), min_size=1, max_size=60
)


def on_16ths(track):
    return encode(track, lay_grid(track, "16ths"))


def unmoved(track):
    return np.zeros(len(track.notes)), np.array([note.velocity for note in track.notes])


def test_late_hits_have_positive_offsets():
    groove = on_16ths(track_of((0, 36, 127), (132, 38, 64), (228, 42, 1))).groove
    assert groove.offsets[1, 1] == pytest.approx(0.1)
    assert groove.offsets[2, 2] == pytest.approx(-0.1)
    assert groove.velocities[0, 0] == 1.0


def test_midpoint_belongs_to_the_later_step():
    groove = on_16ths(track_of((60, 36, 100))).groove
    assert groove.hits[1, 0] == 1
    assert groove.offsets[1, 0] == -0.5


def test_loudest_hit_of_a_cell_is_the_main_one():
    encoding = on_16ths(track_of((470, 38, 40), (480, 38, 110), (500, 38, 60)))
    assert encoding.mains.tolist() == [1, 1, 1]
    assert encoding.groove.velocities[4, 1] == pytest.approx(110 / 127)


def test_of_equally_loud_hits_the_nearest_to_the_grid_is_the_main_one():
    assert on_16ths(track_of((480, 38, 90), (490, 38, 90))).mains.tolist() == [0, 0]
    assert on_16ths(track_of((420, 38, 90), (480, 38, 90))).mains.tolist() == [1, 1]


def test_ornaments_move_rigidly_and_keep_their_ratio():
    track = track_of((450, 38, 50), (480, 38, 100))
    moved = move_hits(track, on_16ths(track), np.array([0.0, 0.05]), np.array([1, 80])).track
    assert [(n.tick, n.velocity) for n in moved.notes] == [(474, 40), (504, 80)]


def test_unmapped_notes_stay():
    track = track_of((0, 36, 100), (3, 76, 100))
    moved = move_hits(track, on_16ths(track), np.full(2, 0.1), np.array([90, 1])).track
    assert [(n.tick, n.pitch, n.velocity) for n in moved.notes] == [(3, 76, 100), (48, 36, 90)]


def test_hits_before_the_start_are_held_with_their_ornaments():
    track = track_of((10, 38, 50), (20, 38, 100))
    moved = move_hits(track, on_16ths(track), np.array([0.0, -0.1]), np.array([1, 100]))
    assert [n.tick for n in moved.track.notes] == [0, 10]
    assert moved.held_at_start == 2


def test_one_pitch_never_overtakes_itself():
    track = track_of((110, 42, 60), (180, 42, 100), (230, 42, 60))
    encoding = on_16ths(track)
    moved = move_hits(track, encoding, np.array([0.2, 0.0, -0.2]), np.array([60, 100, 60])).track
    ticks = [n.tick for n in moved.notes]
    assert ticks == sorted(set(ticks))


@given(NOTES)
def test_no_shift_changes_nothing(notes):
    track = track_of(*notes)
    assert move_hits(track, on_16ths(track), *unmoved(track)).track == track


@given(NOTES, st.randoms(use_true_random=False))
def test_notes_are_conserved_under_any_shift(notes, random):
    track = track_of(*notes)
    shifts = np.array([random.uniform(-0.3, 0.3) for _ in notes])
    velocities = np.array([random.randint(1, 127) for _ in notes])
    moved = move_hits(track, on_16ths(track), shifts, velocities).track
    assert sorted(n.pitch for n in moved.notes) == sorted(n.pitch for n in track.notes)


@given(NOTES)
def test_every_mapped_note_has_a_cell_and_every_cell_one_main(notes):
    track = track_of(*notes)
    encoding = on_16ths(track)
    assert encoding.groove.hits.sum() == encoding.is_main.sum()
    for i, note in enumerate(track.notes):
        assert (encoding.steps[i] >= 0) == (track.voice_of(note) is not None)
        main = encoding.mains[i]
        assert (encoding.steps[main], encoding.voices[main]) == (encoding.steps[i], encoding.voices[i])


def test_wrong_lengths_and_values_are_refused():
    track = track_of((0, 36, 100))
    encoding = on_16ths(track)
    with pytest.raises(InvalidParameter, match="one value per note"):
        move_hits(track, encoding, np.zeros(2), np.array([100]))
    with pytest.raises(InvalidParameter, match="finite"):
        move_hits(track, encoding, np.array([np.nan]), np.array([100]))
    with pytest.raises(InvalidParameter, match="1…127"):
        move_hits(track, encoding, np.zeros(1), np.array([0]))
