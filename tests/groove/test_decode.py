from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import MAP, PITCHES, track_of

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumMap, DrumTrack, Event, Grid, Groove, MetreChange, Note, TempoChange, Voice
from ghostnote.groove.decode import add_hits, lengthen, new_track, replace_cells
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import lay_grid

KICK, SNARE, HAT, RIDE = 0, 1, 2, 8
TEMPOS = (TempoChange(0, 500_000), TempoChange(1200, 400_000), TempoChange(1920, 600_000))


def laid(ticks_per_beat=480, tempos=(), metres=(), triplets=(), bars=2) -> Grid:
    """A grid under notes on the triplets of some beats, and on the 16ths of the others."""
    third, sixteenth = ticks_per_beat // 3, ticks_per_beat // 4
    notes = [Note(beat * ticks_per_beat + third * k, 42, 90) for beat in triplets for k in range(3)]
    if triplets:
        notes += [Note(b * ticks_per_beat + sixteenth, 42, 90) for b in range(4 * bars) if b not in triplets]
    notes.sort(key=lambda note: note.tick)
    return lay_grid(DrumTrack(tuple(notes), ticks_per_beat, MAP, tempos, metres), bars=bars)


GRIDS = {
    "uniform": Grid.uniform(2, tempo_bpm=97.3),
    "triplets": Grid.uniform(2, steps_per_beat=3),
    "7/8": laid(metres=(MetreChange(0, 7, 8),)),
    "tempo changes": laid(tempos=TEMPOS),
    "16ths and triplets": laid(triplets=(1, 4)),
    "4/4, cut short, then again": laid(metres=(MetreChange(0, 4, 4), MetreChange(1000, 4, 4)), bars=3),
    "4/4, cut short, then 3/16": laid(metres=(MetreChange(0, 4, 4), MetreChange(1000, 3, 16)), bars=6),
}
grids = pytest.mark.parametrize("grid", GRIDS.values(), ids=list(GRIDS))


def groove_of(grid: Grid, *hits: tuple[int, int, float, float]) -> Groove:
    """A groove of (step, column, velocity, offset)."""
    arrays = np.zeros((3, len(grid), 9), dtype=np.float32)
    for step, column, velocity, offset in hits:
        arrays[:, step, column] = 1.0, velocity, offset
    return Groove(*arrays, grid)


def random_groove(grid: Grid, seed: int) -> Groove:
    rng = np.random.default_rng(seed)
    hits = (rng.random((len(grid), 9)) < 0.4).astype(np.float32)
    velocities = hits * rng.integers(1, 128, hits.shape) / 127
    offsets = hits * np.minimum(rng.uniform(-0.5, 0.5, hits.shape), 0.4999)
    return Groove(hits, velocities, offsets, grid)


def assert_same(groove: Groove, expected: Groove, ticks_per_beat: int) -> None:
    """Notes come within half a tick; at the edges of cells, which they must not leave, within one and a half."""
    np.testing.assert_array_equal(groove.hits, expected.hits)
    np.testing.assert_allclose(groove.velocities, expected.velocities, atol=1e-6)
    lengths = groove.grid.lengths_beats
    # A cell begins half a step of the *previous* length before its onset, and the first one where the file does.
    earliest = -np.concatenate([[0.0], lengths[:-1]]) / 2 / lengths
    offsets = np.where(expected.hits > 0, np.maximum(expected.offsets, earliest[:, None]), 0.0)
    scale = (lengths * ticks_per_beat)[:, None]
    edge = np.minimum(offsets - earliest[:, None], 0.5 - offsets) * scale < 1.0
    ticks = np.abs(groove.offsets - offsets) * scale
    assert ticks[~edge].max(initial=0.0) <= 0.5 + 1e-3
    assert ticks[edge].max(initial=0.0) <= 1.5 + 1e-3


# A new track


@grids
@pytest.mark.parametrize("ticks_per_beat", [480, 96, 960, 100])
@pytest.mark.parametrize("seed", range(3))
def test_new_track_encodes_to_the_same_groove(grid, ticks_per_beat, seed):
    groove = random_groove(grid, seed)
    track = new_track(groove, MAP, ticks_per_beat=ticks_per_beat)
    assert_same(encode(track, grid).groove, groove, ticks_per_beat)


