"""Blends of two beats, by the rule that the page follows too."""

import pytest

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Note, Voice
from ghostnote.midi import drum_map
from ghostnote.studio.pairing import Blend, blend_tracks, pair_notes


def track(*notes: Note, ticks_per_beat: int = 480) -> DrumTrack:
    return DrumTrack((), ticks_per_beat, drum_map()).with_notes(notes)


def of(blended: DrumTrack) -> list[tuple[int, int, int]]:
    return [(note.tick, note.pitch, note.velocity) for note in blended.notes]


def test_pairs_are_by_pitch_and_order_though_others_overtake() -> None:
    source = track(Note(0, 36, 100), Note(10, 42, 100), Note(20, 36, 100))
    result = track(Note(0, 42, 90), Note(5, 36, 90), Note(30, 36, 90))
    assert pair_notes(source, result) == [1, 0, 2]


def test_onsets_are_blended_in_beats_and_rounded_half_up() -> None:
    source, result = track(Note(24, 36, 100), ticks_per_beat=96), track(Note(125, 36, 75))
    # 24/96 of a beat are 120 ticks of 480; half way to 125 is 122.5.
    assert of(blend_tracks(source, result, Blend(0.5, 0.5), {})) == [(123, 36, 88)]
    assert of(blend_tracks(source, result, Blend(0.0, 1.0), {})) == [(120, 36, 75)]


def test_what_goes_beyond_is_held_at_the_start_and_clipped() -> None:
    source, result = track(Note(10, 36, 100), Note(960, 38, 10)), track(Note(2, 36, 126), Note(960, 38, 2))
    assert of(blend_tracks(source, result, Blend(1.5, 1.5), {})) == [(0, 36, 127), (960, 38, 1)]


def test_voices_have_amounts_of_their_own_and_unmapped_notes_stay() -> None:
    source = track(Note(0, 36, 100), Note(0, 38, 100), Note(0, 2, 100))
    result = track(Note(10, 36, 50), Note(10, 38, 50), Note(10, 2, 50))
    blended = blend_tracks(source, result, Blend(1.0, 1.0), {Voice.SNARE: Blend(0.5, 0.0)})
    assert sorted(of(blended)) == [(0, 2, 100), (5, 38, 100), (10, 36, 50)]


def test_hits_of_one_pitch_neither_meet_nor_swap() -> None:
    source, result = track(Note(0, 38, 100), Note(4, 38, 90)), track(Note(8, 38, 100), Note(9, 38, 90))
    assert of(blend_tracks(source, result, Blend(1.5, 0.0), {})) == [(12, 38, 100), (13, 38, 90)]


def test_other_notes_and_amounts_out_of_range_are_refused() -> None:
    one, other = track(Note(0, 36, 100)), track(Note(0, 38, 100))
    for result in (other, track(Note(0, 36, 100), Note(1, 36, 100))):
        with pytest.raises(InvalidParameter, match="same notes"):
            blend_tracks(one, result, Blend(), {})
    with pytest.raises(InvalidParameter, match="timing of snare"):
        blend_tracks(one, one, Blend(), {Voice.SNARE: Blend(80.0, 0.0)})
