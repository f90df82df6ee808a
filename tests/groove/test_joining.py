from dataclasses import replace

import pytest
from tracks import MAP, track_of

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Clock, DrumMap, Event, MetreChange, TempoChange
from ghostnote.groove.grid import bar_lines
from ghostnote.groove.joining import FINEST, join_tracks
from ghostnote.midi import midi_bytes, read_midi_bytes

KICK, SNARE = 36, 38
BAR = 4 * 480


def onsets(track):
    return [(note.tick / track.ticks_per_beat, note.pitch) for note in track.notes]


def test_tracks_follow_each_other_at_bar_lines():
    joined = join_tracks(
        [track_of((0, KICK, 100), (480, SNARE, 90)), track_of((0, KICK, 80)), track_of((960, KICK, 1))]
    )
    assert onsets(joined) == [(0, KICK), (1, SNARE), (4, KICK), (10, KICK)]
    assert [note.velocity for note in joined.notes] == [100, 90, 80, 1]
    assert joined.track_ends == (3 * BAR,)


def test_all_are_given_the_bars_of_the_longest():
    short, long = track_of((0, KICK, 100)), track_of((0, SNARE, 100), (BAR + 1, SNARE, 100))
    joined = join_tracks([short, long, short])
    assert onsets(joined)[1] == (8, SNARE)
    assert onsets(joined)[3] == (16, KICK)
    assert joined.track_ends == (6 * BAR,)


def test_empty_last_bar_counts_as_the_file_says():
    track = replace(track_of((0, KICK, 100)), track_ends=(2 * BAR,))
    assert onsets(join_tracks([track, track]))[1] == (8, KICK)


def test_note_off_behind_the_bar_line_is_no_further_bar():
    track = replace(track_of((BAR - 60, KICK, 100)), track_ends=(BAR + 60,))
    assert join_tracks([track, track]).notes[1].tick == 2 * BAR - 60


def test_a_single_track_stays_what_it_is():
    track = track_of((7, KICK, 100), tempo_bpm=93, metre=(7, 8))
    assert join_tracks([track]) is track


def test_joint_has_the_next_tempo_and_the_clock_agrees():
    joined = join_tracks([track_of((0, KICK, 100), tempo_bpm=120), track_of((480, KICK, 100), tempo_bpm=60)])
    assert [(t.tick, t.tempo_bpm) for t in joined.tempos] == [(0, 120), (BAR, 60)]
    assert Clock.of(joined).tick_to_seconds([note.tick for note in joined.notes]).tolist() == [0, 3]


def test_same_tempo_and_metre_are_not_said_again():
    joined = join_tracks([track_of((0, KICK, 100), tempo_bpm=96)] * 3)
    assert len(joined.tempos) == len(joined.metres) == 1


def test_silence_about_the_tempo_means_120_also_after_another_one():
    silent = replace(track_of((0, KICK, 100)), tempos=(), metres=())
    joined = join_tracks([silent, track_of((0, KICK, 100), tempo_bpm=90, metre=(3, 4)), silent])
    assert [(t.tick, round(t.tempo_bpm)) for t in joined.tempos] == [(BAR, 90), (BAR + 2880, 120)]
    assert [(m.tick, m.numerator) for m in joined.metres] == [(BAR, 3), (BAR + 2880, 4)]


def test_tempo_that_changes_within_a_track_is_put_back_at_the_next():
    changing = replace(track_of((0, KICK, 100)), tempos=(TempoChange(0, 500_000), TempoChange(960, 400_000)))
    joined = join_tracks([changing, changing])
    found = [(t.tick, t.microseconds_per_beat) for t in joined.tempos]
    assert found == [(0, 500_000), (960, 400_000), (BAR, 500_000), (BAR + 960, 400_000)]


def test_change_behind_the_last_bar_does_not_reach_the_next_track():
    late = replace(track_of((0, KICK, 100)), metres=(MetreChange(0, 4, 4), MetreChange(2 * BAR, 5, 4)))
    assert len(join_tracks([late, late]).metres) == 1