@grids
def test_new_track_has_the_tempos_and_metres_of_the_grid(grid):
    track = new_track(random_groove(grid, 0), MAP)
    again = lay_grid(track, "16ths", bars=int(grid.bars[-1]) + 1)
    at_step = np.searchsorted(again.onsets_beats, grid.onsets_beats + 1e-9, side="right") - 1
    np.testing.assert_array_equal(again.bars[at_step], grid.bars)
    np.testing.assert_allclose(again.bar_beats[at_step], grid.bar_beats)
    np.testing.assert_allclose(again.tempos_bpm[at_step], grid.tempos_bpm, rtol=1e-5)
    ends = [g.onsets_beats[-1] + g.lengths_beats[-1] for g in (again, grid)]
    np.testing.assert_allclose(ends[0], ends[1])


def test_hits_become_notes_of_the_map_on_channel_10():
    groove = groove_of(Grid.uniform(1), (0, KICK, 1.0, 0.0), (4, SNARE, 0.5, 0.25), (5, RIDE, 1 / 127, -0.25))
    track = new_track(groove, MAP)
    assert [(n.tick, n.pitch, n.velocity, n.channel, n.track) for n in track.notes] == [
        (0, 36, 127, 9, 0),
        (480 + 30, 38, 64, 9, 0),
        (600 - 30, 51, 1, 9, 0),
    ]
    assert {note.duration_ticks for note in track.notes} == {60}
    assert (track.tempos, track.metres) == ((TempoChange(0, 500_000, order=1),), (MetreChange(0, 4, 4),))
    assert track.track_ends == (1920,)


def test_positive_offsets_are_late():
    groove = groove_of(Grid.uniform(1), (4, KICK, 1.0, 0.1), (8, KICK, 1.0, -0.1))
    assert [note.tick for note in new_track(groove, MAP).notes] == [480 + 12, 960 - 12]


def test_softest_hit_is_still_a_note():
    assert new_track(groove_of(Grid.uniform(1), (0, KICK, 0.001, 0.0)), MAP).notes[0].velocity == 1


def test_hit_before_the_start_is_held_at_the_first_tick():
    groove = groove_of(Grid.uniform(1), (0, KICK, 1.0, -0.4), (0, SNARE, 1.0, -0.4))
    assert [(n.tick, n.pitch) for n in new_track(groove, MAP).notes] == [(0, 36), (0, 38)]


@given(st.sampled_from(list(GRIDS)), st.integers(0, 2**32), st.sampled_from([4, 6, 12, 24, 100, 480, 32767]))
def test_hits_of_any_groove_stay_on_their_steps_and_never_collide(name, seed, ticks_per_beat):
    grid = GRIDS[name]
    groove = random_groove(grid, seed)
    track = new_track(groove, MAP, ticks_per_beat=ticks_per_beat)
    assert len({(note.pitch, note.tick) for note in track.notes}) == len(track.notes) == groove.hits.sum()
    if grid.lengths_beats.min() * ticks_per_beat >= 1.0:
        np.testing.assert_array_equal(encode(track, grid).groove.hits, groove.hits)


@pytest.mark.parametrize("ticks_per_beat", range(6, 481, 6))
def test_hits_on_the_very_edge_of_their_cells_stay_in_them(ticks_per_beat):
    grid = Grid.uniform(8, steps_per_beat=3)  # midpoints of triplets are whole ticks, but for the rounding of thirds
    cells = np.ones((len(grid), 9), dtype=np.float32)
    for offset in (-0.5, 0.5 - 1e-6):
        groove = Groove(cells, cells, np.float32(offset) * cells, grid)
        track = new_track(groove, MAP, ticks_per_beat=ticks_per_beat)
        assert (encode(track, grid).groove.hits == 1).all()


def test_hit_of_a_long_step_keeps_out_of_the_short_one_before_it():
    grid = GRIDS["16ths and triplets"]  # the triplets begin on step 4
    groove = groove_of(grid, (3, HAT, 0.5, 0.45), (4, HAT, 0.9, -0.5))
    notes = new_track(groove, MAP).notes
    assert [(note.tick, round(note.velocity / 127, 1)) for note in notes] == [(360 + 54, 0.5), (420, 0.9)]


def test_voices_that_share_a_pitch_wait_for_each_other():
    shared = DrumMap("shared", MAP.voices, {**MAP.pitches, Voice.OPEN_HIHAT: 42})
    groove = groove_of(Grid.uniform(1), (0, HAT, 1.0, 0.0), (0, HAT + 1, 0.5, 0.0))
    assert [(n.tick, n.pitch, n.velocity) for n in new_track(groove, shared).notes] == [(0, 42, 127), (1, 42, 64)]


def test_timeline_of_another_track_is_taken_as_it_stands():
    other = DrumTrack(
        (Note(0, 60, 100, channel=0, track=1),),
        96,
        MAP,
        tempos=(TempoChange(7, 400_001, track=1), TempoChange(13, 500_000)),
        metres=(MetreChange(0, 6, 8, 36, 8),),
        others=(Event(0, b"\xc0\x01", 1),),
        track_ends=(0, 777),
    )
    track = new_track(groove_of(lay_grid(other), (4, KICK, 1.0, 0.0)), MAP, like=other)
    assert track.notes == (Note(96, 36, 127, 12, order=1),)
    assert (track.ticks_per_beat, track.metres, track.others) == (96, other.metres, ())
    assert track.tempos == (TempoChange(7, 400_001), TempoChange(13, 500_000))
    assert track.track_ends == (777,)


@pytest.mark.parametrize(
    ("metre", "written"), [((4, 4), (4, 4)), ((7, 8), (7, 8)), ((6, 8), (3, 4)), ((3, 16), (3, 16)), ((1, 64), (1, 64))]
)
def test_metre_is_the_simplest_of_its_length(metre, written):
    grid = laid(metres=(MetreChange(0, *metre),))
    (found,) = new_track(groove_of(grid, (0, KICK, 1.0, 0.0)), MAP).metres
    assert (found.numerator, found.denominator) == written


def test_very_long_bars_have_a_metre_too():
    (found,) = new_track(groove_of(Grid.uniform(1, bar_beats=510.0), (0, KICK, 1.0, 0.0)), MAP).metres
    assert (found.numerator, found.denominator) == (255, 2)


def test_bars_without_a_metre_are_refused():
    grid = Grid.uniform(1, bar_beats=4 / 3, steps_per_beat=3)
    with pytest.raises(InvalidParameter, match=r"whole number of 64th notes.*got 1\.33333"):
        new_track(groove_of(grid), MAP)


def test_impossible_resolution_is_refused():
    with pytest.raises(InvalidParameter, match="ticks_per_beat must lie in 1…32767"):
        new_track(groove_of(Grid.uniform(1)), MAP, ticks_per_beat=0)


def test_grid_that_begins_later_keeps_its_place():
    whole = Grid.uniform(3)
    second = Grid(**{name: getattr(whole, name)[16:] for name in whole.__dataclass_fields__})
    track = new_track(groove_of(second, (0, KICK, 1.0, -0.2)), MAP)
    assert [note.tick for note in track.notes] == [1920 - 24]
    assert track.metres == (MetreChange(0, 4, 4),)


# More hits in a track

SPLIT = DrumTrack(  # kick on channel 1 of the second track, the rest on channel 10 of the third
    (Note(0, 35, 90, channel=0, track=1), Note(480, 40, 90, track=2), Note(600, 40, 90, track=2, order=7)),
    480,
    DrumMap("wide", {**MAP.voices, 35: Voice.KICK, 40: Voice.SNARE, 22: Voice.CLOSED_HIHAT}, MAP.pitches),
    others=(Event(0, b"\xb9\x04\x10", 2, 9),),
    track_ends=(0, 0, 610),
)


def test_voice_is_written_as_the_track_writes_it():
    grid = lay_grid(SPLIT, "16ths")
    more = groove_of(grid, (8, KICK, 0.5, 0.0), (8, SNARE, 0.5, 0.0), (8, HAT, 0.5, 0.0))
    added = [note for note in add_hits(SPLIT, more).notes if note not in SPLIT.notes]
    assert [(n.pitch, n.channel, n.track) for n in added] == [(35, 0, 1), (40, 9, 2), (42, 9, 2)]