def test_other_metres_are_filled_up_with_bars_of_their_own():
    four, three = track_of((0, KICK, 100)), track_of((0, SNARE, 100), metre=(3, 4))
    joined = join_tracks([four, three, four])
    assert onsets(joined) == [(0, KICK), (4, SNARE), (10, KICK)]
    # Every joint is a bar line, and no bar is cut short.
    bars = bar_lines(joined)
    assert bars.starts_beats.tolist()[:4] == [0, 4, 7, 10]
    assert (bars.lengths_beats == bars.metre_beats).all()


def test_resolution_is_the_least_common_multiple():
    joined = join_tracks([track_of((1, KICK, 100), ticks_per_beat=96), track_of((1, SNARE, 100), ticks_per_beat=120)])
    assert joined.ticks_per_beat == 480
    assert [note.tick for note in joined.notes] == [5, BAR + 4]


def test_bars_that_need_finer_ticks_get_them():
    joined = join_tracks([track_of((0, KICK, 100), ticks_per_beat=3, metre=(7, 8))] * 2)
    assert joined.ticks_per_beat == 6
    assert joined.notes[1].tick == 21


def test_beyond_the_finest_resolution_ticks_are_rounded_and_it_is_said():
    tracks = [track_of((480, KICK, 100), ticks_per_beat=480), track_of((1, SNARE, 100), ticks_per_beat=481)]
    joined = join_tracks(tracks)
    assert joined.ticks_per_beat <= FINEST
    assert onsets(joined)[0] == (1, KICK)
    assert onsets(joined)[1][0] == pytest.approx(4 + 1 / 481, abs=1 / FINEST)
    assert "rounded" in joined.warnings[-1]


def test_rest_of_the_file_is_that_of_the_first_track():
    name, bass = Event(0, b"\xff\x03one"), Event(10, bytes((0x90, 40, 100)))
    first = replace(track_of((0, KICK, 100), ticks_per_beat=96), others=(name, bass))
    # The same notes again, as in a variation of the first track, are not missed; its own are.
    second = replace(first, others=(bass, Event(20, bytes((0x90, 41, 100))), Event(0, b"\xff\x03two")))
    joined = join_tracks([first, second.with_resolution(5)])
    assert joined.others == (Event(0, b"\xff\x03one"), Event(50, bytes((0x90, 40, 100))))
    assert joined.warnings == ("other parts are kept of the first track alone; notes left out of the others: 1",)


def test_notes_join_the_drums_of_the_first_file():
    first = replace(track_of(), track_ends=(0, 0, 0)).with_notes(
        [replace(note, track=1, channel=4) for note in track_of((0, KICK, 100)).notes]
    )
    second = replace(track_of((0, SNARE, 100)), track_ends=(0,) * 9).with_notes(
        [replace(note, track=8, channel=9) for note in track_of((0, SNARE, 100)).notes]
    )
    joined = join_tracks([first, second])
    assert {(note.track, note.channel) for note in joined.notes} == {(1, 4)}
    assert joined.track_ends == (0, 2 * BAR, 0)


def test_silent_tracks_take_a_bar():
    joined = join_tracks([track_of(), track_of((0, KICK, 100))])
    assert onsets(joined) == [(4, KICK)]
    assert joined.notes[0].channel == 9


def test_warnings_of_all_are_kept_once():
    tracks = [replace(track_of((0, KICK, 100)), warnings=("odd", text)) for text in ("one", "two")]
    assert join_tracks(tracks).warnings == ("odd", "one", "two")


def test_joined_track_is_a_midi_file():
    tracks = [track_of((0, KICK, 100), tempo_bpm=96), track_of((5, SNARE, 90), tempo_bpm=140, metre=(7, 8))]
    joined = join_tracks(tracks)
    again = read_midi_bytes(midi_bytes(joined), drum_map=MAP)
    assert onsets(again) == onsets(joined)
    assert [t.tick for t in again.tempos] == [0, BAR]


def test_nothing_to_join_is_an_error():
    with pytest.raises(InvalidParameter, match="at least one track"):
        join_tracks([])


def test_other_drum_map_is_an_error():
    other = replace(track_of((0, KICK, 100)), drum_map=DrumMap("other", {}, MAP.pitches))
    with pytest.raises(InvalidParameter, match="one drum map; got 'test' and 'other'"):
        join_tracks([track_of((0, KICK, 100)), other])