def test_of_equally_usual_pitches_the_map_s_own_is_written():
    track = track_of((0, 44, 90), (480, 42, 90), (960, 22, 90))
    wide = replace(track, drum_map=DrumMap("wide", {**MAP.voices, 22: Voice.CLOSED_HIHAT}, MAP.pitches))
    more = groove_of(lay_grid(wide, "16ths"), (12, HAT, 0.5, 0.0))
    assert add_hits(wide, more).notes[-1].pitch == 42


def test_added_notes_come_behind_what_stands_on_their_tick():
    added = add_hits(SPLIT, groove_of(lay_grid(SPLIT, "16ths"), (0, SNARE, 0.5, 0.0), (0, HAT, 0.5, 0.0)))
    assert [note.order for note in added.notes if note.tick == 0 and note.track == 2] == [10, 11]


def test_adding_keeps_all_that_is_there_and_makes_room():
    added = add_hits(SPLIT, groove_of(lay_grid(SPLIT, "16ths"), (4, SNARE, 0.5, 0.0), (12, SNARE, 0.5, 0.0)))
    assert set(SPLIT.notes) < set(added.notes)
    assert added.others == SPLIT.others
    assert [note.tick for note in added.notes] == [0, 480, 481, 600, 1440]  # the second snare waits a tick
    assert added.track_ends == (0, 0, 1500)


def test_hits_are_added_in_the_cells_given():
    track = track_of((0, 36, 90))
    groove = random_groove(lay_grid(track, "16ths"), 1)
    cells = np.zeros(groove.hits.shape, dtype=bool)
    cells[8:12, SNARE] = True
    added = encode(add_hits(track, groove, cells), groove.grid).groove
    np.testing.assert_array_equal(added.hits[cells], groove.hits[cells])
    assert added.hits[~cells].sum() == 1


def test_track_without_notes_gets_channel_10_of_its_last_track():
    empty = DrumTrack((), 480, MAP, track_ends=(0, 0))
    (note,) = add_hits(empty, groove_of(Grid.uniform(1), (0, KICK, 1.0, 0.0))).notes
    assert (note.channel, note.track, note.pitch) == (9, 1, 36)


# Other hits in place of those that are there

NOTES = st.lists(  # 20 and 76 are unmapped
    st.tuples(st.integers(0, 4000), st.sampled_from([*PITCHES, 20, 76]), st.integers(1, 127)), min_size=1, max_size=60
)


@given(NOTES, st.sampled_from(["16ths", "triplets", "auto"]), st.booleans())
def test_unchanged_groove_is_the_identity(notes, subdivision, keep_pitches):
    track = track_of(*notes)
    others = (Event(0, b"\xb9\x04\x10", order=3), Event(500, b"\xa9\x2a\x7f", order=5))
    track = replace(track, others=others, notes=tuple(replace(n, duration_ticks=i) for i, n in enumerate(track.notes)))
    encoding = encode(track, lay_grid(track, subdivision))
    everywhere = np.ones(encoding.groove.hits.shape, dtype=bool)
    assert replace_cells(track, encoding, encoding.groove, everywhere, keep_pitches=keep_pitches) == track


@given(NOTES, st.integers(0, 2**32))
def test_cells_get_the_groove_and_all_else_stays(notes, seed):
    track = track_of(*notes)
    encoding = encode(track, lay_grid(track, "16ths"))
    groove = random_groove(encoding.groove.grid, seed)
    cells = np.random.default_rng(seed).random(groove.hits.shape) < 0.3
    replaced = replace_cells(track, encoding, groove, cells)
    outside = [
        n for n, s, v in zip(track.notes, encoding.steps, encoding.voices, strict=True) if s < 0 or not cells[s, v]
    ]
    assert all(note in replaced.notes for note in outside)
    assert len(replaced.notes) == len(outside) + groove.hits[cells].sum()
    found = encode(replaced, groove.grid).groove
    np.testing.assert_array_equal(found.hits, np.where(cells, groove.hits, encoding.groove.hits))
    np.testing.assert_allclose(
        found.velocities, np.where(cells, groove.velocities, encoding.groove.velocities), atol=1e-6
    )


def voice_everywhere(groove: Groove, column: int) -> np.ndarray:
    cells = np.zeros(groove.hits.shape, dtype=bool)
    cells[:, column] = True
    return cells


def test_ornaments_stay_with_an_unchanged_hit_and_go_with_one_that_changes():
    flam = track_of((460, 38, 50), (480, 38, 100), (490, 42, 90))
    encoding = encode(flam, lay_grid(flam, "16ths"))
    grid, snares = encoding.groove.grid, voice_everywhere(encoding.groove, SNARE)
    assert replace_cells(flam, encoding, encoding.groove, snares) == flam
    softer = replace_cells(flam, encoding, groove_of(grid, (4, SNARE, 0.5, 0.0)), snares)
    assert [(n.tick, n.pitch, n.velocity) for n in softer.notes] == [(480, 38, 64), (490, 42, 90)]
    silent = replace_cells(flam, encoding, groove_of(grid), snares)
    assert [(n.tick, n.pitch) for n in silent.notes] == [(490, 42)]


def test_pedal_and_notes_that_the_map_does_not_know_stay():
    track = replace(track_of((0, 42, 90), (0, 76, 90)), others=(Event(0, b"\xb9\x04\x10"),))
    encoding = encode(track, lay_grid(track, "16ths"))
    silent = groove_of(encoding.groove.grid)
    replaced = replace_cells(track, encoding, silent, np.ones(silent.hits.shape, dtype=bool))
    assert (replaced.others, [n.pitch for n in replaced.notes]) == (track.others, [76])


@pytest.mark.parametrize(("keep", "pitches"), [(False, [51, 51, 51]), (True, [51, 53, 51])])
def test_bell_stays_a_bell_where_it_is_asked_for(keep, pitches):
    track = track_of((0, 51, 90), (480, 53, 90), (960, 51, 90))
    track = replace(track, drum_map=DrumMap("bell", {**MAP.voices, 53: Voice.RIDE}, MAP.pitches))
    encoding = encode(track, lay_grid(track, "16ths"))
    softer = groove_of(encoding.groove.grid, *[(step, RIDE, 0.5, 0.0) for step in (0, 4, 8)])
    replaced = replace_cells(track, encoding, softer, np.ones(softer.hits.shape, dtype=bool), keep_pitches=keep)
    assert [(note.pitch, note.velocity) for note in replaced.notes] == [(pitch, 64) for pitch in pitches]


def test_wrong_shapes_are_refused():
    track = track_of((0, 36, 100))
    encoding = encode(track, lay_grid(track, "16ths"))
    groove = encoding.groove
    with pytest.raises(InvalidParameter, match=r"booleans of shape \(steps, voices\) = \(32, 9\); got bool \(31, 9\)"):
        add_hits(track, groove, np.ones((31, 9), dtype=bool))
    with pytest.raises(InvalidParameter, match="got float64"):
        replace_cells(track, encoding, groove, np.ones(groove.hits.shape))
    with pytest.raises(InvalidParameter, match="1 notes and 16 steps; got one of 1 notes and 32 steps"):
        replace_cells(track, encoding, groove_of(Grid.uniform(1)), np.ones((16, 9), dtype=bool))
    with pytest.raises(InvalidParameter, match="2 notes and 32 steps; got one of 1 notes"):
        replace_cells(track_of((0, 36, 1), (1, 36, 1)), encoding, groove, np.ones(groove.hits.shape, dtype=bool))


# Room


def test_lengthening_reaches_the_end_of_the_grid_on_the_drums_track_alone():
    track = track_of((0, 36, 100))
    assert lengthen(track, Grid.uniform(2)).track_ends == (3840,)
    assert lengthen(replace(track, track_ends=(5000,)), Grid.uniform(2)).track_ends == (5000,)
    assert lengthen(SPLIT, Grid.uniform(1)).track_ends == (0, 0, 1920)
